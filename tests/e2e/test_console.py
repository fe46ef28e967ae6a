"""The AWS console, opened signed in: by a strict federation endpoint, in a browser that the user chose."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

import ipc
import steps
from app import App
from aws import StrictSts
from codes import wait_for_room
from desktop import Desktop
from patience import comes

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ops"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"

# Writes its arguments down, and then every answer on the way, as a browser follows them; it knows no other host.
BROWSER = """#!{python}
import http.client, pathlib, sys, urllib.parse

folder = pathlib.Path({folder!r})
with (folder / "arguments").open("a") as arguments:
    arguments.write(" ".join(sys.argv[1:]) + "\\n")
address = sys.argv[-1]
for _ in range(3):
    page = urllib.parse.urlsplit(address)
    if page.hostname != "127.0.0.1":
        break
    connection = http.client.HTTPConnection(page.netloc, timeout=30)
    connection.request("GET", page.path + ("?" + page.query if page.query else ""))
    answer = connection.getresponse()
    address = answer.getheader("Location") or ""
    with (folder / "pages").open("a") as pages:
        pages.write(f"{{answer.status}} {{address}}\\n")
"""


class Follower:
    """A browser that follows where it is sent."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.program = folder / "follower"
        self.program.write_text(BROWSER.format(python=sys.executable, folder=str(folder)))
        self.program.chmod(0o755)

    def arguments(self) -> list[str]:
        """Lists what it was called with, a call each."""
        return self._lines("arguments")

    def pages(self) -> list[str]:
        """Lists status and target of each page."""
        return self._lines("pages")

    def _lines(self, name: str) -> list[str]:
        log = self.folder / name
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def follower(tmp_path: Path) -> Follower:
    return Follower(tmp_path / "follower")


def file_role(app: App, sts: StrictSts) -> None:
    """Files a user with a device and a role profile of it, and shows the profile."""
    endpoints = {"sts": sts.endpoint, "iam": None, "sign_in": sts.endpoint}
    account = ipc.save_account(app, ACCOUNT, "Strict", endpoints=endpoints)
    identity = ipc.save_identity(app, account, "ann")
    ipc.save_key(app, identity, KEY_ID, KEY_SECRET)
    ipc.save_device(app, identity, "phone", SEED, SERIAL)
    ipc.save_profile(app, "ops", "role", identity=identity, role=ROLE)
    ipc.save_profile(app, "me", "session", identity=identity)
    steps.open_account(app, "Strict")
    app.click("option", "ops")
    app.find("heading", "ops")


@pytest.fixture
def sts(strict_sts: Callable[..., StrictSts]) -> StrictSts:
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    device = {"serial": SERIAL, "seed": SEED}
    person = {"account": ACCOUNT, "user": "ann", "keys": [key], "devices": [device]}
    return strict_sts({"identities": [person], "roles": [{"arn": ROLE, "trusts": [USER], "needs_mfa": True}]})


def choose_browser(app: App, command: str) -> None:
    """Sets the browser for the console in the settings."""
    app.click("button", "Settings")
    app.type("Browser for the console", command)
    app.click("button", "Save browser")
    app.wait_for_text("The console opens with this command.")
    app.press(Keys.CONTROL, "1")


def test_the_console_opens_signed_in_and_its_address_is_seen_by_nobody(
    unlocked: App, sts: StrictSts, follower: Follower, desktop: Desktop
) -> None:
    app = unlocked
    choose_browser(app, f"'{follower.program}' -P 'my work'")
    file_role(app, sts)
    wait_for_room(10)

    app.click("button", "Open console")
    app.wait_for_text("The console opens in the browser as ops.", 60)
    assert comes(lambda: len(follower.pages()) >= 2, 20), follower.pages()
    [called] = follower.arguments()
    options, address = called.rsplit(" ", 1)
    assert options == "-P my work"
    assert address.startswith("http://127.0.0.1:")
    assert "SigninToken" not in called
    onwards, console = follower.pages()
    assert onwards.startswith(f"302 {sts.endpoint}/federation?Action=login")
    assert (
        console == "302 https://us-east-1.console.aws.amazon.com/console/home?region=us-east-1"
        or console.startswith("302 https://console.aws.amazon.com/")
    ), console
    calls = [(call["action"], call["status"]) for call in sts.log()]
    assert calls == [("AssumeRole", 200), ("getSigninToken", 200), ("login", 302)]
    assert not any(call.get("secret_in_address") for call in sts.log())

    # At a service and in a region, with the session at hand; the address as text for another browser.
    app.click("button", "Service and region…")
    dialog = steps.dialog(app, "Open the console as ops")
    app.type("Service", "s3")
    app.type("Region", "eu-west-1")
    app.click("button", "Copy address", within=dialog)
    app.wait_for_text("Console address of ops copied.", 60)
    steps.until_closed(app, "Open the console as ops")
    copied = desktop.clipboard()
    assert copied.startswith(f"{sts.endpoint}/federation?Action=login"), copied[:80]
    assert "s3" in copied and "eu-west-1" in copied
    assert len(follower.arguments()) == 1
    calls = [(call["action"], call["status"]) for call in sts.log()][3:]
    assert calls == [("getSigninToken", 200)]
    # The page shows the address nowhere.
    assert "SigninToken" not in app.driver.page_source


@pytest.mark.slow
def test_a_browser_that_is_not_there_is_said(unlocked: App, sts: StrictSts) -> None:
    app = unlocked
    choose_browser(app, "/nowhere/browser")
    file_role(app, sts)
    app.click("button", "Open console")
    app.wait_for_text("No browser could be started", 60)


@pytest.mark.slow
def test_a_session_profile_says_why_it_has_no_console_and_what_has(unlocked: App, sts: StrictSts) -> None:
    app = unlocked
    file_role(app, sts)
    app.click("option", "me")
    app.find("heading", "me")
    app.wait_for_text("none of a user’s session")
    app.click("button", "Add federated user…")
    form = steps.dialog(app, "Add profile")
    app.type("Name", "me-console")
    app.type("Federated name", "ann")
    app.wait_for("the way", lambda: "GetFederationToken" in form.text, 20)
    app.click("button", "Add profile", within=form)
    steps.until_closed(app, "Add profile")
    app.find("heading", "me-console")
    app.find("button", "Open console")
