"""Pictures of places, each looked over by axe-core."""

from __future__ import annotations

from app import App


class Album:
    """Takes the pictures of one look and collects what axe-core objects to."""

    def __init__(self, app: App, look: str) -> None:
        self.app = app
        self.look = look
        self.objections: list[str] = []

    def take(self, place: str, *ignoring: str) -> None:
        """Takes the picture of a place and looks it over."""
        self.app.picture(f"{place}-{self.look}")
        self.objections.extend(f"{place}: {objection}" for objection in self.app.violations(*ignoring))

    def close(self) -> None:
        """Fails on any objection."""
        assert self.objections == [], "\n".join(self.objections)
