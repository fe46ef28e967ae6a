"""A stand-in for the desktop's portal of global shortcuts, which keeps the keys under Wayland.

usage: shortcuts_portal_stand_in.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jeepney import Message
from jeepney.bus_messages import message_bus

from bus_service import Answer, Service, sender

NAME = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
REGISTRY = "org.freedesktop.host.portal.Registry"


class ShortcutsPortal:
    """Gives the keys that the tests say, whatever was asked for."""

    def __init__(self) -> None:
        self.gives: str | None = "Super+U"
        self.asked: list[dict[str, Any]] = []
        self.session = ""
        self.service = Service(NAME)
        self.service.properties(PATH, SHORTCUTS, {"version": ("u", 1)})
        self.service.method(REGISTRY, "Register", lambda _: None)
        self.service.method(SHORTCUTS, "CreateSession", self.create)
        self.service.method(SHORTCUTS, "BindShortcuts", self.bind)
        self.service.order("give", self.give)
        self.service.order("questions", lambda: self.asked)
        self.service.order("press", self.press)

    def create(self, message: Message) -> Answer:
        """Makes the session that the caller named."""
        [options] = message.body
        self.session = self._path("session", message, options["session_handle_token"][1])
        return self._respond(message, options, {"session_handle": ("s", self.session)})

    def bind(self, message: Message) -> Answer:
        """Gives keys, or none: as when the user refuses."""
        _, shortcuts, _, options = message.body
        [pid] = self.service.ask(message_bus.GetConnectionUnixProcessID(sender(message)))
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        [(name, wish)] = shortcuts
        self.asked.append({"id": name, "keys": wish["preferred_trigger"][1], "command": command[1:-1], "pid": pid})
        if self.gives is None:
            return self._respond(message, options, {}, code=1)
        given = (name, {"description": wish["description"], "trigger_description": ("s", self.gives)})
        return self._respond(message, options, {"shortcuts": ("a(sa{sv})", [given])})

    def give(self, keys: str | None) -> None:
        """Says which keys it gives from now on."""
        self.gives = keys

    def press(self) -> None:
        """Presses the keys that were given last."""
        name = self.asked[-1]["id"]
        self.service.signal(PATH, SHORTCUTS, "Activated", "osta{sv}", (self.session, name, 0, {}))

    def _path(self, kind: str, message: Message, token: str) -> str:
        return f"{PATH}/{kind}/{sender(message)[1:].replace('.', '_')}/{token}"

    def _respond(self, message: Message, options: dict[str, Any], result: dict[str, Any], code: int = 0) -> Answer:
        request = self._path("request", message, options["handle_token"][1])
        interface = "org.freedesktop.portal.Request"
        self.service.after = lambda: self.service.signal(request, interface, "Response", "ua{sv}", (code, result))
        return "o", (request,)


if __name__ == "__main__":
    ShortcutsPortal().service.serve(Path(sys.argv[1]))
