"""The global shortcut under Wayland: the desktop's portal keeps the keys, a helper of the program listens."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bare_app import BareApp
from desktop import Desktop
from processes import family
from shortcuts_portal_stand_in import NAME
from stand_in import StandIn, until

pytestmark = pytest.mark.slow

RunBare = Callable[..., BareApp]

WAYLAND = {"XDG_SESSION_TYPE": "wayland"}


class Portal(StandIn):
    """The portal, which gives `Super+U` unless it is told otherwise."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop, "shortcuts_portal_stand_in.py", NAME)
        self.start_process()

    def questions(self) -> list[dict[str, object]]:
        """What it was asked for."""
        return list(self.tell("questions"))


@pytest.fixture
def portal(desktop: Desktop) -> Portal:
    """The desktop's portal."""
    return Portal(desktop)


def helper(app: BareApp) -> list[int]:
    """Lists the processes of the program that listen to the portal."""
    found = []
    for pid in family(app.pid):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"--shortcuts-portal" in command:
            found.append(pid)
    return found


def test_the_keys_that_the_desktop_gives_open_quick_search(portal: Portal, run_bare: RunBare) -> None:
    app = run_bare("usual", env=WAYLAND)
    app.unlock()
    until("the question", portal.questions)
    [question] = portal.questions()
    assert question["keys"] == "CTRL+ALT+u"
    assert question["command"] == ["--shortcuts-portal", "CTRL+ALT+u"]
    assert question["pid"] == helper(app)[0], "not the process that holds the vault"
    portal.tell("press")
    app.wait_for_quick_window()
    portal.tell("press")
    until("quick search to hide", lambda: app.quick_window() is None)


def test_the_helper_knows_nothing_and_ends_with_the_program(portal: Portal, run_bare: RunBare) -> None:
    app = run_bare("usual", env={**WAYLAND, "SECRET_OF_THE_SHELL": "hush"})
    app.wait_for_password_window()
    until("the question", portal.questions)
    [pid] = helper(app)
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    assert b"DBUS_SESSION_BUS_ADDRESS" in environment
    assert b"SECRET_OF_THE_SHELL" not in environment
    assert b"UNDERCROFT_VAULT" not in environment
    app.kill()
    until("the helper to end", lambda: not Path(f"/proc/{pid}").exists())


def test_a_desktop_that_gives_no_keys_leaves_the_program_as_it_is(portal: Portal, run_bare: RunBare) -> None:
    portal.tell("give", keys=None)
    app = run_bare("usual", env=WAYLAND)
    app.unlock()
    until("the question", portal.questions)
    until("the helper to end", lambda: not helper(app))
    assert app.main_window() is not None


def test_a_desktop_without_the_portal_is_no_failure(run_bare: RunBare) -> None:
    app = run_bare("usual", env=WAYLAND)
    app.unlock()
    until("the helper to end", lambda: not helper(app))
    os.kill(app.pid, 0)
