"""The password window where something is wrong: the password, the file, a second start."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import ipc
import steps
from app import App, app_binary
from conftest import MadeVault
from desktop import Desktop
from patience import patient

ANOTHER_PASSWORD = "copper lantern meadow 57 otter"


def try_password(app: App, text: str, label: str = "Master password") -> str:
    """Types a password and returns what stands beside the field afterwards."""
    app.type(label, text)
    app.click("button", "Unlock")
    app.wait_for("an answer", lambda: not app.is_shown("button", "Unlocking…"), steps.SLOW_SECS)
    field = app.find("textbox", label)
    return app.wait_for("the message", lambda: app.field_error(field), steps.SLOW_SECS)


@pytest.mark.slow
def test_wrong_passwords_cost_time_and_the_recovery_key_gives_a_new_one(
    locked: App, made_vault: MadeVault, vault_path: Path
) -> None:
    app = locked
    for _ in range(5):
        assert "does not open the vault" in try_password(app, "not the password")
    try_password(app, "not the password either")
    app.find("timer", None)
    assert "short wait" in app.text()
    app.wait_for("the wait to end", lambda: app.is_shown("button", "Unlock"), 20)

    app.click("button", "Use recovery key")
    mistyped = ("A" if made_vault.recovery_key[0] != "A" else "B") + made_vault.recovery_key[1:]
    assert "typing error" in try_password(app, mistyped, "Recovery key")
    app.type("Recovery key", made_vault.recovery_key.lower().replace("-", " "))
    app.click("button", "Unlock")
    app.type("New master password", ANOTHER_PASSWORD, secs=steps.SLOW_SECS)
    app.type("The same again", ANOTHER_PASSWORD)
    app.click("button", "Change the password")
    app.window("main", steps.SLOW_SECS)
    app.wait_until_gone("password")

    steps.lock(app)
    assert "does not open the vault" in try_password(app, steps.MASTER_PASSWORD)
    steps.unlock(app, ANOTHER_PASSWORD)


def test_a_damaged_vault_is_told_and_a_backup_takes_its_place(unlocked: App, vault_path: Path) -> None:
    app = unlocked
    ipc.save_account(app, "111122223333", "Before the accident")
    ipc.save_account(app, "444455556666", "The change that was lost")
    steps.lock(app)
    damaged = bytearray(vault_path.read_bytes())
    damaged[len(damaged) // 2] ^= 0x55
    vault_path.write_bytes(damaged)

    app.type("Master password", steps.MASTER_PASSWORD)
    app.click("button", "Unlock")
    app.wait_for_text("The vault file is damaged", steps.SLOW_SECS)
    app.click("button", "Choose another backup…")
    app.type("Master password at that time", steps.MASTER_PASSWORD)
    app.click("button", "Restore and unlock")
    app.window("main", steps.SLOW_SECS)
    app.find("option", "Before the accident")
    kept = [path for path in vault_path.parent.rglob("*") if path.is_file() and path.read_bytes() == bytes(damaged)]
    assert kept, "the damaged file was thrown away"


def test_a_second_start_raises_the_first_and_ends(unlocked: App, desktop: Desktop, vault_path: Path) -> None:
    app = unlocked
    windows = app.windows()
    second = subprocess.run(
        [str(app_binary())],
        env={**desktop.env, "UNDERCROFT_VAULT": str(vault_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=patient(20),
        check=False,
    )
    assert second.returncode == 0, second.stderr
    assert app.windows() == windows
    assert app.is_running()
