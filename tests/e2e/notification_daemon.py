"""A stand-in for the desktop's notifications: owns org.freedesktop.Notifications and shows nothing.

usage: notification_daemon.py FOLDER CAPABILITY…

Each notification is a line of FOLDER/shown, each number that was taken back a line of FOLDER/closed.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import count
from pathlib import Path

from jeepney import Message

from bus_service import Answer, Service

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"


class Daemon:
    """What was shown and what was taken back."""

    def __init__(self, folder: Path, capabilities: list[str]) -> None:
        self.folder = folder
        self.numbers = count(1)
        self.service = Service(NAME)
        self.service.method(NAME, "Notify", self.notify)
        self.service.method(NAME, "CloseNotification", self.close)
        self.service.method(NAME, "GetCapabilities", lambda _: ("as", (capabilities,)))
        self.service.method(
            NAME, "GetServerInformation", lambda _: ("ssss", ("stand-in", "Undercroft's tests", "1", "1.2"))
        )
        self.service.order("press", self.press)

    def write(self, file: str, line: object) -> None:
        """Appends a line of JSON."""
        with (self.folder / file).open("a") as log:
            log.write(json.dumps(line) + "\n")

    def notify(self, message: Message) -> Answer:
        """Shows a notification, or changes one that is shown."""
        app, replaces, icon, summary, body, actions, hints, timeout_ms = message.body
        number = replaces or next(self.numbers)
        simple = {name: value for name, (kind, value) in hints.items() if kind in tuple("sbynqiuxtd")}
        self.write(
            "shown",
            {
                "id": number,
                "app_name": app,
                "replaces_id": replaces,
                "icon": icon,
                "summary": summary,
                "body": body,
                "actions": list(actions),
                "hints": {name: simple.get(name) for name in hints},
                "timeout_ms": timeout_ms,
                "at": time.time(),
            },
        )
        return "u", (number,)

    def close(self, message: Message) -> Answer | None:
        """Takes a notification back, and says so as the specification wants it."""
        [number] = message.body
        self.write("closed", number)
        self.service.signal(PATH, NAME, "NotificationClosed", "uu", (number, 3))
        return None

    def press(self, number: int, action: str) -> None:
        """Presses a button of a notification; `default` is the notification itself."""
        self.service.signal(PATH, NAME, "ActionInvoked", "us", (number, action))


if __name__ == "__main__":
    Daemon(Path(sys.argv[1]), sys.argv[2:]).service.serve(Path(sys.argv[1]))
