"""Tells when a window is painted, by looking at the pixels that Xvfb shares through a file."""

from __future__ import annotations

import mmap
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from desktop import Desktop, stop
from x_client import Place

# Text drawn with smooth edges has this many shades; an empty surface, a border or a plain button has not.
PAINTED_COLOURS = 12
HEADER_SIZE, BYTES_PER_LINE, COLOUR_MAP_ENTRIES = 0, 12, 19
COLOUR_MAP_ENTRY_BYTES = 12
BYTES_PER_PIXEL = 4
POLL_SECS = 0.004
# For times below a tenth of a second.
FINE_POLL_SECS = 0.001
# For a moment a window manager draws its bar onto a window that wants none.
BAR_HEIGHT = 22


class FrameBuffer:
    """The pixels of a desktop's screen."""

    def __init__(self, desktop: Desktop) -> None:
        self._file = desktop.frame_buffer.open("rb")
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        words = struct.unpack_from(">25I", self._map)
        self._line = words[BYTES_PER_LINE]
        self._first = words[HEADER_SIZE] + words[COLOUR_MAP_ENTRIES] * COLOUR_MAP_ENTRY_BYTES
        self._last = self._first + self._line * desktop.size[1]

    def __enter__(self) -> FrameBuffer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._map.close()
        self._file.close()

    def pixels(self) -> bytes:
        """Copies the pixels as they are now."""
        return self._map[self._first : self._last]

    def inside(self, pixels: bytes, place: Place) -> bytes:
        """Cuts a window's inside, without where a title bar may be, out of a copy of the screen."""
        begin, end = place.left * BYTES_PER_PIXEL, (place.left + place.width) * BYTES_PER_PIXEL
        lines = range(place.top + BAR_HEIGHT, place.top + place.height)
        return b"".join(pixels[line * self._line + begin : line * self._line + end] for line in lines)


@dataclass(frozen=True)
class Frame:
    """The screen as it was found changed at a moment (`perf_counter`)."""

    at: float
    pixels: bytes


def colours(pixels: bytes) -> int:
    """Counts the different pixels."""
    return len(set(memoryview(pixels).cast("I")))


def secs_to_painted(command: Sequence[str | Path], desktop: Desktop, limit_secs: float = 30) -> float:
    """Starts a program on an empty desktop without a window manager and returns the time until text is painted."""
    with FrameBuffer(desktop) as screen:
        seen = screen.pixels()
        started = time.perf_counter()
        program: subprocess.Popen[bytes] = desktop.start(command)
        try:
            while time.perf_counter() - started < limit_secs:
                now = screen.pixels()
                at = time.perf_counter()
                if now != seen:
                    if colours(now) >= PAINTED_COLOURS:
                        return at - started
                    seen = now
                if program.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended with {program.returncode} before it painted a window")
                time.sleep(POLL_SECS)
            raise RuntimeError(f"{command[0]} painted no window within {limit_secs:g} s")
        finally:
            stop(program)


def frames_until_quiet(
    screen: FrameBuffer, also: Callable[[], object], quiet_secs: float, limit_secs: float
) -> list[Frame]:
    """Keeps every picture of a changing screen until it stays the same; what is in them is looked at afterwards.

    `also` is called at every look. Without any change it waits to the end.
    """
    before = screen.pixels()
    frames: list[Frame] = []
    begun = time.perf_counter()
    changed = begun + limit_secs
    while (now := time.perf_counter()) < min(begun + limit_secs, changed + quiet_secs):
        also()
        pixels = screen.pixels()
        if pixels != before:
            frames.append(Frame(now, pixels))
            before, changed = pixels, now
        time.sleep(FINE_POLL_SECS)
    return frames


def first_text(screen: FrameBuffer, frames: Sequence[Frame], place: Place) -> Frame | None:
    """Returns the first picture with text in the window that is at `place` in the last one."""
    return next((frame for frame in frames if colours(screen.inside(frame.pixels, place)) >= PAINTED_COLOURS), None)
