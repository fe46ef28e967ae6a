"""Profiles: made in the form, their way shown, their session got at AWS and used, put into the bin and back."""

from __future__ import annotations

from pathlib import Path

import ipc
import steps
from app import App
from aws import Moto, caller_in_terminal
from desktop import Desktop

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/teams/deploy"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"


def file_user(app: App, moto: Moto, user: str) -> None:
    """Files an account with a user whose key moto knows, and opens the account. AWS allows a user two keys."""
    key = moto.user_with_key(user, ACCOUNT)
    endpoints = {"sts": moto.endpoint, "iam": None, "sign_in": None}
    account = ipc.save_account(app, ACCOUNT, "Workshop", endpoints=endpoints)
    identity = ipc.save_identity(app, account, user)
    ipc.save_key(app, identity, key.id, key.secret)
    ipc.save_device(app, identity, "phone", SEED, SERIAL)
    steps.open_account(app, "Workshop")


def add_role(app: App, name: str, role: str = ROLE) -> None:
    """Makes a role profile of the user's key in the form, and ends in it."""
    app.click("button", "Add profile")
    form = steps.dialog(app, "Add profile")
    app.click("radio", "Role")
    app.type("Name", name)
    app.type("Role ARN", role)
    app.wait_for("the way", lambda: "AssumeRole" in form.text and "code of phone" in form.text, 20)
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
