"""A stand-in for the panel's part that knows the tray icons: owns org.kde.StatusNotifierWatcher.

usage: tray_watcher.py FOLDER SLOW_SECS

Each answer comes SLOW_SECS late. Every signal that an item sends is a line of FOLDER/signals.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jeepney import HeaderFields, Message

from bus_service import Answer, Service, sender

NAME = "org.kde.StatusNotifierWatcher"
PATH = "/StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
ITEM_PATH = "/StatusNotifierItem"
MENU = "com.canonical.dbusmenu"


class Watcher:
    """Which items are there, and who they belong to."""

    def __init__(self, folder: Path, slow_secs: float) -> None:
        self.folder = folder
        # The owner's unique name and the name it registered, by the item's address.
        self.items: dict[str, tuple[str, str]] = {}
        self.service = Service(NAME, slow_secs=slow_secs)
        self.service.method(NAME, "RegisterStatusNotifierItem", self.register)
        self.service.method(NAME, "RegisterStatusNotifierHost", self.register_host)
        self.service.properties(
            PATH, NAME, {"IsStatusNotifierHostRegistered": ("b", True), "ProtocolVersion": ("i", 0)}
        )
        self.list_items()
        self.service.order("items", lambda: list(self.items))
        self.service.on_signal = self.noticed
        self.service.listen(interface="org.freedesktop.DBus", member="NameOwnerChanged")
        for interface in (ITEM, MENU):
            self.service.listen(interface=interface)

    def list_items(self) -> None:
        """Writes the items into the property."""
        self.service.properties(PATH, NAME, {"RegisteredStatusNotifierItems": ("as", list(self.items))})

    def register(self, message: Message) -> Answer | None:
        """Takes in an item that named itself by its service, or by its path alone."""
        [given] = message.body
        name, path = (sender(message), given) if given.startswith("/") else (given, ITEM_PATH)
        address = name + path
        # One that registers again does not get in twice.
        if self.items.get(address) != (sender(message), name):
            self.items[address] = (sender(message), name)
            self.list_items()
            self.service.signal(PATH, NAME, "StatusNotifierItemRegistered", "s", (address,))
        return None

    def register_host(self, _: Message) -> Answer | None:
        """Says that there is a host, as there always is."""
        self.service.signal(PATH, NAME, "StatusNotifierHostRegistered")
        return None

    def noticed(self, message: Message) -> None:
        """Drops the items of who left the bus, and writes down what items say."""
        member = str(message.header.fields[HeaderFields.member])
        if message.header.fields[HeaderFields.interface] in (ITEM, MENU):
            with (self.folder / "signals").open("a") as log:
                log.write(member + "\n")
            return
        if member != "NameOwnerChanged":
            return
        name, _, new_owner = message.body
        if new_owner:
            return
        for address in [address for address, names in self.items.items() if name in names]:
            del self.items[address]
            self.list_items()
            self.service.signal(PATH, NAME, "StatusNotifierItemUnregistered", "s", (address,))


if __name__ == "__main__":
    Watcher(Path(sys.argv[1]), float(sys.argv[2])).service.serve(Path(sys.argv[1]))
