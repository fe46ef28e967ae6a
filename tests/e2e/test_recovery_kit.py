"""The recovery kit: saved through the system's dialog, and opening the vault afterwards."""

from __future__ import annotations

import re
from pathlib import Path

import steps
from app import App


def at_the_kit(app: App) -> str:
    """Makes a vault up to the third step and returns the key on show."""
    app.window("password")
    app.click("button", "Make a new vault")
    app.type("Master password", steps.MASTER_PASSWORD)
    app.type("The same again", steps.MASTER_PASSWORD)
    app.click("button", "Continue")
    return steps.shown_recovery_key(app)


def test_a_saved_kit_is_its_owners_alone_and_its_key_opens_the_vault(app: App, tmp_path: Path) -> None:
    key = at_the_kit(app)
    path = tmp_path / "kit.txt"
    app.click("button", "Save…")
    steps.answer_dialog(app, "Save the recovery kit", path)
    app.wait_for_text("Saved as", 20)
    assert path.stat().st_mode & 0o777 == 0o600
    found = re.search(r"Recovery key:\s+(\S+)", path.read_text())
    assert found and found[1] == key

    app.click("checkbox", "I keep it somewhere safe")
    app.click("button", "Open the vault")
    app.window("main", steps.SLOW_SECS)
    steps.lock(app)
    app.click("button", "Use recovery key")
    app.type("Recovery key", found[1])
    app.click("button", "Unlock")
    app.find("heading", "Choose a new master password", secs=steps.SLOW_SECS)
