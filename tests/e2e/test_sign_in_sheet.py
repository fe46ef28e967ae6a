"""The sign-in sheet: the page, then one thing after the other to paste, at one key from within the browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import ipc
import steps
from app import App
from codes import codes_around_now, wait_for_room
from notifications import Notification, Notifications
from quick_use import Browser, OtherProgram, Quick, focused_window, stays_so
from stand_in import until
from stocked import ADA_PASSWORD, ADA_SEED, ROOT_EMAIL, ROOT_PASSWORD, ROOT_SEED, WORKSHOP, StockedVault
from tray import Tray

ADA_STEPS = [
    "Open the sign-in page",
    "Copy the account id",
    "Copy the user name",
    "Copy the password",
    "Copy the MFA code",
]
ROOT_STEPS = ["Open the sign-in page", "Copy the email", "Copy the password", "Copy the MFA code"]


def begin(quick: Quick, text: str, name: str) -> None:
    """Finds somebody in quick search and begins the sign-in."""
    quick.open()
    quick.search(text, name)
    quick.desktop.keys("ctrl+i")
    quick.wait_for_sheet(name)


def titles(quick: Quick) -> list[str]:
    """Lists the titles of the sheet's steps."""
    known = {*ADA_STEPS, *ROOT_STEPS}
    return [next(title for title in known if title in step) for step in quick.steps()]


def open_page(quick: Quick, browser: Browser) -> str:
    """Takes the first step with Enter and returns the address of the page."""
    quick.desktop.keys("Return")
    address = browser.wait_for_page()
    quick.wait_until_hidden()
    return address


def take(quick: Quick, *texts: str) -> Notification:
    """Takes the next step by the global shortcut."""
    return quick.copied(quick.press_shortcut, *texts)


def assert_ended(quick: Quick) -> None:
    """Asserts that the shortcut means a search again, and copies nothing."""
    before = len(quick.notifications.all())
    quick.open()
    assert not quick.app.is_shown("list", "Steps")
    assert len(quick.notifications.all()) == before


def test_an_iam_user_signs_in_with_one_key(
    quick: Quick, other: OtherProgram, browser: Browser, stocked_vault: StockedVault
) -> None:
    begin(quick, "ada", "ada")
    assert titles(quick) == ADA_STEPS
    assert "Next" in quick.steps()[0]
    address = open_page(quick, browser)
    assert address.startswith("https://") and WORKSHOP in address
    for secret in (*stocked_vault.secrets(), *codes_around_now(ADA_SEED)):
        assert secret not in address
    until("the browser to have the focus", other.has_focus)

    told = []
    for value, is_secret, following in (
        (WORKSHOP, False, "the user name"),
        ("ada", False, "the password"),
        (ADA_PASSWORD, True, "the MFA code"),
    ):
        told.append(take(quick, value))
        assert quick.is_marked_secret() is is_secret
        assert f"Next: {following}" in told[-1].body
        assert not quick.is_shown()
    wait_for_room(8)
    told.append(take(quick, *codes_around_now(ADA_SEED)[1:]))
    assert quick.is_marked_secret()
    assert len({one.summary for one in told}) == 4
    for one in told:
        assert "ada · Workshop" in one.body
        for secret in (*stocked_vault.secrets(), *codes_around_now(ADA_SEED)):
            assert secret not in one.text
    until("the browser to have the focus still", other.has_focus)
    assert other.keys().count("u") == 0, "the shortcut went to the browser"
    assert_ended(quick)


def test_a_root_user_signs_in_with_the_email(quick: Quick, other: OtherProgram, browser: Browser) -> None:
    begin(quick, "aws+", ROOT_EMAIL)
    assert titles(quick) == ROOT_STEPS
    sheet = quick.app.find("region", "Sign in as")
    assert "Production" in sheet.text or "PRODUCTION" in sheet.text
    assert ROOT_PASSWORD not in quick.app.text()
    open_page(quick, browser)
    assert "Next: the password" in take(quick, ROOT_EMAIL).body
    assert "Next: the MFA code" in take(quick, ROOT_PASSWORD).body
    wait_for_room(8)
    said = take(quick, *codes_around_now(ROOT_SEED)[1:])
    assert "root user · Payments (production)" in said.body
    assert_ended(quick)


@pytest.mark.slow
def test_an_alias_is_copied_in_place_of_the_id(quick: Quick, other: OtherProgram, browser: Browser) -> None:
    account = ipc.save_account(quick.app, "777788889999", "Attic", alias="attic-tools")
    ipc.save_identity(quick.app, account, "zoe")
    begin(quick, "zoe", "zoe")
    # What the vault does not hold has no step.
    assert [step.partition(" / ")[2] for step in quick.steps()][1:] == [
        "Copy the account alias / attic-tools",
        "Copy the user name / zoe",
    ]
    address = open_page(quick, browser)
    assert "attic-tools" in address or "777788889999" in address
    take(quick, "attic-tools")
    take(quick, "zoe")
    assert_ended(quick)


@pytest.mark.slow
def test_a_number_takes_a_certain_step(quick: Quick, other: OtherProgram, browser: Browser) -> None:
    begin(quick, "ada", "ada")
    quick.copied(lambda: quick.desktop.keys("4"), ADA_PASSWORD)
    quick.wait_until_hidden()
    assert browser.opened() == []
    # It goes on from there.
    wait_for_room(8)
    take(quick, *codes_around_now(ADA_SEED)[1:])
    assert_ended(quick)


@pytest.mark.slow
def test_a_click_takes_a_step_and_a_number_too_many_none(quick: Quick, other: OtherProgram) -> None:
    begin(quick, "ada", "ada")
    quick.desktop.keys("9")
    stays_so("the window", quick.is_shown)
    quick.copied(lambda: quick.app.click("button", "Copy the user name"), "ada")
    quick.wait_until_hidden()
    take(quick, ADA_PASSWORD)


@pytest.mark.slow
def test_the_sheet_shows_how_far_it_is_when_it_is_asked_for(
    quick: Quick, other: OtherProgram, browser: Browser, tray: Tray
) -> None:
    tray.start()
    begin(quick, "ada", "ada")
    open_page(quick, browser)
    take(quick, WORKSHOP)
    tray.activate()
    quick.wait_for_sheet("ada")
    shown = quick.steps()
    assert ["done" in step for step in shown] == [True, True, False, False, False]
    assert "Next" in shown[2]
    # Enter goes on with what comes next.
    quick.copied(lambda: quick.desktop.keys("Return"), "ada")
    quick.wait_until_hidden()
    take(quick, ADA_PASSWORD)


@pytest.mark.slow
def test_escape_ends_it(quick: Quick, other: OtherProgram, browser: Browser) -> None:
    begin(quick, "ada", "ada")
    quick.desktop.keys("Escape")
    quick.wait_until_ready()
    quick.desktop.keys("Escape")
    quick.wait_until_hidden()
    assert quick.desktop.clipboard() == ""
    assert browser.opened() == []
    assert_ended(quick)


@pytest.mark.slow
def test_the_shortcut_takes_the_step_that_the_sheet_shows(quick: Quick, other: OtherProgram, browser: Browser) -> None:
    begin(quick, "ada", "ada")
    quick.press_shortcut()
    browser.wait_for_page()
    quick.wait_until_hidden()
    take(quick, WORKSHOP)


def test_locking_ends_it(quick: Quick, other: OtherProgram, browser: Browser) -> None:
    begin(quick, "ada", "ada")
    open_page(quick, browser)
    take(quick, WORKSHOP)
    quick.app.window("main")
    steps.lock(quick.app)
    until("the clipboard to stay as it was or be cleared", lambda: quick.desktop.clipboard() in ("", WORKSHOP))
    quick.press_shortcut()
    until("the password window to get the keys", lambda: focused_window(quick.desktop) == "Undercroft")
    quick.app.type("Master password", steps.MASTER_PASSWORD)
    quick.desktop.keys("Return")
    # Unlocking was asked for by the shortcut, so it goes on to the search.
    quick.wait_until_ready()
    assert not quick.app.is_shown("list", "Steps")
    assert "ada" not in quick.desktop.clipboard()


def test_it_is_begun_in_the_tray(quick: Quick, tray: Tray, other: OtherProgram) -> None:
    tray.start()
    tray.click("ada · Workshop", "Sign in step by step", secs=20)
    quick.wait_for_sheet("ada")
    assert titles(quick) == ADA_STEPS


def test_it_is_begun_in_the_main_window(quick: Quick) -> None:
    steps.open_account(quick.app, "Workshop")
    steps.open_identity(quick.app, "ada")
    quick.app.click("button", "Sign in step by step")
    quick.wait_for_sheet("ada")
    assert titles(quick) == ADA_STEPS


@pytest.mark.slow
def test_without_a_browser_it_says_so_and_stays(
    start: Callable[..., App],
    vault_path: Path,
    stocked_vault: StockedVault,
    notifications: Notifications,
    tmp_path: Path,
) -> None:
    vault_path.write_bytes(stocked_vault.files["usual"])
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "WebKitWebDriver").symlink_to(str(shutil.which("WebKitWebDriver")))
    app = start(env={"UNDERCROFT_VAULT": str(vault_path), "PATH": str(programs)})
    steps.unlock(app)
    quick = Quick(app, notifications)
    begin(quick, "ada", "ada")
    quick.desktop.keys("Return")
    app.wait_for("the error", lambda: "browser" in app.text().lower())
    assert quick.is_shown()
    assert "Next" in quick.steps()[0]
