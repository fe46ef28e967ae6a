"""The tray under many clicks, and with many accounts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bare_app import BareApp
from demo import SAMPLE_VAULT, make_vault
from desktop import Desktop
from notifications import Notifications
from patience import patient
from processes import own_kib
from seed import fill
from stand_in import until
from stocked import ADA_PASSWORD
from tray import SEPARATOR, Tray, outline
from tray_use import ADA, Panel

pytestmark = pytest.mark.slow

WARM_CLICKS = 50
CLICKS = 200
# 15 KiB a click. The smallest thing that could be left behind whole each time is larger: the icon's picture is 16 KiB
# at 64 dots, a menu of this vault with its labels and closures about as much. Pages that the allocator keeps, the log
# of used codes and the buffers of the bus have come to their size within the first clicks.
MOST_GROWTH_KIB = 3 * 1024

WARM_OPENINGS = 100
OPENINGS = 200
# 31 KiB an opening. A page's garbage is collected when its engine sees fit: tried with 500 openings, its memory came to
# its size within the first 100 and went up and down by 3 MiB from then on, with 7 MiB at times, so the lesser of the
# last two readings counts. A page that is left behind is some 40 MiB, the pixels of a window 1 MiB.
MOST_GROWTH_OF_PAGE_KIB = 6 * 1024

ACCOUNTS = 500
PINNED = 20
FIRST = 12
BY_ACCOUNT = 200
MANY_PASSWORD = "five hundred accounts in one cellar"
MENU_SECS = 3


def test_many_clicks_leave_nothing_behind_and_each_is_answered(
    run_bare: Callable[..., BareApp], tray: Tray, notifications: Notifications, desktop: Desktop
) -> None:
    tray.start()
    app = run_bare()
    app.unlock()
    tray.wait_until_unlocked()
    panel = Panel(desktop, app, tray, notifications)

    def click(times: int) -> None:
        wanted = len(notifications.all()) + times
        way = panel.path(ADA)
        for _ in range(times):
            tray.click(*way, "Copy password")
        until("every click to be answered", lambda: len(notifications.all()) >= wanted, 60)
        assert len(notifications.all()) == wanted, "more answers than clicks"

    click(WARM_CLICKS)
    before = settled_rss_kib(app)
    click(CLICKS)
    after = settled_rss_kib(app)
    panel.wait_for_clipboard(ADA_PASSWORD)
    assert {one.summary for one in notifications.all()} == {notifications.all()[0].summary}
    assert after - before < MOST_GROWTH_KIB, f"{before} KiB after {WARM_CLICKS} clicks, {after} KiB {CLICKS} later"
    # A click may come just when the menu is made anew; that is rare, or the menu is made anew for nothing.
    assert tray.lost_clicks <= CLICKS // 10


def settled_rss_kib(app: BareApp) -> int:
    """Returns the least of some readings: what was freed goes back by and by."""
    readings = []
    for _ in range(6):
        time.sleep(0.5)
        readings.append(app.rss_kib())
    return min(readings)


@pytest.mark.timeout(900)
def test_many_openings_of_quick_search_leave_nothing_behind(
    run_bare: Callable[..., BareApp], tray: Tray, desktop: Desktop
) -> None:
    tray.start()
    app = run_bare("stays")
    app.unlock()
    tray.wait_until_unlocked()
    app.close_main_window()
    app.wait_until_no_page()

    def open_and_hide(times: int) -> None:
        for _ in range(times):
            tray.activate()
            app.wait_for_quick_window()
            # The list comes a moment after the window.
            time.sleep(0.15)
            until("quick search to hide", lambda: hide_quick_search(app), 20)

    open_and_hide(WARM_OPENINGS)
    [page] = app.web_processes()
    before, page_before = settled_rss_kib(app), settled_own_kib(page)
    open_and_hide(OPENINGS - OPENINGS // 5)
    page_between = settled_own_kib(page)
    open_and_hide(OPENINGS // 5)
    after, page_after = settled_rss_kib(app), min(page_between, settled_own_kib(page))
    print(f"{OPENINGS} openings: program {before} to {after} KiB, page {page_before} to {page_after} KiB")
    assert app.web_processes() == [page], "the page was to be kept"
    assert after - before < MOST_GROWTH_KIB, f"{before} KiB before, {after} KiB after {OPENINGS} openings"
    assert page_after - page_before < MOST_GROWTH_OF_PAGE_KIB, f"{page_before} KiB before, {page_after} KiB after"


def hide_quick_search(app: BareApp) -> bool:
    """Presses Escape, unless it is hidden; a page that is just being shown may not hear it yet."""
    if app.quick_window() is not None:
        app.desktop.keys("Escape")
        time.sleep(0.05)
    return app.quick_window() is None


def settled_own_kib(pid: int) -> int:
    """Returns the least of some readings: a page's garbage is collected by and by."""
    readings = []
    for _ in range(10):
        time.sleep(0.5)
        readings.append(own_kib(pid))
    return min(readings)


def account(index: int) -> dict[str, Any]:
    """Describes one of the many accounts: a root user and an IAM user, both with all that an entry can copy."""
    return {
        "id": f"{700_000_000_000 + index * 7919:012d}",
        "alias": f"garden-{index:04d}",
        "name": f"Garden {index:04d}",
        "colour": "green",
        "production": index % 5 == 0,
        "region": "eu-central-1",
        "root": {"email": f"aws+garden-{index:04d}@larkspur-finch.example", "mfa": [f"root-{index:04d}"]},
        "users": [
            {
                "name": f"gardener-{index:04d}",
                "password": True,
                "mfa": [f"phone-{index:04d}"],
                "keys": 1,
                "favourite": index < PINNED,
            }
        ],
    }


@pytest.fixture(scope="module")
def many_accounts(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A vault with very many accounts."""
    if not SAMPLE_VAULT.exists():
        pytest.fail(f"{SAMPLE_VAULT} is not built; `make test` builds it")
    folder = tmp_path_factory.mktemp("many")
    source = {"accounts": [account(index) for index in range(ACCOUNTS)]}

    def made_up_key(user: str, number: str, partition: str) -> tuple[str, str]:
        return f"AKIA{int(number):016d}", f"{user}/{partition}/".ljust(40, "x")[:40]

    accounts = folder / "accounts.json"
    accounts.write_text(json.dumps(fill(source, made_up_key)))
    vault = folder / "many.undercroft"
    make_vault(vault, accounts, "http://127.0.0.1:9", MANY_PASSWORD, SAMPLE_VAULT)
    return vault.read_bytes()


def test_five_hundred_accounts_fit_the_menu(
    many_accounts: bytes, tray: Tray, notifications: Notifications, desktop: Desktop, vault_path: Path
) -> None:
    vault_path.write_bytes(many_accounts)
    tray.start()
    app = BareApp(desktop, vault_path)
    app.unlock(MANY_PASSWORD)
    tray.wait_until_unlocked()
    begun = time.monotonic()
    menu = tray.menu()
    assert time.monotonic() - begun < patient(MENU_SECS)
    shown = outline(menu)

    begins, ends = shown.index(SEPARATOR) + 1, shown.index(SEPARATOR, shown.index(SEPARATOR) + 1)
    first = [entry[0] for entry in shown[begins:ends] if isinstance(entry, tuple)]
    # Pinned by account and name; the thirteenth and later are in their accounts.
    production = [" (production)" if index % 5 == 0 else "" for index in range(PINNED)]
    assert first == [f"gardener-{index:04d} · Garden {index:04d}{production[index]}" for index in range(FIRST)]
    *rest, more = shown[ends + 1 : shown.index(SEPARATOR, ends + 1)]
    assert more == f"{2 * ACCOUNTS - FIRST - BY_ACCOUNT} more in Search"
    held = {label: [one[0] for one in inside] for label, inside in rest}
    assert held["Garden 0000 (production)"] == ["root user"]
    assert held["Garden 0104"] == ["root user", "gardener-0104"]
    assert sum(map(len, held.values())) == BY_ACCOUNT

    # One of the last works, and does not push a pinned one from its place: these fill the first level.
    panel = Panel(desktop, app, tray, notifications)
    panel.copy(("gardener-0104", "Garden 0104"), "Copy user name")
    panel.wait_for_clipboard("gardener-0104")
    assert [entry[0] for entry in tray.outline() if isinstance(entry, tuple)][:FIRST] == first
    begun = time.monotonic()
    tray.click("Lock")
    tray.wait_until_locked()
    assert time.monotonic() - begun < patient(MENU_SECS)
