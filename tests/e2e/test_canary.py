"""Secrets that were typed, shown and used are in no file but, encrypted, in the vault and the state file."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import ipc
import steps
from app import App
from aws import StrictSts
from conftest import MadeVault
from desktop import Desktop

pytestmark = pytest.mark.slow

ACCOUNT = "123456789012"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
SEED = "MNQW4YLSPFRWC3TBOJ4WGYLOMFZHSZTP"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "CanaryCanaryK7MDENGbPxRfiCYzEXAMPLEKEY40"
SIGN_ON = "canary-sign-on-password-8812"
CUSTOM = "canary-custom-secret-5521"


def encodings(secret: str) -> Iterator[bytes]:
    """Yields what a file would hold if `secret` had been written to it, in the ways programs write text."""
    plain = secret.encode()
    yield plain
    yield secret.encode("utf-16-le")
    yield plain.hex().encode()
    # Whole groups of Base64, wherever the text begins in what was encoded.
    for shift in range(3):
        yield base64.b64encode(b"\0" * shift + plain)[4:-4]


def files_holding(folders: list[Path], secret: str) -> list[Path]:
    """Lists the files below `folders` in which `secret` stands in some encoding."""
    wanted = list(encodings(secret))
    found = []
    for folder in folders:
        for path in folder.rglob("*"):
            # The screen's own pixels are no file of the program's, and pipes would never end.
            if path.is_file() and not path.is_symlink() and not path.name.startswith("Xvfb_screen"):
                content = path.read_bytes()
                if any(one in content for one in wanted):
                    found.append(path)
    return found


def test_no_secret_is_written_anywhere_in_the_clear(
    locked: App,
    desktop: Desktop,
    made_vault: MadeVault,
    vault_path: Path,
    strict_sts: Callable[[Mapping[str, object]], StrictSts],
    tmp_path: Path,
) -> None:
    app = locked
    steps.unlock(app)
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    device = {"serial": SERIAL, "seed": SEED}
    sts = strict_sts({"identities": [{"account": ACCOUNT, "user": "ann", "keys": [key], "devices": [device]}]})
    account = ipc.save_account(app, ACCOUNT, "Aviary", endpoints={"sts": sts.endpoint, "iam": None, "sign_in": None})
    steps.open_account(app, "Aviary")
    steps.add_identity(app, "ann")
    steps.add_key(app, KEY_ID, KEY_SECRET)
    steps.add_device(app, SEED, "phone")
    identity = ipc.call(app, "account", id=account)["identities"][0]["id"]
    ipc.call(app, "set_password", identity=identity, password=ipc.secret(SIGN_ON))
    draft = {"item": identity, "id": None, "label": "PIN", "value": ipc.secret(CUSTOM)}
    ipc.call(app, "save_custom_secret", draft=draft)
    app.click("button", "Show PIN")
    app.wait_for_text(CUSTOM)
    app.click("button", "Copy PIN")
    app.click("button", "Get session")
    app.find("article", "Session of ann in Aviary", secs=45)
    app.click("button", "Copy session")
    app.wait_for_text("Session (sh, bash, zsh) copied.")
    lines = desktop.clipboard()
    session_secrets = [
        line.partition("=")[2].strip("'\"") for line in lines.splitlines() if "ACCESS_KEY_ID" not in line
    ]
    session_secrets = [text for text in session_secrets if len(text) > 30]
    assert len(session_secrets) == 2
    steps.lock(app)
    app.close()

    # The strict STS was told its own copies.
    folders = [desktop.folder, vault_path.parent]
    folders.extend(Path("/tmp").glob("WebKit*"))
    folders.extend(Path("/dev/shm").glob("WK2*") if os.access("/dev/shm", os.R_OK) else [])
    secrets = (steps.MASTER_PASSWORD, made_vault.recovery_key, SEED, KEY_SECRET, SIGN_ON, CUSTOM, *session_secrets)
    searched = sum(path.is_file() for folder in folders for path in folder.rglob("*"))
    print(f"figure: {len(secrets)} secrets searched for in {searched} files, in {len(list(encodings(SEED)))} writings")
    for secret in secrets:
        assert files_holding(folders, secret) == [], f"{secret[:6]}… was written"

    # The search finds what is there: the stand-in's configuration, and a file in each encoding.
    assert files_holding([tmp_path / "sts"], KEY_SECRET)
    for number, content in enumerate(encodings(CUSTOM)):
        planted = desktop.folder / "cache" / f"planted-{number}"
        planted.write_bytes(b"before " + content + b" after")
        assert planted in files_holding(folders, CUSTOM)
        planted.unlink()
