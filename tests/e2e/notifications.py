"""What the desktop was asked to show as notifications."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desktop import Desktop
from notification_daemon import NAME
from stand_in import StandIn, until


@dataclass(frozen=True)
class Notification:
    """One notification as it was asked for. `hints` holds every name, and the values that are plain."""

    id: int
    app_name: str
    replaces_id: int
    icon: str
    summary: str
    body: str
    actions: list[str]
    hints: dict[str, Any]
    timeout_ms: int
    at: float

    @property
    def text(self) -> str:
        """All that can be read of it."""
        return "\n".join((self.app_name, self.summary, self.body, *self.actions, json.dumps(self.hints)))


class Notifications(StandIn):
    """A desktop that shows notifications; `actions` says whether they may have buttons."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop, "notification_daemon.py", NAME)

    def start(self, *, actions: bool = False) -> Notifications:
        """Takes the name."""
        self.start_process("body", *(["actions"] if actions else []))
        return self

    def all(self) -> list[Notification]:
        """Lists what was shown so far, the oldest first."""
        log = self.folder / "shown"
        return [Notification(**json.loads(line)) for line in _lines(log.read_text())] if log.exists() else []

    def closed(self) -> list[int]:
        """Lists the numbers of those that were taken back."""
        log = self.folder / "closed"
        return [json.loads(line) for line in _lines(log.read_text())] if log.exists() else []

    def wait_for(
        self, predicate: Callable[[Notification], bool], *, after: int = 0, secs: float = 10, what: str = ""
    ) -> Notification:
        """Waits for a notification that fits, leaving out the first `after` ones."""

        def fitting() -> list[Notification]:
            return [one for one in self.all()[after:] if predicate(one)]

        try:
            return until(what or "a notification", fitting, secs)[0]
        except AssertionError as fault:
            raise AssertionError(f"{fault}; shown: {[(one.summary, one.body) for one in self.all()]}") from fault

    def press(self, notification: Notification, action: str = "default") -> None:
        """Presses a button of a notification."""
        self.tell("press", number=notification.id, action=action)


def _lines(text: str) -> list[str]:
    """Returns the whole lines of a file that may be written to just now."""
    return text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]
