"""Runs a program with a window wherever it is started: on the user's display, or else on a virtual one.

Without a display it says so, writes a picture of the window to target/pictures/NAME.png once the window is
painted, and runs until Ctrl-C, until the program ends, or for RUN_S seconds. Standard library only.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from desktop import PROJECT, Desktop, DesktopError, missing_programs, stop

PAINTED_COLOURS = 48
PAINTED_WITHIN_SECS = 30
SETTLED_AFTER_SECS = 1.0


def has_display() -> bool:
    """Says whether this terminal belongs to a desktop."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _run_secs() -> float | None:
    given = os.environ.get("RUN_S", "").strip()
    return float(given) if given else None


def _wait(program: subprocess.Popen[bytes], secs: float | None) -> int:
    """Waits for the program, for `secs` at most, and returns its exit code; 0 when the time was up first."""
    try:
        code = program.wait(secs)
    except subprocess.TimeoutExpired:
        return 0
    return code if code >= 0 else 128 - code


def _colours(desktop: Desktop) -> int:
    """Counts the colours inside the largest shown window."""
    largest, area = "", 0
    for window in desktop.run(["xdotool", "search", "--onlyvisible", "--name", "."]).stdout.split():
        shape = dict(
            line.split("=", 1)
            for line in desktop.run(["xdotool", "getwindowgeometry", "--shell", window]).stdout.split()
            if "=" in line
        )
        size = int(shape.get("WIDTH", 0)) * int(shape.get("HEIGHT", 0))
        if size > area and size < desktop.size[0] * desktop.size[1]:
            largest, area = window, size
    if area < 100 * 100:
        return 0
    counted = desktop.run(["import", "-silent", "-window", largest, "-format", "%k", "info:-"]).stdout.strip()
    return int(counted) if counted.isdigit() else 0


def _picture(desktop: Desktop, program: subprocess.Popen[bytes], name: str) -> None:
    deadline = time.monotonic() + PAINTED_WITHIN_SECS
    while _colours(desktop) < PAINTED_COLOURS:
        if program.poll() is not None:
            return
        if time.monotonic() > deadline:
            print(f"The window did not appear within {PAINTED_WITHIN_SECS} s.", file=sys.stderr)
            break
        time.sleep(0.1)
    time.sleep(SETTLED_AFTER_SECS)
    path = desktop.picture(name)
    print(f"A picture of the window: {path.relative_to(PROJECT)}", flush=True)


def on_own_display(command: Sequence[str], env: dict[str, str], secs: float | None) -> int:
    """Runs the program on the display of this terminal."""
    program = subprocess.Popen(command, env=env, start_new_session=True)
    try:
        return _wait(program, secs)
    finally:
        stop(program)


def on_virtual_display(command: Sequence[str], env: dict[str, str], secs: float | None, picture: str) -> int:
    """Runs the program on a desktop made for it, with the caller's own home and folders."""
    missing = missing_programs()
    if missing:
        print(f"No display, and for a virtual one these are missing: {', '.join(missing)}", file=sys.stderr)
        return 1
    with Desktop(PROJECT / "target" / "desktop") as desktop:
        own_screen = {
            name: desktop.env[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "GDK_BACKEND", "NO_AT_BRIDGE")
        }
        runtime = {} if "XDG_RUNTIME_DIR" in env else {"XDG_RUNTIME_DIR": desktop.env["XDG_RUNTIME_DIR"]}
        ends = f"for {secs:g} s" if secs else "until Ctrl-C"
        print(f"No display here: the app runs on a virtual one ({desktop.env['DISPLAY']}) {ends}.", flush=True)
        program = subprocess.Popen(command, env={**env, **own_screen, **runtime}, start_new_session=True)
        started = time.monotonic()
        try:
            _picture(desktop, program, picture)
            left = None if secs is None else max(0.0, secs - (time.monotonic() - started))
            return _wait(program, left)
        finally:
            stop(program)


def run(command: Sequence[str], env: dict[str, str], picture: str) -> int:
    """Runs `command` until it ends, Ctrl-C, a termination signal or RUN_S seconds, and cleans up behind it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        if has_display():
            return on_own_display(command, env, _run_secs())
        return on_virtual_display(command, env, _run_secs(), picture)
    except KeyboardInterrupt:
        print()
        return 0
    except DesktopError as fault:
        print(fault, file=sys.stderr)
        return 1


def main() -> int:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", default="run", help="name of the picture in target/pictures")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    command = [str(Path(given.command[0]).resolve()), *given.command[1:]]
    return run(command, dict(os.environ), given.picture)


if __name__ == "__main__":
    sys.exit(main())
