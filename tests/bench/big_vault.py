"""A vault of 10,000 identities with MFA, for measuring what grows with the vault."""

from __future__ import annotations

import json
from pathlib import Path

from demo import make_vault
from desktop import PROJECT
from seed import fill, password, seed

IDENTITIES = 10_000
PASSWORD = "ten thousand identities in one cellar"
# The account whose IAM user is pinned; it is not marked production.
PINNED = 1
COLOURS = ("grey", "red", "orange", "yellow", "green", "teal", "blue", "indigo", "purple", "pink")
SAMPLE_VAULT = PROJECT / "target" / "release" / "examples" / "sample_vault"


def _account(index: int) -> dict[str, object]:
    return {
        "id": f"{700_000_000_000 + index * 7919:012d}",
        "alias": f"garden-{index:04d}",
        "name": f"Garden {index:04d}",
        "colour": COLOURS[index % len(COLOURS)],
        "production": index % 5 == 0,
        "favourite": index % 500 == 0,
        "tags": [f"region-{index % 40}", "garden"],
        "region": "eu-central-1",
        "notes": f"Plot {index % 97} of terrace {index % 31}.",
        "root": {"email": f"aws+garden-{index:04d}@larkspur-finch.example", "mfa": [f"root-{index:04d}"]},
        "users": [
            {
                "name": f"gardener-{index:04d}",
                "password": True,
                "mfa": [f"phone-{index:04d}"],
                "keys": 1,
                "favourite": index == PINNED,
            }
        ],
    }


def pinned_entry() -> str:
    """Returns the label of the pinned identity in the tray's menu."""
    account = _account(PINNED)
    return f"gardener-{PINNED:04d} · {account['name']}"


def pinned_password() -> str:
    """Returns the password of the pinned identity."""
    return password(str(_account(PINNED)["id"]), f"gardener-{PINNED:04d}")


def pinned_seed() -> str:
    """Returns the seed of the pinned identity's MFA device."""
    return seed(str(_account(PINNED)["id"]), f"gardener-{PINNED:04d}", f"phone-{PINNED:04d}")


def _made_up_key(user: str, account: str, partition: str) -> tuple[str, str]:
    return f"AKIA{int(account):016d}", f"{user}/{partition}/".ljust(40, "x")[:40]


def big_vault(folder: Path, identities: int = IDENTITIES) -> Path:
    """Writes the vault into `folder` and returns its path; with fewer identities, one to compare with."""
    folder.mkdir(parents=True, exist_ok=True)
    accounts = folder / "accounts.json"
    source = {"accounts": [_account(index) for index in range(identities // 2)]}
    accounts.write_text(json.dumps(fill(source, _made_up_key)))
    vault = folder / "big.undercroft"
    vault.unlink(missing_ok=True)
    make_vault(vault, accounts, "http://127.0.0.1:9", PASSWORD, SAMPLE_VAULT)
    return vault
