"""MFA devices made at AWS by the app itself, against a stand-in for IAM and STS that refuses what AWS refuses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import ipc
import steps
from app import App
from aws import StrictSts
from conftest import MadeVault
from desktop import Desktop

ACCOUNT = "123456789012"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/laptop"


def config(*denied: str) -> dict[str, object]:
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    return {"identities": [{"account": ACCOUNT, "user": "ann", "keys": [key], "iam_denied": list(denied)}]}


def file_ann(app: App, sts: StrictSts) -> str:
    """Files the account with its user and key, opens the user, and returns its item id."""
    endpoints = {"sts": sts.endpoint, "iam": sts.endpoint, "sign_in": None}
    account = ipc.save_account(app, ACCOUNT, "Strict", endpoints=endpoints)
    identity = ipc.save_identity(app, account, "ann")
    ipc.save_key(app, identity, KEY_ID, KEY_SECRET)
    steps.open_account(app, "Strict")
    steps.open_identity(app, "ann")
    return identity


def done(sts: StrictSts) -> list[tuple[str, int]]:
    return [(call["action"], call["status"]) for call in sts.log()]


def begin(app: App, name: str = "laptop") -> None:
    """Begins a device in its dialog."""
    app.click("button", "Create at AWS")
    app.type("Device name", name)
    app.click("button", "Create at AWS", within=steps.dialog(app, "Create MFA device at AWS"))


def learn_the_time(app: App) -> None:
    """Makes a call, so that the app hears how far AWS's clock is ahead."""
    app.click("button", "Compare with AWS")
    app.find("list", "Devices at AWS", secs=20)


def held(action: str, kind: str) -> Callable[[App, StrictSts], None]:
    """Stops at a call that waits, before or after AWS performs it."""

    def reach(app: App, sts: StrictSts) -> None:
        sts.befall(action, kind)
        # So that a proof's code comes soon.
        sts.let_a_step_end_in(8)
        begin(app)
        app.wait_for(f"{action} to be held", lambda: sts.held() == [action], 40)

    return reach


def between_the_codes(app: App, sts: StrictSts) -> None:
    """Stops in the wait for two codes after AWS refused the first two."""
    sts.befall("CreateVirtualMFADevice", "hold-answer")
    begin(app)
    app.wait_for("the device to be made", sts.held)
    sts.answer_next_with({"status": 403, "code": "InvalidAuthenticationCode", "message": "The code is not valid."})
    sts.release()
    app.wait_for_text("AWS did not take the MFA code", 20)
    app.click("button", "Go on")
    app.test_id("making-wait", 20)


def before_the_proof(app: App, sts: StrictSts) -> None:
    """Stops in the wait for the code that proves the enabled device."""
    begin(app)
    app.test_id("making-wait", 20)
    assert done(sts)[-1] == ("EnableMFADevice", 200)


def test_a_device_is_made_at_aws_without_a_code_being_typed(
    unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app, sts = unlocked, strict_sts(config())
    file_ann(app, sts)
    begin(app)
    app.wait_for_text("laptop is ready", 90)
    assert done(sts) == [("CreateVirtualMFADevice", 200), ("EnableMFADevice", 200), ("GetSessionToken", 200)]
    app.click("button", "Done")
    app.click("button", "Compare with AWS")
    app.wait_for_text(f"arn:aws:iam::{ACCOUNT}:mfa/laptop")


@dataclass(frozen=True)
class Moment:
    """Where the app is killed: how it gets there, and what AWS has of the device then."""

    reach: Callable[[App, StrictSts], None]
    at_aws: str
    stage: str


MOMENTS = {
    "made-not-saved": Moment(held("CreateVirtualMFADevice", "hold-answer"), "nobody's", "its seed never arrived"),
    "saved": Moment(held("EnableMFADevice", "hold-request"), "nobody's", "is not enabled yet"),
    "between-the-codes": Moment(between_the_codes, "nobody's", "is not enabled yet"),
    "enabled-not-heard": Moment(held("EnableMFADevice", "hold-answer"), "the user's", "is not enabled yet"),
    "enabled": Moment(before_the_proof, "the user's", "one code proves that it works"),
    "proven-not-heard": Moment(held("GetSessionToken", "hold-answer"), "the user's", "one code proves that it works"),
}
# Each moment with one ending; with the other one, they run among the slow tests.
QUICK = {
    ("made-not-saved", "finish"),
    ("saved", "remove"),
    ("between-the-codes", "finish"),
    ("enabled-not-heard", "remove"),
    ("enabled", "remove"),
    ("proven-not-heard", "finish"),
}
CASES = [
    pytest.param(moment, ending, marks=[] if (moment, ending) in QUICK else [pytest.mark.slow])
    for moment in MOMENTS
    for ending in ("finish", "remove")
]


@pytest.mark.slow
@pytest.mark.parametrize(("moment", "ending"), CASES)
def test_a_kill_at_any_step_leaves_a_device_that_is_finished_or_removed(
    start: Callable[..., App],
    made_vault: MadeVault,
    vault_path: Path,
    strict_sts: Callable[[Mapping[str, object]], StrictSts],
    moment: str,
    ending: str,
) -> None:
    vault_path.write_bytes(made_vault.content)
    env = {"UNDERCROFT_VAULT": str(vault_path)}
    app, sts, killed = start(env=env), strict_sts(config()), MOMENTS[moment]
    steps.unlock(app)
    file_ann(app, sts)
    killed.reach(app, sts)
    app.kill()
    assert sts.devices() == ([SERIAL] if killed.at_aws == "the user's" else [])
    assert sts.unassigned() == ([] if killed.at_aws == "the user's" else [SERIAL])

    app = start(env=env)
    steps.unlock(app)
    app.wait_for_text("The MFA device laptop is not finished")
    steps.open_account(app, "Strict")
    steps.open_identity(app, "ann")
    left = app.test_id("half-made")
    assert killed.stage in left.text
    assert app.is_shown("button", "Copy code") is (killed.stage == "one code proves that it works")
    sts.let_a_step_end_in(8)
    learn_the_time(app)
    if ending == "finish":
        app.click("button", "Finish")
        app.wait_for_text("laptop is ready", 45)
        assert done(sts)[-1] == ("GetSessionToken", 200)
        assert (sts.devices(), sts.unassigned()) == ([SERIAL], [])
        app.click("button", "Done")
        app.find("button", "Copy code")
    else:
        app.click("button", "Remove")
        app.click("button", "Remove at AWS", within=app.find("dialog", "Remove laptop?"))
        app.wait_for_text("No MFA device", 20)
        assert (sts.devices(), sts.unassigned()) == ([], [])
    app.wait_for("nothing to be left unfinished", lambda: "is not finished" not in app.text())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["drop-request", "drop-answer"])
def test_a_network_that_goes_at_every_step_is_gone_on_from(
    unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts], kind: str
) -> None:
    app, sts = unlocked, strict_sts(config())
    file_ann(app, sts)
    for action in ("CreateVirtualMFADevice", "EnableMFADevice", "GetSessionToken"):
        sts.befall(action, kind)
    begin(app)
    app.wait_for_text("can’t be reached", 20)
    app.click("button", "Go on")
    # The making of the device went well this time, and its enabling is cut off next, then its proof.
    for stage in ("is not enabled yet", "one code proves that it works"):
        app.wait_for("the failure", lambda: app.all("alert", within=app.find("dialog")), 45)
        app.click("button", "Finish later")
        app.wait_for_text(stage)
        sts.let_a_step_end_in(8)
        learn_the_time(app)
        app.click("button", "Finish")
    app.wait_for_text("laptop is ready", 45)
    assert (sts.devices(), sts.unassigned()) == ([SERIAL], [])
    performed = Counter(action for action, status in done(sts) if status == 200)
    # What was performed though nobody heard of it is made anew, looked up, or proven once more.
    made, enabled, proven = (1, 1, 1) if kind == "drop-request" else (2, 1, 2)
    assert performed["CreateVirtualMFADevice"] == made
    assert performed["EnableMFADevice"] == enabled
    assert performed["GetSessionToken"] == proven


@pytest.mark.slow
def test_a_dialog_that_is_closed_in_the_middle_is_opened_again_where_it_was(
    unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app, sts = unlocked, strict_sts(config())
    file_ann(app, sts)
    sts.befall("CreateVirtualMFADevice", "hold-answer")
    sts.let_a_step_end_in(12)
    begin(app)
    app.wait_for("the call to be held", sts.held)
    app.click("button", "Close")
    steps.until_closed(app, "Create MFA device at AWS")
    # The call goes on without its dialog: nothing else is offered meanwhile, and a second dialog waits for it.
    left = app.test_id("half-made")
    assert not app.is_shown("button", "Create at AWS")
    app.click("button", "Finish", within=left)
    steps.dialog(app, "Finish laptop")
    app.test_id("making-wait", 20)
    sts.release()
    app.wait_for_text("laptop is ready", 60)
    assert done(sts) == [("CreateVirtualMFADevice", 200), ("EnableMFADevice", 200), ("GetSessionToken", 200)]


def test_a_denial_shows_the_policy_that_is_missing_and_copies_it(
    unlocked: App, desktop: Desktop, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app, sts = unlocked, strict_sts(config("CreateVirtualMFADevice"))
    file_ann(app, sts)
    begin(app)
    app.wait_for_text("IAM denies this to the user")
    assert f"arn:aws:iam::{ACCOUNT}:user/ann" in app.text()
    app.click("button", "Copy policy")
    app.wait_for("the policy on the clipboard", lambda: "iam:EnableMFADevice" in desktop.clipboard())
    allowed = json.loads(desktop.clipboard())["Statement"]
    assert [statement["Effect"] for statement in allowed] == ["Allow", "Allow"]
    app.click("button", "Cancel")
    assert "is not finished" not in app.text()


def test_the_chosen_key_signs(unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts]) -> None:
    first, second = {"id": KEY_ID, "secret": KEY_SECRET}, {"id": "AKIAI44QH8DHBEXAMPLE", "secret": "other/EXAMPLEKEY"}
    app, sts = unlocked, strict_sts({"identities": [{"account": ACCOUNT, "user": "ann", "keys": [first, second]}]})
    ann = file_ann(app, sts)
    ipc.save_key(app, ann, second["id"], second["secret"])
    app.wait_for_text(second["id"])
    sts.befall("EnableMFADevice", "hold-request")
    app.click("button", "Create at AWS")
    dialog = steps.dialog(app, "Create MFA device at AWS")
    chosen = app.find("combobox", "Signs with", within=dialog)
    assert chosen.get_property("value") == KEY_ID
    app.choose("Signs with", f"{second['id']} (not checked)")
    app.type("Device name", "laptop")
    app.click("button", "Create at AWS", within=dialog)
    app.wait_for("the device to be made", sts.held, 20)
    assert [call["key_id"] for call in sts.log()] == [second["id"]]


@pytest.mark.parametrize("denied", [False, True], ids=["allowed", "denied"])
def test_devices_are_compared_in_both_directions(
    unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts], denied: bool
) -> None:
    def arn(name: str) -> str:
        return f"arn:aws:iam::{ACCOUNT}:mfa/{name}"

    person = {
        "account": ACCOUNT,
        "user": "ann",
        "keys": [{"id": KEY_ID, "secret": KEY_SECRET}],
        "devices": [{"serial": arn("phone"), "seed": SEED}, {"serial": arn("old-phone"), "seed": SEED}],
        "iam_denied": ["ListVirtualMFADevices"] if denied else [],
    }
    app, sts = unlocked, strict_sts({"identities": [person], "unassigned": [arn("left-over")]})
    ann = file_ann(app, sts)
    for name, seed in (("phone", SEED), ("tablet", "KRUGS4ZANFZSA3TPOQQGCIDTMVSWIIDP")):
        ipc.save_device(app, ann, name, seed, arn(name))
    app.click("button", "Compare with AWS")
    lines = [line.text for line in app.find("list", "Devices at AWS", secs=20).find_elements("tag name", "li")]
    said = {"phone": "At AWS and here", "old-phone": "Not filed here", "tablet": "Not at AWS"}
    assert len(lines) == len(said)
    for name, tag in said.items():
        assert any(arn(name) in line and tag in line for line in lines), (name, lines)
    app.click("button", "Add a second device")
    steps.dialog(app, "Create MFA device at AWS")
    app.click("button", "Cancel")
    if denied:
        app.wait_for_text("iam:ListVirtualMFADevices")
        assert arn("left-over") not in app.text()
    else:
        app.click("button", "Delete at AWS")
        app.click("button", "Delete at AWS", within=app.find("dialog", "Delete the device at AWS?"))
        app.wait_for("it to be gone", lambda: arn("left-over") not in app.text(), 20)
        assert (sts.devices(), sts.unassigned()) == ([arn("old-phone"), arn("phone")], [])
