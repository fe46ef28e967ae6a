"""Markup in every text that a user, a QR code or AWS can bring in stays text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

import pytest

import ipc
import steps
from app import App
from aws import StrictSts
from desktop import PROJECT

pytestmark = pytest.mark.slow

RAN = "window.markupRan=1"
PAYLOADS = [
    line.replace("\\n", "\n").replace("X", RAN)
    for line in (PROJECT / "tests" / "vectors" / "markup.txt").read_text().splitlines()
    if not line.startswith("# ")
]
ACCOUNT = "123456789012"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

WATCH = """
if (window.markupWatch === undefined) {
  window.markupWatch = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    window.markupWatch.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
}
"""


def watch(app: App) -> None:
    """Listens for refusals of the content security policy from now on."""
    app.driver.execute_script(WATCH)


# Looks at a page, reports of the content security policy, and payloads that ran, so far.
seen = {"looks": 0, "reports": 0, "ran": 0}


@pytest.fixture(autouse=True)
def figure() -> Iterator[None]:
    """Prints what was seen in each test."""
    seen.update(dict.fromkeys(seen, 0))
    yield
    print(
        f"figure: {len(PAYLOADS)} payloads: {seen['looks']} looks at pages, {seen['ran']} ran, {seen['reports']} CSP reports"
    )


def assert_nothing_happened(app: App, where: str) -> None:
    """Asserts that no payload ran, loaded anything or became an element."""
    ran, refused, strange = app.driver.execute_script(
        "return [window.markupRan ?? null, window.markupWatch, [...document.querySelectorAll("
        '\'script:not([src^="/"]):not([src^="./"]), iframe, object, embed, base, marquee, video, audio, img, portal, xss\''
        ")].map((element) => element.outerHTML.slice(0, 200))]"
    )
    seen["looks"] += 1
    seen["ran"] += ran is not None
    seen["reports"] += len(refused)
    assert ran is None, f"a payload ran in {where}"
    assert refused == [], f"{where}: {refused}"
    assert strange == [], f"{where}: {strange}"


def squeezed(text: str) -> str:
    """Returns a text as a page shows it, runs of white space being one space."""
    return " ".join(text.split())


def assert_literal(app: App, texts: list[str], where: str) -> None:
    """Asserts that each text stands in the page letter by letter, in its elements or in a field."""
    shown = squeezed(
        app.driver.execute_script(
            "return [document.body.textContent, ...[...document.querySelectorAll('input, textarea')]"
            ".map((field) => field.value)].join(' ')"
        )
    )
    missing = [text for text in texts if squeezed(text) not in shown]
    assert missing == [], f"{where} does not show as it is: {missing}"


def chunks(payloads: list[str], size: int) -> Iterator[list[str]]:
    """Cuts the payloads into groups."""
    for at in range(0, len(payloads), size):
        yield payloads[at : at + size]


def allowed(app: App, command: str, **arguments: object) -> object | None:
    """Calls a command; nothing when the model refuses the text, which is as good."""
    try:
        return ipc.call(app, command, **arguments)
    except ipc.Refused as told:
        assert told.problem["code"] in ("invalid", "duplicate-identity"), told
        return None


def test_there_are_enough_payloads_and_the_watch_sees_what_happens(unlocked: App) -> None:
    app = unlocked
    assert len(PAYLOADS) >= 100
    watch(app)
    app.driver.execute_script("document.body.insertAdjacentHTML('beforeend', '<img src=\"https://evil.example/x\">')")
    app.wait_for("the refusal", lambda: app.driver.execute_script("return window.markupWatch.length"))


def test_markup_in_what_is_filed_stays_text(unlocked: App) -> None:
    app = unlocked
    watch(app)
    shown: set[str] = set()
    literal: set[str] = set()
    for number, group in enumerate(chunks(PAYLOADS, 10)):
        payload = group[0]
        changes = {
            "notes": "\n".join(group),
            "tags": [text[:40] for text in group if "," not in text and "\n" not in text],
        }
        try:
            account = ipc.save_account(app, f"7777{number:08}", payload[:60], **changes)
        except ipc.Refused:
            account = ipc.save_account(app, f"7777{number:08}", f"Account {number}", notes="\n".join(group))
        allowed(app, "save_account", draft={**account_draft(f"{900000 + number:012}"), "alias": payload})
        allowed(app, "save_account", draft={**account_draft(f"{800000 + number:012}"), "name": payload})
        identity = ipc.save_identity(app, account, f"user{number}", notes="\n".join(group))
        for text in group:
            draft = {"id": None, "account": account, "kind": "iam-user", "name": text, "notes": ""}
            allowed(app, "save_identity", draft=draft)
            secret = {"item": identity, "id": None, "label": text, "value": ipc.secret("x")}
            if allowed(app, "save_custom_secret", draft=secret):
                shown.add(text)
        for text in group[:8]:
            device = {
                "identity": identity,
                "id": None,
                "name": text,
                "serial": "",
                "algorithm": "SHA1",
                "digits": 6,
                "period_secs": 30,
                "secret": ipc.secret(SEED),
            }
            allowed(app, "save_device", draft=device)
        app.press("\ue009", "f")
        app.type("Filter accounts", f"7777{number:08}", role="searchbox")
        app.press("\ue007")
        app.find("option", "Account details")
        app.find("heading", "Account details")
        assert_nothing_happened(app, f"the account of group {number}")
        filed = ipc.call(app, "account", id=account)
        row = filed["row"]
        assert_literal(app, [row["name"], *row["tags"], filed["notes"]], f"the account of group {number}")
        steps.open_identity(app, f"user{number}")
        app.find("button", "Add secret")
        assert_nothing_happened(app, f"the identity of group {number}")
        told = ipc.call(app, "identity", id=identity)
        labels = [secret["label"] for secret in told["secrets"]]
        names = [device["name"] for device in told["devices"]]
        assert_literal(app, [*labels, *names, told["notes"]], f"the identity of group {number}")
        literal.update(labels, names, row["tags"], [row["name"]])
    assert len(shown) >= 60, "hardly any payload was taken in"
    assert len(literal) >= 100, "hardly any payload was compared letter by letter"
    app.press("\ue009", "k")
    app.window("quick", 20)
    watch(app)
    for payload in PAYLOADS[::6]:
        app.type("Search accounts, identities and profiles", payload[:30].replace("\n", " "), role="combobox")
        assert_nothing_happened(app, "the search")


def account_draft(account_id: str) -> dict[str, object]:
    """An account to be filed, but for what is tried."""
    return {
        "id": None,
        "account_id": account_id,
        "alias": "",
        "partition": "aws",
        "name": "",
        "colour": "blue",
        "production": False,
        "tags": [],
        "notes": "",
        "region": "",
        "endpoints": {"sts": None, "iam": None, "sign_in": None},
    }


def test_markup_in_links_and_in_answers_of_aws_stays_text(
    unlocked: App, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app = unlocked
    watch(app)
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    sts = strict_sts({"identities": [{"account": ACCOUNT, "user": "ann", "keys": [key]}]})
    endpoints = {"sts": sts.endpoint, "iam": None, "sign_in": None}
    account = ipc.save_account(app, ACCOUNT, "Hostile", endpoints=endpoints)
    identity = ipc.save_identity(app, account, "ann")
    ipc.save_key(app, identity, KEY_ID, KEY_SECRET)
    steps.open_account(app, "Hostile")
    steps.open_identity(app, "ann")

    for payload in PAYLOADS[::9]:
        sts.answer_next_with({"status": 403, "code": "AccessDenied", "message": payload})
        app.click("button", "Check")
        app.wait_for_text("AccessDenied", 20)
        app.wait_for("the answer", lambda: not app.find("button", "Check").get_attribute("aria-busy"), 20)
        assert_nothing_happened(app, "an answer of STS")
        # Characters that hide or reorder others are taken out before anything is shown.
        assert_literal(app, [re.sub("[\u200b-\u200f\u202a-\u202e\u2060-\u2069]", "", payload)], "an answer of STS")
    sts.answer_next_with({"status": 400, "code": PAYLOADS[0], "message": "x"})
    app.click("button", "Check")
    app.wait_for("the answer", lambda: not app.find("button", "Check").get_attribute("aria-busy"), 20)
    assert_nothing_happened(app, "a code of STS")

    app.click("button", "Add MFA device")
    for payload in PAYLOADS[::9]:
        text = quote(payload)
        uri = f"otpauth://totp/{text}:{text}@{ACCOUNT}?secret={SEED}&issuer={text}"
        told = ipc.call(app, "preview_seed", identity=None, secret=ipc.secret(uri))
        field = app.find("textbox", "Secret key or link")
        # The value is set as pasting does, not typed letter by letter.
        app.driver.execute_script(
            "arguments[0].value = arguments[1];arguments[0].dispatchEvent(new InputEvent('input', { bubbles: true }));",
            field,
            uri,
        )
        app.find("textbox", "Device name", secs=20)
        app.wait_for("a quiet moment", lambda: app.driver.execute_async_script("setTimeout(arguments[0], 500, true)"))
        assert_nothing_happened(app, "a link")
        assert_literal(app, [told["issuer"] or "", told["device_name"] or ""], "a link")
