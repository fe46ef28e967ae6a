"""What is left of secrets in the memory of the program and its web processes, read as root through /proc."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

import ipc
import steps
from app import App
from desktop import Desktop
from processes import family, name

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="another process's memory is read by root alone"),
]

ACCOUNT_NAME = "Memory Lane Holdings"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "MemoryLaneK7MDENGbPxRfiCYzEXAMPLEKEY4040"
MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)")
CHUNK = 1 << 22
PAGE = os.sysconf("SC_PAGE_SIZE")
PIECE = 1 << 26


def regions(pid: int) -> Iterator[tuple[int, int]]:
    """Yields begin and end of the runs of pages that a process has written to and that are there.

    Page by page, since web engines reserve more address space than could ever be read.
    """
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as pagemap:
        span = (0, 0)
        for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
            if found := MAPPING.match(line):
                writable = found[3].startswith("rw") and not found[4].startswith(("[v", "/dev/dri"))
                span = (int(found[1], 16), int(found[2], 16)) if writable else (0, 0)
            elif line.startswith("Rss:") and int(line.split()[1]) > 0 and span[1]:
                yield from present(pagemap, *span)


def present(pagemap: BinaryIO, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields the runs of present pages of a mapping."""
    run = None
    for start in range(begin, end, PIECE):
        stop = min(end, start + PIECE)
        pagemap.seek(start // PAGE * 8)
        entries = pagemap.read((stop - start) // PAGE * 8)
        for number in range(len(entries) // 8):
            address = start + number * PAGE
            if entries[number * 8 + 7] & 0xC0:
                run = address if run is None else run
            elif run is not None:
                yield run, address
                run = None
    if run is not None:
        yield run, end


def occurrences(pid: int, secret: str) -> int:
    """Counts a text in a process's memory, as bytes and as the 16-bit letters of JavaScript."""
    wanted = (secret.encode(), secret.encode("utf-16-le"))
    longest = max(map(len, wanted))
    count = 0
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end in regions(pid):
            rest = b""
            for at in range(begin, end, CHUNK):
                try:
                    memory.seek(at)
                    content = rest + memory.read(min(CHUNK, end - at))
                except (OSError, ValueError, OverflowError):
                    break
                count += sum(content.count(one) for one in wanted)
                # A text over the border is whole in the next piece, and one in this piece is not counted twice.
                rest = content[-(longest - 1) :] if at + CHUNK < end else b""
    return count


def found_in(app: App, secret: str) -> dict[str, int]:
    """Counts a text in the program and every process that it started."""
    counts = {f"{name(pid)} {pid}": occurrences(pid, secret) for pid in family(app.pid())}
    return {process: count for process, count in counts.items() if count}


def settled(app: App, secret: str, secs: float = 10) -> dict[str, int]:
    """Looks until nothing is found, as freed memory is used again by and by."""
    deadline = time.monotonic() + secs
    while (found := found_in(app, secret)) and time.monotonic() < deadline:
        time.sleep(1)
    return found


def test_the_search_finds_what_is_there(unlocked: App) -> None:
    ipc.save_account(unlocked, "123456789012", ACCOUNT_NAME)
    steps.open_account(unlocked, ACCOUNT_NAME)
    found = found_in(unlocked, ACCOUNT_NAME)
    assert any("undercroft" in process for process in found), found
    assert any("WebKitWebProcess" in process for process in found), found


def test_the_master_password_is_gone_after_unlocking(unlocked: App) -> None:
    assert settled(unlocked, steps.MASTER_PASSWORD) == {}


def test_no_secret_is_left_after_locking(unlocked: App, desktop: Desktop) -> None:
    app = unlocked
    account = ipc.save_account(app, "123456789012", ACCOUNT_NAME)
    ipc.save_identity(app, account, "ada")
    steps.open_account(app, ACCOUNT_NAME)
    steps.open_identity(app, "ada")
    app.click("button", "Add access key")
    app.type("Access key id", KEY_ID)
    app.find("textbox", "Secret access key").click()
    # By real keys: what a driver types or reads passes through the program as text of the driver's.
    desktop.run(["xdotool", "search", "--onlyvisible", "--name", "^Undercroft$", "windowfocus", "--sync"])
    desktop.run(["xdotool", "type", "--delay", "20", KEY_SECRET])
    app.click("button", "Add access key", within=steps.dialog(app, "Add access key"))
    steps.until_closed(app, "Add access key")
    app.click("button", "Show secret access key")
    app.find("button", "Hide secret access key")
    assert found_in(app, KEY_SECRET), "the shown secret was not found: this test looks in the wrong place"
    app.click("button", "Copy secret access key")
    app.wait_for("the secret on the clipboard", lambda: desktop.clipboard() == KEY_SECRET)
    steps.lock(app)
    assert settled(app, KEY_SECRET) == {}
