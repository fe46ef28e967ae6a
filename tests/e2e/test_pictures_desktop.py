"""Pictures of what lives on the desktop: quick search, the sign-in sheet, their settings, the tray and a notification."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

import ipc
import steps
from album import Album
from app import App, free_port
from bare_app import TITLE, BareApp
from codes import codes_around_now
from conftest import MadeVault
from desktop import PICTURES, Desktop, missing_programs
from notifications import Notifications
from panel import PROGRAMS, RealPanel, start_dunst
from quick_use import Browser, Quick
from stand_in import until
from stocked import ADA_PASSWORD, ADA_SEED, StockedVault
from test_pictures import KEY_SECRET, SEED, fill
from tray import Tray

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(400)]

# Behind everything, so that frames and shadows are seen against something.
WALLPAPER = {"light": "#9fb4c7", "dark": "#26323d"}


@pytest.fixture(params=["light", "dark"])
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desktop(tmp_path: Path, look: str) -> Iterator[Desktop]:
    with Desktop(tmp_path / "desktop", size=(1220, 820), dark=look == "dark") as made:
        paint(made, look)
        # What the pointer rests on looks different.
        made.run(["xdotool", "mousemove", "2", "2"])
        yield made


def paint(desktop: Desktop, look: str) -> None:
    """Paints the wallpaper."""
    desktop.run(["display", "-window", "root", "-size", "64x64", f"xc:{WALLPAPER[look]}"])


@pytest.fixture
def quick(
    start: Callable[..., App], vault_path: Path, made_vault: MadeVault, notifications: Notifications, browser: Browser
) -> Quick:
    """A small company, two of whose people are pinned."""
    vault_path.write_bytes(made_vault.content)
    app = start(env={"UNDERCROFT_VAULT": str(vault_path), **browser.env})
    steps.unlock(app)
    fill(app, f"http://127.0.0.1:{free_port()}")
    production = ines_of(app, "Larkspur Production")
    staging = ines_of(app, "Larkspur Staging")
    ipc.call(app, "set_password", identity=staging, password=ipc.secret("Quartz-Meridian-2291"))
    ipc.save_key(app, staging, "AKIAI44QH8DHBEXAMPLE", KEY_SECRET)
    ipc.save_device(app, staging, "phone", SEED, "arn:aws:iam::571038264915:mfa/phone")
    archive = ines_of(app, "Log Archive")
    ipc.save_key(app, archive, "AKIAI55QH8DHBEXAMPLE", KEY_SECRET)
    ipc.save_device(app, archive, "phone", SEED)
    for identity in (production, staging):
        ipc.call(app, "set_favourite", item=identity, favourite=True)
    for account in ("Sandbox of Ines", "Data Platform", "Log Archive"):
        used = ines_of(app, account)
        ipc.call(app, "copy", target={"kind": "identity-name", "identity": used})
    return Quick(app, notifications)


def ines_of(app: App, account: str) -> str:
    """Returns the item id of an account's user."""
    hits = ipc.call(app, "search", query=account, limit=50)
    return str(next(hit["item"] for hit in hits if hit["identity"] and hit["identity"]["name"] == "ines.okafor"))


def test_places_of_quick_search(quick: Quick, look: str) -> None:
    app = quick.app
    album = Album(app, look)
    quick.open()
    app.wait_for("pinned and recent ones", lambda: len(quick.lines()) == 5)
    album.take("quick")
    quick.search("ine", "ines.okafor")
    album.take("quick-results")
    quick.desktop.keys("ctrl+a")
    quick.type("larkspur-data")
    app.wait_for("the account", lambda: any("Data Platform" in line for line in quick.lines()))
    album.take("quick-account")
    quick.desktop.keys("ctrl+a")
    quick.type("nobody at all")
    app.wait_for_text("Nothing matches.")
    album.take("quick-nothing")
    quick.desktop.keys("ctrl+a")
    quick.type("sandbox ines")
    app.wait_for("the sandbox", lambda: quick.lines() and "Sandbox" in quick.lines()[0])
    quick.desktop.keys("shift+Return")
    app.wait_for_text("No password is kept for ines.")
    album.take("quick-lack")
    quick.desktop.keys("ctrl+a")
    quick.type("staging ines")
    app.wait_for("staging", lambda: quick.lines() and "Staging" in quick.lines()[0])
    quick.desktop.keys("alt+Return")
    app.find("alert", secs=60)
    album.take("quick-error")
    # A device without its serial: what is missing is not in this window.
    quick.desktop.keys("ctrl+a")
    quick.type("archive ines")
    app.wait_for("the archive", lambda: quick.lines() and "Log Archive" in quick.lines()[0])
    quick.desktop.keys("alt+Return")
    app.find("alert", secs=60)
    album.take("quick-no-serial")
    album.close()


def test_quick_search_with_nothing_pinned(
    start: Callable[..., App], vault_path: Path, made_vault: MadeVault, notifications: Notifications, look: str
) -> None:
    vault_path.write_bytes(made_vault.content)
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    steps.unlock(app)
    quick = Quick(app, notifications).open()
    album = Album(app, look)
    app.wait_for_text("Nothing is pinned yet")
    album.take("quick-empty")
    quick.desktop.keys("Escape")
    album.close()


def test_places_of_the_sign_in_sheet(quick: Quick, browser: Browser, tray: Tray, look: str) -> None:
    tray.start()
    app = quick.app
    album = Album(app, look)
    quick.open()
    quick.type("staging ines")
    app.wait_for("staging", lambda: quick.lines() and "Staging" in quick.lines()[0])
    quick.desktop.keys("ctrl+i")
    quick.wait_for_sheet("ines.okafor")
    album.take("sign-in")
    quick.desktop.keys("Return")
    browser.wait_for_page()
    for _ in range(2):
        quick.copied(quick.press_shortcut)
    tray.activate()
    quick.wait_for_sheet("ines.okafor")
    album.take("sign-in-middle")
    quick.desktop.keys("Escape")
    quick.wait_until_ready()
    quick.type("production ines")
    app.wait_for("production", lambda: quick.lines() and "Larkspur Production" in quick.lines()[0])
    quick.desktop.keys("ctrl+i")
    quick.wait_for_sheet("ines.okafor")
    album.take("sign-in-production")
    quick.desktop.keys("Escape")
    album.close()


def show_section(app: App, title: str) -> None:
    """Scrolls a section of the settings to the top."""
    app.driver.execute_script("arguments[0].scrollIntoView({ block: 'start' })", app.find("region", title, secs=20))


def test_the_desktop_s_part_of_the_settings(quick: Quick, tray: Tray, look: str) -> None:
    app = quick.app
    album = Album(app, look)
    quick.desktop.activate(TITLE)
    app.press(Keys.CONTROL, ",")
    app.wait_for_text("Larkspur Staging", 20)
    app.wait_for_text("No panel of this desktop shows a tray icon")
    show_section(app, "Desktop")
    album.take("settings-desktop-no-tray")
    tray.start()
    tray.wait_until_unlocked(60)
    app.press(Keys.CONTROL, "1")
    app.press(Keys.CONTROL, ",")
    app.wait_for_text("Quit from the tray menu")
    show_section(app, "Desktop")
    album.take("settings-desktop")
    app.click("button", "Change", within=app.find("region", "Desktop"))
    app.wait_for_text("Press the keys")
    quick.desktop.run(["xdotool", "keydown", "ctrl", "keydown", "shift"])
    time.sleep(0.3)
    album.take("settings-shortcut")
    quick.desktop.run(["xdotool", "keyup", "shift", "keyup", "ctrl"])
    app.press(Keys.ESCAPE)
    show_section(app, "Pinned identities")
    album.take("settings-pinned")
    app.click("switch", "Lock with the screen")
    app.wait_for_text("The vault stays open behind the locked screen")
    show_section(app, "Look and locking")
    album.take("settings-locking-off")
    album.close()


def test_the_tray_and_a_notification(
    desktop: Desktop, look: str, vault_path: Path, stocked_vault: StockedVault
) -> None:
    missing = missing_programs(PROGRAMS)
    assert not missing, f"not installed: {', '.join(missing)}"
    start_dunst(desktop, dark=look == "dark")
    panel = RealPanel(desktop, dark=look == "dark")
    vault_path.write_bytes(stocked_vault.files["usual"])
    app = BareApp(desktop, vault_path)
    app.wait_for_password_window()
    time.sleep(2)
    panel.click(3)
    time.sleep(1)
    desktop.picture(f"tray-locked-{look}")
    desktop.keys("Escape")
    app.unlock()
    time.sleep(1)
    panel.click(3)
    time.sleep(1)
    # The submenu of ada: the first entry after Search, then into it.
    desktop.keys("Down", "Down", "Right")
    time.sleep(1)
    desktop.picture(f"tray-{look}")
    desktop.keys("Return")
    until("the code", lambda: desktop.clipboard() in codes_around_now(ADA_SEED), 20)
    time.sleep(1)
    desktop.picture(f"notification-{look}")
    panel.click(3)
    time.sleep(0.7)
    desktop.keys("Down", "Down", "Down", "Right", "Right", "Down")
    time.sleep(0.7)
    desktop.picture(f"tray-account-{look}")
    for _ in range(3):
        desktop.keys("Escape")
    # A click shows quick search, another one hides it.
    for shown in (True, False, True):
        panel.click(1)
        until(f"quick search to be shown: {shown}", lambda shown=shown: bool(app.quick_window()) is shown)
        time.sleep(1)
        assert bool(app.quick_window()) is shown, "it did not last"
    panel.click(3)
    time.sleep(0.7)
    assert ADA_PASSWORD not in desktop.clipboard()
    assert (PICTURES / f"tray-{look}.png").exists()
