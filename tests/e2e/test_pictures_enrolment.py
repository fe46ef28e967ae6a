"""The places of MFA devices at AWS, light and dark: made, half-made, denied, compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import ipc
import steps
from album import Album
from app import App
from aws import StrictSts
from desktop import Desktop

# Real codes are waited for.
pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(400)]

ACCOUNT = "482915736028"
USER = "ines.okafor"
KEYS = {
    "AKIAIOSFODNN7EXAMPLE": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AKIAI44QH8DHBEXAMPLE": "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
}
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def serial(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:mfa/{name}"


@pytest.fixture(params=["light", "dark"])
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desktop(tmp_path: Path, look: str) -> Iterator[Desktop]:
    with Desktop(tmp_path / "desktop", size=(1220, 820), dark=look == "dark") as made:
        yield made


def file_ines(app: App, endpoint: str) -> None:
    """Files a production account with its user, two keys and two devices, and opens the user."""
    endpoints = {"sts": endpoint, "iam": endpoint, "sign_in": None}
    changes = {"alias": "larkspur-prod", "colour": "red", "production": True}
    account = ipc.save_account(app, ACCOUNT, "Larkspur Production", **changes, endpoints=endpoints)
    identity = ipc.save_identity(app, account, USER)
    for key_id, secret in KEYS.items():
        ipc.save_key(app, identity, key_id, secret)
    ipc.save_device(app, identity, "phone", SEED, serial("phone"))
    ipc.save_device(app, identity, "tablet", "KRUGS4ZANFZSA3TPOQQGCIDTMVSWIIDP", serial("tablet"))
    steps.open_account(app, "Larkspur Production")
    steps.open_identity(app, USER)


def create(app: App, name: str) -> None:
    app.click("button", "Create at AWS")
    app.type("Device name", name)
    app.click("button", "Create at AWS", within=steps.dialog(app, "Create MFA device at AWS"))


def test_places_of_devices_at_aws(unlocked: App, strict_sts: Callable[..., StrictSts], look: str) -> None:
    app = unlocked
    person = {
        "account": ACCOUNT,
        "user": USER,
        "keys": [{"id": key_id, "secret": secret} for key_id, secret in KEYS.items()],
        "devices": [{"serial": serial("phone"), "seed": SEED}, {"serial": serial("old-phone"), "seed": SEED}],
        "passkeys": [f"arn:aws:iam::{ACCOUNT}:u2f/user/{USER}/yubikey-5c"],
    }
    sts = strict_sts({"identities": [person], "unassigned": [serial("ines.okafor-2")]})
    file_ines(app, sts.endpoint)
    album = Album(app, look)

    app.click("button", "Compare with AWS")
    app.wait_for_text("Passkey or security key", 20)
    app.driver.execute_script("document.querySelector('[aria-label=\"Devices at AWS\"]').scrollIntoView()")
    album.take("devices-at-aws")
    app.driver.execute_script(
        "document.querySelector('[aria-label=\"Devices at AWS\"]').parentElement.scrollIntoView(false)"
    )
    album.take("devices-at-aws-end")
    app.click("button", "Remove at AWS")
    app.find("dialog", "Remove the device at AWS?")
    album.take("devices-at-aws-remove")
    app.click("button", "Cancel")
    app.click("button", "Resync")
    app.wait_for_text("phone is in step", 20)
    album.take("resync-done")
    app.click("button", "Done")
    refusal = {"status": 403, "code": "InvalidAuthenticationCode", "message": "Authentication code is not valid."}
    app.click("button", "Resync")
    app.test_id("resync-wait", 20)
    album.take("resync-used")
    app.click("button", "Cancel")

    app.click("button", "Create at AWS")
    steps.dialog(app, "Create MFA device at AWS")
    album.take("enrol-start")
    app.click("button", "Cancel")
    sts.befall("CreateVirtualMFADevice", "hold-answer")
    create(app, "laptop")
    app.wait_for("the call to be held", sts.held)
    album.take("enrol-making")
    sts.release()
    app.test_id("making-wait", 20)
    album.take("enrol-proof")
    app.wait_for_text("laptop is ready", 45)
    album.take("enrol-done")
    app.click("button", "Done")

    denied = f"User: arn:aws:iam::{ACCOUNT}:user/{USER} is not authorized to perform: iam:CreateVirtualMFADevice"
    sts.answer_next_with({"status": 403, "code": "AccessDenied", "message": denied})
    create(app, "desktop")
    app.wait_for_text("IAM denies this to the user", 20)
    album.take("enrol-denied")
    app.click("button", "Cancel")
    steps.until_closed(app, "Create MFA device at AWS")

    sts.befall("CreateVirtualMFADevice", "hold-answer")
    create(app, "desktop")
    app.wait_for("the call to be held", sts.held)
    sts.answer_next_with(refusal)
    sts.release()
    app.wait_for_text("AWS did not take the MFA code", 20)
    album.take("enrol-refused")
    app.click("button", "Go on")
    app.test_id("making-wait", 20)
    album.take("enrol-wait")
    app.click("button", "Finish later")
    app.wait_for_text("is not enabled yet")
    album.take("half-made")
    app.click("button", "Remove", within=app.test_id("half-made"))
    app.find("dialog", "Remove desktop?")
    album.take("half-made-remove")
    app.click("button", "Remove at AWS", within=app.find("dialog", "Remove desktop?"))
    app.wait_for("it to be gone", lambda: "desktop" not in app.text(), 20)

    sts.befall("CreateVirtualMFADevice", "drop-answer")
    create(app, "desktop")
    app.wait_for_text("be reached", 20)
    album.take("enrol-unreachable")
    app.click("button", "Finish later")
    app.test_id("half-made")
    album.take("half-made-intent")
    app.click("button", "Finish", within=app.test_id("half-made"))
    steps.dialog(app, "Finish desktop")
    album.take("enrol-finish")
    app.click("button", "Finish later")

    # What was compared before the devices changed is no longer shown.
    app.click("button", "Compare with AWS")
    app.find("list", "Devices at AWS", secs=20)
    # Should the codes of the first resynchronisation be the present ones still, two others are waited for first.
    sts.answer_next_with(refusal, refusal)
    app.click("button", "Resync")
    app.wait_for_text("AWS refused the first two codes", 75)
    album.take("resync-refused")
    app.wait_for_text("AWS refused four codes in a row", 75)
    album.take("resync-failed")
    app.click("button", "Close", within=app.find("dialog"))

    app.driver.set_window_size(720, 480)
    app.wait_for("the small window", lambda: app.driver.execute_script("return innerWidth") <= 740)
    app.driver.execute_script("document.querySelector('[aria-label=\"Devices at AWS\"]').scrollIntoView()")
    # The main landmark is the pane that has no room yet: best practice, not WCAG, wants one at all times.
    album.take("small-devices-at-aws", "landmark-one-main")
    app.click("button", "Finish")
    album.take("small-enrol-finish", "landmark-one-main")
    album.close()
