"""Measures what is done without the main window, beside a bare Tauri app where there is something to compare.

All of it with a panel, notifications and a window manager, on the vault of 10,000 identities, one of them pinned.
Click: from the panel's message that an entry was clicked until another program has read what was copied. Memory and
idle: unlocked in the tray, with no window and no web process, beside the bare app whose window was destroyed. Shortcut:
from the key going down to text in the window of quick search; first in a program where it was never open, then where it
was hidden. Everything is the release build. What the app needs with few identities tells what the many cost.

What the first opening is compared with depends on the example `bare`. Where it answers the same keys with an empty
window (`bare --no-window --shortcut`), that is it: the same way, in a program that runs already. Where it does not, its
only window is the one that it starts with, and its time begins when the X server makes that window: the start of the
process is left out, and so is everything before the window that ours has to do from the key on.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The panel is e2e/tray.py: it is looked for before this file.
sys.path[:0] = [str(HERE.parent / "e2e"), str(HERE.parent / "demo"), str(HERE)]

import ipc  # noqa: E402
from app import App  # noqa: E402
from bare_app import QUICK_TITLE, BareApp  # noqa: E402
from big_vault import IDENTITIES, PASSWORD, big_vault, pinned_entry, pinned_password, pinned_seed  # noqa: E402
from codes import codes_around_now  # noqa: E402
from desktop import Desktop  # noqa: E402
from notifications import Notifications  # noqa: E402
from painted import Frame, FrameBuffer, first_text, frames_until_quiet  # noqa: E402
from stand_in import until  # noqa: E402
from stocked import SETTINGS  # noqa: E402
from tray import Tray  # noqa: E402
from window import APP, BARE, SCREEN, STARTS, Resting, Row, bare_resting, machine, resting, running, unlock  # noqa: E402
from x_client import XClient  # noqa: E402

CLICKS = int(os.environ.get("BENCH_CLICKS", "50"))
OPENINGS = int(os.environ.get("BENCH_OPENINGS", "30"))
FEW_IDENTITIES = 20
SHORTCUT = ("Control_L", "Alt_L", "u")
BARE_TITLE = "Bare"
# GTK makes small windows that are never shown.
LEAST_WIDTH = 300
# Between two uses. What a use leaves to be done has been done by then.
PAUSE_SECS = 0.5
BARE_START_SECS = 4
# How long nothing changes on the screen before it counts as painted: a web process takes its time to start.
QUIET_SECS, FIRST_QUIET_SECS = 0.5, 2
# A caret that blinks never lets it be quiet.
LIMIT_SECS = 8


def prepare(vault: Path) -> None:
    """Has the vault stay unlocked in the tray when its window is closed."""
    with Desktop(size=SCREEN) as desktop:
        app = App(desktop, binary=APP, env={"UNDERCROFT_VAULT": str(vault)})
        try:
            unlock(app, PASSWORD)
            ipc.call(app, "save_settings", settings=SETTINGS | {"keeps_window_on_close": True})
        finally:
            app.close()


@contextmanager
def in_the_tray(vault: Path) -> Iterator[tuple[Desktop, BareApp, Tray]]:
    """Runs the app, unlocked in the tray, without a window or a web process."""
    with Desktop(size=SCREEN) as desktop:
        tray = Tray(desktop).start()
        Notifications(desktop).start()
        app = BareApp(desktop, vault, binary=APP)
        app.unlock(PASSWORD)
        tray.wait_until_unlocked()
        app.close_main_window()
        app.wait_until_no_page()
        yield desktop, app, tray


def ms(times: list[float]) -> float:
    """Returns the median of times in seconds, in milliseconds."""
    return statistics.median(times) * 1000


# At rest


def at_rest(few: Resting, many: Resting, bare: Resting) -> list[Row]:
    """Compares what the programs need while nothing happens."""
    memory = "memory, unlocked in the tray, all processes (PSS)"
    return [
        Row(f"{memory}, {IDENTITIES:,} identities", "MB", many.mb, bare.mb, "≤ 1.15 ×"),
        Row(f"{memory}, {FEW_IDENTITIES} identities", "MB", few.mb, bare.mb, "≤ 1.15 ×"),
        Row("idle, unlocked in the tray", "% of a core", many.percent, bare.percent, "≤ 0.1 %"),
    ]


# A click to the clipboard


def clicks(desktop: Desktop, tray: Tray, entry: str, is_right: Callable[[str], bool]) -> Row:
    """Clicks an entry of the pinned identity again and again, the clipboard being another's each time."""
    kept = tray.find(pinned_entry(), entry)
    times = []
    with XClient(desktop) as other:
        for round_number in range(CLICKS + 1):
            click = tray.clicker(kept)
            other.take_clipboard()
            begun = time.perf_counter()
            call = click()
            read, text = other.next_copied(limit_secs=10)
            tray.bus.answer(call)
            if not is_right(text):
                raise RuntimeError(f"{entry}: something else was copied")
            if round_number:
                times.append(read - begun)
            time.sleep(PAUSE_SECS)
    return Row(f"click on “{entry}” to clipboard, read by another program", "ms", ms(times), None, "≤ 50 ms")


# The shortcut to a painted window


def text_in(other: XClient, screen: FrameBuffer, frames: list[Frame], title: str) -> Frame | None:
    """Returns the first picture with text in the window of this title; nothing when no such window is shown."""
    place = other.place(title)
    return first_text(screen, frames, place) if place else None


def key_to_text(
    other: XClient, screen: FrameBuffer, title: str, quiet_secs: float, limit_secs: float = LIMIT_SECS
) -> float | None:
    """Presses the shortcut and returns the seconds until there is text in the window; nothing when none comes."""
    pressed = other.press(*SHORTCUT)
    frames = frames_until_quiet(screen, lambda: None, quiet_secs, limit_secs)
    painted = text_in(other, screen, frames, title)
    return painted.at - pressed if painted else None


def quick_to_text(other: XClient, screen: FrameBuffer, quiet_secs: float) -> float:
    """Presses the shortcut and returns the seconds until there is text in the window of quick search."""
    secs = key_to_text(other, screen, QUICK_TITLE, quiet_secs)
    if secs is None:
        raise RuntimeError("the shortcut showed no quick search")
    return secs


def quick_first(vault: Path) -> float:
    """Opens quick search for the first time in a program."""
    with in_the_tray(vault) as (desktop, _, _), XClient(desktop) as other, FrameBuffer(desktop) as screen:
        time.sleep(PAUSE_SECS)
        return quick_to_text(other, screen, FIRST_QUIET_SECS)


def bare_by_shortcut() -> float | None:
    """Opens an empty window in the bare app by the same keys; nothing where it does not know them."""
    with (
        Desktop(size=SCREEN) as desktop,
        XClient(desktop) as other,
        FrameBuffer(desktop) as screen,
        running(desktop, [BARE, "--no-window", "--shortcut"]),
    ):
        time.sleep(BARE_START_SECS)
        return key_to_text(other, screen, BARE_TITLE, FIRST_QUIET_SECS)


def bare_from_its_window() -> float:
    """Starts the bare app and returns the seconds from the making of its window to text in it."""
    made: list[float] = []
    with Desktop(size=SCREEN) as desktop, XClient(desktop) as other, FrameBuffer(desktop) as screen:
        other.watch_windows()

        def look() -> None:
            if other.created(LEAST_WIDTH):
                made.append(time.perf_counter())

        with running(desktop, [BARE]):
            frames = frames_until_quiet(screen, look, FIRST_QUIET_SECS, LIMIT_SECS)
            painted = text_in(other, screen, frames, BARE_TITLE)
    if painted is None or not made:
        raise RuntimeError("the bare app painted no window")
    return painted.at - made[0]


def first_openings(vault: Path) -> Row:
    """Opens both windows in turn, in programs that were started for it."""
    by_keys = bare_by_shortcut() is not None
    ours, bare = [], []
    for round_number in range(STARTS + 1):
        opened = quick_first(vault)
        beside = bare_by_shortcut() if by_keys else bare_from_its_window()
        if beside is None:
            raise RuntimeError("the bare app did not answer the shortcut")
        if round_number:
            ours.append(opened)
            bare.append(beside)
    compared = "the same keys, empty window" if by_keys else "its first window, from the window's making on"
    return Row(f"shortcut to text, first opening (bare: {compared})", "ms", ms(ours), ms(bare), "≤ 1.5 ×")


def further_openings(desktop: Desktop, app: BareApp) -> Row:
    """Shows quick search again and again, hidden by Escape in between."""
    times = []
    with XClient(desktop) as other, FrameBuffer(desktop) as screen:
        for round_number in range(OPENINGS + 1):
            secs = quick_to_text(other, screen, FIRST_QUIET_SECS if round_number == 0 else QUIET_SECS)
            if round_number:
                times.append(secs)
            other.press("Escape")
            until("quick search to hide", lambda: app.quick_window() is None)
            time.sleep(PAUSE_SECS)
    return Row("shortcut to text, hidden before", "ms", ms(times), None, "≤ 60 ms")


def main() -> int:
    """Measures everything and prints the table; ends non-zero when a program did not do its part."""
    with tempfile.TemporaryDirectory(prefix="undercroft-bench-") as folder:
        vault, small = big_vault(Path(folder) / "big"), big_vault(Path(folder) / "small", FEW_IDENTITIES)
        prepare(vault)
        prepare(small)
        with in_the_tray(small) as (_, app, _):
            few = resting(app.pid)
        bare = bare_resting("--no-window")
        with in_the_tray(vault) as (desktop, app, tray):
            many = resting(app.pid)
            codes, secret = pinned_seed(), pinned_password()
            rows = [
                clicks(desktop, tray, "Copy MFA code", lambda text: text in codes_around_now(codes)),
                clicks(desktop, tray, "Copy password", lambda text: text == secret),
                *at_rest(few, many, bare),
            ]
            warm = further_openings(desktop, app)
        rows += [first_openings(vault), warm]

    print(f"\nMachine: {machine()}. Medians of {CLICKS} clicks, {STARTS} first and {OPENINGS} further openings;")
    print(f"{IDENTITIES:,} identities with MFA.\n")
    print("| what | Undercroft | bare Tauri | ratio | to reach |\n|---|---|---|---|---|")
    print("\n".join(row.line() for row in rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
