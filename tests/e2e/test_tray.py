"""The tray icon and its menu, clicked as a panel clicks them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

import ipc
import steps
from app import App
from bare_app import BareApp
from codes import codes_around_now, oathtool, secs_left, wait_for_room
from conftest import MadeVault
from desktop import Desktop
from notifications import Notifications
from processes import family, name
from stand_in import BusFault, until
from stocked import ADA_PASSWORD, ADA_SEED, ROOT_EMAIL, ROOT_PASSWORD, ROOT_SEED, SETTINGS, WORKSHOP, StockedVault
from tray import SEPARATOR, Entry, Tray, is_unknown_entry, outline
from tray_use import ADA, BOB, GRACE, ROOT, Panel

LOCKED = ["Unlock…", "Open Undercroft", SEPARATOR, "Quit"]
LAST = ["Lock", "Open Undercroft", SEPARATOR, "Quit"]
ADA_ENTRIES = [
    "Copy MFA code",
    "Copy password",
    "Copy user name",
    "Copy access key id",
    "Copy secret access key",
    "Copy session as environment",
    "Open console sign-in page",
    "Sign in step by step",
]
ROOT_ENTRIES = [
    "Copy MFA code",
    "Copy password",
    "Copy email",
    "Open console sign-in page",
    "Sign in step by step",
]

RunBare = Callable[..., BareApp]


@pytest.fixture
def panel(run_bare: RunBare, tray: Tray, notifications: Notifications, desktop: Desktop) -> Panel:
    """The app in a tray, unlocked, with its main window open."""
    tray.start()
    app = run_bare()
    app.unlock()
    tray.wait_until_unlocked()
    return Panel(desktop, app, tray, notifications)


# The menu


def test_locked_it_offers_to_unlock_and_nothing_else(run_bare: RunBare, tray: Tray) -> None:
    tray.start()
    app = run_bare(args=["--background"])
    tray.wait_until_locked()
    assert tray.outline() == LOCKED
    assert "Undercroft" in tray.title
    assert app.password_window() is None
    tray.click("Unlock…")
    app.wait_for_password_window()
    assert tray.outline() == LOCKED


@pytest.mark.slow
def test_open_undercroft_asks_for_the_password_while_it_is_locked(run_bare: RunBare, tray: Tray) -> None:
    tray.start()
    app = run_bare(args=["--background"])
    tray.click("Open Undercroft", secs=20)
    app.wait_for_password_window()
    assert app.main_window() is None


def test_unlocking_changes_the_menu_and_the_icon(
    run_bare: RunBare, tray: Tray, stocked_vault: StockedVault, desktop: Desktop
) -> None:
    tray.start()
    app = run_bare()
    tray.wait_until_locked()
    locked_icon, locked_tooltip = tray.icon(), tray.tooltip
    assert locked_icon.width == locked_icon.height >= 16
    assert len(locked_icon.argb) == locked_icon.width * locked_icon.height * 4
    assert any(locked_icon.argb), "the icon is empty"
    app.unlock()
    menu = tray.wait_until_unlocked()
    grace, bob = ("grace", entries_of(tray, "grace")), ("bob", entries_of(tray, "bob"))
    assert outline(menu) == [
        "Search…",
        SEPARATOR,
        ("ada · Workshop", ADA_ENTRIES),
        SEPARATOR,
        ("Payments (production)", [("root user", ROOT_ENTRIES), grace]),
        ("Workshop", [bob]),
        SEPARATOR,
        *LAST,
    ]
    # They have a name and nothing else.
    for _, entries in (grace, bob):
        assert entries[0] == "Copy user name"
        assert not {"Copy MFA code", "Copy password", "Copy access key id", "Copy session as environment"} & {*entries}
    until("another icon", lambda: tray.icon() != locked_icon)
    assert tray.tooltip != locked_tooltip
    # A panel looks again only when it is told to.
    assert {"NewIcon", "LayoutUpdated"} <= {*tray.signals()}
    everything = "\n".join([*tray.labels(), tray.title, tray.tooltip])
    for secret in [*stocked_vault.secrets(), *codes_around_now(ADA_SEED), *codes_around_now(ROOT_SEED)]:
        assert secret not in everything
    assert desktop.clipboard() == ""


def entries_of(tray: Tray, identity: str) -> list[str]:
    """Lists what the submenu of an identity in an account's submenu offers."""
    account = "Payments" if identity == "grace" else "Workshop"
    return [entry.label for entry in tray.find(lambda label: label.startswith(account), identity).children]


def test_locking_from_the_menu_takes_everything_away(panel: Panel) -> None:
    panel.copy(ADA, "Copy password")
    panel.wait_for_clipboard(ADA_PASSWORD)
    unlocked_icon = panel.tray.icon()
    panel.tray.click("Lock")
    panel.tray.wait_until_locked()
    assert panel.tray.outline() == LOCKED
    until("the clipboard to be cleared", lambda: panel.desktop.clipboard() == "")
    until("another icon", lambda: panel.tray.icon() != unlocked_icon)
    until("the main window to close", lambda: panel.app.main_window() is None)
    assert panel.app.is_running()


@pytest.mark.slow
def test_what_a_menu_still_shows_does_nothing_once_it_is_locked(panel: Panel) -> None:
    """A panel that keeps the menu open while the vault locks clicks on what is not there any more."""
    kept = panel.tray.find(*panel.path(ADA), "Copy password")
    panel.tray.click("Lock")
    panel.tray.wait_until_locked()
    before = len(panel.notifications.all())
    click_if_there(panel, kept)
    time.sleep(1)
    assert panel.desktop.clipboard() == ""
    assert not [one for one in panel.notifications.all()[before:] if "copied" in one.summary.lower()]
    assert panel.tray.outline() == LOCKED


@pytest.mark.slow
def test_what_a_menu_still_shows_is_never_another_identity_s(panel: Panel) -> None:
    """Between reading a menu and clicking it, two identities with the same entries may have changed places."""
    panel.copy(BOB, "Copy user name")
    panel.copy(GRACE, "Copy user name")
    kept = panel.tray.find("grace · Payments (production)", "Copy user name")
    panel.copy(BOB, "Copy user name")
    panel.tray.wait_for("bob before grace", lambda menu: [entry.label[:3] for entry in menu[3:5]] == ["bob", "gra"])
    panel.copy(ADA, "Copy user name")
    panel.wait_for_clipboard("ada")
    click_if_there(panel, kept)
    time.sleep(1)
    assert panel.desktop.clipboard() in ("ada", "grace")


def click_if_there(panel: Panel, kept: Entry) -> None:
    """Clicks an entry that was read before; that it is there no more is an answer too."""
    try:
        panel.tray.click_entry(kept)
    except BusFault as refused:
        if not is_unknown_entry(refused):
            raise


def test_quitting_from_the_menu_ends_the_program(panel: Panel) -> None:
    panel.copy(ADA, "Copy password")
    panel.wait_for_clipboard(ADA_PASSWORD)
    everyone = family(panel.app.pid)
    panel.tray.click("Quit")
    assert panel.app.wait_until_ended() == 0
    panel.tray.wait_until_gone()
    until("every process to end", lambda: not any(name(pid) for pid in everyone))
    assert panel.desktop.clipboard() == ""


@pytest.mark.slow
def test_quitting_works_while_it_is_locked_in_the_background(run_bare: RunBare, tray: Tray) -> None:
    tray.start()
    app = run_bare(args=["--background"])
    tray.click("Quit", secs=20)
    assert app.wait_until_ended() == 0


# What is copied


def test_each_entry_of_an_iam_user_copies_its_own(panel: Panel, stocked_vault: StockedVault) -> None:
    key = stocked_vault.key
    # First, while no code was given out: the session needs one.
    wait_for_room(8)
    told = [panel.copy(ADA, "Copy session as environment", secs=60)]
    until("the session", lambda: panel.desktop.clipboard().startswith("export AWS_ACCESS_KEY_ID="))
    session = panel.desktop.clipboard()
    assert "AWS_SESSION_TOKEN" in session
    assert key.secret not in session
    assert panel.is_marked_secret()

    for entry, value, is_secret in (
        ("Copy password", ADA_PASSWORD, True),
        ("Copy user name", "ada", False),
        ("Copy access key id", key.id, False),
        ("Copy secret access key", key.secret, True),
    ):
        told.append(panel.copy(ADA, entry))
        panel.wait_for_clipboard(value)
        assert panel.is_marked_secret() is is_secret, entry
        assert ("30 s" in told[-1].body) is is_secret, (entry, told[-1].body)

    told.append(panel.copy(ADA, "Copy MFA code"))
    panel.wait_for_clipboard(*codes_around_now(ADA_SEED)[1:])
    assert panel.is_marked_secret()

    lines = [line.partition("=")[2].strip("'\"") for line in session.splitlines()]
    for one in told:
        assert "ada" in one.body and "Workshop" in one.body, one.body
        for secret in [
            *stocked_vault.secrets(),
            *codes_around_now(ADA_SEED),
            *(line for line in lines if len(line) > 15),
        ]:
            assert secret not in one.text
        assert "urgency" not in one.hints or one.hints["urgency"] < 2
    assert [one.summary for one in told][-1] == "MFA code copied"
    assert len({one.summary for one in told}) == len(told), "two things are called the same"


def test_each_entry_of_a_root_user_copies_its_own(panel: Panel) -> None:
    told = panel.copy(ROOT, "Copy password")
    panel.wait_for_clipboard(ROOT_PASSWORD)
    assert "Payments" in told.body
    assert "root user" in told.body or ROOT_EMAIL in told.body
    # What was used is on the first level now, and its account's label with it.
    panel.tray.find("root user · Payments (production)")
    panel.tray.find("Payments (production)", "grace")
    assert panel.entries(ROOT) == ROOT_ENTRIES
    panel.copy(ROOT, "Copy email")
    panel.wait_for_clipboard(ROOT_EMAIL)
    told = panel.copy(ROOT, "Copy MFA code")
    panel.wait_for_clipboard(*codes_around_now(ROOT_SEED)[1:])
    assert told.summary == "MFA code copied"
    assert "Payments" in told.body


@pytest.mark.slow
def test_a_code_says_whose_it_is_and_how_long_it_stays(panel: Panel) -> None:
    wait_for_room(18)
    step = time.time() // 30 * 30
    told = panel.copy(ADA, "Copy MFA code")
    panel.wait_for_clipboard(oathtool(ADA_SEED, at=step))
    assert told.summary == "MFA code copied"
    for part in ("ada", "Workshop", "30 s"):
        assert part in told.body
    assert "next code" not in told.body
    assert "used before" not in told.body
    # Once more, while it lasts: it is given, and called what it is.
    again = panel.copy(ADA, "Copy MFA code")
    assert time.time() < step + 30, "too slow: the second click came in the next step"
    panel.wait_for_clipboard(oathtool(ADA_SEED, at=step))
    assert "used before" in again.body


@pytest.mark.slow
def test_a_code_that_is_about_to_end_gives_way_to_the_next(panel: Panel) -> None:
    way = panel.path(ADA)
    # A click that comes in the next step already says nothing.
    for _ in range(4):
        if secs_left() < 4:
            time.sleep(secs_left() + 0.1)
        step = time.time() // 30 * 30
        time.sleep(max(0.0, step + 27.2 - time.time()))
        before = len(panel.notifications.all())
        panel.tray.click(*way, "Copy MFA code")
        told = panel.notifications.wait_for(lambda one: one.summary == "MFA code copied", after=before)
        if told.at < step + 30:
            break
    assert told.at < step + 30, "the machine was too slow for this test"
    panel.wait_for_clipboard(oathtool(ADA_SEED, at=step + 30))
    assert "next code" in told.body


@pytest.mark.slow
def test_what_was_copied_goes_by_itself(panel: Panel) -> None:
    copied_at = time.monotonic()
    panel.copy(ADA, "Copy password")
    panel.wait_for_clipboard(ADA_PASSWORD)
    until("the clipboard to be cleared", lambda: panel.desktop.clipboard() == "", 45)
    assert time.monotonic() - copied_at > 28


@pytest.mark.slow
def test_copying_works_without_anyone_to_notify(run_bare: RunBare, tray: Tray, desktop: Desktop) -> None:
    tray.start()
    run_bare().unlock()
    tray.wait_until_unlocked()
    for _ in range(2):
        tray.click("ada · Workshop", "Copy password")
        until("the password", lambda: desktop.clipboard() == ADA_PASSWORD)
        tray.click("ada · Workshop", "Copy user name")
        until("the name", lambda: desktop.clipboard() == "ada")


@pytest.mark.slow
def test_a_live_session_is_copied_from_its_own_menu(panel: Panel) -> None:
    assert "Sessions" not in panel.tray.labels()
    wait_for_room(8)
    panel.copy(ADA, "Copy session as environment", secs=60)
    until("the session", lambda: panel.desktop.clipboard().startswith("export "))
    session = panel.desktop.clipboard()
    panel.tray.find("Sessions", secs=20)
    [entry] = panel.tray.find("Sessions").children
    assert re.fullmatch(r"ada · Workshop, .*\d.* left", entry.label), entry.label
    panel.copy(BOB, "Copy user name")
    panel.wait_for_clipboard("bob")
    panel.tray.click("Sessions", "ada · Workshop, ")
    panel.wait_for_clipboard(session)
    # Menu: pinned and recent, accounts, sessions, then the last three.
    shown = panel.tray.outline()
    assert shown[-len(LAST) :] == LAST
    *_, sessions, separator = shown[: -len(LAST)]
    assert separator == SEPARATOR
    assert isinstance(sessions, tuple) and sessions[0] == "Sessions"
    assert all(secret not in "\n".join(panel.tray.labels()) for secret in re.findall(r"[\w/+=]{16,}", session))


def test_a_session_that_needs_a_code_given_out_before_is_not_lost(panel: Panel) -> None:
    """The next code is waited for, or the user is told how long it takes: never nothing at all."""
    wait_for_room(8)
    panel.copy(ADA, "Copy MFA code")
    before = len(panel.notifications.all())
    panel.click(ADA, "Copy session as environment")
    panel.notifications.wait_for(lambda _: True, after=before, secs=60, what="an answer to the click")


def test_the_sign_in_page_of_the_right_account_is_opened(
    run_bare: RunBare, tray: Tray, notifications: Notifications, desktop: Desktop, tmp_path: Path
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    browser = folder / "xdg-open"
    browser.write_text(f'#!/bin/sh\necho "$@" >> {folder}/opened\n')
    browser.chmod(0o755)
    tray.start()
    app = run_bare(env={"PATH": f"{folder}:{desktop.env['PATH']}"})
    app.unlock()
    tray.wait_until_unlocked()
    Panel(desktop, app, tray, notifications).click(ADA, "Open console sign-in page")
    steps.wait_for_file(folder / "opened")
    [opened] = until("the page", lambda: (folder / "opened").read_text().splitlines())
    assert opened.startswith("https://")
    assert WORKSHOP in opened


# Names


@pytest.mark.slow
def test_renamed_accounts_and_odd_names_are_shown_as_they_are(
    start: Callable[..., App], tray: Tray, vault_path: Path, made_vault: MadeVault
) -> None:
    vault_path.write_bytes(made_vault.content)
    tray.start()
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    steps.unlock(app)
    account = ipc.save_account(app, WORKSHOP, "Workshop")
    ipc.save_identity(app, account, "deploy_bot_")
    tray.find("Workshop", "deploy_bot_", "Copy user name", secs=20)
    ipc.save_account(app, WORKSHOP, "a_b & c", id=account)
    tray.find(lambda label: label == "a_b & c", "deploy_bot_", secs=20)
    assert "Workshop" not in "\n".join(tray.labels())
    ipc.save_account(app, WORKSHOP, "R&&D __ _x", id=account, production=True)
    tray.find(lambda label: label == "R&&D __ _x (production)", "deploy_bot_", secs=20)
    tray.click("R&&D", "deploy_bot_", "Copy user name")
    until("the name", lambda: app.desktop.clipboard() == "deploy_bot_")
    tray.find(lambda label: label == "deploy_bot_ · R&&D __ _x (production)", secs=20)


@pytest.mark.slow
def test_removing_and_pinning_change_the_menu(
    start: Callable[..., App], tray: Tray, vault_path: Path, made_vault: MadeVault
) -> None:
    vault_path.write_bytes(made_vault.content)
    tray.start()
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    steps.unlock(app)
    tray.wait_until_unlocked()
    account = ipc.save_account(app, WORKSHOP, "Workshop")
    ada = ipc.save_identity(app, account, "ada")
    tray.find("Workshop", "ada", secs=20)
    ipc.call(app, "set_favourite", item=ada, favourite=True)
    tray.find("ada · Workshop", secs=20)
    ipc.call(app, "set_password", identity=ada, password=ipc.secret(ADA_PASSWORD))
    tray.find("ada · Workshop", "Copy password", secs=20)
    ipc.call(app, "bin_item", item=ada)
    tray.wait_for("nothing of ada", lambda _: "ada" not in "\n".join(tray.labels()))


# Panels that come and go


@pytest.mark.slow
def test_without_a_tray_it_runs_and_closing_quits(run_bare: RunBare) -> None:
    app = run_bare("stays")
    app.unlock()
    app.close_main_window()
    # The settings ask for the tray, but nothing could bring the program back from where nobody sees it.
    app.wait_until_ended()


@pytest.mark.slow
def test_the_item_comes_when_the_tray_does(run_bare: RunBare, tray: Tray) -> None:
    app = run_bare()
    app.unlock()
    assert app.is_running()
    tray.start()
    tray.wait_until_unlocked(20)
    tray.click("Lock")
    tray.wait_until_locked()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_the_item_comes_back_after_the_tray_did(run_bare: RunBare, tray: Tray, how: str) -> None:
    tray.start()
    app = run_bare()
    tray.wait_until_locked()
    for _ in range(2):
        getattr(tray, how)()
        time.sleep(0.5)
        tray.start()
        tray.item()
    assert len(tray.items()) == 1, "registered twice"
    # What changed while there was no tray is right when it is back.
    getattr(tray, how)()
    app.unlock()
    tray.start()
    tray.wait_until_unlocked(20)
    tray.click("ada · Workshop", "Copy user name")
    until("the name", lambda: app.desktop.clipboard() == "ada")


@pytest.mark.slow
def test_a_slow_tray_keeps_nobody_waiting(run_bare: RunBare, tray: Tray) -> None:
    slow_secs = 12
    tray.start(slow_secs=slow_secs)
    begun = time.monotonic()
    app = run_bare()
    app.wait_for_password_window()
    assert time.monotonic() - begun < slow_secs, "the window waited for the tray"
    app.unlock()
    tray.wait_until_unlocked()


def test_a_second_start_brings_the_window_and_no_second_item(
    run_bare: RunBare, tray: Tray, desktop: Desktop, vault_path: Path
) -> None:
    tray.start()
    app = run_bare(args=["--background"])
    tray.wait_until_locked()
    again = BareApp(desktop, vault_path)
    app.wait_for_password_window()
    again.wait_until_ended()
    assert len(tray.items()) == 1


# Closing the window


def test_closed_to_the_tray_no_page_is_left_and_it_opens_again(
    run_bare: RunBare, tray: Tray, notifications: Notifications, desktop: Desktop
) -> None:
    tray.start()
    app = run_bare("stays")
    app.unlock()
    tray.wait_until_unlocked()
    app.close_main_window()
    app.wait_until_no_page()
    assert app.is_running()
    panel = Panel(desktop, app, tray, notifications)
    panel.copy(ADA, "Copy password")
    panel.wait_for_clipboard(ADA_PASSWORD)
    tray.click("Open Undercroft")
    app.wait_for_main_window()
    assert app.password_window() is None, "it is unlocked"
    app.close_main_window()
    tray.click("Lock")
    tray.wait_until_locked()
    until("the clipboard to be cleared", lambda: desktop.clipboard() == "")


@pytest.mark.slow
def test_the_setting_is_followed_as_soon_as_it_is_saved(
    start: Callable[..., App], tray: Tray, vault_path: Path, made_vault: MadeVault, desktop: Desktop
) -> None:
    vault_path.write_bytes(made_vault.content)
    tray.start()
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    steps.unlock(app)
    tray.wait_until_unlocked()
    ipc.call(app, "save_settings", settings=SETTINGS | {"keeps_window_on_close": True})
    pid = app.pid()
    desktop.close_window("Undercroft")
    until("the pages to end", lambda: not [one for one in family(pid) if name(one) == "WebKitWebProcess"], 30)
    assert name(pid), "the program has ended"
    assert "Lock" in tray.labels(), "it has locked"


def test_closing_quits_unless_the_setting_keeps_it(run_bare: RunBare, tray: Tray) -> None:
    tray.start()
    app = run_bare("usual")
    app.unlock()
    tray.wait_until_unlocked()
    app.close_main_window()
    app.wait_until_ended()
    tray.wait_until_gone()


@pytest.mark.slow
def test_the_tray_going_while_the_window_is_closed_brings_the_window_or_the_end(
    run_bare: RunBare, tray: Tray, desktop: Desktop, vault_path: Path
) -> None:
    """An unlocked vault that nobody can see is reached by starting the program again, at the least."""
    tray.start()
    app = run_bare("stays")
    app.unlock()
    tray.wait_until_unlocked()
    app.close_main_window()
    app.wait_until_no_page()
    tray.kill()
    time.sleep(2)
    if app.is_running() and app.main_window() is None:
        BareApp(desktop, vault_path)
        app.wait_for_main_window()


# Left click


def test_a_left_click_shows_and_hides_quick_search(panel: Panel) -> None:
    panel.tray.activate()
    panel.app.wait_for_quick_window()
    time.sleep(0.5)
    panel.tray.activate()
    until("quick search to hide", lambda: panel.app.quick_window() is None)
    panel.tray.activate()
    panel.app.wait_for_quick_window()
    panel.tray.click("Lock")
    until("quick search to go with the lock", lambda: panel.app.quick_window() is None)


@pytest.mark.slow
def test_search_in_the_menu_is_quick_search(panel: Panel) -> None:
    panel.tray.click("Search…")
    panel.app.wait_for_quick_window()


@pytest.mark.slow
def test_step_by_step_is_begun_in_quick_search(panel: Panel) -> None:
    panel.click(ADA, "Sign in step by step")
    panel.app.wait_for_quick_window()


@pytest.mark.slow
def test_a_left_click_asks_for_the_password_while_it_is_locked(run_bare: RunBare, tray: Tray) -> None:
    tray.start()
    app = run_bare(args=["--background"])
    tray.wait_until_locked()
    tray.activate()
    app.wait_for_password_window()
    assert app.quick_window() is None


@pytest.mark.slow
def test_the_quick_window_is_called_quick(
    start: Callable[..., App], tray: Tray, vault_path: Path, stocked_vault: StockedVault
) -> None:
    vault_path.write_bytes(stocked_vault.files["usual"])
    tray.start()
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    steps.unlock(app)
    tray.wait_until_unlocked()
    tray.activate()
    app.window("quick", 20)
    assert app.driver.title == "Undercroft quick search"
    app.press(Keys.ESCAPE)
    until("quick search to hide", lambda: "Undercroft quick search" not in app.desktop.window_titles())
