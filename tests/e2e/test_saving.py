"""Saving where the disk refuses, and where the program ends in the middle of it."""

from __future__ import annotations

import random
import threading
import time
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

KILLS = 20


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
    assert ("disk is full" if fault == "full" else "read-only") in app.text().lower()
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


@pytest.mark.slow
def test_a_kill_in_the_middle_of_saving_costs_nothing_that_was_saved(
    start: Callable[..., App], made_vault: MadeVault, vault_path: Path
) -> None:
    vault_path.write_bytes(made_vault.content)
    dice = random.Random(4711)
    acknowledged: set[str] = set()
    number = 0
    for round_number in range(KILLS):
        app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
        steps.unlock(app)
        found = {row["name"] for row in ipc.call(app, "accounts")}
        assert acknowledged <= found, f"lost after kill {round_number}"
        pid_gone = threading.Timer(dice.uniform(0.05, 0.6), app.kill)
        pid_gone.start()
        with suppress(WebDriverException, HTTPError, ipc.Refused, OSError):
            for _ in range(200):
                number += 1
                name = f"Account {number}"
                ipc.save_account(app, f"{number:012}", name)
                acknowledged.add(name)
        pid_gone.join()
        assert not app.is_running()
        time.sleep(0.05)
    assert len(acknowledged) >= KILLS // 2, "hardly anything was saved between the kills"
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    steps.unlock(app)
    found = {row["name"] for row in ipc.call(app, "accounts")}
    assert acknowledged <= found
    assert ipc.call(app, "check_vault")["problem"] is None
