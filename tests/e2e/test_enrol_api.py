"""MFA devices made at AWS by the app itself, against a stand-in for IAM and STS that refuses what AWS refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import ipc
import steps
from app import App
from aws import StrictSts
from conftest import MadeVault

ACCOUNT = "123456789012"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def config(*denied: str) -> dict[str, object]:
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    return {"identities": [{"account": ACCOUNT, "user": "ann", "keys": [key], "iam_denied": list(denied)}]}


def file_ann(app: App, sts: StrictSts) -> None:
    """Files the account with its user and key, and opens the user."""
    endpoints = {"sts": sts.endpoint, "iam": sts.endpoint, "sign_in": None}
    account = ipc.save_account(app, ACCOUNT, "Strict", endpoints=endpoints)
    identity = ipc.save_identity(app, account, "ann")
    ipc.save_key(app, identity, KEY_ID, KEY_SECRET)
    steps.open_account(app, "Strict")
    steps.open_identity(app, "ann")


def done(sts: StrictSts) -> list[tuple[str, int]]:
    return [(call["action"], call["status"]) for call in sts.log()]


def test_a_device_is_made_at_aws_without_a_code_being_typed(
    unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app, sts = unlocked, strict_sts(config())
    file_ann(app, sts)
    app.click("button", "Create at AWS")
    app.type("Device name", "laptop")
    app.click("button", "Create at AWS")
    app.wait_for_text("laptop is ready", 90)
    assert done(sts) == [("CreateVirtualMFADevice", 200), ("EnableMFADevice", 200), ("GetSessionToken", 200)]
    app.click("button", "Done")
    app.click("button", "Compare with AWS")
    app.wait_for_text(f"arn:aws:iam::{ACCOUNT}:mfa/laptop")


def test_a_kill_between_the_steps_leaves_a_device_that_can_be_finished(
    start: Callable[..., App],
    made_vault: MadeVault,
    vault_path: Path,
    strict_sts: Callable[[Mapping[str, object]], StrictSts],
) -> None:
    vault_path.write_bytes(made_vault.content)
    env = {"UNDERCROFT_VAULT": str(vault_path)}
    app, sts = start(env=env), strict_sts(config())
    steps.unlock(app)
    file_ann(app, sts)
    app.click("button", "Create at AWS")
    app.type("Device name", "laptop")
    app.click("button", "Create at AWS")
    app.wait_for("the device to be made", lambda: ("CreateVirtualMFADevice", 200) in done(sts), 20)
    app.kill()
    app = start(env=env)
    steps.unlock(app)
    app.wait_for_text("is not finished")
    steps.open_account(app, "Strict")
    steps.open_identity(app, "ann")
    app.click("button", "Finish")
    app.wait_for_text("laptop is ready", 120)
    assert done(sts)[-1] == ("GetSessionToken", 200)
    assert [action for action, status in done(sts) if status == 200].count("CreateVirtualMFADevice") == 1


def test_a_denial_shows_the_policy_that_is_missing(
    unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app, sts = unlocked, strict_sts(config("CreateVirtualMFADevice"))
    file_ann(app, sts)
    app.click("button", "Create at AWS")
    app.type("Device name", "laptop")
    app.click("button", "Create at AWS")
    app.wait_for_text("IAM denies this to the user")
    assert f"arn:aws:iam::{ACCOUNT}:user/ann" in app.text()
    app.click("button", "Cancel")
    assert "is not finished" not in app.text()
