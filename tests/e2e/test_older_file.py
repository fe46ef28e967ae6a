"""An older file in the vault's place, and a place that can't be written: told, and left to the user."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import ipc
import steps
from app import App
from conftest import MadeVault
from disk import SmallDisk

pytestmark = pytest.mark.slow

OLDER = "This vault is older than the one last seen here"
READ_ONLY = "This vault is open for reading only"


def rolled_back(app: App, vault: Path) -> bytes:
    """Files three accounts, puts the file with only the first in their place, and unlocks it."""
    steps.unlock(app)
    ipc.save_account(app, "111111111111", "First")
    older = vault.read_bytes()
    ipc.save_account(app, "222222222222", "Second")
    ipc.save_account(app, "333333333333", "Third")
    steps.lock(app)
    vault.write_bytes(older)
    steps.unlock(app)
    app.wait_for_text(OLDER)
    return older


def names(app: App) -> set[str]:
    return {row["name"] for row in ipc.call(app, "accounts")}


def test_an_older_file_merges_with_the_backups(locked: App, vault_path: Path) -> None:
    rolled_back(locked, vault_path)
    locked.picture("notice-older")
    assert locked.violations() == []
    locked.click("button", "Merge with the backups")
    locked.wait_for_text("The very last save is in no backup", 20)
    assert names(locked) == {"First", "Second"}
    locked.find("option", "Second")
    assert OLDER not in locked.text()
    steps.lock(locked)
    steps.unlock(locked)
    locked.find("option", "Second")
    assert OLDER not in locked.text()


def test_an_older_file_is_only_looked_at_and_stays_as_it_is(locked: App, vault_path: Path) -> None:
    older = rolled_back(locked, vault_path)
    locked.click("button", "Only look")
    locked.wait_for_text(READ_ONLY)
    locked.press(steps.Keys.CONTROL, "n")
    steps.dialog(locked, "Add account")
    locked.type("Account id", "444444444444")
    locked.click("button", "Add account", within=steps.dialog(locked, "Add account"))
    locked.wait_for_text("Nothing was changed")
    assert locked.find("textbox", "Account id").get_property("value") == "444444444444"
    locked.press(steps.Keys.ESCAPE)
    locked.click("button", "Discard")
    steps.lock(locked)
    assert vault_path.read_bytes() == older
    steps.unlock(locked)
    locked.wait_for_text(OLDER)
    locked.click("button", "Keep as it is")
    locked.wait_for("the notice to go", lambda: OLDER not in locked.text())
    steps.add_account(locked, "444444444444", "Fourth")
    steps.lock(locked)
    steps.unlock(locked)
    locked.find("option", "Fourth")
    assert OLDER not in locked.text()
    assert names(locked) == {"First", "Fourth"}


def test_a_place_that_can_not_be_written_is_told_at_once(
    start: Callable[..., App], made_vault: MadeVault, small_disk: Callable[[int], SmallDisk]
) -> None:
    disk = small_disk(2048)
    path = disk.path / "test.undercroft"
    path.write_bytes(made_vault.content)
    disk.make_read_only()
    app = start(env={"UNDERCROFT_VAULT": str(path)})
    steps.unlock(app)
    app.wait_for_text(READ_ONLY)
    assert "Its folder can’t be written to" in app.text()
    app.press(steps.Keys.CONTROL, "n")
    app.type("Account id", "444444444444")
    app.click("button", "Add account", within=steps.dialog(app, "Add account"))
    app.wait_for_text("Nothing can be written there")
