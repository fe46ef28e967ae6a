"""What users do, step by step, in the words of the window. Journeys are made of these."""

from __future__ import annotations

import time
from pathlib import Path

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from app import App
from desktop import Desktop
from patience import comes, comes_within

MASTER_PASSWORD = "violet harbour quarry tulip 94"
# Argon2id in a development build.
SLOW_SECS = 30


def make_vault(app: App, password: str = MASTER_PASSWORD) -> str:
    """Walks the three steps of the first run and returns the recovery key; ends in the main window."""
    app.window("password")
    app.click("button", "Make a new vault")
    app.type("Master password", password)
    app.type("The same again", password)
    app.click("button", "Continue")
    key = shown_recovery_key(app)
    app.click("checkbox", "I keep it somewhere safe")
    app.click("button", "Open the vault")
    app.window("main", SLOW_SECS)
    return key


def shown_recovery_key(app: App) -> str:
    """Reads the recovery key off the kit."""
    return "".join(app.test_id("recovery-key", SLOW_SECS).text.split())


def unlock(app: App, password: str = MASTER_PASSWORD) -> None:
    """Unlocks in the password window; ends in the main window."""
    app.window("password", SLOW_SECS)
    app.type("Master password", password)
    app.press(Keys.ENTER)
    app.window("main", SLOW_SECS)


def lock(app: App) -> None:
    """Locks by keyboard; ends in the password window."""
    app.press(Keys.CONTROL, "l")
    app.wait_until_gone("main")
    app.window("password", SLOW_SECS)


def dialog(app: App, title: str) -> WebElement:
    """Waits for the dialog with this title."""
    return app.find("dialog", title)


def until_closed(app: App, title: str) -> None:
    """Waits until the dialog with this title is gone."""
    app.wait_for(f"the dialog {title!r} to close", lambda: not app.is_shown("dialog", title), 20)


def add_account(
    app: App, account_id: str, name: str, *, endpoint: str = "", alias: str = "", production: bool = False
) -> None:
    """Files an account, and ends in it."""
    app.press(Keys.CONTROL, "n")
    dialog(app, "Add account")
    app.type("Account id", account_id)
    app.type("Name", name)
    if alias:
        app.type("Alias", alias)
    if production:
        app.click("switch", "Production")
    if endpoint:
        app.click("button", "Partition, region and endpoints")
        app.type("STS endpoint", endpoint)
    app.click("button", "Add account", within=dialog(app, "Add account"))
    until_closed(app, "Add account")
    app.find("region", f"Account {name}")


def add_identity(app: App, name: str, *, root: bool = False) -> None:
    """Files an identity in the open account, and ends in it."""
    app.click("button", "Add identity")
    app.choose("Kind", "Root user" if root else "IAM user")
    app.type("Email" if root else "User name", name)
    app.click("button", "Add identity", within=dialog(app, "Add identity"))
    until_closed(app, "Add identity")
    app.find("heading", name)


def add_key(app: App, key_id: str, secret: str) -> None:
    """Files an access key of the open identity."""
    app.click("button", "Add access key")
    app.type("Access key id", key_id)
    app.type("Secret access key", secret)
    app.click("button", "Add access key", within=dialog(app, "Add access key"))
    until_closed(app, "Add access key")
    app.find("article", f"Access key {key_id}")


def add_device(app: App, secret: str, name: str | None = None) -> None:
    """Files an MFA device of the open identity, typed as a seed or a link."""
    app.click("button", "Add MFA device")
    app.type("Secret key or link", secret)
    field = app.find("textbox", "Device name", secs=20)
    if name is not None:
        app.type("Device name", name)
    else:
        name = str(field.get_property("value"))
    app.click("button", "Save device", within=dialog(app, "Add MFA device"))
    app.find("dialog", "Finish at AWS", secs=20)
    app.click("button", "Not now")
    until_closed(app, "Finish at AWS")
    app.find("article", f"MFA device {name}")


def open_account(app: App, name: str) -> None:
    """Chooses an account in the list."""
    app.click("option", name)
    app.find("region", f"Account {name}")


def open_identity(app: App, name: str) -> None:
    """Chooses an identity of the open account."""
    app.click("option", name)
    app.find("heading", name)


def shown_code(app: App) -> str:
    """Reads the live code, without its space; one that is drawn anew meanwhile is read anew."""
    return app.wait_for("the live code", lambda: app.test_id("code", 20).text, 20).replace(" ", "")


def answer_dialog(app: App, title: str, path: Path) -> None:
    """Types a path into GTK's file dialog and takes it."""
    desktop = app.desktop
    app.wait_for(f"the file dialog {title!r}", lambda: title in desktop.window_titles(), 20)
    desktop.run(["xdotool", "search", "--onlyvisible", "--name", title, "windowactivate", "--sync"])
    # The window is there before its field takes keys.
    time.sleep(0.5)

    def taken() -> bool:
        # In a dialog for saving, the field for the name has the focus and takes a path, too.
        desktop.keys("ctrl+l" if title.startswith("Choose") else "ctrl+a")
        desktop.run(["xdotool", "type", "--delay", "20", str(path)])
        # While it completes a name, the dialog takes the first Enter for its own.
        return any(enter_closes(desktop, title) for _ in range(3))

    app.wait_for(f"the file dialog {title!r} to close", taken, 20)


def enter_closes(desktop: Desktop, title: str) -> bool:
    """Presses Enter in a dialog and says whether that closed it."""
    desktop.keys("Return")
    return comes_within(lambda: title not in desktop.window_titles(), 2)


def wait_for_file(path: Path, secs: float = 10) -> None:
    """Waits until a file is there."""
    assert comes(path.exists, secs), f"{path.name} did not appear"
