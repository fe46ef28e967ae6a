"""Commands called from a page's own script: what code that got into the page could do, and quick set-up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app import App

SCRIPT = Path(__file__).with_name("ipc.js")


class Refused(AssertionError):
    """The backend refused; `problem` is its answer."""

    def __init__(self, command: str, problem: Any) -> None:
        super().__init__(f"{command}: {problem}")
        self.problem = problem


def secret(text: str) -> dict[str, str]:
    """Marks an argument that crosses sealed."""
    return {"seal": text}


def call(app: App, command: str, **arguments: Any) -> Any:
    """Calls a command from the page that the driver looks at and returns its answer."""
    told = app.driver.execute_async_script(SCRIPT.read_text(), command, arguments)
    if "refused" in told:
        raise Refused(command, told["refused"])
    return told["answer"]


def account_draft(account_id: str, name: str, **changes: Any) -> dict[str, Any]:
    """Makes an account's draft with little typed but this."""
    draft: dict[str, Any] = {
        "id": None,
        "account_id": account_id,
        "alias": "",
        "partition": "aws",
        "name": name,
        "colour": "blue",
        "production": False,
        "tags": [],
        "notes": "",
        "region": "",
        "endpoints": {"sts": None, "iam": None, "sign_in": None},
    }
    return draft | changes


def save_account(app: App, account_id: str, name: str, **changes: Any) -> str:
    """Files an account and returns its item id."""
    return str(call(app, "save_account", draft=account_draft(account_id, name, **changes)))


def save_identity(app: App, account: str, name: str, *, root: bool = False, notes: str = "") -> str:
    """Files an identity and returns its item id."""
    draft = {"id": None, "account": account, "kind": "root" if root else "iam-user", "name": name, "notes": notes}
    return str(call(app, "save_identity", draft=draft))


def save_key(app: App, identity: str, key_id: str, text: str) -> None:
    """Files an access key."""
    draft = {
        "identity": identity,
        "existing": None,
        "id": key_id,
        "secret": secret(text),
        "state": "unknown",
        "created_on": "",
    }
    call(app, "save_access_key", draft=draft)


def save_device(app: App, identity: str, name: str, seed: str, serial: str = "") -> str:
    """Files an MFA device and returns its id."""
    draft = {
        "identity": identity,
        "id": None,
        "name": name,
        "serial": serial,
        "algorithm": "SHA1",
        "digits": 6,
        "period_secs": 30,
        "secret": secret(seed),
    }
    return str(call(app, "save_device", draft=draft))


def profile_draft(name: str, kind: str, **typed: object) -> dict[str, object]:
    """Makes a profile's draft with nothing typed but this."""
    empty: dict[str, object] = {
        "id": None,
        "identity": None,
        "key": None,
        "mfa": {"kind": "if-there"},
        "source": None,
        "token": None,
        "sso": None,
        "approval": None,
        "tags": [],
        "policy_arns": [],
    }
    texts = ("role", "external_id", "session_name", "source_identity", "policy", "region", "output", "duration")
    blank = dict.fromkeys((*texts, "notes"), "")
    return empty | blank | {"name": name, "kind": kind} | typed


def save_profile(app: App, name: str, kind: str, **typed: object) -> str:
    """Files a profile and returns its item id."""
    return str(call(app, "save_profile", draft=profile_draft(name, kind, **typed)))
