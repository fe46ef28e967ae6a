"""What locks the vault from outside: the desktop's lock screen, sleep, and another user at the machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

import ipc
import steps
from app import App
from bare_app import NARROW, TITLE, BareApp, shown_windows
from conftest import MadeVault
from desktop import Desktop
from logind import Logind
from patience import comes_within
from screen_saver import FREEDESKTOP, GNOME, ScreenSaver
from stand_in import until
from stocked import ADA_PASSWORD
from tray import Tray

pytestmark = pytest.mark.slow

# How long the desktop waits for nobody: what is locked later than this was not locked by the event.
LOCK_SECS = 5
# logind delays a sleep by no more than this.
DELAY_SECS = 5
# What is not to happen is waited for this long.
QUIET_SECS = 3

RunBare = Callable[..., BareApp]


class Locking:
    """An unlocked app on a desktop whose screen can be locked in every way there is."""

    def __init__(self, desktop: Desktop, tray: Tray, logind: Logind, run_bare: RunBare) -> None:
        self.desktop = desktop
        self.tray = tray.start()
        self.logind = logind
        self.saver = ScreenSaver(desktop)
        self._run_bare = run_bare
        self.app: BareApp

    def begin(self, variant: str = "usual") -> Locking:
        """Starts the app with the settings of `variant`, unlocks it, and puts a password on the clipboard."""
        self.app = self._run_bare(variant, env=self.logind.env)
        self.app.unlock()
        self.tray.wait_until_unlocked()
        self.copy_password()
        return self

    def copy_password(self) -> None:
        """Puts a password on the clipboard."""
        self.tray.click("ada · Workshop", "Copy password")
        until("the password on the clipboard", lambda: self.desktop.clipboard() == ADA_PASSWORD)

    def happens(self, event: str) -> None:
        """Lets one of the events happen."""
        {
            "lock": self.logind.lock_session,
            "locked-hint": lambda: self.logind.locked_hint(True),
            "sleep": lambda: self.logind.prepare_for_sleep(True),
            "other-user": self.logind.deactivate,
            "screen-saver": lambda: self.saver.active(True, FREEDESKTOP),
            "gnome-screen-saver": lambda: self.saver.active(True, GNOME),
        }[event]()

    def assert_locks(self) -> None:
        """Waits until nothing of the vault is left to be seen."""
        self.tray.wait_until_locked(LOCK_SECS)
        until("the main window to close", lambda: self.app.main_window() is None, LOCK_SECS)
        until("the clipboard to be cleared", lambda: self.desktop.clipboard() == "", LOCK_SECS)
        assert self.app.is_running()

    def assert_stays_unlocked(self) -> None:
        """Asserts that nothing happens for a while."""
        time.sleep(QUIET_SECS)
        assert "Lock" in self.tray.labels()
        assert self.app.main_window() is not None
        assert self.desktop.clipboard() == ADA_PASSWORD


@pytest.fixture
def locking(desktop: Desktop, tray: Tray, logind: Logind, run_bare: RunBare) -> Locking:
    """Everything but the app, which `begin` starts."""
    return Locking(desktop, tray, logind, run_bare)


SCREEN = ["lock", "locked-hint", "other-user", "screen-saver", "gnome-screen-saver"]


@pytest.mark.parametrize("event", [*SCREEN, "sleep"])
def test_it_locks_the_vault(locking: Locking, event: str) -> None:
    locking.begin()
    locking.happens(event)
    locking.assert_locks()


@pytest.mark.parametrize("event", ["locked-hint", "sleep"])
def test_it_locks_the_vault_while_the_window_is_closed(locking: Locking, event: str) -> None:
    locking.begin("stays")
    locking.app.close_main_window()
    locking.app.wait_until_no_page()
    locking.copy_password()
    locking.happens(event)
    locking.assert_locks()


def test_what_is_no_locking_locks_nothing(locking: Locking) -> None:
    locking.begin()
    locking.logind.unlock_session()
    locking.logind.locked_hint(False)
    locking.logind.activate()
    locking.logind.prepare_for_sleep(False)
    locking.saver.active(False, FREEDESKTOP)
    locking.saver.active(False, GNOME)
    locking.logind.tell("set", IdleHint=True)
    locking.assert_stays_unlocked()


def test_it_may_be_told_not_to_follow_the_screen(locking: Locking) -> None:
    locking.begin("ignores-screen")
    for event in SCREEN:
        locking.happens(event)
    locking.assert_stays_unlocked()
    locking.happens("sleep")
    locking.assert_locks()


def test_it_may_be_told_not_to_lock_on_sleep(locking: Locking) -> None:
    locking.begin("ignores-sleep")
    begun = time.monotonic()
    locking.happens("sleep")
    # Then it has no reason to keep the machine awake either.
    locking.logind.wait_until_held(False, DELAY_SECS)
    assert time.monotonic() - begun < DELAY_SECS
    locking.assert_stays_unlocked()
    locking.happens("locked-hint")
    locking.assert_locks()


def test_it_locks_again_after_each_unlocking(locking: Locking) -> None:
    locking.begin()
    for _ in range(2):
        locking.happens("locked-hint")
        locking.assert_locks()
        locking.logind.locked_hint(False)
        if locking.app.password_window() is None:
            locking.tray.click("Unlock…")
        locking.app.unlock()
        locking.tray.wait_until_unlocked()
        locking.copy_password()


def test_sleep_waits_until_it_is_locked(locking: Locking) -> None:
    locking.begin()
    locking.logind.wait_until_held(True)
    [held] = locking.logind.held()
    assert "sleep" in held.what.split(":")
    assert held.mode == "delay", "it may not forbid the sleep"
    assert held.who == "Undercroft"
    assert held.why
    assert held.pid == locking.app.pid

    asleep_at = time.time()
    locking.logind.prepare_for_sleep(True)
    locking.logind.wait_until_held(False, DELAY_SECS)
    # Now the machine would sleep, with whatever is there at this moment.
    assert locking.desktop.clipboard() == ""
    released_at = locking.logind.inhibitors()[0].released_at
    assert released_at is not None and released_at - asleep_at < DELAY_SECS
    locking.assert_locks()
    assert locking.logind.held() == []

    # Awake again, the next sleep is waited for like the first.
    locking.logind.prepare_for_sleep(False)
    if locking.app.password_window() is None:
        locking.tray.click("Unlock…")
    locking.app.unlock()
    locking.tray.wait_until_unlocked()
    locking.logind.wait_until_held(True)
    assert len(locking.logind.held()) == 1, "one lock is enough"
    locking.logind.prepare_for_sleep(True)
    locking.logind.wait_until_held(False, DELAY_SECS)
    locking.assert_locks()


def test_no_lock_on_sleep_outlives_the_program(locking: Locking) -> None:
    locking.begin()
    locking.logind.wait_until_held(True)
    locking.tray.click("Quit")
    locking.app.wait_until_ended()
    locking.logind.wait_until_held(False)


def test_an_open_dialog_does_not_keep_it_open(locking: Locking) -> None:
    locking.begin()
    locking.app.focus(locking.app.wait_for_main_window())
    locking.desktop.keys("ctrl+n")
    time.sleep(1)
    locking.desktop.run(["xdotool", "type", "--delay", "12", "half typed"])
    locking.happens("lock")
    locking.assert_locks()


def test_a_dialog_of_the_system_does_not_keep_it_open(
    start: Callable[..., App], desktop: Desktop, logind: Logind, tray: Tray, vault_path: Path, made_vault: MadeVault
) -> None:
    vault_path.write_bytes(made_vault.content)
    tray.start()
    app = start(env={"UNDERCROFT_VAULT": str(vault_path), **logind.env})
    steps.unlock(app)
    account = ipc.save_account(app, "123456789012", "Workshop")
    ipc.save_identity(app, account, "jane.doe")
    steps.open_account(app, "Workshop")
    steps.open_identity(app, "jane.doe")
    app.click("button", "Add MFA device")
    steps.dialog(app, "Add MFA device")
    app.click("button", "Choose a file")
    title = "Choose a picture of the QR code"
    until("the system's dialog", lambda: title in desktop.window_titles(), 20)
    logind.locked_hint(True)
    tray.wait_until_locked(LOCK_SECS)
    until(
        "the main window to close", lambda: max(shown_windows(desktop, TITLE).values(), default=0) < NARROW, LOCK_SECS
    )


# Other machines


def test_the_session_is_found_where_the_desktop_starts_programs_as_services(
    desktop: Desktop, tray: Tray, run_bare: RunBare
) -> None:
    logind = Logind(desktop, no_session_for_pid=True)
    locking = Locking(desktop, tray, logind, run_bare).begin()
    locking.happens("locked-hint")
    locking.assert_locks()


def test_without_logind_the_screen_saver_still_locks(desktop: Desktop, tray: Tray, run_bare: RunBare) -> None:
    saver = ScreenSaver(desktop)
    tray.start()
    app = run_bare()
    app.unlock()
    tray.wait_until_unlocked()
    saver.active(True)
    tray.wait_until_locked(LOCK_SECS)
    until("the main window to close", lambda: app.main_window() is None, LOCK_SECS)


def test_a_screen_saver_that_comes_later_is_heard(desktop: Desktop, tray: Tray, run_bare: RunBare) -> None:
    tray.start()
    run_bare().unlock()
    tray.wait_until_unlocked()
    ScreenSaver(desktop).active(True, GNOME)
    tray.wait_until_locked(LOCK_SECS)


def test_logind_that_comes_back_is_heard(locking: Locking) -> None:
    """logind is restarted by updates; sessions and the bus stay."""
    locking.begin()
    locking.logind.kill()
    time.sleep(0.5)
    locking.logind.start()
    # Who owns the name now is known to the app a moment after it is to the bus.
    for _ in range(5):
        locking.happens("locked-hint")
        if comes_within(lambda: "Unlock…" in locking.tray.labels(), 3):
            break
        locking.logind.locked_hint(False)
    locking.assert_locks()
