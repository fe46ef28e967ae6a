"""The desktop's screen saver: locks the screen and says so on the session bus."""

from __future__ import annotations

from desktop import Desktop
from screen_saver_stand_in import PATHS
from stand_in import StandIn

FREEDESKTOP, GNOME = PATHS


class ScreenSaver(StandIn):
    """A screen saver, not active at first."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop, "screen_saver_stand_in.py", FREEDESKTOP)
        self.start_process()

    def active(self, active: bool, name: str = FREEDESKTOP) -> None:
        """Locks the screen, or unlocks it, under one of its names."""
        self.tell("turn", name=name, active=active)
