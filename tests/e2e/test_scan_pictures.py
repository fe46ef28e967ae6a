"""Enrolling, step by step, light and dark, large and small: pictures, and nothing that axe-core objects to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

import ipc
import steps
from app import App
from codes import secs_left, wait_for_room
from codes_shown import PYTHON, SCRIPTS, copy_picture, otpauth, qr, show
from desktop import Desktop
from test_pictures import Album

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(400)]

ACCOUNT = "482915736028"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TITLE = "Add MFA device"


@pytest.fixture(params=["light", "dark"])
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desktop(tmp_path: Path, look: str) -> Iterator[Desktop]:
    with Desktop(tmp_path / "desktop", size=(1220, 820), dark=look == "dark") as made:
        yield made


def paste(app: App, desktop: Desktop, tmp_path: Path, text: str, said: str) -> None:
    """Pastes a picture of a code and waits for what is said of it."""
    copy_picture(desktop, qr(tmp_path / "code.png", text))
    app.click("button", "Paste")
    app.wait_for(f"{said!r}", lambda: said in app.find("dialog").text, 20)


def back(app: App) -> None:
    """Goes back to the sources."""
    app.click("button", "Back")
    app.find("button", "Scan the screen")


def test_steps_of_enrolling(unlocked: App, desktop: Desktop, tmp_path: Path, look: str) -> None:
    app = unlocked
    changes = {"alias": "larkspur-prod", "colour": "red", "production": True}
    account = ipc.save_account(app, ACCOUNT, "Larkspur Production", **changes)
    ipc.save_account(app, "571038264915", "Larkspur Staging", alias="larkspur-staging", colour="orange")
    identity = ipc.save_identity(app, account, "ines.okafor")
    ipc.save_device(app, identity, "old-phone", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    album = Album(app, look)
    steps.open_account(app, "Larkspur Production")
    steps.open_identity(app, "ines.okafor")
    app.test_id("code")
    app.click("button", TITLE)
    steps.dialog(app, TITLE)
    app.find("button", "Scan the screen")
    album.take("enrol-source")
    app.driver.set_window_size(720, 480)
    album.take("enrol-source-small")
    app.driver.set_window_size(1180, 760)

    app.click("button", "Scan the screen")
    app.wait_for("nothing", lambda: "No QR code on the screen" in app.find("dialog").text, 30)
    album.take("enrol-nothing")
    back(app)
    paste(app, desktop, tmp_path, "https://signup.example.com/x", "A web address")
    album.take("enrol-other")
    back(app)
    paste(app, desktop, tmp_path, otpauth("ines.okafor@larkspur-staging", SEED), "another account")
    album.take("enrol-elsewhere")
    back(app)
    paste(app, desktop, tmp_path, otpauth("ines.okafor@larkspur-prod", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "already")
    album.take("enrol-duplicate")
    back(app)

    both = [("ines.okafor@larkspur-prod", "Amazon Web Services"), ("ines@larkspur.example", "AWS SSO")]
    for at, (label, issuer) in enumerate(both):
        show(
            desktop, qr(tmp_path / f"code-{at}.png", otpauth(label, SEED[: 64 - 32 * at], issuer), size=3), 10, 330 * at
        )
    app.click("button", "Scan the screen")
    app.wait_for("the list", lambda: "Several codes" in app.find("dialog").text, 40)
    album.take("enrol-several")
    app.click("button", "ines.okafor", within=app.find("list", "Found codes"))
    app.find("textbox", "Device name")
    album.take("enrol-found")
    app.driver.set_window_size(720, 480)
    album.take("enrol-found-small")
    app.driver.set_window_size(1180, 760)

    app.type("Device name", "no good name!")
    app.type("Serial", "arn:aws:iam::111122223333:mfa/phone")
    app.click("button", "Save device")
    app.wait_for("the refusal", lambda: app.field_error(app.find("textbox", "Serial")).count("account") > 0)
    album.take("enrol-refused")
    app.type("Device name", "ines.okafor")
    app.type("Serial", f"arn:aws:iam::{ACCOUNT}:mfa/ines.okafor")
    wait_for_room(20)
    app.click("button", "Save device")
    app.find("button", "Copy code 1", secs=20)
    album.take("enrol-codes-1")
    app.press(Keys.ENTER)
    app.test_id("first-code")
    album.take("enrol-codes-wait")
    app.driver.set_window_size(720, 480)
    album.take("enrol-codes-small")
    app.driver.set_window_size(1180, 760)
    app.wait_for(
        "the second",
        lambda: app.is_shown("button", "Copy code 2") and "in" not in app.focused()[1].split(),
        secs_left() + 5,
    )
    album.take("enrol-codes-2")
    app.press(Keys.ENTER)
    app.find("button", "Done")
    album.take("enrol-codes-done")
    app.press(Keys.ENTER)
    steps.until_closed(app, "Finish at AWS")

    source = desktop.start([PYTHON, SCRIPTS / "drag_source.py", tmp_path / "code.png", "600", "400", "--leave"])
    app.wait_for("the hint", lambda: "Drop the picture" in app.text(), 10)
    album.take("enrol-drop")
    source.wait(20)
    app.wait_for("the hint to go", lambda: "Drop the picture" not in app.text(), 10)
    album.close()
