"""The places of profiles and programs, light and dark, large and small."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import ipc
import steps
from album import Album
from app import App
from aws import Moto
from desktop import Desktop

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(400)]

ACCOUNT = "482915736028"
STAGING = "310594827163"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(params=["light", "dark", "small"])
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desktop(tmp_path: Path, look: str) -> Iterator[Desktop]:
    with Desktop(tmp_path / "desktop", size=(1220, 820), dark=look == "dark") as made:
        yield made


def file_profiles(app: App, moto: Moto, user: str) -> None:
    """Files a production account with a user and profiles of all kinds, and a role in another account."""
    key = moto.user_with_key(user, ACCOUNT)
    endpoints = {"sts": moto.endpoint, "iam": None, "sign_in": None}
    changes = {"alias": "larkspur-prod", "colour": "red", "production": True, "endpoints": endpoints}
    account = ipc.save_account(app, ACCOUNT, "Larkspur Production", **changes)
    ipc.save_account(app, STAGING, "Larkspur Staging", alias="larkspur-stage", colour="orange", endpoints=endpoints)
    ines = ipc.save_identity(app, account, user)
    ipc.save_key(app, ines, key.id, key.secret)
    ipc.save_device(app, ines, "phone", SEED, f"arn:aws:iam::{ACCOUNT}:mfa/phone")

    base = ipc.save_profile(app, "larkspur", "session", identity=ines)
    ipc.save_profile(
        app, "larkspur-admin", "role", identity=ines, role=f"arn:aws:iam::{ACCOUNT}:role/admin", duration="4h"
    )
    audit = {"session_name": "ines", "policy_arns": ["arn:aws:iam::aws:policy/SecurityAudit"]}
    ipc.save_profile(app, "larkspur-audit", "federated", identity=ines, **audit)
    ipc.save_profile(app, "larkspur-key", "long-term", identity=ines)
    ipc.save_profile(app, "stage-deploy", "role", source=base, role=f"arn:aws:iam::{STAGING}:role/teams/deploy")


def test_places_of_profiles(unlocked: App, moto: Moto, look: str) -> None:
    app = unlocked
    file_profiles(app, moto, f"ines.{look}")
    album = Album(app, look)
    if look == "small":
        app.driver.set_window_size(720, 480)
        app.wait_for("the small window", lambda: app.driver.execute_script("return innerWidth") <= 740)
    steps.open_account(app, "Larkspur Production")
    # The main landmark is the pane that has no room yet: best practice, not WCAG, wants one at all times.
    album.take("profiles", *(["landmark-one-main"] if look == "small" else []))
    app.click("option", "larkspur-admin")
    app.click("button", "Get session")
    app.find("article", "Session of larkspur-admin in Larkspur Production", secs=60)
    app.wait_for("the message to go", lambda: "for 4 hours" not in app.text(), 30)
    album.take("profile-detail")
    app.click("button", "Service and region…")
    steps.dialog(app, "Open the console as larkspur-admin")
    album.take("console-form")
    app.press("\ue00c")
    steps.until_closed(app, "Open the console as larkspur-admin")
    app.click("button", "Edit profile")
    form = steps.dialog(app, "Edit profile")
    app.wait_for("the way", lambda: "AssumeRole" in form.text, 20)
    album.take("profile-form")
    app.driver.execute_script("document.querySelector('[role=dialog] details').scrollIntoView()")
    album.take("profile-form-more")
    app.click("button", "Cancel")
    steps.until_closed(app, "Edit profile")
    ipc.call(app, "set_approval", approval="always")
    app.press("\ue009", ",")
    app.find("heading", "Settings")
    app.driver.execute_script(
        "[...document.querySelectorAll('h3')].find((one) => one.textContent === 'Programs').scrollIntoView()"
    )
    album.take("settings-programs")
    app.driver.execute_script(
        "[...document.querySelectorAll('h3')].find((one) => one.textContent === 'Desktop').scrollIntoView()"
    )
    album.take("settings-desktop")
    if look != "small":
        app.click("button", "Activity")
        app.wait_for_text("Nothing was asked for yet")
        album.take("activity-empty")
    album.close()
