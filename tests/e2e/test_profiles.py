"""Profiles: made in the form, their way shown, their session got at AWS and used, put into the bin and back.

What AWS has to refuse, bound or check is asked of the strict stand-in; the rest of moto.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import ipc
import steps
from app import App
from aws import Moto, StrictSts, caller_in_terminal
from desktop import Desktop

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/teams/deploy"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
HOP, OPS, SHUT = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("hop", "ops", "shut"))
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def file_user(app: App, moto: Moto, user: str) -> None:
    """Files an account with a user whose key moto knows, and opens the account. AWS allows a user two keys."""
    key = moto.user_with_key(user, ACCOUNT)
    endpoints = {"sts": moto.endpoint, "iam": None, "sign_in": None}
    account = ipc.save_account(app, ACCOUNT, "Workshop", endpoints=endpoints)
    identity = ipc.save_identity(app, account, user)
    ipc.save_key(app, identity, key.id, key.secret)
    ipc.save_device(app, identity, "phone", SEED, SERIAL)
    steps.open_account(app, "Workshop")


def add_role(app: App, name: str, role: str = ROLE, duration: str = "") -> None:
    """Makes a role profile of the user's key in the form, and ends in it."""
    app.click("button", "Add profile")
    form = steps.dialog(app, "Add profile")
    app.click("radio", "Role")
    app.type("Name", name)
    app.type("Role ARN", role)
    app.wait_for("the way", lambda: "AssumeRole" in form.text and "code of phone" in form.text, 20)
    if duration:
        app.click("button", "More", within=form)
        app.type("Duration", duration)
    app.click("button", "Add profile", within=form)
    steps.until_closed(app, "Add profile")
    app.find("heading", name)


def test_a_role_is_made_shown_and_used_in_a_terminal(
    unlocked: App, moto: Moto, desktop: Desktop, tmp_path: Path
) -> None:
    app = unlocked
    file_user(app, moto, "ada-of-profiles")
    add_role(app, "deploy")
    app.wait_for_text("the role’s own maximum decides")

    app.click("button", "Get session")
    app.find("article", "Session of deploy in Workshop", secs=60)
    app.click("button", "Copy session")
    app.wait_for_text("Session (sh, bash, zsh) copied.")
    caller = caller_in_terminal(desktop.clipboard(), moto.endpoint, tmp_path / "terminal")
    assert caller["Arn"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/"), caller

    # The list of live sessions names the profile and the role.
    app.click("button", "Sessions")
    row = app.find("article", "Session of deploy in Workshop")
    assert "deploy" in row.text and "with MFA" in row.text


def test_what_was_typed_stays_and_each_problem_is_beside_its_field(unlocked: App, moto: Moto) -> None:
    app = unlocked
    file_user(app, moto, "bea-of-profiles")
    app.click("button", "Add profile")
    form = steps.dialog(app, "Add profile")
    app.click("radio", "Role")
    app.type("Role ARN", "arn:aws:iam::12:role/x")
    role = app.find("textbox", "Role ARN")
    app.wait_for("the refusal", lambda: app.field_error(role) != "", 20)
    app.click("button", "Add profile", within=form)
    name = app.find("textbox", "Name")
    app.wait_for("the refusal of the name", lambda: app.field_error(name) != "", 20)
    assert role.get_property("value") == "arn:aws:iam::12:role/x"


@pytest.mark.slow
def test_a_chain_is_bounded_and_says_why(unlocked: App, moto: Moto) -> None:
    app = unlocked
    file_user(app, moto, "cyd-of-profiles")
    add_role(app, "first")
    app.click("button", "Add profile")
    form = steps.dialog(app, "Add profile")
    app.click("radio", "Role")
    app.type("Name", "second")
    app.choose("Assume it with", "another profile (chained, at most 1 hour)")
    app.choose("Profile", "first · Role")
    app.type("Role ARN", f"arn:aws:iam::{ACCOUNT}:role/ops")
    app.wait_for("the way", lambda: form.text.count("AssumeRole") == 2, 20)
    assert "chained, so at most 1 hour; assume directly with MFA for up to 12 hours" in form.text
    app.click("button", "More", within=form)
    app.type("Duration", "2h")
    duration = app.find("textbox", "Duration")
    app.wait_for("the refusal", lambda: "chained, so at most 1 hour" in app.field_error(duration).lower(), 20)


@pytest.mark.slow
def test_a_profile_goes_to_the_bin_and_comes_back(unlocked: App, moto: Moto) -> None:
    app = unlocked
    file_user(app, moto, "dot-of-profiles")
    add_role(app, "deploy")
    app.click("button", "More for this profile")
    app.click("menuitem", "Move to bin")
    app.wait_for("the profile to go", lambda: not app.is_shown("heading", "deploy"), 20)
    app.click("button", "Bin")
    app.wait_for_text("deploy")
    app.click("button", "Restore")
    app.wait_for_text("deploy is back.")
    app.press("\ue00a", "\ue012")
    steps.open_account(app, "Workshop")
    app.click("option", "deploy")
    app.find("heading", "deploy")


# Against the strict stand-in


@pytest.fixture
def strict(unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts]) -> tuple[App, StrictSts, str]:
    """The account of a user with a device at a strict STS, open in the window; the user's item id."""
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    device = {"serial": SERIAL, "seed": SEED}
    sts = strict_sts(
        {
            "identities": [{"account": ACCOUNT, "user": "ann", "keys": [key], "devices": [device]}],
            "roles": [
                {"arn": ROLE, "trusts": [ANN], "needs_mfa": True, "max_secs": 43200},
                {"arn": HOP, "trusts": [ANN], "max_secs": 43200},
                {"arn": OPS, "trusts": [HOP], "max_secs": 43200},
                {"arn": SHUT},
            ],
        }
    )
    endpoints = {"sts": sts.endpoint, "iam": None, "sign_in": None}
    account = ipc.save_account(unlocked, ACCOUNT, "Workshop", endpoints=endpoints)
    identity = ipc.save_identity(unlocked, account, "ann")
    ipc.save_key(unlocked, identity, KEY_ID, KEY_SECRET)
    ipc.save_device(unlocked, identity, "phone", SEED, SERIAL)
    steps.open_account(unlocked, "Workshop")
    return unlocked, sts, identity


def get_session(app: App, profile: str) -> str:
    """Opens a profile, gets its session, and returns what its row says."""
    app.click("option", profile)
    app.find("heading", profile)
    app.click("button", "Get session")
    return app.find("article", f"Session of {profile} in Workshop", secs=60).text


def asked(sts: StrictSts, *fields: str) -> list[tuple[Any, ...]]:
    """Reads fields of every call so far."""
    return [tuple(call.get(field) for field in fields) for call in sts.log()]


@pytest.mark.slow
def test_a_role_is_assumed_directly_with_mfa_in_the_call_for_twelve_hours(
    strict: tuple[App, StrictSts, str], desktop: Desktop, tmp_path: Path
) -> None:
    app, sts, _ = strict
    add_role(app, "deploy", duration="12h")
    app.click("button", "Get session")
    row = app.find("article", "Session of deploy in Workshop", secs=60)
    assert "with MFA" in row.text
    fields = ("action", "role", "key_id", "serial", "with_code", "duration_secs", "status")
    assert asked(sts, *fields) == [("AssumeRole", ROLE, KEY_ID, SERIAL, True, "43200", 200)]
    app.wait_for_text("Session of deploy for 12 hours.")

    app.click("button", "Copy session")
    app.wait_for_text("Session (sh, bash, zsh) copied.")
    # It verifies the signature, so the credentials arrived whole.
    caller = caller_in_terminal(desktop.clipboard(), sts.endpoint, tmp_path / "terminal")
    assert caller["Arn"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/"), caller


def test_a_chained_role_lasts_an_hour_and_the_window_says_why(strict: tuple[App, StrictSts, str]) -> None:
    app, sts, identity = strict
    hop = ipc.save_profile(app, "hop", "role", identity=identity, role=HOP, duration="8h")
    ipc.save_profile(app, "ops", "role", source=hop, role=OPS)
    row = get_session(app, "ops")
    assert "chained" in row
    assert "1 hour" in app.text() and "assume directly with MFA for up to 12 hours" in app.text()
    fields = ("action", "role", "with_code", "duration_secs", "status")
    assert asked(sts, *fields) == [
        ("AssumeRole", HOP, True, "28800", 200),
        ("AssumeRole", OPS, False, "3600", 200),
    ]
    [(first,), (second,)] = asked(sts, "key_id")
    assert first == KEY_ID
    assert second in {key_id for key_id, _, _ in sts.sessions()}, "the second call is signed by the first one's session"


@pytest.mark.slow
def test_a_refusal_in_the_second_link_is_named_and_the_first_is_kept(strict: tuple[App, StrictSts, str]) -> None:
    app, sts, identity = strict
    hop = ipc.save_profile(app, "hop", "role", identity=identity, role=HOP)
    ipc.save_profile(app, "beyond", "role", source=hop, role=SHUT)
    app.click("option", "beyond")
    app.find("heading", "beyond")
    app.click("button", "Get session")
    app.wait_for_text(f"AssumeRole for {SHUT} failed", 60)
    app.wait_for_text("The role does not let this identity in")
    calls = [("AssumeRole", HOP, 200, None), ("AssumeRole", SHUT, 403, "AccessDenied")]
    assert asked(sts, "action", "role", "status", "error") == calls

    app.click("button", "Get session")
    app.wait_for("the second refusal", lambda: len(sts.log()) == 3, 60)
    assert asked(sts, "role", "status")[2:] == [(SHUT, 403)]


@pytest.mark.slow
def test_a_federated_user_has_its_policies_and_needs_no_code(
    strict: tuple[App, StrictSts, str], desktop: Desktop, tmp_path: Path
) -> None:
    app, sts, identity = strict
    audit = "arn:aws:iam::aws:policy/SecurityAudit"
    ipc.save_profile(
        app, "audit", "federated", identity=identity, session_name="robin", policy_arns=[audit], duration="2h"
    )
    assert "federated user" in get_session(app, "audit")
    fields = ("action", "name", "policy_arns", "with_code", "duration_secs", "status")
    assert asked(sts, *fields) == [("GetFederationToken", "robin", [audit], False, "7200", 200)]
    app.click("button", "Copy session")
    app.wait_for_text("Session (sh, bash, zsh) copied.")
    caller = caller_in_terminal(desktop.clipboard(), sts.endpoint, tmp_path / "terminal")
    assert caller["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/robin"


@pytest.mark.slow
def test_a_session_that_is_at_hand_is_shown_without_a_call(strict: tuple[App, StrictSts, str]) -> None:
    app, sts, identity = strict
    ipc.save_profile(app, "relay", "role", identity=identity, role=HOP, mfa={"kind": "none"})
    app.click("option", "relay")
    app.find("heading", "relay")
    message = "Read-only session of relay for 15 minutes."
    for _ in range(2):
        app.click("button", "Read-only for 15 minutes")
        app.wait_for_text(message, 60)
        app.wait_for("the message to go", lambda: message not in app.text(), 30)
    assert asked(sts, "action", "policy_arns", "duration_secs") == [("AssumeRole", [READ_ONLY], "900")]

    # The unrestricted session is another one; it does not come from what was made for reading.
    app.click("button", "Get session")
    app.wait_for_text("Session of relay for 1 hour.", 60)
    assert asked(sts, "policy_arns", "duration_secs")[1:] == [([], "3600")]
