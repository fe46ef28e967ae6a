"""What is left of a scanned seed in the memory of the program and its web processes."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

import ipc
import steps
from app import App
from codes_shown import copy_picture, otpauth, page, qr, show
from desktop import Desktop
from memory_search import found_in, settled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="another process's memory is read by root alone"),
]

SEED = base64.b32encode(b"a seed that was only ever scanned, 40 by").decode()
LABEL = "lantern.keeper.of.the.north"
LINK = otpauth(f"{LABEL}@123456789012", SEED)


@pytest.mark.parametrize("source", ["screen", "clipboard"])
def test_no_scanned_seed_reaches_the_page_or_is_left_after_locking(
    unlocked: App, desktop: Desktop, tmp_path: Path, source: str
) -> None:
    app = unlocked
    account = ipc.save_account(app, "123456789012", "Lighthouse")
    ipc.save_identity(app, account, LABEL)
    steps.open_account(app, "Lighthouse")
    steps.open_identity(app, LABEL)
    app.click("button", "Add MFA device")
    if source == "screen":
        show(desktop, page(tmp_path / "console.png", LINK), 20, 500)
        app.click("button", "Scan the screen")
    else:
        copy_picture(desktop, qr(tmp_path / "code.png", LINK))
        app.click("button", "Paste")
    app.wait_for("what was found", lambda: "Code read" in app.find("dialog").text, 30)
    in_pages = [process for process in settled(app, SEED) if "WebKit" in process]
    assert in_pages == [], "the seed came to a page"
    app.click("button", "Save device")
    app.find("dialog", "Finish at AWS", secs=20)
    app.click("button", "Not now")
    steps.until_closed(app, "Finish at AWS")
    assert found_in(app, LABEL), "the label was not found: this test looks in the wrong place"
    steps.lock(app)
    assert settled(app, SEED) == {}
    assert settled(app, base64.b32decode(SEED).decode()) == {}
