"""Every file and folder that is made in a whole run is its owner's alone, whatever the user's umask says."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

import ipc
import steps
from app import App
from aws import StrictSts
from desktop import Desktop
from programs import DONE, Programs, cli_binary
from seed import seed
from stand_in import until
from test_recovery_kit import at_the_kit
from test_transfer import open_export, type_master_password

pytestmark = pytest.mark.slow

ACCOUNT = "123456789012"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
OURS_IN_TMP = re.compile(r"undercroft|webkit|wk2|wry|tauri", re.IGNORECASE)

# What may be open to others, and why.
EXCEPTIONS = {
    "cache/mesa_shader_cache": "compiled shaders, which all programs of the desktop share",
    "cache/fontconfig": "what is known of fonts, which all programs share",
    "data/dev.undercroft.Undercroft/": "the web engine's own files, in a folder that is closed",
    "config/dconf": "GTK's settings, which all programs share",
    "data/recently-used.xbel": "GTK's list of files that were chosen, which all programs share",
    "home/.aws": "the user's own files, which keep the modes that they have",
}


@contextmanager
def umask(value: int) -> Iterator[None]:
    """Has what is started meanwhile make files by this mask."""
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def everything(desktop: Desktop, *folders: Path) -> set[Path]:
    """Lists every file and folder where a program of this desktop writes."""
    runtime = Path(desktop.env["XDG_RUNTIME_DIR"])
    found = {path for folder in (desktop.folder, runtime, *folders) for path in folder.rglob("*")}
    for place in (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")):
        for path in place.glob("*"):
            if OURS_IN_TMP.search(path.name) and not path.name.startswith("undercroft-run-"):
                found |= {path, *path.rglob("*")}
    # The desktop's own: its logs, and the bus for screen readers.
    foreign = {path for path in found if path.parent == desktop.folder and path.suffix == ".log"}
    return found - foreign - {path for path in found if path.is_relative_to(runtime / "at-spi")}


@pytest.mark.parametrize("mask", [0o000, 0o077], ids=["umask-000", "umask-077"])
def test_what_is_made_is_its_owners_alone(
    start: Callable[..., App],
    desktop: Desktop,
    programs: Programs,
    strict_sts: Callable[[Mapping[str, object]], StrictSts],
    tmp_path: Path,
    mask: int,
) -> None:
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    sts = strict_sts({"identities": [{"account": ACCOUNT, "user": "ines", "keys": [key]}]})
    made = tmp_path / "made"
    made.mkdir()
    temporary = desktop.folder / "tmp"
    temporary.mkdir()
    aws = programs.home / ".aws"
    aws.mkdir()
    (aws / "config").write_text("# mine\n[profile other]\nregion = eu-west-1\n")
    credentials = tmp_path / "credentials"
    credentials.write_text(f"[work]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {KEY_SECRET}\n")
    programs.env["TMPDIR"] = str(temporary)
    before = everything(desktop, made)
    with umask(mask):
        use(start, programs, made, temporary, ["import", "--endpoint", sts.endpoint, str(credentials)])
    new = sorted(path for path in everything(desktop, made) - before if path.exists() and not path.is_symlink())
    judge(new, desktop, mask)


def use(start: Callable[..., App], programs: Programs, made: Path, temporary: Path, importing: list[str]) -> None:
    """Has the window, the command line and the agent make all the files that they make."""
    vault = made / "window.undercroft"
    app = start(env={"UNDERCROFT_VAULT": str(vault), "TMPDIR": str(temporary)})
    at_the_kit(app)
    app.click("button", "Save…")
    steps.answer_dialog(app, "Save the recovery kit", made / "kit.txt")
    app.wait_for_text("Saved as", 20)
    app.click("checkbox", "I keep it somewhere safe")
    app.click("button", "Open the vault")
    app.window("main", steps.SLOW_SECS)
    account = ipc.save_account(app, ACCOUNT, "Larkspur")
    identity = ipc.save_identity(app, account, "ines")
    ipc.save_device(app, identity, "phone", seed("modes", "ines"), f"arn:aws:iam::{ACCOUNT}:mfa/phone")
    ipc.call(app, "set_starts_at_login", on=True)
    ipc.call(app, "set_shortcut", keys="Ctrl+Alt+K")
    open_export(app, "Text with otpauth addresses, one a line")
    app.click("button", "Export 1 device")
    type_master_password(app)
    steps.answer_dialog(app, "Export MFA devices", made / "devices.txt")
    app.wait_for_text("The devices were exported")

    assert programs.run(*importing).returncode == DONE
    assert programs.run("configure", "work").returncode == DONE
    assert programs.run("code", "phone", "--wait", secs=90).returncode == DONE
    steps.lock(app)
    steps.unlock(app)
    app.close()

    headless = made / "agent.undercroft"
    socket = made / "run" / "agent.sock"
    init = programs.start(
        cli_binary(), "init", "--vault", headless, "--password-stdin", stdin=f"{steps.MASTER_PASSWORD}\n"
    )
    assert init.wait(60).returncode == DONE
    agent = programs.agent(headless, "--socket", socket)
    assert programs.run(*importing, "--socket", socket).returncode == DONE
    assert programs.run("lock", "--socket", socket).returncode == DONE
    agent.terminate()
    until("the agent to end", agent.has_ended)


def judge(new: list[Path], desktop: Desktop, mask: int) -> None:
    """Asserts that each of the files and folders is closed, or is an exception that has a reason."""
    ours = [path for path in new if not path.is_relative_to(desktop.folder / "cache" / "openbox")]
    excused: dict[str, int] = {}
    wide = []
    for path in ours:
        mode = stat.S_IMODE(path.lstat().st_mode)
        if mode & 0o077 == 0:
            continue
        name = str(path.relative_to(desktop.folder)) if path.is_relative_to(desktop.folder) else str(path)
        reason = next((one for one in EXCEPTIONS if name.startswith(one)), None)
        if reason is None:
            wide.append(f"{mode:o} {name}")
        else:
            excused[reason] = excused.get(reason, 0) + 1
    files = sum(path.is_file() for path in ours)
    print(f"figure: umask {mask:03o}: {files} files, {len(ours) - files} others; wider than 0600 or 0700: {len(wide)}")
    for reason, count in excused.items():
        print(f"    besides, {count} below {reason}: {EXCEPTIONS[reason]}")
    names = {path.name for path in ours}
    assert {"window.undercroft", "agent.undercroft", "kit.txt", "devices.txt"} <= names
    engine = Path(desktop.env["XDG_DATA_HOME"]) / "dev.undercroft.Undercroft"
    assert engine in ours and stat.S_IMODE(engine.stat().st_mode) == 0o700
    assert len(ours) > 25
    assert wide == []
