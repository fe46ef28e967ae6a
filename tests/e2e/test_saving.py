"""Saving where the disk refuses, and where the program ends in the middle of it."""

from __future__ import annotations

import os
import random
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException
from urllib3.exceptions import HTTPError

import ipc
import steps
from app import App
from conftest import MadeVault
from disk import SmallDisk
from patience import comes
from processes import family, has_ended

pytestmark = pytest.mark.slow

KILLS = 10
KILLS_OF_A_VAULT = 20
AT_ONCE = 8
SAVE_ALL = """
const [drafts, done] = arguments;
const { invoke } = window.__TAURI_INTERNALS__;
const saves = drafts.map((draft) => invoke('save_account', { draft }));
Promise.allSettled(saves).then((told) => done(told.map(({ status }) => status === 'fulfilled')));
"""


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_a_change_that_cannot_be_saved_is_kept_and_saved_later(
    start: Callable[..., App], made_vault: MadeVault, small_disk: Callable[[int], SmallDisk], fault: str
) -> None:
    disk = small_disk(2048)
    path = disk.path / "test.undercroft"
    path.write_bytes(made_vault.content)
    app = start(env={"UNDERCROFT_VAULT": str(path)})
    steps.unlock(app)
    if fault == "full":
        disk.fill()
    else:
        disk.make_read_only()
    before = path.read_bytes()

    steps.add_account(app, "123456789012", "Kept in memory")
    app.wait_for_text("Your last change is not saved")
    assert ("disk or your quota is full" if fault == "full" else "read-only") in app.text().lower()
    assert path.read_bytes() == before
    app.click("button", "Save now")
    app.wait_for_text("Your last change is not saved")

    if fault == "full":
        disk.free()
    else:
        disk.make_writable()
    app.click("button", "Save now")
    app.wait_for("the notice to go", lambda: "Your last change is not saved" not in app.text(), 20)
    assert path.read_bytes() != before
    steps.lock(app)
    steps.unlock(app)
    app.find("option", "Kept in memory")


def save_at_once(app: App, first: int) -> set[str]:
    """Files `AT_ONCE` accounts without waiting for one before the next, and returns the names that were acknowledged."""
    drafts = [ipc.account_draft(f"{number:012}", f"Account {number}") for number in range(first, first + AT_ONCE)]
    told = app.driver.execute_async_script(SAVE_ALL, drafts)
    return {draft["name"] for draft, is_saved in zip(drafts, told, strict=True) if is_saved}


def wait_until_gone(pids: list[int]) -> None:
    """Waits for killed programs: one that is still on its way out would be raised instead of a new one being started."""
    assert comes(lambda: all(map(has_ended, pids)))


@pytest.mark.timeout(7200)
def test_a_kill_in_the_middle_of_saving_costs_nothing_that_was_saved(
    start: Callable[..., App], made_vault: MadeVault, vault_path: Path
) -> None:
    dice = random.Random(int(os.environ.get("UNDERCROFT_SEED", "4711")))
    kills = int(os.environ.get("UNDERCROFT_APP_KILLS", str(KILLS)))
    acknowledged: set[str] = set()
    number = saved = 0

    def look(app: App) -> None:
        steps.unlock(app)
        found = {row["name"] for row in ipc.call(app, "accounts")}
        assert acknowledged <= found, f"{len(acknowledged - found)} of {len(acknowledged)} lost"

    for kill in range(kills):
        if kill % KILLS_OF_A_VAULT == 0:
            # One of its own, so that it does not grow large.
            vault_path.write_bytes(made_vault.content)
            shutil.rmtree(vault_path.parent / "backups", ignore_errors=True)
            acknowledged.clear()
        app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
        look(app)
        pids = family(app.pid())
        killer = threading.Timer(dice.uniform(0.05, 1.5), app.kill)
        killer.start()
        with suppress(WebDriverException, HTTPError, OSError):
            while app.is_running():
                number += AT_ONCE
                told = save_at_once(app, number)
                acknowledged |= told
                saved += len(told)
        killer.join()
        wait_until_gone(pids)
    assert saved >= kills, "hardly anything was saved between the kills"
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    look(app)
    assert ipc.call(app, "check_vault")["problem"] is None
    print(f"{kills} kills of the app, {AT_ONCE} changes in flight: {saved} changes told to be saved; 0 lost")
