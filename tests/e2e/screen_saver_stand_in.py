"""A stand-in for the desktop's screen saver, under both of its names.

usage: screen_saver_stand_in.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from bus_service import Service

PATHS = {
    "org.freedesktop.ScreenSaver": "/org/freedesktop/ScreenSaver",
    "org.gnome.ScreenSaver": "/org/gnome/ScreenSaver",
}


class ScreenSaver:
    """Whether the screen is locked, and who says so."""

    def __init__(self) -> None:
        self.active = False
        self.service = Service(*PATHS)
        for name in PATHS:
            self.service.method(name, "GetActive", lambda _: ("b", (self.active,)))
        self.service.order("turn", self.turn)

    def turn(self, name: str, active: bool) -> None:
        """Locks or unlocks the screen, and says so under one name."""
        self.active = active
        self.service.signal(PATHS[name], name, "ActiveChanged", "b", (active,))


if __name__ == "__main__":
    ScreenSaver().service.serve(Path(sys.argv[1]))
