"""What is left of secrets in each process, in each state: locked, unlocked, used, closed to the tray, ended."""

from __future__ import annotations

import os
import pty
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import steps
from app import App
from bare_app import BareApp
from desktop import Desktop
from memory_figures import Figures, holding
from memory_search import count, search
from notifications import Notifications
from patience import comes
from planted import PROFILE, SIGN_ON, Planted
from processes import family
from programs import DONE, Programs, cli_binary
from stand_in import until
from test_shortcut_portal import WAYLAND, Portal, helper
from tray import Tray

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="another process's memory is read by root alone"),
]

# What an agent keeps for the next caller.
SESSION = ("session key", "session token")


def files_holding(folders: list[Path], secrets: dict[str, set[bytes]]) -> dict[str, list[str]]:
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

    fetch(programs)
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
    fetch(programs)
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
    left = files_holding(left_on_the_machine(desktop), dict(figures.secrets))
    assert left == {}, left
    figures.note(
        "ended, with a password on the clipboard", "none is left; nor in clipboard, /dev/shm, caches, cores", {}
    )
    planted_file = desktop.folder / "cache" / "planted"
    planted_file.write_text(SIGN_ON)
    assert files_holding(left_on_the_machine(desktop), dict(figures.secrets)), "the search of files finds nothing"


def test_a_secret_that_was_shown_and_hidden_again(
    start: Callable[..., App], vault_path: Path, planted: Planted
) -> None:
    vault_path.write_bytes(planted.content)
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    # What a driver types is left in the driver's part of the program, so this test does not count the master password.
    steps.unlock(app)
    figures = Figures("a secret shown", planted.secrets() | {"master password": {b"\0not looked for here\0"}})
    try:
        steps.open_account(app, "States")
        steps.open_identity(app, "ann")
        assert clean(figures.take("unlocked, the identity open", app.pid()))
        app.click("button", "Show password")
        app.find("button", "Hide password")
        shown = figures.take("the password is shown", app.pid())
        assert shown["web process"].get("sign-on"), "this test looks in the wrong place"
        # It hides by itself after a while, perhaps during the search.
        app.find("button", "Show password", secs=60)
        hidden = figures.take("the password is hidden again", app.pid(), settle_secs=10)
        assert hidden.pop("web process").keys() <= {"sign-on"}
        assert clean(hidden), hidden
        steps.lock(app)
        assert clean(figures.take("locked", app.pid(), settle_secs=10))
    finally:
        figures.keep()


def clean(found: dict[str, dict[str, int]]) -> bool:
    """Says whether nothing was found in any process."""
    return not any(found.values())


def expect(programs: Programs, *words: str | Path, secs: float = 30) -> str:
    """Runs `undercroft`, which has to succeed, and returns what it printed."""
    done = programs.run(*words, secs=secs)
    assert done.returncode == DONE, done.stderr
    return done.stdout


def fetch(programs: Programs) -> None:
    """Asks for a session, until there is a code for it."""
    until("a session", lambda: programs.run("credential-process", PROFILE, secs=60).returncode == DONE, 90)


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
        fetch(programs)
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
        left = files_holding(left_on_the_machine(desktop), dict(figures.secrets))
        assert left == {}, left
        figures.note("ended", "none is left", {})
    finally:
        figures.keep()
