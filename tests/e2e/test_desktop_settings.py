"""What the settings say about the desktop: tray, login, the global shortcut, pinned identities, locking, the window's place."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

import ipc
import steps
from app import App, app_binary
from bare_app import TITLE, BareApp
from conftest import MadeVault
from desktop import Desktop
from notifications import Notifications
from patience import comes, comes_within
from quick_use import SHORTCUT, OtherProgram, Quick, focused_window, stays_so
from stand_in import until
from stocked import StockedVault
from tray import Tray

pytestmark = pytest.mark.slow

RunBare = Callable[..., BareApp]
StartUnlocked = Callable[..., Quick]
PROGRAM_NAME = "dev.undercroft.Undercroft"


@pytest.fixture
def start_unlocked(
    start: Callable[..., App], vault_path: Path, stocked_vault: StockedVault, notifications: Notifications
) -> StartUnlocked:
    """Starts the app on the stocked vault and unlocks it; a second call goes on with what the first one left."""
    vault_path.write_bytes(stocked_vault.files["usual"])

    def start_app(**options: object) -> Quick:
        app = start(env={"UNDERCROFT_VAULT": str(vault_path)}, **options)
        steps.unlock(app)
        return Quick(app, notifications)

    return start_app


def settings(quick: Quick) -> App:
    """Opens the settings in the main window, with the keyboard in it."""
    app = quick.app.window("main")
    quick.desktop.activate(TITLE)
    app.press(Keys.CONTROL, ",")
    app.find("heading", "Settings")
    return app


def section(app: App, title: str) -> WebElement:
    """Waits for a section of the settings."""
    return app.find("region", title, secs=20)


def record(quick: Quick, keys: str) -> None:
    """Records another shortcut by pressing it."""
    app = quick.app
    app.click("button", "Change", within=section(app, "Desktop"))
    app.wait_for("the recorder to have the focus", lambda: "Press the keys" in app.focused()[1])
    until("the main window to get the keys", lambda: focused_window(quick.desktop) == TITLE)
    quick.desktop.keys(keys)


def wait_for_shortcut(app: App, keys: str, state: str = "Active") -> None:
    """Waits until the settings show these keys in this state."""
    app.wait_for(f"{keys} to be {state}", lambda: {keys, state} <= {*words(section(app, "Desktop"))})


def words(element: WebElement) -> list[str]:
    """Lists the lines of an element's text as they are spoken, without what is cut off at the end."""
    return [line.strip() for line in str(element.get_property("innerText")).splitlines() if line.strip()]


def opens(quick: Quick, keys: str) -> bool:
    """Presses keys, says whether quick search opens, and hides it again."""
    quick.desktop.keys(keys)
    if not comes_within(quick.is_shown, 5):
        return False
    quick.wait_until_ready()
    quick.desktop.keys("Escape")
    quick.wait_until_hidden()
    quick.app.window("main")
    return True


# The shortcut


def test_another_shortcut_works_at_once_and_after_a_restart(start_unlocked: StartUnlocked) -> None:
    quick = start_unlocked()
    app = settings(quick)
    wait_for_shortcut(app, "Ctrl+Alt+U")
    record(quick, "ctrl+alt+k")
    wait_for_shortcut(app, "Ctrl+Alt+K")
    assert app.focused() == ("button", "Change")
    assert opens(quick, "ctrl+alt+k")
    assert not opens(quick, SHORTCUT), "the keys before work still"
    app.close()
    quick = start_unlocked()
    assert opens(quick, "ctrl+alt+k")
    assert not opens(quick, SHORTCUT)
    wait_for_shortcut(settings(quick), "Ctrl+Alt+K")


def test_keys_that_are_no_shortcut_are_refused_and_escape_cancels(start_unlocked: StartUnlocked) -> None:
    quick = start_unlocked()
    app = settings(quick)
    record(quick, "k")
    app.wait_for_text("These keys alone can’t be a shortcut.")
    quick.desktop.keys("Escape")
    wait_for_shortcut(app, "Ctrl+Alt+U")
    assert app.focused() == ("button", "Change")
    assert opens(quick, SHORTCUT)


def test_a_removed_shortcut_opens_nothing(start_unlocked: StartUnlocked) -> None:
    quick = start_unlocked()
    app = settings(quick)
    app.click("button", "Remove the shortcut")
    app.find("button", "Set shortcut", within=section(app, "Desktop"))
    assert not opens(quick, SHORTCUT)
    app.close()
    quick = start_unlocked()
    assert not opens(quick, SHORTCUT)
    app = settings(quick)
    app.click("button", "Set shortcut", within=section(app, "Desktop"))
    quick.desktop.keys(SHORTCUT)
    wait_for_shortcut(app, "Ctrl+Alt+U")
    assert opens(quick, SHORTCUT)


def test_a_shortcut_of_another_program_is_refused_and_the_old_one_stays(
    start_unlocked: StartUnlocked, desktop: Desktop
) -> None:
    other = OtherProgram(desktop, "k")
    quick = start_unlocked()
    settings(quick)
    # What another program holds never reaches the window, so it is asked for as the window would.
    with pytest.raises(ipc.Refused) as refused:
        ipc.call(quick.app, "set_shortcut", keys="Ctrl+Alt+K")
    assert refused.value.problem == {"code": "shortcut-taken"}
    wait_for_shortcut(settings(quick), "Ctrl+Alt+U")
    assert opens(quick, SHORTCUT)
    desktop.keys("ctrl+alt+k")
    until("the other program to get its keys", lambda: other.keys() == ["k"])
    assert not quick.is_shown()


def test_a_shortcut_that_was_taken_before_the_start_is_called_taken(
    start_unlocked: StartUnlocked, desktop: Desktop
) -> None:
    OtherProgram(desktop, "u")
    quick = start_unlocked()
    app = settings(quick)
    wait_for_shortcut(app, "Ctrl+Alt+U", "Taken")
    app.wait_for_text("Another program has Ctrl+Alt+U")
    record(quick, "ctrl+alt+j")
    wait_for_shortcut(app, "Ctrl+Alt+J")
    assert opens(quick, "ctrl+alt+j")


# Login and tray


def desktop_files(desktop: Desktop) -> list[Path]:
    """Lists what is started at login, wherever a desktop or a library may look."""
    folders = [Path(desktop.env["XDG_CONFIG_HOME"]) / "autostart", Path(desktop.env["HOME"]) / ".config" / "autostart"]
    return [file for folder in folders for file in folder.glob("*.desktop")]


def entry_of(file: Path) -> dict[str, str]:
    """Reads the values of a desktop file."""
    lines = [line.partition("=") for line in file.read_text().splitlines() if "=" in line]
    return {key: value for key, _, value in lines}


def start_at_login(app: App) -> WebElement:
    """Finds the switch."""
    return app.find("switch", "Start at login")


def test_starting_at_login_is_a_desktop_file_that_goes_again(start_unlocked: StartUnlocked, desktop: Desktop) -> None:
    quick = start_unlocked()
    app = settings(quick)
    assert start_at_login(app).get_attribute("aria-checked") == "false"
    app.click("switch", "Start at login")
    app.wait_for("the switch", lambda: start_at_login(app).get_attribute("aria-checked") == "true")
    [file] = desktop_files(desktop)
    entry = entry_of(file)
    assert shlex.split(entry["Exec"]) == [str(app_binary().resolve()), "--background"]
    app.close()
    quick = start_unlocked()
    app = settings(quick)
    assert start_at_login(app).get_attribute("aria-checked") == "true"
    app.click("switch", "Start at login")
    app.wait_for("the switch", lambda: start_at_login(app).get_attribute("aria-checked") == "false")
    assert desktop_files(desktop) == []


def test_starting_at_login_is_written_where_desktops_look_and_in_words(
    start_unlocked: StartUnlocked, desktop: Desktop
) -> None:
    """Desktops read $XDG_CONFIG_HOME/autostart (Desktop Application Autostart Specification)."""
    quick = start_unlocked()
    ipc.call(quick.app, "set_starts_at_login", on=True)
    [file] = desktop_files(desktop)
    assert file.parent == Path(desktop.env["XDG_CONFIG_HOME"]) / "autostart"
    assert entry_of(file)["Name"] == "Undercroft"


def test_starting_at_login_works_from_a_folder_with_a_space(
    start_unlocked: StartUnlocked, desktop: Desktop, tmp_path: Path
) -> None:
    folder = tmp_path / "my programs"
    folder.mkdir()
    program = folder / "undercroft-app"
    shutil.copy2(app_binary(), program)
    quick = start_unlocked(binary=program)
    ipc.call(quick.app, "set_starts_at_login", on=True)
    [file] = desktop_files(desktop)
    assert shlex.split(entry_of(file)["Exec"]) == [str(program), "--background"]


def test_without_a_tray_closing_to_it_is_no_choice(start_unlocked: StartUnlocked) -> None:
    quick = start_unlocked()
    app = settings(quick)
    switch = app.find("switch", "Stay in the tray")
    app.wait_for_text("No panel of this desktop shows a tray icon")
    assert switch.get_attribute("aria-disabled") == "true"
    assert "closing the window quits" in app.field_error(switch)
    switch.click()
    assert switch.get_attribute("aria-checked") == "false"
    assert ipc.call(app, "overview")["settings"]["keeps_window_on_close"] is False


def test_with_a_tray_it_is_and_is_followed(start_unlocked: StartUnlocked, tray: Tray) -> None:
    tray.start()
    quick = start_unlocked()
    tray.wait_until_unlocked()
    app = settings(quick)
    pid = app.pid()
    app.click("switch", "Stay in the tray")
    app.wait_for("it to be kept", lambda: ipc.call(app, "overview")["settings"]["keeps_window_on_close"])
    # While a hidden window is left, the driver stays.
    quick.open()
    quick.desktop.keys("Escape")
    quick.wait_until_hidden()
    quick.desktop.close_window(TITLE)
    app.wait_until_gone("main")
    stays_so("the program", lambda: Path(f"/proc/{pid}").exists())
    assert "Lock" in tray.labels()
    tray.click("Open Undercroft")
    app.window("main", 30)


# Pinned identities


def pinned(app: App) -> list[str]:
    """Lists the pinned identities in the order of the settings."""
    lists = app.all("list", "Pinned identities", within=section(app, "Pinned identities"))
    return [words(line)[2] for line in lists[0].find_elements("css selector", ":scope > li")] if lists else []


def press_on(app: App, button: str) -> None:
    """Presses a button by the keyboard."""
    app.driver.execute_script("arguments[0].focus()", app.find("button", button))
    app.press(Keys.ENTER)


def test_pinned_identities_are_put_in_order_and_unpinned(start_unlocked: StartUnlocked, tray: Tray) -> None:
    tray.start()
    quick = start_unlocked()
    app = quick.app
    steps.open_account(app, "Payments")
    steps.open_identity(app, "grace")
    app.click("button", "Pin grace")
    tray.find("grace · Payments (production)", secs=20)
    app = settings(quick)
    app.wait_for("both", lambda: sorted(pinned(app)) == ["ada", "grace"])
    if pinned(app)[0] == "ada":
        press_on(app, "Move grace in Payments up")
    app.wait_for("grace first", lambda: pinned(app) == ["grace", "ada"])
    tray.wait_for("grace before ada", lambda menu: [one.label[:3] for one in menu[2:4]] == ["gra", "ada"])
    press_on(app, "Move grace in Payments down")
    app.wait_for("ada first", lambda: pinned(app) == ["ada", "grace"])
    assert app.focused() == ("button", "Move grace in Payments down"), "the focus is to go along"
    # There is no further down: nothing happens.
    app.press(Keys.ENTER)
    assert pinned(app) == ["ada", "grace"]
    tray.wait_for("ada before grace", lambda menu: [one.label[:3] for one in menu[2:4]] == ["ada", "gra"])
    quick.open()
    app.wait_for("the same order", lambda: [line.lstrip(">")[:3] for line in quick.lines()] == ["ada", "gra"])
    quick.desktop.keys("Escape")
    quick.wait_until_hidden()

    app = settings(quick)
    press_on(app, "Unpin ada in Workshop")
    app.wait_for("ada to go", lambda: pinned(app) == ["grace"])
    tray.find("Workshop", "ada", secs=20)
    app.click("button", "Undo")
    app.wait_for("ada at its place", lambda: pinned(app) == ["ada", "grace"])
    tray.wait_for("ada before grace", lambda menu: [one.label[:3] for one in menu[2:4]] == ["ada", "gra"])


# Locking


def test_locking_with_the_desktop_is_kept(start_unlocked: StartUnlocked) -> None:
    quick = start_unlocked()
    app = settings(quick)
    for name, warning in (
        ("Lock with the screen", "The vault stays open behind the locked screen"),
        ("Lock on sleep", "The vault’s keys stay in memory while the machine sleeps"),
    ):
        assert app.find("switch", name).get_attribute("aria-checked") == "true"
        app.click("switch", name)
        app.wait_for_text(warning)
    app.close()
    app = settings(start_unlocked())
    kept = ipc.call(app, "overview")["settings"]
    assert (kept["locks_with_screen"], kept["locks_on_sleep"]) == (False, False)
    for name in ("Lock with the screen", "Lock on sleep"):
        assert app.find("switch", name).get_attribute("aria-checked") == "false"
        app.click("switch", name)
    app.wait_for(
        "both on",
        lambda: (
            ipc.call(app, "overview")["settings"] == kept | dict.fromkeys(("locks_with_screen", "locks_on_sleep"), True)
        ),
    )


# The window's place


def place(app: BareApp) -> dict[str, int]:
    """Returns where the main window is and how large."""
    said = app.desktop.run(["xdotool", "getwindowgeometry", "--shell", str(app.wait_for_main_window())]).stdout
    known = dict(line.partition("=")[::2] for line in said.splitlines())
    return {name: int(known[name]) for name in ("X", "Y", "WIDTH", "HEIGHT")}


def put(app: BareApp, *, x: int, y: int, width: int, height: int) -> dict[str, int]:
    """Moves and resizes the main window, and returns where it came to rest."""
    window = str(app.wait_for_main_window())
    app.desktop.run(["xdotool", "windowsize", "--sync", window, str(width), str(height)])
    app.desktop.run(["xdotool", "windowmove", "--sync", window, str(x), str(y)])
    app.desktop.run(["xdotool", "sleep", "1"])
    return place(app)


@pytest.mark.parametrize("how", ["quit", "closed", "terminated"])
def test_the_window_comes_back_where_it_was(
    run_bare: RunBare, tray: Tray, desktop: Desktop, vault_path: Path, how: str
) -> None:
    """Ended from the tray, by closing the window, or by the end of the desktop's session."""
    tray.start()
    app = run_bare()
    app.unlock()
    before = put(app, x=210, y=90, width=960, height=600)
    assert (before["WIDTH"], before["HEIGHT"]) == (960, 600)
    if how == "quit":
        tray.click("Quit", secs=20)
    elif how == "closed":
        app.close_main_window()
    else:
        os.kill(app.pid, signal.SIGTERM)
    app.wait_until_ended()
    app = BareApp(desktop, vault_path)
    app.unlock()
    assert comes(lambda: place(app) == before), f"{place(app)}, not {before}"


def test_the_window_comes_back_where_it_was_after_locking(run_bare: RunBare, tray: Tray) -> None:
    tray.start()
    app = run_bare()
    app.unlock()
    before = put(app, x=210, y=90, width=960, height=600)
    tray.click("Lock", secs=20)
    until("the main window to close", lambda: app.main_window() is None, 20)
    app.unlock()
    assert comes(lambda: place(app) == before), f"{place(app)}, not {before}"


def put_in_the_way(path: Path, what: str) -> None:
    """Puts something that is no small file of settings where one should be."""
    path.unlink(missing_ok=True)
    if what == "a pipe":
        os.mkfifo(path)
    elif what == "a folder":
        path.mkdir()
    elif what == "endless":
        path.symlink_to("/dev/zero")
    else:
        path.write_bytes(b'{"shortcut": 7, "browser": [], "vault": {}, "theme": "\xff')


@pytest.mark.parametrize("what", ["a pipe", "a folder", "endless", "garbage"])
def test_the_app_starts_whatever_stands_in_its_small_files_place(
    start: Callable[..., App], made_vault: MadeVault, vault_path: Path, desktop: Desktop, what: str
) -> None:
    vault_path.write_bytes(made_vault.content)
    folder = Path(desktop.env["XDG_STATE_HOME"]) / "undercroft"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("desktop.json", "last.json", "installation"):
        put_in_the_way(folder / name, what)
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    steps.unlock(app)
    steps.add_account(app, "123456789012", "In spite of it")
    kept = ipc.call(app, "overview")["settings"]
    assert kept["locks_on_sleep"] and kept["locks_with_screen"] and not kept["keeps_window_on_close"]
