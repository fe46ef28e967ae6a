"""The program without a driver, as a panel, a keyboard and the process table see it.

A driver's session ends with the last window; what lives in the tray is tried without one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import steps
from app import app_binary
from desktop import Desktop
from patience import comes
from processes import family, name
from stand_in import until

TITLE = "Undercroft"
QUICK_TITLE = "Undercroft quick search"
# The password window is 480 wide and the main window at least 720; both are called the same.
NARROW = 600


def shown_windows(desktop: Desktop, title: str) -> dict[int, int]:
    """Returns the width of each shown window of this title, by its number."""
    found = desktop.run(["xdotool", "search", "--onlyvisible", "--name", f"^{title}$"]).stdout.split()
    widths = {}
    for number in found:
        geometry = desktop.run(["xdotool", "getwindowgeometry", "--shell", number]).stdout
        for line in geometry.splitlines():
            if line.startswith("WIDTH="):
                widths[int(number)] = int(line.partition("=")[2])
    return widths


class BareApp:
    """One run of the program. It ends with the desktop."""

    def __init__(
        self,
        desktop: Desktop,
        vault: Path,
        *,
        binary: Path | None = None,
        args: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.desktop = desktop
        self.env = {"UNDERCROFT_VAULT": str(vault), **(env or {})}
        self._process: subprocess.Popen[bytes] = desktop.start([binary or app_binary(), *args], env=self.env)

    # Windows

    def password_window(self) -> int | None:
        """Returns the number of the password window, if it is shown."""
        return next((number for number, width in shown_windows(self.desktop, TITLE).items() if width < NARROW), None)

    def main_window(self) -> int | None:
        """Returns the number of the main window, if it is shown."""
        return next((number for number, width in shown_windows(self.desktop, TITLE).items() if width >= NARROW), None)

    def quick_window(self) -> int | None:
        """Returns the number of the quick search window, if it is shown."""
        return next(iter(shown_windows(self.desktop, QUICK_TITLE)), None)

    def wait_for_password_window(self, secs: float = 20) -> int:
        """Waits for the password window."""
        return until("the password window", self.password_window, secs) or 0

    def wait_for_main_window(self, secs: float = steps.SLOW_SECS) -> int:
        """Waits for the main window."""
        return until("the main window", self.main_window, secs) or 0

    def wait_for_quick_window(self, secs: float = 20) -> int:
        """Waits for the quick search window."""
        return until("the quick search window", self.quick_window, secs) or 0

    def focus(self, window: int) -> None:
        """Gives a window the keyboard."""
        self.desktop.run(["xdotool", "windowactivate", "--sync", str(window)])

    def unlock(self, password: str = steps.MASTER_PASSWORD) -> None:
        """Types the password in the password window; ends in the main window."""
        self.type_password(password, self.main_window)
        self.wait_for_main_window()

    def type_password(self, password: str, opened: Callable[[], int | None]) -> None:
        """Types the password into its window, to open the one that `opened` returns.

        The window is there before its page is; what is typed too early is lost, so it is typed again.
        """
        for attempt in range(5):
            window = until("a window", lambda: opened() or self.password_window(), 20)
            if opened():
                return
            self.focus(int(window))
            until("the page", lambda: self.web_processes(), 20)
            time.sleep(1 + 2 * attempt)
            self.desktop.keys("ctrl+a")
            self.desktop.run(["xdotool", "type", "--delay", "12", password])
            self.desktop.keys("Return")
            if comes(opened, 8):
                return

    def close_main_window(self) -> None:
        """Closes the main window by its keyboard shortcut."""
        self.focus(self.wait_for_main_window())
        self.desktop.keys("alt+F4")
        until("the main window to close", lambda: self.main_window() is None, 20)

    # The process

    @property
    def pid(self) -> int:
        """The process id of the program itself."""
        return self._process.pid

    def is_running(self) -> bool:
        """Says whether the program still runs."""
        return self._process.poll() is None

    def wait_until_ended(self, secs: float = 20) -> int:
        """Waits until the program has ended and returns what it ended with."""
        until("the program to end", lambda: not self.is_running(), secs)
        return int(self._process.returncode)

    def web_processes(self) -> list[int]:
        """Lists the processes in which the program's pages run."""
        return [pid for pid in family(self.pid) if name(pid) == "WebKitWebProcess"]

    def wait_until_no_page(self, secs: float = 30) -> None:
        """Waits until no page's process is left."""
        until("the last web process to end", lambda: not self.web_processes(), secs)

    def rss_kib(self) -> int:
        """Returns the resident memory of the program itself, in KiB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("the program has ended")

    def kill(self) -> None:
        """Ends the program at once, as a power cut would."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
