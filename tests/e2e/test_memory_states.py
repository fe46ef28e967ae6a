"""What is left of secrets in each process, in each state: locked, unlocked, used, closed to the tray, ended."""

from __future__ import annotations

import base64
import json
import os
import pty
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import ipc
import steps
from app import App
from aws import StrictSts
from bare_app import BareApp
from conftest import MadeVault
from desktop import Desktop
from memory_figures import Figures, holding
from memory_search import count, search, writings
from notifications import Notifications
from patience import comes
from processes import family
from programs import DONE, Programs, cli_binary
from seed import seed
from stand_in import until
from stocked import SETTINGS, VARIANTS
from test_shortcut_portal import WAYLAND, Portal, helper
from tray import Tray

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="another process's memory is read by root alone"),
]

ACCOUNT = "123456789012"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "StatesOfMatterK7MDENGbPxRfiCYzEXAMPLE777"
SIGN_ON = "Basalt/Heron+Thimble=2096"
CUSTOM = "gate code 55-12 behind the ivy wall"
SEED = seed("memory", "states")
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
PROFILE = "release"
# What a session is made of and what it yields; the rest is never used here but for the sign-on, which is copied.
USED = ("access key", "seed")
SESSION = ("session key", "session token")


@dataclass(frozen=True)
class Planted:
    """A vault with one secret of each kind, and the AWS that knows the key and the device."""

    content: bytes
    recovery_key: str
    sts: StrictSts

    def secrets(self) -> dict[str, set[bytes]]:
        """Returns the writings of each secret by its label."""
        return {
            "master password": writings(steps.MASTER_PASSWORD),
            "recovery key": writings(self.recovery_key) | writings(self.recovery_key.replace("-", "")),
            "access key": writings(KEY_SECRET),
            "sign-on": writings(SIGN_ON),
            "custom secret": writings(CUSTOM),
            "seed": writings(SEED, base64.b32decode(SEED)),
        }

    def with_sessions(self) -> dict[str, set[bytes]]:
        """Returns the same with every session that was given out so far."""
        made = self.sts.sessions()
        assert made
        return self.secrets() | {
            "session key": set().union(*(writings(secret) for _, secret, _ in made)),
            "session token": set().union(*(writings(token) for *_, token in made)),
        }


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, made_vault: MadeVault) -> Iterator[Planted]:
    """Files one secret of each kind in the window, once."""
    folder = tmp_path_factory.mktemp("planted")
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    device = {"serial": SERIAL, "seed": SEED}
    sts = StrictSts(
        folder / "sts", {"identities": [{"account": ACCOUNT, "user": "ann", "keys": [key], "devices": [device]}]}
    )
    path = folder / "planted.undercroft"
    path.write_bytes(made_vault.content)
    try:
        with Desktop(folder / "desktop") as desktop:
            app = App(desktop, env={"UNDERCROFT_VAULT": str(path)})
            try:
                steps.unlock(app)
                endpoints = {"sts": sts.endpoint, "iam": None, "sign_in": None}
                account = ipc.save_account(app, ACCOUNT, "States", endpoints=endpoints)
                ann = ipc.save_identity(app, account, "ann")
                ipc.save_key(app, ann, KEY_ID, KEY_SECRET)
                ipc.call(app, "set_password", identity=ann, password=ipc.secret(SIGN_ON))
                draft = {"item": ann, "id": None, "label": "Gate", "value": ipc.secret(CUSTOM)}
                ipc.call(app, "save_custom_secret", draft=draft)
                ipc.save_device(app, ann, "phone", SEED, SERIAL)
                ipc.save_profile(app, PROFILE, "session", identity=ann)
                ipc.call(app, "set_favourite", item=ann, favourite=True)
                ipc.call(app, "save_settings", settings=SETTINGS | VARIANTS["stays"])
                steps.lock(app)
            finally:
                app.close()
        yield Planted(path.read_bytes(), made_vault.recovery_key, sts)
    finally:
        sts.close()


def opens_and_leaks(folders: list[Path], secrets: dict[str, set[bytes]]) -> dict[str, list[str]]:
    """Lists, by secret, the files below some folders in which one stands in any writing."""
    found: dict[str, list[str]] = {}
    for folder in folders:
        for path in [folder] if folder.is_file() else folder.rglob("*"):
            # The screen's own pixels are no file of the program's, and pipes would never end.
            if path.is_file() and not path.is_symlink() and not path.name.startswith("Xvfb_screen"):
                content = path.read_bytes()
                for label, wanted in secrets.items():
                    if count(content, wanted):
                        found.setdefault(label, []).append(str(path))
    return found


def left_on_the_machine(desktop: Desktop) -> list[Path]:
    """Lists where an ended program may have left something: its folders, shared memory, WebKit's and core files."""
    places = [desktop.folder, Path("/dev/shm"), *Path("/tmp").glob("WebKit*"), *Path("/var/tmp").glob("WebKit*")]
    cores = [path for folder in (desktop.folder, Path.cwd(), Path("/tmp")) for path in folder.glob("core*")]
    return [*places, *cores]


def test_the_search_finds_every_writing_and_counts_it(planted: Planted) -> None:
    secrets = planted.secrets()
    cases = 0
    for label, wanted in secrets.items():
        for one in wanted:
            assert count(b"before " + one + b" after", wanted) == 1, (label, one)
            cases += 1
    held = sorted(set().union(*secrets.values()))
    with holding(held) as pid:
        found = search(pid, secrets)
    text = b"\n".join(held)
    control = Figures("positive control", secrets)
    control.note("holds every writing of every secret", "a process of the test's own", found)
    control.keep()
    assert all(found[label] >= count(text, wanted) >= 10 for label, wanted in secrets.items()), found
    print(f"figure: writings searched for: {cases} of {len(secrets)} secrets; each found")


def test_the_window_in_every_state(
    desktop: Desktop,
    vault_path: Path,
    planted: Planted,
    tray: Tray,
    notifications: Notifications,
    programs: Programs,
) -> None:
    tray.start()
    Portal(desktop)
    vault_path.write_bytes(planted.content)
    figures = Figures("the window", planted.secrets() | dict.fromkeys(SESSION, set()))
    app = BareApp(desktop, vault_path, env=WAYLAND)
    try:
        walk(app, figures, desktop, planted, tray, programs)
    finally:
        figures.keep()


def walk(app: BareApp, figures: Figures, desktop: Desktop, planted: Planted, tray: Tray, programs: Programs) -> None:
    """Takes the figures of one run, from the start to the end."""
    app.wait_for_password_window()
    until("the page", app.web_processes, 20)
    until("the portal's helper", lambda: helper(app), 20)
    assert clean(figures.take("locked, just started", app.pid))

    app.unlock()
    tray.wait_until_unlocked()
    unlocked = figures.take("unlocked, nothing used", app.pid, settle_secs=10)
    assert {"main process", "web process", "network process", "portal helper"} <= set(unlocked), unlocked
    assert clean(unlocked), unlocked

    credentials = json.loads(expect(programs, "credential-process", PROFILE, secs=60))
    assert credentials["SecretAccessKey"]
    figures.secrets = planted.with_sessions()
    fetched = figures.take("unlocked, a session fetched with key and code", app.pid)
    main = fetched.pop("main process")
    assert clean(fetched), fetched
    # The session is kept for the next caller; what it was made of, and what passed over the network, is gone.
    assert main.keys() <= set(SESSION), main
    assert sum(main.values()) <= 4, main

    tray.click("ann · States", "Copy password")
    until("the password on the clipboard", lambda: desktop.clipboard() == SIGN_ON)
    copied = figures.take("unlocked, a password on the clipboard", app.pid)
    assert copied.pop("main process").get("sign-on"), "not even on the clipboard: this test looks in the wrong place"
    assert clean(copied), copied
    until("the clipboard to be cleared", lambda: desktop.clipboard() == "", 40)

    app.close_main_window()
    app.wait_until_no_page()
    closed = figures.take("unlocked, closed to the tray", app.pid, settle_secs=0)
    assert "web process" not in closed
    assert closed.pop("main process").keys() <= set(SESSION)
    assert clean(closed), closed

    tray.click("Lock")
    tray.wait_until_locked()
    assert clean(figures.take("locked, in the tray", app.pid, settle_secs=10))

    tray.click("Unlock…")
    app.unlock()
    tray.wait_until_unlocked()
    expect(programs, "credential-process", PROFILE, secs=60)
    figures.secrets = planted.with_sessions()
    expect(programs, "lock")
    tray.wait_until_locked()
    assert clean(figures.take("locked again, by a program", app.pid, settle_secs=10))

    tray.click("Unlock…")
    app.unlock()
    tray.wait_until_unlocked()
    tray.click("ann · States", "Copy password")
    until("the password on the clipboard", lambda: desktop.clipboard() == SIGN_ON)
    everything = family(app.pid)
    tray.click("Quit")
    app.wait_until_ended()
    assert comes(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everything)), "a process is left"
    assert desktop.clipboard() == desktop.clipboard("primary") == ""
    left = opens_and_leaks(left_on_the_machine(desktop), dict(figures.secrets))
    assert left == {}, left
    figures.note(
        "ended, with a password on the clipboard", "none is left; nor in clipboard, /dev/shm, caches, cores", {}
    )
    planted_file = desktop.folder / "cache" / "planted"
    planted_file.write_text(SIGN_ON)
    assert opens_and_leaks(left_on_the_machine(desktop), dict(figures.secrets)), "the search of files finds nothing"


def clean(found: dict[str, dict[str, int]]) -> bool:
    """Says whether nothing was found in any process."""
    return not any(found.values())


def expect(programs: Programs, *words: str | Path, secs: float = 30) -> str:
    """Runs `undercroft`, which has to succeed, and returns what it printed."""
    done = programs.run(*words, secs=secs)
    assert done.returncode == DONE, done.stderr
    return done.stdout


def unlock_in_terminal(programs: Programs, vault: Path) -> None:
    """Types the master password at `undercroft unlock`, in a terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(cli_binary(), ["undercroft", "unlock", "--vault", str(vault)], programs.env)
    shown = b""
    try:
        while not re.search(rb"assword.*: $", shown):
            shown += os.read(terminal, 4096)
        os.write(terminal, f"{steps.MASTER_PASSWORD}\n".encode())
        drain = threading.Thread(target=read_to_end, args=(terminal,), daemon=True)
        drain.start()
        _, status = os.waitpid(pid, 0)
        drain.join(5)
    finally:
        os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == DONE, shown


def read_to_end(terminal: int) -> None:
    """Reads what a terminal shows until its program has ended."""
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        return


@pytest.mark.parametrize("way", ["terminal", "stdin"])
def test_the_agent_in_every_state(
    desktop: Desktop, vault_path: Path, planted: Planted, programs: Programs, way: str
) -> None:
    vault_path.write_bytes(planted.content)
    figures = Figures(f"the agent, unlocked by {way}", planted.secrets() | dict.fromkeys(SESSION, set()))
    if way == "terminal":
        agent = programs.ask("agent", "--locked", "--vault", vault_path)
        until("the agent", lambda: programs.status()["state"] == "locked", 20)
        unlock_in_terminal(programs, vault_path)
    else:
        agent = programs.agent(vault_path)
    try:
        assert clean(figures.take("unlocked, nothing used", agent.pid, settle_secs=3))
        expect(programs, "credential-process", PROFILE, secs=60)
        figures.secrets = planted.with_sessions()
        fetched = figures.take("unlocked, a session fetched with key and code", agent.pid)["agent"]
        assert fetched.keys() <= set(SESSION), fetched
        assert sum(fetched.values()) <= 4, fetched
        server = programs.ask("exec", PROFILE, "--server", "--", "sleep", "600")
        until("the command", lambda: len(family(server.pid)) > 1)
        figures.take("unlocked, beside it", server.pid)
        expect(programs, "lock")
        assert clean(figures.take("locked", agent.pid, settle_secs=3))
        figures.take("locked, beside it", server.pid)
        server.kill()
        agent.terminate()
        assert agent.wait().returncode == DONE
        left = opens_and_leaks(left_on_the_machine(desktop), dict(figures.secrets))
        assert left == {}, left
        figures.note("ended", "none is left", {})
    finally:
        figures.keep()
