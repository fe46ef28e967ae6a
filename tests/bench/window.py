"""Measures the app's window beside a bare Tauri window of the same run, and prints the figures as a table.

Start: from the start of the program to text on the screen, on a virtual display without a window manager, the two
programs in turn. Memory: the proportional set size of all processes. Idle: processor time of all processes over
half a minute. The vault holds 10,000 identities with MFA. Everything is the release build.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e"), str(HERE.parent / "demo")]

from selenium.webdriver.common.keys import Keys  # noqa: E402

from app import App  # noqa: E402
from big_vault import IDENTITIES, PASSWORD, big_vault  # noqa: E402
from desktop import PROJECT, Desktop, stop  # noqa: E402
from painted import secs_to_painted  # noqa: E402
from processes import cpu_secs, family, pss_kib  # noqa: E402

RELEASE = PROJECT / "target" / "release"
APP = RELEASE / "undercroft-app"
BARE = RELEASE / "examples" / "bare"
STARTS = int(os.environ.get("BENCH_STARTS", "9"))
IDLE_SECS = float(os.environ.get("BENCH_IDLE_S", "30"))
SETTLE_SECS = 8
SCREEN = (1280, 800)


@dataclass
class Row:
    """One measured thing: ours, the bare program's, and what is to be reached."""

    what: str
    unit: str
    ours: float
    bare: float | None
    reach: str

    def line(self) -> str:
        """Writes the row as Markdown."""
        ratio = f"{self.ours / self.bare:.2f} ×" if self.bare else "–"
        bare = f"{self.bare:.3g} {self.unit}" if self.bare is not None else "–"
        return f"| {self.what} | {self.ours:.3g} {self.unit} | {bare} | {ratio} | {self.reach} |"


def starts(vault: Path) -> Row:
    """Starts both programs in turn and compares the medians of the time to text on the screen."""
    times: dict[Path, list[float]] = {APP: [], BARE: []}
    for round_number in range(STARTS + 1):
        for program, measured in times.items():
            with Desktop(size=SCREEN, window_manager=False, extra_env={"UNDERCROFT_VAULT": str(vault)}) as desktop:
                secs = secs_to_painted([program], desktop)
            if round_number:
                measured.append(secs * 1000)
    ours, bare = (statistics.median(measured) for measured in times.values())
    return Row("start to painted window (unlock window / bare window)", "ms", ours, bare, "≤ 1.5 ×")


def memory_mb(pid: int) -> float:
    """Returns the proportional set size of a program and everything it started, in MB."""
    return sum(map(pss_kib, family(pid))) * 1024 / 1e6


def idle_percent(pid: int) -> float:
    """Returns how much of one core a program and everything it started use while nothing happens."""
    before = {process: cpu_secs(process) for process in family(pid)}
    started = time.monotonic()
    time.sleep(IDLE_SECS)
    used = sum(cpu_secs(process) - before.get(process, 0.0) for process in family(pid))
    return 100 * used / (time.monotonic() - started)


@dataclass
class Resting:
    """Memory and idle processor time of one program in one state."""

    mb: float
    percent: float


def resting(pid: int) -> Resting:
    """Lets a program settle, then measures it."""
    time.sleep(SETTLE_SECS)
    mb = memory_mb(pid)
    return Resting(mb, idle_percent(pid))


@contextmanager
def running(desktop: Desktop, command: Sequence[str | Path]) -> Iterator[int]:
    """Runs a program on the desktop for as long as the block lasts."""
    program = desktop.start(command)
    try:
        yield program.pid
        if program.poll() is not None:
            raise RuntimeError(f"{command[0]} ended while it was measured")
    finally:
        stop(program)


def bare_resting(*args: str) -> Resting:
    """Measures the bare program."""
    with Desktop(size=SCREEN) as desktop, running(desktop, [BARE, *args]) as pid:
        return resting(pid)


def unlock(app: App, password: str) -> None:
    """Unlocks the vault in the password window and waits for the main window."""
    app.window("password")
    field = app.wait_for(
        "the password field",
        lambda: app.driver.find_elements("css selector", "input[type=password]"),
    )[0]
    field.send_keys(password, Keys.ENTER)
    app.window("main", secs=30)
    app.wait_for_text("Garden", secs=30)


def show_live_code(app: App) -> None:
    """Opens an identity, so that its code is on the screen and counts down."""
    app.type("Filter accounts", "garden-2500", role="searchbox")
    app.click("option", "Garden 2500")
    app.click("option", "gardener-2500")
    app.test_id("code")


def ours_resting(vault: Path, measured: dict[str, Resting]) -> None:
    """Measures the app with its window open on a live code, then locked without a window.

    It runs in the background, so that it stays when its window is closed; a second start shows the window.
    """
    with Desktop(size=SCREEN, extra_env={"UNDERCROFT_VAULT": str(vault)}) as desktop:
        again = threading.Timer(3, lambda: desktop.start([APP]))
        again.start()
        app = App(desktop, binary=APP, args=["--background"])
        try:
            unlock(app, PASSWORD)
            show_live_code(app)
            pid = app.pid()
            measured["open"] = resting(pid)
            app.press(Keys.CONTROL, "l")
            app.window("password")
            subprocess.run(["xdotool", "key", "alt+F4"], env=desktop.env, check=True)
            measured["locked"] = resting(pid)
        finally:
            app.close()


def machine() -> str:
    """Names the machine that the figures are from."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def main() -> int:
    """Measures everything and prints the table; ends non-zero when a program did not do its part."""
    with tempfile.TemporaryDirectory(prefix="undercroft-bench-") as folder:
        vault = big_vault(Path(folder))
        rows = [starts(vault)]
        ours: dict[str, Resting] = {}
        ours_resting(vault, ours)
    bare: dict[str, Resting] = {"open": bare_resting(), "locked": bare_resting("--no-window")}
    states: list[tuple[str, str, str, Callable[[Resting], float], str]] = [
        ("memory, window open, all processes (PSS)", "open", "MB", lambda state: state.mb, "≤ 1.15 ×"),
        ("memory, locked, no window, all processes (PSS)", "locked", "MB", lambda state: state.mb, "≤ 1.15 ×"),
        ("idle, window open on a live code", "open", "% of a core", lambda state: state.percent, "≤ 1 %"),
        ("idle, locked, no window", "locked", "% of a core", lambda state: state.percent, "≤ 0.1 %"),
    ]
    rows += [Row(what, unit, pick(ours[state]), pick(bare[state]), reach) for what, state, unit, pick, reach in states]
    rows.append(Row("release binary, stripped", "MB", APP.stat().st_size / 1e6, BARE.stat().st_size / 1e6, "≤ 25 MB"))

    print(f"\nMachine: {machine()}. Medians of {STARTS} starts; {IDENTITIES:,} identities with MFA.\n")
    print("| what | Undercroft | bare Tauri | ratio | to reach |\n|---|---|---|---|---|")
    print("\n".join(row.line() for row in rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
