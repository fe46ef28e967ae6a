"""Sessions against a stand-in for STS that refuses what AWS refuses."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import pytest

import ipc
import steps
from app import App
from aws import StrictSts
from codes import oathtool, wait_for_room

ACCOUNT = "123456789012"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
AWS = {
    "identities": [
        {
            "account": ACCOUNT,
            "user": "ann",
            "keys": [{"id": KEY_ID, "secret": KEY_SECRET}],
            "devices": [{"serial": SERIAL, "seed": SEED}],
        }
    ]
}


def file_ann(app: App, sts: StrictSts, secret: str = KEY_SECRET) -> None:
    """Files the account with its user, key and device, and opens the user."""
    endpoints = {"sts": sts.endpoint, "iam": None, "sign_in": None}
    account = ipc.save_account(app, ACCOUNT, "Strict", endpoints=endpoints)
    identity = ipc.save_identity(app, account, "ann")
    ipc.save_key(app, identity, KEY_ID, secret)
    ipc.save_device(app, identity, "phone", SEED, SERIAL)
    steps.open_account(app, "Strict")
    steps.open_identity(app, "ann")


@pytest.mark.slow
def test_a_code_is_used_once_and_the_next_session_waits_for_the_next(
    unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app = unlocked
    sts = strict_sts(AWS)
    file_ann(app, sts)
    wait_for_room(18)
    present = oathtool(SEED)
    app.click("button", "Get session")
    first = app.wait_for("the session", lambda: app.find("article", "Session of ann in Strict").text, 20)
    assert [call["status"] for call in sts.log()] == [200]
    assert oathtool(SEED) == present, "the machine was too slow for this test"
    assert steps.shown_code(app) == present
    app.wait_for("the code to be marked as used", lambda: "Used" in app.text())

    app.click("button", "New session")
    app.wait_for_text("The present code was used already. The next one begins in")
    assert [call["status"] for call in sts.log()] == [200]
    app.wait_for(
        "the second session in the place of the first",
        lambda: (
            [line for line in app.find("article", "Session of ann in Strict").text.split() if line.startswith("ASIA")][
                0
            ]
            not in first
        ),
        45,
    )
    assert [call["status"] for call in sts.log()] == [200, 200]


def test_a_wrong_secret_is_explained_with_what_aws_said(
    unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app = unlocked
    sts = strict_sts(AWS)
    file_ann(app, sts, KEY_SECRET[::-1])
    app.click("button", "Check")
    app.wait_for_text("SignatureDoesNotMatch", 20)
    article = app.find("article", f"Access key {KEY_ID}")
    assert "secret" in article.text.lower()
    assert [call["status"] for call in sts.log()] == [403]


def test_the_clock_of_aws_is_the_one_that_counts(
    unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app = unlocked
    sts = strict_sts(AWS)
    sts.set_clock_ahead(3600)
    file_ann(app, sts)
    app.click("button", "Check")
    app.wait_for_text("AWS knows this key", 20)
    app.wait_for_text("clock is", 10)
    wait_for_room(5)
    app.click("button", "Get session")
    app.find("article", "Session of ann in Strict", secs=45)
    ahead = [oathtool(SEED, at=time.time() + 3600 + shift) for shift in (-30, 0, 30)]
    app.wait_for("codes by the clock of AWS", lambda: steps.shown_code(app) in ahead)
