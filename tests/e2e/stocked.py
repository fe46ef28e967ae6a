"""A vault with something in it, for tests that begin where it is used: two accounts, four identities.

Its settings come in variants, each a vault file of its own, so that no test has to open the window to change them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import ipc
import steps
from app import App
from aws import Key, Moto
from desktop import Desktop
from seed import seed

WORKSHOP = "111122223333"
PAYMENTS = "444455556666"
ADA_PASSWORD = "Sesame-Opens-Nothing-4711"
ROOT_PASSWORD = "Treacle-Anvil-Quorum-8832"
ROOT_EMAIL = "aws+payments@larkspur-finch.example"
ADA_SEED = seed("tray", "ada")
ROOT_SEED = seed("tray", "root")

SETTINGS = {
    "clipboard_clears_in_secs": 30,
    "locks_after_idle_secs": 600,
    "theme": "system",
    "locks_with_screen": True,
    "locks_on_sleep": True,
    "keeps_window_on_close": False,
}
VARIANTS: dict[str, dict[str, object]] = {
    "usual": {},
    "stays": {"keeps_window_on_close": True},
    "clears-soon": {"clipboard_clears_in_secs": 5},
    "ignores-screen": {"locks_with_screen": False},
    "ignores-sleep": {"locks_on_sleep": False},
}


@dataclass(frozen=True)
class StockedVault:
    """The files by the name of their settings, and ada's access key, which moto knows."""

    files: dict[str, bytes]
    key: Key

    def secrets(self) -> list[str]:
        """Lists what no label and no notification may show."""
        return [ADA_PASSWORD, ROOT_PASSWORD, ADA_SEED, ROOT_SEED, self.key.secret]


def stock(app: App, key: Key, moto: Moto) -> None:
    """Fills an open, empty vault.

    Workshop holds ada (pinned; password, device, access key) and bob (nothing but his name). Payments is production
    and holds its root user (password, device) and grace (nothing but her name).
    """
    endpoints = {"sts": moto.endpoint, "iam": None, "sign_in": None}
    workshop = ipc.save_account(app, WORKSHOP, "Workshop", endpoints=endpoints)
    ada = ipc.save_identity(app, workshop, "ada")
    ipc.call(app, "set_password", identity=ada, password=ipc.secret(ADA_PASSWORD))
    ipc.save_device(app, ada, "phone", ADA_SEED, f"arn:aws:iam::{WORKSHOP}:mfa/phone")
    ipc.save_key(app, ada, key.id, key.secret)
    ipc.call(app, "set_favourite", item=ada, favourite=True)
    ipc.save_identity(app, workshop, "bob")
    payments = ipc.save_account(app, PAYMENTS, "Payments", production=True)
    root = ipc.save_identity(app, payments, ROOT_EMAIL, root=True)
    ipc.call(app, "set_password", identity=root, password=ipc.secret(ROOT_PASSWORD))
    ipc.save_device(app, root, "safe", ROOT_SEED, f"arn:aws:iam::{PAYMENTS}:mfa/safe")
    ipc.save_identity(app, payments, "grace")


def make_stocked_vault(folder: Path, empty: bytes, moto: Moto) -> StockedVault:
    """Fills a copy of an empty vault in the window and keeps it with each variant of the settings."""
    path = folder / "stocked.undercroft"
    path.write_bytes(empty)
    key = moto.user_with_key("ada", WORKSHOP)
    files = {}
    with Desktop(folder / "desktop", few_fonts=True) as desktop:
        app = App(desktop, env={"UNDERCROFT_VAULT": str(path)})
        try:
            steps.unlock(app)
            stock(app, key, moto)
            for name, changes in VARIANTS.items():
                ipc.call(app, "save_settings", settings=SETTINGS | changes)
                files[name] = _at_rest(path)
        finally:
            app.close()
    return StockedVault(files, key)


def _at_rest(path: Path) -> bytes:
    """Reads a file once it has stayed the same for half a second."""
    content = path.read_bytes()
    while True:
        time.sleep(0.5)
        again = path.read_bytes()
        if again == content:
            return content
        content = again
