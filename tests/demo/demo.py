"""The app on a sample vault, with moto as its AWS: `make demo`.

The vault, the app's state and moto's log are under target/demo. moto is told to make the same keys every time, so
the vault of the last demo is kept, with what was changed in it, as long as it still fits.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from app import app_binary  # noqa: E402
from aws import Moto  # noqa: E402
from desktop import PROJECT  # noqa: E402
from on_screen import has_display, run  # noqa: E402
from seed import fill, sample  # noqa: E402

DEMO = PROJECT / "target" / "demo"
VAULT = DEMO / "larkspur.undercroft"
ACCOUNTS = DEMO / "accounts.json"
PORT = 5790
PASSWORD = "twelve accounts in one cellar"
SAMPLE_VAULT = PROJECT / "target" / "debug" / "examples" / "sample_vault"


def start_moto() -> Moto:
    """Starts moto, on the usual port when that is free, with keys that are the same in every demo."""
    try:
        moto = Moto(DEMO, port=PORT)
    except RuntimeError:
        moto = Moto(DEMO)
    with closing(urlopen(Request(f"{moto.endpoint}/moto-api/seed?a=1847", method="POST"), timeout=10)):
        return moto


def write_accounts(moto: Moto) -> str:
    """Makes the company's users and keys in moto and returns the accounts file's text."""

    def make_key(user: str, account: str, partition: str) -> tuple[str, str]:
        key = moto.user_with_key(user, account, partition)
        return key.id, key.secret

    company = {"endpoint": moto.endpoint, **fill(sample(), make_key)}
    return json.dumps(company, indent=2, ensure_ascii=False) + "\n"


def make_vault(path: Path, accounts: Path, endpoint: str, password: str, program: Path = SAMPLE_VAULT) -> None:
    """Writes a vault with the accounts of a filled accounts file."""
    subprocess.run(
        [program, "--path", path, "--accounts", accounts, "--endpoint", endpoint, "--password-stdin"],
        input=password,
        text=True,
        check=True,
    )


def prepare(moto: Moto) -> bool:
    """Makes the sample vault unless the last demo's still fits; says whether it was kept."""
    text = write_accounts(moto)
    if VAULT.exists() and ACCOUNTS.exists() and ACCOUNTS.read_text() == text:
        return True
    for old in DEMO.glob(f"{VAULT.name}*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.rmtree(DEMO / "home", ignore_errors=True)
    ACCOUNTS.touch(mode=0o600)
    ACCOUNTS.write_text(text)
    make_vault(VAULT, ACCOUNTS, moto.endpoint, PASSWORD)
    return False


def main() -> int:
    """Runs the demo until the app is closed, Ctrl-C or RUN_S seconds."""
    DEMO.mkdir(parents=True, exist_ok=True)
    moto = start_moto()
    try:
        kept = prepare(moto)
        home = {f"XDG_{part}_HOME": str(DEMO / "home" / part.lower()) for part in ("DATA", "STATE", "CONFIG", "CACHE")}
        for folder in home.values():
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        print(
            f"\n  The sample vault: {VAULT.relative_to(PROJECT)}{' (as you left it)' if kept else ''}"
            f"\n  Master password:  {PASSWORD}"
            f"\n  Its AWS is moto:  {moto.endpoint}\n",
            flush=True,
        )
        command = [str(app_binary())]
        # A session bus of its own keeps the demo apart from a running Undercroft, which would otherwise be raised.
        if has_display() and shutil.which("dbus-run-session"):
            command = ["dbus-run-session", "--", *command]
        return run(command, {**os.environ, **home, "UNDERCROFT_VAULT": str(VAULT)}, "demo")
    except KeyboardInterrupt:
        return 0
    finally:
        moto.close()


if __name__ == "__main__":
    sys.exit(main())
