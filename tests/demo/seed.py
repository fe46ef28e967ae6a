"""Gives the sample company its passwords, seeds and access keys, and makes AWS (moto) know the keys.

Reads accounts.json beside this file, which holds no secret, and writes the same accounts with values filled in,
in the form that the example `sample_vault` of undercroft-session reads:

    { "accounts": [ {
        "id": "111122223333", "alias": "…", "partition": "aws", "name": "…", "colour": "red",
        "production": true, "favourite": false, "tags": ["…"], "region": "eu-central-1", "notes": "…",
        "secrets": [ { "label": "…", "value": "…" } ],
        "root":  IDENTITY with "email",
        "users": [ IDENTITY with "name" ] } ] }

An IDENTITY has "favourite", "notes", "password" (or null), "past_passwords" (oldest first),
"mfa": [ { "name", "serial", "seed" } ] with Base32 seeds, and "keys": [ { "id", "secret" } ].

Everything but the access keys is derived from names, so two runs write the same file.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("accounts.json")
# moto has no such partition, so nothing there can hold a key.
PARTITIONS_WITHOUT_KEYS = {"aws-eusc"}
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

# Makes one access key for (user, account, partition) and returns its id and secret.
KeyMaker = Callable[[str, str, str], tuple[str, str]]


def _bytes(*names: str) -> bytes:
    return hashlib.sha512("/".join(("larkspur", *names)).encode()).digest()


def seed(*names: str) -> str:
    """Returns the Base32 seed of a device: 64 characters, as AWS gives out."""
    return base64.b32encode(_bytes("seed", *names)[:40]).decode()


def password(*names: str) -> str:
    """Returns a made-up sign-on password."""
    letters = [ALPHABET[byte % len(ALPHABET)] for byte in _bytes("password", *names)[:20]]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 20, 5)) + "!"


def _identity(account: dict[str, Any], identity: dict[str, Any], who: str, make_key: KeyMaker) -> dict[str, Any]:
    number, partition = account["id"], account["partition"]
    is_root = "email" in identity
    keys = (
        []
        if partition in PARTITIONS_WITHOUT_KEYS
        else [make_key(who, number, partition) for _ in range(identity.get("keys", 0))]
    )
    return {
        **({"email": identity["email"]} if is_root else {"name": who}),
        "favourite": identity.get("favourite", False),
        "notes": identity.get("notes", ""),
        "password": password(number, who) if is_root or identity.get("password") else None,
        "past_passwords": [
            password(number, who, f"past-{index}") for index in range(identity.get("past_passwords", 0))
        ],
        "mfa": [
            {"name": name, "serial": f"arn:{partition}:iam::{number}:mfa/{name}", "seed": seed(number, who, name)}
            for name in identity.get("mfa", [])
        ],
        "keys": [{"id": key, "secret": secret} for key, secret in keys],
    }


def fill(source: dict[str, Any], make_key: KeyMaker) -> dict[str, Any]:
    """Returns the accounts of `source` with every value filled in."""
    accounts = []
    for given in source["accounts"]:
        account = {"partition": "aws", "production": False, "favourite": False, "tags": [], "notes": "", **given}
        number = account["id"]
        account["secrets"] = [
            {"label": label, "value": password(number, "secret", label)} for label in given.get("secrets", [])
        ]
        account["root"] = _identity(account, given["root"], "root", make_key)
        account["users"] = [_identity(account, user, user["name"], make_key) for user in given["users"]]
        accounts.append(account)
    return {"accounts": accounts}


def sample() -> dict[str, Any]:
    """Returns the sample company as committed, without secrets."""
    found: dict[str, Any] = json.loads(SOURCE.read_text())
    return found
