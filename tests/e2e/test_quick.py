"""Quick search: from any program by the global shortcut, and back to it with what was wanted on the clipboard."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

import ipc
import steps
from app import App, free_port
from aws import parse_env_lines
from bare_app import BareApp
from codes import codes_around_now, wait_for_room
from desktop import Desktop
from notifications import Notifications
from processes import family, name
from quick_use import SHORTCUT, Browser, OtherProgram, Quick, focused_window, stays_so
from stand_in import PYTHON, SCRIPTS, until
from stocked import ADA_PASSWORD, ADA_SEED, ROOT_EMAIL, ROOT_PASSWORD, ROOT_SEED, WORKSHOP, StockedVault
from tray import Tray

RunBare = Callable[..., BareApp]
StartApp = Callable[..., App]

ADA_LINE = "ada / IAM user · Workshop · 1111-2222-3333"


def web_processes(app: App) -> set[int]:
    """Lists the processes in which the pages run."""
    return {pid for pid in family(app.pid()) if name(pid) == "WebKitWebProcess"}


# What is copied


def test_three_letters_and_enter_copy_the_code(quick: Quick, other: OtherProgram) -> None:
    quick.open()
    quick.search("ada", "ada")
    assert quick.lines() == [f">{ADA_LINE}"]
    wait_for_room(8)
    said = quick.copied(lambda: quick.desktop.keys("Return"), *codes_around_now(ADA_SEED)[1:])
    assert quick.is_marked_secret()
    quick.wait_until_hidden()
    assert said.summary == "MFA code copied"
    assert "ada · Workshop" in said.body and "30 s" in said.body
    assert not {*codes_around_now(ADA_SEED)} & {*said.text.split()}
    # Where it came from, so that the code can be pasted at once.
    until("the other program to have the focus again", other.has_focus)
    assert not {"u", "a", "d", "Return"} & {*other.keys()}, "keys of the search went to the other program"


def test_shift_enter_copies_the_password(quick: Quick, other: OtherProgram) -> None:
    quick.open()
    quick.search("ada", "ada")
    said = quick.copied(lambda: quick.desktop.keys("shift+Return"), ADA_PASSWORD)
    assert quick.is_marked_secret()
    quick.wait_until_hidden()
    assert said.summary == "Password copied"
    assert "ada · Workshop" in said.body
    assert ADA_PASSWORD not in said.text
    until("the other program to have the focus again", other.has_focus)


def test_alt_enter_copies_a_session_for_the_terminal(
    quick: Quick, other: OtherProgram, stocked_vault: StockedVault
) -> None:
    quick.open()
    quick.search("ada", "ada")
    wait_for_room(10)
    said = quick.copied(lambda: quick.desktop.keys("alt+Return"), secs=60)
    until("the session", lambda: quick.desktop.clipboard().startswith("export "))
    assert quick.is_marked_secret()
    lines = parse_env_lines(quick.desktop.clipboard())
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} <= {*lines}
    assert lines["AWS_ACCESS_KEY_ID"] != stocked_vault.key.id
    quick.wait_until_hidden()
    assert said.summary == "Session copied"
    assert "ada · Workshop" in said.body
    assert not any(value in said.text for value in lines.values() if len(value) > 15)


@pytest.mark.slow
def test_a_profile_is_found_and_its_session_copied(
    quick: Quick, other: OtherProgram, stocked_vault: StockedVault
) -> None:
    main = quick.app.window("main")
    rows = ipc.call(main, "accounts")
    workshop = next(row["id"] for row in rows if row["account_id"] == WORKSHOP)
    people = ipc.call(main, "account", id=workshop)["identities"]
    ada = next(row["id"] for row in people if row["name"] == "ada")
    ipc.save_profile(main, "release", "role", identity=ada, role=f"arn:aws:iam::{WORKSHOP}:role/teams/ship")
    quick.open()
    quick.search("ship", "release")
    assert quick.lines()[0].startswith(">release / Role ship · Workshop · 1111-2222-3333")
    wait_for_room(10)
    said = quick.copied(lambda: quick.desktop.keys("Return"), secs=60)
    until("the session", lambda: quick.desktop.clipboard().startswith("export "))
    assert quick.is_marked_secret()
    quick.wait_until_hidden()
    assert (said.summary, "release · Workshop" in said.body) == ("Session copied", True), said
    lines = parse_env_lines(quick.desktop.clipboard())
    assert lines["AWS_ACCESS_KEY_ID"] != stocked_vault.key.id
    # What was used of late is there before anything is typed.
    quick.open()
    quick.app.wait_for("the profile among the recent ones", lambda: any("release" in line for line in quick.lines()))
    quick.search("release", "release")
    quick.desktop.keys("ctrl+o")
    quick.wait_until_hidden()
    quick.app.window("main").find("heading", "release")


@pytest.mark.slow
def test_a_session_waits_in_the_window_for_the_next_code(quick: Quick, other: OtherProgram) -> None:
    quick.open()
    quick.search("ada", "ada")
    wait_for_room(12)
    quick.copied(lambda: quick.desktop.keys("Return"), *codes_around_now(ADA_SEED)[1:])
    quick.wait_until_hidden()
    quick.open()
    quick.search("ada", "ada")
    quick.desktop.keys("alt+Return")
    quick.app.wait_for_text("The present code was used already")
    assert quick.is_shown()
    quick.copied(lambda: None, secs=45)
    until("the session", lambda: quick.desktop.clipboard().startswith("export "))
    quick.wait_until_hidden()


@pytest.mark.slow
def test_a_click_does_what_the_keys_do(quick: Quick, other: OtherProgram) -> None:
    quick.open()
    quick.search("ada", "ada")
    quick.copied(lambda: quick.app.click("button", "Password"), ADA_PASSWORD)
    quick.wait_until_hidden()


@pytest.mark.slow
def test_the_root_user_is_found_by_its_account_and_its_email(quick: Quick, other: OtherProgram) -> None:
    quick.open()
    quick.search("aws+", ROOT_EMAIL)
    assert "production" in quick.app.find("option", ROOT_EMAIL).text.lower()
    wait_for_room(8)
    said = quick.copied(lambda: quick.desktop.keys("Return"), *codes_around_now(ROOT_SEED)[1:])
    assert "root user · Payments (production)" in said.body
    quick.open()
    quick.search("pay", "Payments")
    roots = [line for line in quick.lines() if ROOT_EMAIL in line]
    assert roots, quick.lines()
    while not [line for line in quick.lines() if line.startswith(f">{ROOT_EMAIL}")]:
        quick.desktop.keys("Down")
    quick.copied(lambda: quick.desktop.keys("shift+Return"), ROOT_PASSWORD)


@pytest.mark.slow
def test_what_is_not_there_is_said_in_the_window(quick: Quick, other: OtherProgram) -> None:
    quick.open()
    quick.search("bob", "bob")
    for keys, text in (
        ("shift+Return", "No password is kept for bob."),
        ("alt+Return", "bob has no access key to make a session from."),
    ):
        quick.desktop.keys(keys)
        quick.app.wait_for_text(text)
    assert quick.is_shown()
    assert quick.typed() == "bob"
    assert quick.desktop.clipboard() == ""
    quick.type("xyz")
    quick.app.wait_for_text("Nothing matches.")
    quick.desktop.keys("Return", "alt+Return")
    stays_so("the window", quick.is_shown)


def test_an_error_stays_in_the_window_with_what_was_typed(quick: Quick, other: OtherProgram) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    account = ipc.save_account(
        quick.app, "777788889999", "Nowhere", endpoints={"sts": dead, "iam": None, "sign_in": None}
    )
    nora = ipc.save_identity(quick.app, account, "nora")
    ipc.save_key(quick.app, nora, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    quick.open()
    quick.search("nora", "nora")
    before = len(quick.notifications.all())
    quick.desktop.keys("alt+Return")
    quick.app.find("alert", secs=60)
    assert quick.is_shown()
    assert quick.typed() == "nora"
    assert "nora" in "".join(quick.lines())
    assert quick.desktop.clipboard() == ""
    assert len(quick.notifications.all()) == before, "it is said twice"
    # One key takes it all away: typing goes on.
    assert quick.app.focused()[0] == "combobox"
    quick.desktop.keys("BackSpace")
    quick.app.wait_for("the error to go", lambda: not quick.app.is_shown("alert"))


# What it opens


@pytest.mark.slow
def test_control_enter_opens_the_sign_in_page(quick: Quick, other: OtherProgram, browser: Browser) -> None:
    quick.open()
    quick.search("ada", "ada")
    quick.desktop.keys("ctrl+Return")
    address = browser.wait_for_page()
    assert address.startswith("https://") and WORKSHOP in address
    quick.wait_until_hidden()


def test_control_o_opens_the_main_window_at_the_identity(quick: Quick, other: OtherProgram) -> None:
    quick.open()
    quick.search("ada", "ada")
    quick.desktop.keys("ctrl+o")
    quick.wait_until_hidden()
    quick.app.window("main")
    quick.app.find("heading", "ada")
    quick.app.test_id("code")
    until("the main window to have the focus", lambda: focused_window(quick.desktop) == "Undercroft")
    quick.open()
    quick.search("gra", "grace")
    quick.desktop.keys("ctrl+o")
    quick.wait_until_hidden()
    quick.app.window("main")
    quick.app.find("heading", "grace")


@pytest.mark.slow
def test_control_o_opens_a_main_window_where_there_is_none(quick: Quick, tray: Tray) -> None:
    tray.start()
    tray.wait_until_unlocked()
    # While a hidden window is left, the driver stays.
    quick.open()
    quick.desktop.keys("Escape")
    quick.wait_until_hidden()
    quick.app.window("main")
    quick.desktop.keys("alt+F4")
    quick.app.wait_until_gone("main")
    quick.open()
    quick.search("ada", "ada")
    quick.desktop.keys("ctrl+o")
    quick.app.window("main", 30)
    quick.app.find("heading", "ada", secs=20)
    quick.wait_until_hidden()


# Coming and going


@pytest.mark.slow
def test_escape_and_another_window_hide_it(quick: Quick, other: OtherProgram) -> None:
    quick.open()
    quick.desktop.keys("Escape")
    quick.wait_until_hidden()
    until("the other program to have the focus again", other.has_focus)
    quick.open()
    other.focus()
    quick.wait_until_hidden()
    stays_so("the other program's focus", other.has_focus)


@pytest.mark.slow
def test_the_shortcut_hides_it_again(quick: Quick, other: OtherProgram) -> None:
    """The key press itself takes the focus from the window for a moment: X tells so while a grabbed key is down."""
    for _ in range(2):
        quick.open()
        quick.press_shortcut()
        quick.wait_until_hidden()
        stays_so("the window away", lambda: not quick.is_shown())
    until("the other program to have the focus again", other.has_focus)


@pytest.mark.slow
def test_the_shortcut_is_heard_from_a_second_keyboard(quick: Quick, other: OtherProgram) -> None:
    """X tells of the layout when a key of another keyboard goes down, just before the key itself."""
    quick.open()
    for number in range(16):
        was_shown = quick.is_shown()
        quick.desktop.run([PYTHON, SCRIPTS / "two_keyboards.py", "u", str(number % 8 / 4)])
        until("the shortcut to be heard", lambda was_shown=was_shown: quick.is_shown() is not was_shown)
        # A press that follows within the same moment is not another one.
        time.sleep(0.5)
    assert other.keys().count("u") == 0, "the shortcut went to the other program"


@pytest.mark.slow
def test_the_hidden_window_is_kept_and_knows_nothing_of_before(quick: Quick, other: OtherProgram) -> None:
    quick.open()
    first = web_processes(quick.app)
    quick.search("bob", "bob")
    quick.desktop.keys("Escape")
    quick.wait_until_hidden()
    quick.open()
    assert web_processes(quick.app) == first, "the page is another one"
    assert quick.typed() == ""
    quick.search("ada", "ada")
    quick.copied(lambda: quick.desktop.keys("shift+Return"), ADA_PASSWORD)
    quick.wait_until_hidden()
    quick.open()
    assert quick.typed() == ""
    quick.app.wait_for("the first list", lambda: quick.lines()[:1] == [f">{ADA_LINE}"])


@pytest.mark.slow
def test_with_nothing_typed_pinned_ones_come_first_then_recent_ones(quick: Quick, other: OtherProgram) -> None:
    quick.open()
    quick.app.wait_for("the pinned one", lambda: quick.lines() == [f">{ADA_LINE}"])
    assert [group.accessible_name for group in quick.app.all("group")][:1] == ["Pinned"]
    quick.search("aws+", ROOT_EMAIL)
    quick.copied(lambda: quick.desktop.keys("shift+Return"), ROOT_PASSWORD)
    quick.wait_until_hidden()
    quick.open()
    both = [f">{ADA_LINE}", ROOT_EMAIL]
    quick.app.wait_for("both", lambda: [line.partition(" / PRODUCTION")[0] for line in quick.lines()] == both)
    assert ROOT_EMAIL in str(quick.app.find("group", "Recent").get_property("innerText"))
    # The first one is chosen: the shortcut and Enter are enough for what is used most.
    wait_for_room(8)
    quick.copied(lambda: quick.desktop.keys("Return"), *codes_around_now(ADA_SEED)[1:])


@pytest.mark.slow
def test_a_key_that_is_let_go_when_the_window_is_away_works_the_next_time(quick: Quick, other: OtherProgram) -> None:
    """As fingers do it: they leave the key some time after the window has gone, and another program hears of it."""
    for _ in range(2):
        quick.open()
        quick.app.wait_for("the first list", lambda: quick.lines()[:1] == [f">{ADA_LINE}"])
        quick.copied(lambda: quick.desktop.run(["xdotool", "keydown", "Return"]), *codes_around_now(ADA_SEED)[1:])
        quick.wait_until_hidden()
        until("the other program to have the focus again", other.has_focus)
        quick.desktop.run(["xdotool", "keyup", "Return"])


@pytest.mark.slow
def test_a_change_elsewhere_is_seen_at_the_next_opening(quick: Quick, other: OtherProgram) -> None:
    quick.open()
    quick.desktop.keys("Escape")
    quick.wait_until_hidden()
    quick.app.window("main")
    account = ipc.save_account(quick.app, "777788889999", "Attic")
    zoe = ipc.save_identity(quick.app, account, "zoe")
    ipc.call(quick.app, "set_favourite", item=zoe, favourite=True)
    quick.open()
    quick.app.wait_for("the new one", lambda: any(line.lstrip(">").startswith("zoe") for line in quick.lines()))


# Locked


def test_locked_the_shortcut_asks_for_the_password_and_goes_on_to_the_search(
    start: StartApp,
    vault_path: Path,
    stocked_vault: StockedVault,
    notifications: Notifications,
    desktop: Desktop,
) -> None:
    vault_path.write_bytes(stocked_vault.files["usual"])
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)}).window("password")
    other = OtherProgram(desktop)
    desktop.keys(SHORTCUT)
    until("the password window to get the keys", lambda: focused_window(desktop) == "Undercroft")
    assert not other.has_focus()
    app.find("textbox", "Master password").send_keys(steps.MASTER_PASSWORD)
    desktop.keys("Return")
    quick = Quick(app, notifications)
    until("quick search", quick.is_shown, steps.SLOW_SECS)
    quick.wait_until_ready()
    assert [label for label, _ in app.windows()] == ["quick"], "the main window came up too"
    quick.search("ada", "ada")
    quick.copied(lambda: desktop.keys("shift+Return"), ADA_PASSWORD)
    quick.wait_until_hidden()
    assert app.is_running()


def unlock_into_search(app: BareApp) -> None:
    """Types the password; ends in quick search."""
    app.type_password(steps.MASTER_PASSWORD, app.quick_window)
    app.wait_for_quick_window()
    until("the password window to close", lambda: app.password_window() is None, 20)


def test_started_for_the_search_it_asks_for_the_password_first(
    run_bare: RunBare, desktop: Desktop, vault_path: Path
) -> None:
    app = run_bare(args=["--quick"])
    unlock_into_search(app)
    stays_so("no main window", lambda: app.main_window() is None)
    # A second start hides and shows it, as the shortcut does.
    for shown in (False, True):
        second = BareApp(desktop, vault_path, args=["--quick"])
        assert second.wait_until_ended() == 0
        until(f"quick search to be shown: {shown}", lambda shown=shown: bool(app.quick_window()) is shown)
    assert app.is_running()


@pytest.mark.slow
def test_a_second_start_for_the_search_opens_it_over_the_main_window(quick: Quick, vault_path: Path) -> None:
    for shown in (True, False, True):
        second = BareApp(quick.desktop, vault_path, args=["--quick"])
        assert second.wait_until_ended() == 0
        until(f"quick search to be shown: {shown}", lambda shown=shown: quick.is_shown() is shown)
    quick.wait_until_ready()


@pytest.mark.slow
def test_giving_up_at_the_password_forgets_the_search(run_bare: RunBare, desktop: Desktop, tray: Tray) -> None:
    tray.start()
    app = run_bare("stays", args=["--background"])
    tray.wait_until_locked()
    time.sleep(2)
    desktop.keys(SHORTCUT)
    app.focus(app.wait_for_password_window())
    desktop.keys("alt+F4")
    until("the password window to close", lambda: app.password_window() is None)
    assert app.is_running()
    tray.click("Open Undercroft")
    app.unlock()
    assert app.quick_window() is None


def test_locking_takes_the_window_and_its_page_away(run_bare: RunBare, desktop: Desktop, tray: Tray) -> None:
    tray.start()
    app = run_bare("stays", args=["--quick"])
    unlock_into_search(app)
    assert app.web_processes()
    tray.click("Lock")
    app.wait_until_no_page()
    assert app.quick_window() is None
    assert app.is_running()
    desktop.keys(SHORTCUT)
    app.wait_for_password_window()
    assert app.quick_window() is None


@pytest.mark.slow
def test_locking_takes_the_hidden_window_away_too(run_bare: RunBare, desktop: Desktop, tray: Tray) -> None:
    tray.start()
    app = run_bare("stays", args=["--quick"])
    unlock_into_search(app)
    # What is pressed before the page is there is lost.
    until("quick search to hide", lambda: desktop.keys("Escape") or app.quick_window() is None)
    assert app.web_processes(), "it is to be kept warm"
    tray.click("Lock")
    app.wait_until_no_page()
    assert app.is_running()
