"""What is copied, how it is marked, and when it goes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from selenium.webdriver.common.keys import Keys

import ipc
import steps
from app import App
from bare_app import BareApp
from desktop import Desktop
from notifications import Notifications
from patience import comes, patient
from stand_in import until
from stocked import ADA_PASSWORD, SETTINGS
from tray import Tray
from tray_use import ADA, Panel

pytestmark = pytest.mark.slow

PASSWORD = "Sesame-Opens-Nothing-4711"


def file_password(app: App) -> None:
    """Files an identity with a console password and opens it."""
    account = ipc.save_account(app, "123456789012", "Workshop")
    identity = ipc.save_identity(app, account, "ada")
    ipc.call(app, "set_password", identity=identity, password=ipc.secret(PASSWORD))
    steps.open_account(app, "Workshop")
    steps.open_identity(app, "ada")


def clear_after(app: App, secs: int, idle_secs: int = 600) -> None:
    """Sets the times after which the clipboard is cleared and the vault locks."""
    settings = SETTINGS | {"clipboard_clears_in_secs": secs, "locks_after_idle_secs": idle_secs}
    ipc.call(app, "save_settings", settings=settings)


def copy_password(app: App, desktop: Desktop) -> None:
    """Copies the password by its button."""
    app.click("button", "Copy password")
    app.wait_for("the password on the clipboard", lambda: desktop.clipboard() == PASSWORD)


def test_a_copied_secret_is_marked_and_cleared_in_time(unlocked: App, desktop: Desktop) -> None:
    app = unlocked
    file_password(app)
    clear_after(app, 5)
    copied_at = time.monotonic()
    copy_password(app, desktop)
    assert "x-kde-passwordManagerHint" in desktop.clipboard_formats()
    assert PASSWORD not in app.text()
    app.wait_for("the clipboard to be cleared", lambda: desktop.clipboard() != PASSWORD, 12)
    assert 4 <= time.monotonic() - copied_at <= patient(9)
    assert desktop.clipboard() == ""

    # Another program's text is not ours to clear, and an account's id is no secret.
    copy_password(app, desktop)
    desktop.copy("from elsewhere")
    time.sleep(6)
    assert desktop.clipboard() == "from elsewhere"
    app.click("button", "Copy account id")
    app.wait_for("the id", lambda: desktop.clipboard() == "123456789012")
    assert "x-kde-passwordManagerHint" not in desktop.clipboard_formats()
    time.sleep(6)
    assert desktop.clipboard() == "123456789012"


def test_locking_and_quitting_clear_it(unlocked: App, desktop: Desktop) -> None:
    app = unlocked
    file_password(app)
    # Not in time: what is tried here clears it.
    clear_after(app, 600)
    copy_password(app, desktop)
    steps.lock(app)
    app.wait_for("the clipboard to be cleared", lambda: desktop.clipboard() == "")

    steps.unlock(app)
    desktop.copy("from elsewhere")
    steps.lock(app)
    assert desktop.clipboard() == "from elsewhere"

    steps.unlock(app)
    steps.open_account(app, "Workshop")
    steps.open_identity(app, "ada")
    copy_password(app, desktop)
    desktop.close_window("Undercroft")
    assert comes(lambda: desktop.clipboard() != PASSWORD), "the password outlived the program"
    assert desktop.clipboard() == ""
    app.wait_for("the program to end", lambda: not app.is_running())


def test_ending_by_a_signal_clears_it(unlocked: App, desktop: Desktop) -> None:
    app = unlocked
    file_password(app)
    clear_after(app, 600)
    copy_password(app, desktop)
    os.kill(app.pid(), signal.SIGTERM)
    app.wait_for("the program to end", lambda: not app.is_running())
    assert desktop.clipboard() == ""


def test_what_the_tray_copied_goes_in_time_and_what_another_program_copied_stays(
    run_bare: Callable[..., BareApp], tray: Tray, notifications: Notifications, desktop: Desktop
) -> None:
    """Clearing on lock and on quit is tried in test_tray.py; here, that it clears nothing else."""
    tray.start()
    app = run_bare("clears-soon")
    app.unlock()
    tray.wait_until_unlocked()
    panel = Panel(desktop, app, tray, notifications)
    copied_at = time.monotonic()
    panel.copy(ADA, "Copy password")
    panel.wait_for_clipboard(ADA_PASSWORD)
    until("the clipboard to be cleared", lambda: desktop.clipboard() == "", 12)
    assert 4 <= time.monotonic() - copied_at <= patient(9)

    panel.copy(ADA, "Copy password")
    panel.wait_for_clipboard(ADA_PASSWORD)
    desktop.copy("from elsewhere")
    time.sleep(6)
    assert desktop.clipboard() == "from elsewhere", "cleared in time"
    panel.copy(ADA, "Copy MFA code")
    desktop.copy("from elsewhere again")
    tray.click("Lock")
    tray.wait_until_locked()
    assert desktop.clipboard() == "from elsewhere again", "cleared on lock"
    app.unlock()
    tray.wait_until_unlocked()
    panel.copy(ADA, "Copy password")
    desktop.copy("from elsewhere at last")
    tray.click("Quit")
    app.wait_until_ended()
    assert desktop.clipboard() == "from elsewhere at last", "cleared on quit"


def test_it_locks_by_itself_when_nobody_uses_it(unlocked: App, desktop: Desktop) -> None:
    app = unlocked
    file_password(app)
    clear_after(app, 600, idle_secs=30)
    copy_password(app, desktop)
    for _ in range(4):
        time.sleep(10)
        app.press(Keys.SHIFT)
    assert app.label() == "main"
    app.wait_until_gone("main", 45)
    assert desktop.clipboard() == ""
    app.window("password")
