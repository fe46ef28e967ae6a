"""Every place, light and dark, large and small: a picture of it, and nothing that axe-core objects to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

import ipc
import steps
from album import Album
from app import App
from aws import StrictSts
from codes import wait_for_room
from conftest import MadeVault
from desktop import Desktop
from disk import SmallDisk

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(400)]

ACCOUNT = "482915736028"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"

COMPANY = [
    ("482915736028", "Larkspur Production", "larkspur-prod", "red", True, ["payments", "eu"]),
    ("571038264915", "Larkspur Staging", "larkspur-staging", "orange", False, ["payments", "eu"]),
    ("605817394026", "Sandbox of Ines", "larkspur-sandbox-ines", "green", False, ["sandbox"]),
    ("718294036155", "Data Platform", "larkspur-data", "purple", True, ["data"]),
    ("826403917582", "Log Archive", "larkspur-logs", "blue", False, ["security"]),
    ("930174628351", "Shared Services", "larkspur-shared", "teal", False, ["network"]),
]


@pytest.fixture(params=["light", "dark"])
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desktop(tmp_path: Path, look: str) -> Iterator[Desktop]:
    with Desktop(tmp_path / "desktop", size=(1220, 820), dark=look == "dark") as made:
        yield made


def fill(app: App, endpoint: str) -> None:
    """Files a small company."""
    for account_id, name, alias, colour, production, tags in COMPANY:
        changes = {"alias": alias, "colour": colour, "production": production, "tags": tags}
        endpoints = {"sts": endpoint, "iam": None, "sign_in": None}
        notes = "Owned by the platform team. Page them before anything that touches the ledger." if production else ""
        account = ipc.save_account(app, account_id, name, **changes, endpoints=endpoints, notes=notes)
        ipc.save_identity(app, account, f"aws+{alias}@larkspur.example", root=True)
        ipc.save_identity(app, account, "ines.okafor")
        if account_id == ACCOUNT:
            production_account = account
    ipc.call(app, "set_favourite", item=production_account, favourite=True)
    identity = next(
        row["id"]
        for row in ipc.call(app, "account", id=production_account)["identities"]
        if row["name"] == "ines.okafor"
    )
    ipc.call(app, "set_password", identity=identity, password=ipc.secret("Quartz-Meridian-2290"))
    ipc.save_key(app, identity, KEY_ID, KEY_SECRET)
    ipc.save_device(app, identity, "phone", SEED, SERIAL)
    draft = {"item": identity, "id": None, "label": "Support PIN", "value": ipc.secret("8841")}
    ipc.call(app, "save_custom_secret", draft=draft)
    binned = ipc.save_account(app, "111122223333", "Old playground")
    ipc.call(app, "bin_item", item=binned)


def test_places_of_the_password_window(start: Callable[..., App], vault_path: Path, look: str) -> None:
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)}).window("password")
    album = Album(app, look)
    app.find("button", "Make a new vault")
    album.take("first-run-1")
    app.click("button", "Make a new vault")
    app.type("Master password", "password1")
    app.wait_for("the strength", lambda: "not enough" in app.text())
    app.type("The same again", "password1")
    app.click("button", "Continue")
    app.wait_for_text("too easy to guess")
    album.take("first-run-2-weak")
    app.type("Master password", steps.MASTER_PASSWORD)
    app.type("The same again", steps.MASTER_PASSWORD)
    app.wait_for("the strength", lambda: "Strong" in app.text())
    album.take("first-run-2")
    app.click("button", "Continue")
    steps.shown_recovery_key(app)
    album.take("first-run-3")
    app.click("checkbox", "I keep it somewhere safe")
    app.click("button", "Open the vault")
    app.window("main", steps.SLOW_SECS)
    app.find("heading", "Your vault is empty")
    album.take("main-empty")
    ipc.save_account(app, "111122223333", "First")
    steps.lock(app)
    album.take("unlock")
    app.type("Master password", "wrong")
    app.click("button", "Unlock")
    app.wait_for_text("does not open the vault", steps.SLOW_SECS)
    album.take("unlock-wrong")
    app.click("button", "Use recovery key")
    app.find("textbox", "Recovery key")
    album.take("unlock-recovery")
    app.press(Keys.ESCAPE)
    damaged = bytearray(vault_path.read_bytes())
    damaged[len(damaged) // 2] ^= 0x55
    vault_path.write_bytes(damaged)
    app.type("Master password", steps.MASTER_PASSWORD)
    app.click("button", "Unlock")
    app.wait_for_text("The vault file is damaged", steps.SLOW_SECS)
    album.take("unlock-damaged")
    app.click("button", "Choose another backup…")
    app.find("textbox", "Master password at that time")
    album.take("unlock-backups")
    album.close()


def test_a_full_disk(
    start: Callable[..., App], made_vault: MadeVault, small_disk: Callable[[int], SmallDisk], look: str
) -> None:
    disk = small_disk(2048)
    new = start(env={"UNDERCROFT_VAULT": str(disk.path / "new.undercroft")}).window("password")
    album = Album(new, look)
    new.click("button", "Make a new vault")
    new.type("Master password", steps.MASTER_PASSWORD)
    new.type("The same again", steps.MASTER_PASSWORD)
    disk.fill()
    new.click("button", "Continue")
    new.wait_for_text("is full", steps.SLOW_SECS)
    album.take("first-run-full-disk")
    album.close()
    new.close()
    disk.free()

    path = disk.path / "test.undercroft"
    path.write_bytes(made_vault.content)
    app = start(env={"UNDERCROFT_VAULT": str(path)})
    album = Album(app, look)
    steps.unlock(app)
    disk.fill()
    steps.add_account(app, ACCOUNT, "Larkspur Production")
    app.wait_for_text("Your last change is not saved")
    album.take("full-disk")
    app.driver.set_window_size(720, 480)
    app.wait_for("the small window", lambda: app.driver.execute_script("return innerWidth") <= 740)
    album.take("small-full-disk", "landmark-one-main")
    album.close()


def test_places_of_the_main_window(
    unlocked: App, desktop: Desktop, strict_sts: Callable[..., StrictSts], look: str
) -> None:
    app = unlocked
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    device = {"serial": SERIAL, "seed": SEED}
    person = {"account": ACCOUNT, "user": "ines.okafor", "keys": [key], "devices": [device]}
    sts = strict_sts({"identities": [person]})
    fill(app, sts.endpoint)
    album = Album(app, look)
    app.find("option", "Larkspur Production")
    album.take("main")
    steps.open_account(app, "Larkspur Production")
    album.take("account")
    steps.open_identity(app, "ines.okafor")
    app.test_id("code")
    album.take("identity")
    app.click("button", "Check")
    app.wait_for_text("AWS knows this key", 20)
    wait_for_room(20)
    app.click("button", "Get session")
    app.find("article", "Session of ines.okafor in Larkspur Production", secs=45)
    album.take("identity-session")
    app.click("button", "New session")
    app.wait_for_text("The present code was used already")
    album.take("identity-wait")
    app.click("button", "Cancel")
    sts.answer_next_with({"status": 403, "code": "InvalidClientTokenId", "message": "The security token is invalid."})
    app.click("button", "Check")
    app.wait_for_text("InvalidClientTokenId", 20)
    album.take("identity-refused")

    for title, button in (
        ("Add MFA device", "Add MFA device"),
        ("Add access key", "Add access key"),
        ("Add secret", "Add secret"),
        ("Add identity", "Add identity"),
    ):
        app.click("button", button)
        steps.dialog(app, title)
        album.take(f"dialog-{title.lower().replace(' ', '-')}")
        app.press(Keys.ESCAPE)
        steps.until_closed(app, title)
    app.click("button", "More for this identity")
    album.take("menu")
    app.click("menuitem", "History")
    app.find("dialog", "History")
    album.take("history")
    app.press(Keys.ESCAPE)
    app.press(Keys.CONTROL, "n")
    steps.dialog(app, "Add account")
    app.type("Account id", "12345")
    app.click("button", "Add account", within=steps.dialog(app, "Add account"))
    app.wait_for("the message", lambda: app.field_error(app.find("textbox", "Account id")).count("12") > 0)
    album.take("dialog-add-account")
    app.press(Keys.ESCAPE)
    app.click("button", "Discard")
    steps.until_closed(app, "Add account")

    app.press(Keys.CONTROL, "2")
    app.find("heading", "Sessions")
    album.take("sessions")
    app.click("button", "Bin")
    app.wait_for_text("Old playground")
    album.take("bin")
    app.press(Keys.CONTROL, ",")
    app.find("heading", "Settings")
    app.wait_for_text("Protection")
    album.take("settings")
    app.driver.execute_script("document.querySelector('main').scrollTo(0, 1e6)")
    album.take("settings-end")
    app.press("?")
    app.find("dialog", "Keyboard shortcuts")
    album.take("shortcuts")
    app.press(Keys.ESCAPE)

    app.press(Keys.CONTROL, "1")
    app.driver.set_window_size(720, 480)
    app.wait_for("the small window", lambda: app.driver.execute_script("return innerWidth") <= 740)
    # The main landmark is the pane that has no room yet: best practice, not WCAG, wants one at all times.
    album.take("small-main", "landmark-one-main")
    steps.open_account(app, "Larkspur Production")
    album.take("small-account", "landmark-one-main")
    steps.open_identity(app, "ines.okafor")
    app.test_id("code")
    album.take("small-identity")

    if look == "dark":
        app.driver.set_window_size(1180, 760)
        app.wait_for("the large window", lambda: app.driver.execute_script("return innerWidth") > 1000)
        settings = ipc.call(app, "overview")["settings"]
        ipc.call(app, "save_settings", settings=settings | {"theme": "high-contrast"})
        app.test_id("code")
        album.take("high-contrast")
    album.close()
