"""What is left of secrets in the memory of the program and its web processes, read as root through /proc."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote

import pytest
from selenium.webdriver.common.keys import Keys

import ipc
import steps
from app import App
from aws import StrictSts
from bare_app import BareApp
from codes import oathtool, wait_for_room
from conftest import MadeVault
from desktop import Desktop
from memory_search import found_in, found_in_family, occurrences, settled, writings
from notifications import Notifications
from patience import comes_within, patient
from stand_in import until
from stocked import ADA_SEED, ROOT_EMAIL, ROOT_PASSWORD, ROOT_SEED, StockedVault
from tray import Tray

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="another process's memory is read by root alone"),
]

ACCOUNT_NAME = "Memory Lane Holdings"
ACCOUNT = "123456789012"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "MemoryLaneK7MDENGbPxRfiCYzEXAMPLEKEY4040"
CONSOLE_PASSWORD = "Gravel/Orchid+Lantern=5518"
NEW_PASSWORD = "copper lantern orbit walnut 37"
CUSTOM_SECRET = "support pin 88-41 behind the blue door"
SEED = "MVWW64TZEBWGC3TFEBZWKZLEEBXWMIDU"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"


def test_every_writing_of_a_secret_is_searched_for() -> None:
    wanted = writings(CONSOLE_PASSWORD)
    memory = [
        CONSOLE_PASSWORD.encode(),
        CONSOLE_PASSWORD.encode("utf-16-le"),
        quote(CONSOLE_PASSWORD, safe="").encode(),
        CONSOLE_PASSWORD.encode().hex().encode(),
        *(base64.b64encode(b"x" * before + CONSOLE_PASSWORD.encode() + b"yz") for before in range(6)),
    ]
    for content in memory:
        assert any(one in content for one in wanted), content
    assert writings(SEED, base64.b32decode(SEED)) > writings(SEED)


def test_the_search_finds_what_is_there(unlocked: App) -> None:
    ipc.save_account(unlocked, ACCOUNT, ACCOUNT_NAME)
    steps.open_account(unlocked, ACCOUNT_NAME)
    found = found_in(unlocked, ACCOUNT_NAME)
    assert any("undercroft" in process for process in found), found
    assert any("WebKitWebProcess" in process for process in found), found


def test_the_master_password_and_the_recovery_key_are_gone_after_they_served(
    unlocked: App, made_vault: MadeVault, desktop: Desktop
) -> None:
    app = unlocked
    assert settled(app, steps.MASTER_PASSWORD) == {}
    steps.lock(app)
    assert settled(app, steps.MASTER_PASSWORD) == {}
    app.click("button", "Use recovery key")
    app.find("textbox", "Recovery key").click()
    type_by_keyboard(desktop, made_vault.recovery_key)
    app.press(Keys.ENTER)
    app.find("heading", "Choose a new master password", secs=steps.SLOW_SECS)
    for field in ("New master password", "The same again"):
        app.find("textbox", field).click()
        type_by_keyboard(desktop, NEW_PASSWORD)
    app.click("button", "Change the password")
    app.window("main", steps.SLOW_SECS)
    left = {"recovery key": settled(app, made_vault.recovery_key), "new password": settled(app, NEW_PASSWORD)}
    assert not any(left.values()), left


def type_by_keyboard(desktop: Desktop, text: str) -> None:
    """Types by real keys: what a driver types or reads passes through the program as text of the driver's."""
    desktop.activate("Undercroft")
    desktop.run(["xdotool", "type", "--delay", "20", text])


def test_no_secret_is_left_after_locking(
    unlocked: App, desktop: Desktop, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app = unlocked
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    device = {"serial": SERIAL, "seed": SEED}
    sts = strict_sts({"identities": [{"account": ACCOUNT, "user": "ada", "keys": [key], "devices": [device]}]})
    endpoints = {"sts": sts.endpoint, "iam": None, "sign_in": None}
    account = ipc.save_account(app, ACCOUNT, ACCOUNT_NAME, endpoints=endpoints)
    ipc.save_identity(app, account, "ada")
    steps.open_account(app, ACCOUNT_NAME)
    steps.open_identity(app, "ada")

    app.click("button", "Add access key")
    app.type("Access key id", KEY_ID)
    app.find("textbox", "Secret access key").click()
    type_by_keyboard(desktop, KEY_SECRET)
    app.click("button", "Add access key", within=steps.dialog(app, "Add access key"))
    steps.until_closed(app, "Add access key")

    app.click("button", "Add password")
    app.find("textbox", "Password", within=steps.dialog(app, "Add password")).click()
    type_by_keyboard(desktop, CONSOLE_PASSWORD)
    app.click("button", "Save password", within=steps.dialog(app, "Add password"))
    steps.until_closed(app, "Add password")

    app.click("button", "Add secret")
    app.type("Label", "Pin")
    app.find("textbox", "Value", within=steps.dialog(app, "Add secret")).click()
    type_by_keyboard(desktop, CUSTOM_SECRET)
    app.click("button", "Add secret", within=steps.dialog(app, "Add secret"))
    steps.until_closed(app, "Add secret")

    app.click("button", "Add MFA device")
    app.find("textbox", "Secret key or link").click()
    type_by_keyboard(desktop, SEED)
    app.type("Device name", "phone")
    app.click("button", "Save device", within=steps.dialog(app, "Add MFA device"))
    app.find("dialog", "Finish at AWS", secs=20)
    app.click("button", "Not now")
    steps.until_closed(app, "Finish at AWS")

    app.click("button", "Get session")
    app.find("article", f"Session of ada in {ACCOUNT_NAME}", secs=45)
    [(_, session_secret, session_token)] = sts.sessions()

    # What the new session moved on the page has come to rest.
    app.wait_for("a quiet page", lambda: app.driver.execute_async_script("setTimeout(arguments[0], 1500, true)"))
    app.click("button", "Show secret access key")
    app.find("button", "Hide secret access key")
    assert found_in(app, KEY_SECRET), "the shown secret was not found: this test looks in the wrong place"
    app.click("button", "Copy secret access key")
    app.wait_for("the secret on the clipboard", lambda: desktop.clipboard() == KEY_SECRET)
    app.click("button", "Show password")
    app.find("button", "Hide password")
    app.click("button", "Copy password")
    app.wait_for("the password on the clipboard", lambda: desktop.clipboard() == CONSOLE_PASSWORD)
    steps.lock(app)
    left = {
        "secret access key": settled(app, KEY_SECRET),
        "console password": settled(app, CONSOLE_PASSWORD),
        "custom secret": settled(app, CUSTOM_SECRET),
        "seed": settled(app, SEED, base64.b32decode(SEED)),
        "session's secret key": settled(app, session_secret),
        "session's token": settled(app, session_token),
        "master password": settled(app, steps.MASTER_PASSWORD),
    }
    assert not any(left.values()), left


def test_what_is_copied_in_quick_search_is_never_in_its_page_and_gone_after_locking(
    run_bare: Callable[..., BareApp],
    tray: Tray,
    notifications: Notifications,
    desktop: Desktop,
    stocked_vault: StockedVault,
) -> None:
    tray.start()
    app = run_bare("stays")
    app.unlock()
    tray.wait_until_unlocked()
    app.close_main_window()
    app.wait_until_no_page()
    stored = set().union(*map(writings, [*stocked_vault.secrets(), steps.MASTER_PASSWORD]))
    for seed in (ADA_SEED, ROOT_SEED):
        stored |= writings(seed, base64.b32decode(seed))

    search_quickly(app, tray, "aws+payments")
    [page] = app.web_processes()
    shown = writings(ROOT_EMAIL)

    def is_on_the_page() -> bool:
        if comes_within(lambda: occurrences(page, shown) > 0, 5):
            return True
        # What was typed before the page was there is lost.
        desktop.keys("ctrl+a")
        desktop.run(["xdotool", "type", "--delay", "30", "aws+payments"])
        return False

    until("the root user's email on the page", is_on_the_page, 20)
    desktop.keys("shift+Return")
    until("the password on the clipboard", lambda: desktop.clipboard() == ROOT_PASSWORD)
    assert occurrences(app.pid, writings(ROOT_PASSWORD)), (
        "not even on the clipboard: this test looks in the wrong place"
    )

    search_quickly(app, tray, "ada")
    assert app.web_processes() == [page], "the page was to be kept"
    wait_for_room(15)
    code = oathtool(ADA_SEED)
    # Six digits may stand there by chance, so they are counted before, too.
    digits = {code.encode(), code.encode("utf-16-le")}
    by_chance = occurrences(page, digits)
    desktop.keys("Return")
    until("the code on the clipboard", lambda: desktop.clipboard() == code)
    # The page is hidden and ends when the vault is locked: this is all that it ever had.
    assert occurrences(page, digits) <= by_chance
    assert occurrences(page, stored) == 0

    tray.click("Lock")
    tray.wait_until_locked()
    until("the clipboard to be cleared", lambda: desktop.clipboard() == "")
    app.wait_until_no_page()
    deadline = time.monotonic() + patient(10)
    while (left := found_in_family(app.pid, stored)) and time.monotonic() < deadline:
        time.sleep(1)
    assert left == {}


def search_quickly(app: BareApp, tray: Tray, words: str) -> None:
    """Opens quick search by a click on the icon and types into it, once its page is there."""
    tray.activate()
    window = app.wait_for_quick_window()
    until("the page", app.web_processes, 20)
    time.sleep(1.5)
    app.focus(window)
    app.desktop.run(["xdotool", "type", "--delay", "30", words])
    time.sleep(0.7)
