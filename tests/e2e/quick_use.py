"""Quick search and the sign-in sheet as hands use them: keys that go to whatever program has the focus."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app import App
from bare_app import QUICK_TITLE, shown_windows
from desktop import Desktop
from notifications import Notification, Notifications
from other_program import TITLE as OTHER_TITLE
from stand_in import PYTHON, SCRIPTS, until

SHORTCUT = "ctrl+alt+u"
FIELD = "Search accounts, identities and profiles"
LINES = """
return [...document.querySelectorAll('[role=option]')].map((line) => {
  const chosen = line.getAttribute('aria-selected') === 'true' ? '>' : '';
  return chosen + line.innerText.split('\\n').map((part) => part.trim()).filter(Boolean).slice(1).join(' / ').replaceAll('\\u00a0', ' ');
});
"""
STEPS = """
return [...arguments[0].children].map((step) => step.innerText.split(/\\s*\\n\\s*/).filter(Boolean).join(' / '));
"""
# What makes a password manager's entry stay out of a clipboard's history.
PASSWORD_HINT = "x-kde-passwordManagerHint"


def focused_window(desktop: Desktop) -> str:
    """Returns the title of the window that gets the keys."""
    return desktop.run(["xdotool", "getactivewindow", "getwindowname"]).stdout.strip()


class OtherProgram:
    """A program beside the app that has the focus to begin with; `taken` is a key that it holds with Ctrl and Alt."""

    def __init__(self, desktop: Desktop, taken: str | None = None) -> None:
        self.desktop = desktop
        self.folder = desktop.folder / "other-program"
        self.folder.mkdir(exist_ok=True)
        desktop.start([PYTHON, SCRIPTS / "other_program.py", self.folder, *([taken] if taken else [])])
        until("the other program", (self.folder / "ready").exists, 20)
        until("its window", lambda: shown_windows(desktop, OTHER_TITLE), 20)
        self.focus()

    def focus(self) -> None:
        """Clicks into it."""
        [window] = shown_windows(self.desktop, OTHER_TITLE)
        self.desktop.run(["xdotool", "windowactivate", "--sync", str(window)])
        until("the other program to have the focus", self.has_focus)

    def has_focus(self) -> bool:
        """Says whether it gets the keys."""
        return focused_window(self.desktop) == OTHER_TITLE

    def keys(self) -> list[str]:
        """Lists the keys that it got."""
        log = self.folder / "keys"
        return log.read_text().split() if log.exists() else []


class Browser:
    """A browser that only writes down which pages it is to open."""

    def __init__(self, desktop: Desktop, folder: Path) -> None:
        folder.mkdir()
        program = folder / "xdg-open"
        program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/opened\n')
        program.chmod(0o755)
        self.folder = folder
        self.env = {"PATH": f"{folder}:{desktop.env['PATH']}"}

    def opened(self) -> list[str]:
        """Lists the addresses so far."""
        log = self.folder / "opened"
        return log.read_text().splitlines() if log.exists() else []

    def wait_for_page(self) -> str:
        """Waits for the one page."""
        [address] = until("the page", self.opened, 20)
        return address


@dataclass(frozen=True)
class Quick:
    """An unlocked app with a driver, whose quick window is worked by the keyboard of the desktop."""

    app: App
    notifications: Notifications

    @property
    def desktop(self) -> Desktop:
        """Where it runs."""
        return self.app.desktop

    def is_shown(self) -> bool:
        """Says whether the window is on the screen."""
        return bool(shown_windows(self.desktop, QUICK_TITLE))

    def press_shortcut(self) -> None:
        """Presses the global shortcut."""
        self.desktop.keys(SHORTCUT)

    def open(self) -> Quick:
        """Presses the shortcut and waits until the window has the keyboard and the page is ready for it."""
        self.press_shortcut()
        return self.wait_until_ready()

    def wait_until_ready(self) -> Quick:
        """Waits until what is typed goes into the field."""
        self.wait_until_focused()
        self.app.wait_for("the field to have the focus", lambda: self.app.focused() == ("combobox", FIELD))
        return self

    def wait_until_focused(self) -> Quick:
        """Waits until the window is shown and gets the keys, and turns the driver to it."""
        until("the quick window to be shown", self.is_shown, 20)
        until("the quick window to get the keys", lambda: focused_window(self.desktop) == QUICK_TITLE, 10)
        self.app.window("quick", 20)
        return self

    def wait_until_hidden(self) -> None:
        """Waits until the window is away."""
        until("the quick window to hide", lambda: not self.is_shown(), 20)

    def type(self, text: str) -> None:
        """Types into whatever has the focus."""
        self.desktop.run(["xdotool", "type", "--delay", "12", text])

    def typed(self) -> str:
        """Returns what stands in the field."""
        return str(self.app.find("combobox", FIELD).get_property("value"))

    def lines(self) -> list[str]:
        """Lists what the lines of the list say, without the account's mark; the chosen one begins with `>`."""
        return list(self.app.driver.execute_script(LINES))

    def search(self, text: str, first: str) -> None:
        """Types, and waits until the first line is chosen and begins so."""
        self.type(text)
        self.app.wait_for(
            f"{first} to be found",
            lambda: self.typed() == text and any(line.startswith(f">{first}") for line in self.lines()[:1]),
        )

    def copied(self, act: Callable[[], object], *texts: str, secs: float = 20) -> Notification:
        """Does something, waits until one of `texts` is on the clipboard, and returns what the notification says."""
        before = len(self.notifications.all())
        act()
        said = self.notifications.wait_for(
            lambda one: "copied" in one.summary.lower(),
            after=before,
            secs=secs,
            what="a notification of what was copied",
        )
        # Without showing them where it does not.
        until("the text on the clipboard", lambda: not texts or self.desktop.clipboard() in texts, secs)
        return said

    def is_marked_secret(self) -> bool:
        """Says whether a clipboard's history is asked to leave out what is on it."""
        return PASSWORD_HINT in self.desktop.clipboard_formats()

    # The sign-in sheet

    def wait_for_sheet(self, name: str) -> Quick:
        """Waits for the sheet of somebody's sign-in."""
        self.wait_until_focused()
        self.app.find("region", f"Sign in as {name}", secs=20)
        self.app.wait_for("the button of the next step to have the focus", lambda: self.app.focused()[0] == "button")
        return self

    def steps(self) -> list[str]:
        """Lists the steps of the sheet, each with its value and mark."""
        return list(self.app.driver.execute_script(STEPS, self.app.find("list", "Steps")))


def stays_so(what: str, probe: Callable[[], bool], secs: float = 1) -> None:
    """Asserts that something stays as it is for a while."""
    deadline = time.monotonic() + secs
    while time.monotonic() < deadline:
        assert probe(), f"{what} did not last"
        time.sleep(0.05)
