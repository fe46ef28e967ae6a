"""The main job without a pointer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from selenium.webdriver.common.keys import Keys

import steps
from app import App
from codes import codes_around_now
from desktop import Desktop

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def tab_to(app: App, role: str, name: str, most: int = 40) -> None:
    """Moves the focus by Tab alone until it is on an element."""
    for _ in range(most):
        found_role, found_name = app.focused()
        if found_role == role and name.lower() in found_name.lower():
            return
        app.press(Keys.TAB)
    raise AssertionError(f"Tab never came to {role} {name!r}")


def type_text(app: App, text: str) -> None:
    """Types letter by letter where the focus is, once the window is the one that gets the keys."""
    app.wait_for("the window to be active", lambda: app.driver.execute_script("return document.hasFocus()"))
    app.press(text)


def test_the_core_of_the_main_job_by_keyboard_alone(
    start: Callable[..., App], vault_path: Path, desktop: Desktop
) -> None:
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)}).window("password")
    app.wait_for("the first step's button to have the focus", lambda: app.focused() == ("button", "Make a new vault"))
    app.press(Keys.ENTER)
    app.wait_for("the password field", lambda: app.focused() == ("textbox", "Master password"))
    type_text(app, steps.MASTER_PASSWORD)
    app.press(Keys.ENTER)
    app.wait_for("the second field", lambda: app.focused() == ("textbox", "The same again"))
    type_text(app, steps.MASTER_PASSWORD)
    app.press(Keys.ENTER)
    steps.shown_recovery_key(app)
    tab_to(app, "checkbox", "I keep it somewhere safe")
    app.press(Keys.SPACE)
    tab_to(app, "button", "Open the vault")
    app.press(Keys.ENTER)
    app.window("main", steps.SLOW_SECS)
    app.find("heading", "Your vault is empty")

    app.press(Keys.CONTROL, "n")
    app.wait_for("the account's id", lambda: app.focused()[1].startswith("Account id"))
    type_text(app, "123456789012")
    tab_to(app, "textbox", "Name")
    type_text(app, "Workshop")
    app.press(Keys.ENTER)
    steps.until_closed(app, "Add account")
    app.find("region", "Account Workshop")

    tab_to(app, "button", "Add identity", 60)
    app.press(Keys.ENTER)
    steps.dialog(app, "Add identity")
    tab_to(app, "textbox", "Email")
    type_text(app, "root@workshop.example")
    app.press(Keys.ENTER)
    steps.until_closed(app, "Add identity")
    app.find("heading", "root@workshop.example")

    tab_to(app, "button", "Add MFA device", 80)
    app.press(Keys.ENTER)
    steps.dialog(app, "Add MFA device")
    tab_to(app, "textbox", "Secret key or link")
    type_text(app, SEED)
    app.find("textbox", "Device name", secs=20)
    tab_to(app, "textbox", "Device name")
    app.press(Keys.CONTROL, "a")
    type_text(app, "phone")
    app.press(Keys.ENTER)
    app.find("dialog", "Finish at AWS", secs=20)
    app.press(Keys.ESCAPE)
    steps.until_closed(app, "Finish at AWS")
    assert steps.shown_code(app) in codes_around_now(SEED)

    # Three letters and Enter: the code is on the clipboard.
    app.press(Keys.CONTROL, "k")
    app.window("quick", steps.SLOW_SECS)
    app.wait_for("the search field", lambda: app.focused()[1] == "Search accounts, identities and profiles")
    type_text(app, "roo")
    app.find("option", "root@workshop.example")
    app.press(Keys.ENTER)
    app.wait_for("the code", lambda: desktop.clipboard() in codes_around_now(SEED))
    app.window("main")

    steps.lock(app)
    app.wait_for("the password field", lambda: app.focused() == ("textbox", "Master password"))
    # Typed on the X server's keyboard: the driver's own may still hold the Control that locked.
    desktop.run(["xdotool", "type", "--delay", "30", steps.MASTER_PASSWORD])
    desktop.keys("Return")
    app.window("main", steps.SLOW_SECS)
    app.find("option", "Workshop")
