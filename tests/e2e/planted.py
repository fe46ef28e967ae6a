"""A vault with one secret of each kind, and an AWS that knows the key and the device: for tests that look for them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import ipc
import steps
from app import App
from aws import StrictSts
from desktop import Desktop
from memory_search import writings
from seed import seed
from stocked import SETTINGS, VARIANTS

ACCOUNT = "123456789012"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "StatesOfMatterK7MDENGbPxRfiCYzEXAMPLE777"
SIGN_ON = "Basalt/Heron+Thimble=2096"
CUSTOM = "gate code 55-12 behind the ivy wall"
SEED = seed("memory", "states")
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
PROFILE = "release"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ops"
ROLE_PROFILE = "ops"


@dataclass(frozen=True)
class Planted:
    """A vault with one secret of each kind, and the AWS that knows the key and the device."""

    content: bytes
    recovery_key: str
    sts: StrictSts

    def secrets(self) -> dict[str, set[bytes]]:
        """Returns the writings of each secret by its label."""
        return {
            "master password": writings(steps.MASTER_PASSWORD),
            "recovery key": writings(self.recovery_key) | writings(self.recovery_key.replace("-", "")),
            "access key": writings(KEY_SECRET),
            "sign-on": writings(SIGN_ON),
            "custom secret": writings(CUSTOM),
            "seed": writings(SEED, base64.b32decode(SEED)),
        }

    def with_sessions(self) -> dict[str, set[bytes]]:
        """Returns the same with every session that was given out so far."""
        made = self.sts.sessions()
        assert made
        return self.secrets() | {
            "session key": set().union(*(writings(secret) for _, secret, _ in made)),
            "session token": set().union(*(writings(token) for *_, token in made)),
        }


def make_planted_vault(folder: Path, empty: bytes, recovery_key: str) -> Planted:
    """Files one secret of each kind in the window, in a copy of an empty vault, and starts the AWS that goes with it."""
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    device = {"serial": SERIAL, "seed": SEED}
    ann = {"account": ACCOUNT, "user": "ann", "keys": [key], "devices": [device]}
    sts = StrictSts(folder / "sts", {"identities": [ann], "roles": [{"arn": ROLE, "trusts": [ACCOUNT]}]})
    path = folder / "planted.undercroft"
    path.write_bytes(empty)
    with Desktop(folder / "desktop", few_fonts=True) as desktop:
        app = App(desktop, env={"UNDERCROFT_VAULT": str(path)})
        try:
            steps.unlock(app)
            endpoints = {"sts": sts.endpoint, "iam": None, "sign_in": sts.endpoint}
            account = ipc.save_account(app, ACCOUNT, "States", endpoints=endpoints)
            identity = ipc.save_identity(app, account, "ann")
            ipc.save_key(app, identity, KEY_ID, KEY_SECRET)
            ipc.call(app, "set_password", identity=identity, password=ipc.secret(SIGN_ON))
            draft = {"item": identity, "id": None, "label": "Gate", "value": ipc.secret(CUSTOM)}
            ipc.call(app, "save_custom_secret", draft=draft)
            ipc.save_device(app, identity, "phone", SEED, SERIAL)
            ipc.save_profile(app, PROFILE, "session", identity=identity)
            ipc.save_profile(app, ROLE_PROFILE, "role", identity=identity, role=ROLE)
            ipc.call(app, "set_favourite", item=identity, favourite=True)
            ipc.call(app, "save_settings", settings=SETTINGS | VARIANTS["stays"])
            steps.lock(app)
        finally:
            app.close()
    return Planted(path.read_bytes(), recovery_key, sts)
