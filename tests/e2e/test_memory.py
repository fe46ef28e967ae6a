"""What is left of secrets in the memory of the program and its web processes, read as root through /proc."""

from __future__ import annotations

import base64
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import pytest
from selenium.webdriver.common.keys import Keys

import ipc
import steps
from app import App
from aws import StrictSts
from bare_app import BareApp
from codes import oathtool, wait_for_room
from conftest import MadeVault
from desktop import Desktop
from notifications import Notifications
from patience import comes_within, patient
from processes import family, name
from stand_in import until
from stocked import ADA_SEED, ROOT_EMAIL, ROOT_PASSWORD, ROOT_SEED, StockedVault
from tray import Tray

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="another process's memory is read by root alone")

ACCOUNT_NAME = "Memory Lane Holdings"
ACCOUNT = "123456789012"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KEY_SECRET = "MemoryLaneK7MDENGbPxRfiCYzEXAMPLEKEY4040"
CONSOLE_PASSWORD = "Gravel/Orchid+Lantern=5518"
NEW_PASSWORD = "copper lantern orbit walnut 37"
CUSTOM_SECRET = "support pin 88-41 behind the blue door"
SEED = "MVWW64TZEBWGC3TFEBZWKZLEEBXWMIDU"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
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


def writings(secret: str, raw: bytes | None = None) -> set[bytes]:
    """Returns the ways in which a secret may be written: text, JavaScript's 16-bit letters, Base64, hex, in a URL."""
    content = secret.encode()
    found = {content, secret.encode("utf-16-le"), quote(secret, safe="").encode()}
    for bare in {content, content if raw is None else raw}:
        found |= {bare, bare.hex().encode(), bare.hex().upper().encode()}
        for shift in range(3):
            # The letters that depend on what stands before and after the secret are left out.
            encoded = base64.b64encode(b"\0" * shift + bare)
            found.add(encoded[(shift * 8 + 5) // 6 : (shift + len(bare)) * 8 // 6])
    assert min(map(len, found)) >= 16, "too short to be told from chance"
    return found


def occurrences(pid: int, wanted: set[bytes]) -> int:
    """Counts writings of a secret in a process's memory; one within another counts once."""
    longest = max(map(len, wanted))
    pattern = re.compile(b"|".join(map(re.escape, sorted(wanted, key=len, reverse=True))))
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
                count += sum(1 for _ in pattern.finditer(content))
                # A text over the border is whole in the next piece, and one in this piece is not counted twice.
                rest = content[-(longest - 1) :] if at + CHUNK < end else b""
    return count


def found_in(app: App, secret: str, raw: bytes | None = None) -> dict[str, int]:
    """Counts a secret in the program and every process that it started."""
    return found_in_family(app.pid(), writings(secret, raw))


def found_in_family(pid: int, wanted: set[bytes]) -> dict[str, int]:
    """Counts writings in a process and every process that it started; one that ends meanwhile holds nothing."""
    counts = {}
    for one in family(pid):
        with suppress(FileNotFoundError, ProcessLookupError):
            counts[f"{name(one)} {one}"] = occurrences(one, wanted)
    return {process: count for process, count in counts.items() if count}


def settled(app: App, secret: str, raw: bytes | None = None, secs: float = 10) -> dict[str, int]:
    """Looks until nothing is found, as freed memory is used again by and by."""
    deadline = time.monotonic() + patient(secs)
    while (found := found_in(app, secret, raw)) and time.monotonic() < deadline:
        time.sleep(1)
    return found


def test_every_writing_of_a_secret_is_searched_for() -> None:
    wanted = writings(CONSOLE_PASSWORD)
    memory = [
        CONSOLE_PASSWORD.encode(),
        CONSOLE_PASSWORD.encode("utf-16-le"),
        quote(CONSOLE_PASSWORD, safe="").encode(),
        CONSOLE_PASSWORD.encode().hex().encode(),
        *(base64.b64encode(b"x" * before + CONSOLE_PASSWORD.encode() + b"yz") for before in range(6)),
    ]
    for content in memory:
        assert any(one in content for one in wanted), content
    assert writings(SEED, base64.b32decode(SEED)) > writings(SEED)


def test_the_search_finds_what_is_there(unlocked: App) -> None:
    ipc.save_account(unlocked, ACCOUNT, ACCOUNT_NAME)
    steps.open_account(unlocked, ACCOUNT_NAME)
    found = found_in(unlocked, ACCOUNT_NAME)
    assert any("undercroft" in process for process in found), found
    assert any("WebKitWebProcess" in process for process in found), found


def test_the_master_password_and_the_recovery_key_are_gone_after_they_served(
    unlocked: App, made_vault: MadeVault, desktop: Desktop
) -> None:
    app = unlocked
    assert settled(app, steps.MASTER_PASSWORD) == {}
    steps.lock(app)
    assert settled(app, steps.MASTER_PASSWORD) == {}
    app.click("button", "Use recovery key")
    app.find("textbox", "Recovery key").click()
    type_by_keyboard(desktop, made_vault.recovery_key)
    app.press(Keys.ENTER)
    app.find("heading", "Choose a new master password", secs=steps.SLOW_SECS)
    for field in ("New master password", "The same again"):
        app.find("textbox", field).click()
        type_by_keyboard(desktop, NEW_PASSWORD)
    app.click("button", "Change the password")
    app.window("main", steps.SLOW_SECS)
    left = {"recovery key": settled(app, made_vault.recovery_key), "new password": settled(app, NEW_PASSWORD)}
    assert not any(left.values()), left


def type_by_keyboard(desktop: Desktop, text: str) -> None:
    """Types by real keys: what a driver types or reads passes through the program as text of the driver's."""
    desktop.run(["xdotool", "search", "--onlyvisible", "--name", "^Undercroft$", "windowfocus", "--sync"])
    desktop.run(["xdotool", "type", "--delay", "20", text])


def test_no_secret_is_left_after_locking(
    unlocked: App, desktop: Desktop, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app = unlocked
    key = {"id": KEY_ID, "secret": KEY_SECRET}
    device = {"serial": SERIAL, "seed": SEED}
    sts = strict_sts({"identities": [{"account": ACCOUNT, "user": "ada", "keys": [key], "devices": [device]}]})
    endpoints = {"sts": sts.endpoint, "iam": None, "sign_in": None}
    account = ipc.save_account(app, ACCOUNT, ACCOUNT_NAME, endpoints=endpoints)
    ipc.save_identity(app, account, "ada")
    steps.open_account(app, ACCOUNT_NAME)
    steps.open_identity(app, "ada")

    app.click("button", "Add access key")
    app.type("Access key id", KEY_ID)
    app.find("textbox", "Secret access key").click()
    type_by_keyboard(desktop, KEY_SECRET)
    app.click("button", "Add access key", within=steps.dialog(app, "Add access key"))
    steps.until_closed(app, "Add access key")

    app.click("button", "Add password")
    app.find("textbox", "Password", within=steps.dialog(app, "Add password")).click()
    type_by_keyboard(desktop, CONSOLE_PASSWORD)
    app.click("button", "Save password", within=steps.dialog(app, "Add password"))
    steps.until_closed(app, "Add password")

    app.click("button", "Add secret")
    app.type("Label", "Pin")
    app.find("textbox", "Value", within=steps.dialog(app, "Add secret")).click()
    type_by_keyboard(desktop, CUSTOM_SECRET)
    app.click("button", "Add secret", within=steps.dialog(app, "Add secret"))
    steps.until_closed(app, "Add secret")

    app.click("button", "Add MFA device")
    app.find("textbox", "Secret key or link").click()
    type_by_keyboard(desktop, SEED)
    app.type("Device name", "phone")
    app.click("button", "Save device", within=steps.dialog(app, "Add MFA device"))
    app.find("dialog", "Finish at AWS", secs=20)
    app.click("button", "Not now")
    steps.until_closed(app, "Finish at AWS")

    app.click("button", "Get session")
    app.find("article", f"Session of ada in {ACCOUNT_NAME}", secs=45)
    [(_, session_secret, session_token)] = sts.sessions()

    # What the new session moved on the page has come to rest.
    app.wait_for("a quiet page", lambda: app.driver.execute_async_script("setTimeout(arguments[0], 1500, true)"))
    app.click("button", "Show secret access key")
    app.find("button", "Hide secret access key")
    assert found_in(app, KEY_SECRET), "the shown secret was not found: this test looks in the wrong place"
    app.click("button", "Copy secret access key")
    app.wait_for("the secret on the clipboard", lambda: desktop.clipboard() == KEY_SECRET)
    app.click("button", "Show password")
    app.find("button", "Hide password")
    app.click("button", "Copy password")
    app.wait_for("the password on the clipboard", lambda: desktop.clipboard() == CONSOLE_PASSWORD)
    steps.lock(app)
    left = {
        "secret access key": settled(app, KEY_SECRET),
        "console password": settled(app, CONSOLE_PASSWORD),
        "custom secret": settled(app, CUSTOM_SECRET),
        "seed": settled(app, SEED, base64.b32decode(SEED)),
        "session's secret key": settled(app, session_secret),
        "session's token": settled(app, session_token),
        "master password": settled(app, steps.MASTER_PASSWORD),
    }
    assert not any(left.values()), left


@pytest.mark.slow
def test_what_is_copied_in_quick_search_is_never_in_its_page_and_gone_after_locking(
    run_bare: Callable[..., BareApp],
    tray: Tray,
    notifications: Notifications,
    desktop: Desktop,
    stocked_vault: StockedVault,
) -> None:
    tray.start()
    app = run_bare("stays")
    app.unlock()
    tray.wait_until_unlocked()
    app.close_main_window()
    app.wait_until_no_page()
    stored = set().union(*map(writings, [*stocked_vault.secrets(), steps.MASTER_PASSWORD]))
    for seed in (ADA_SEED, ROOT_SEED):
        stored |= writings(seed, base64.b32decode(seed))

    search_quickly(app, tray, "aws+payments")
    [page] = app.web_processes()
    shown = writings(ROOT_EMAIL)

    def is_on_the_page() -> bool:
        if comes_within(lambda: occurrences(page, shown) > 0, 5):
            return True
        # What was typed before the page was there is lost.
        desktop.keys("ctrl+a")
        desktop.run(["xdotool", "type", "--delay", "30", "aws+payments"])
        return False

    until("the root user's email on the page", is_on_the_page, 20)
    desktop.keys("shift+Return")
    until("the password on the clipboard", lambda: desktop.clipboard() == ROOT_PASSWORD)
    assert occurrences(app.pid, writings(ROOT_PASSWORD)), (
        "not even on the clipboard: this test looks in the wrong place"
    )

    search_quickly(app, tray, "ada")
    assert app.web_processes() == [page], "the page was to be kept"
    wait_for_room(15)
    code = oathtool(ADA_SEED)
    # Six digits may stand there by chance, so they are counted before, too.
    digits = {code.encode(), code.encode("utf-16-le")}
    by_chance = occurrences(page, digits)
    desktop.keys("Return")
    until("the code on the clipboard", lambda: desktop.clipboard() == code)
    # The page is hidden and ends when the vault is locked: this is all that it ever had.
    assert occurrences(page, digits) <= by_chance
    assert occurrences(page, stored) == 0

    tray.click("Lock")
    tray.wait_until_locked()
    until("the clipboard to be cleared", lambda: desktop.clipboard() == "")
    app.wait_until_no_page()
    deadline = time.monotonic() + patient(10)
    while (left := found_in_family(app.pid, stored)) and time.monotonic() < deadline:
        time.sleep(1)
    assert left == {}


def search_quickly(app: BareApp, tray: Tray, words: str) -> None:
    """Opens quick search by a click on the icon and types into it, once its page is there."""
    tray.activate()
    window = app.wait_for_quick_window()
    until("the page", app.web_processes, 20)
    time.sleep(1.5)
    app.focus(window)
    app.desktop.run(["xdotool", "type", "--delay", "30", words])
    time.sleep(0.7)
