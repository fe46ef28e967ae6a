"""An item for the tray with a menu, to try the tray's stand-in on; it registers whenever a watcher comes up.

usage: example_item.py FOLDER

What was done to it is a line of FOLDER/done each. A click on `Change` gives it another icon, title and menu.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, new_method_call

from bus_service import Answer, Fault, Service
from tray_watcher import ITEM, ITEM_PATH, MENU, NAME, PATH

MENU_PATH = "/MenuBar"


class Item:
    """The item, with entries numbered anew after each change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.changes = 0
        self.service = Service()
        self.service.method(ITEM, "Activate", lambda _: self.done("activate"))
        self.service.method(MENU, "AboutToShow", lambda _: ("b", (False,)))
        self.service.method(MENU, "GetLayout", lambda _: ("u(ia{sv}av)", (self.changes, self.layout())))
        self.service.method(MENU, "Event", self.event)
        self.look()
        self.service.on_signal = self.noticed
        self.service.listen(interface="org.freedesktop.DBus", member="NameOwnerChanged")

    def look(self) -> None:
        """Writes its properties."""
        dots = bytes([255, self.changes, 0, 0]) * 4
        self.service.properties(
            ITEM_PATH,
            ITEM,
            {
                "Title": ("s", f"Example {self.changes}"),
                "ToolTip": ("(sa(iiay)ss)", ("", [], "Example", "locked")),
                "IconPixmap": ("a(iiay)", [(1, 1, dots[:4]), (2, 2, dots)]),
                "Menu": ("o", MENU_PATH),
            },
        )

    def layout(self) -> tuple[int, dict[str, Any], list[Any]]:
        """The menu."""
        first = self.changes * 10

        def entry(number: int, label: str, *children: Any, **more: Any) -> tuple[str, Any]:
            properties = {"label": ("s", label), **more}
            if children:
                properties["children-display"] = ("s", "submenu")
            return "(ia{sv}av)", (first + number, properties, list(children))

        line = "(ia{sv}av)", (first + 9, {"type": ("s", "separator")}, [])
        return (
            0,
            {"children-display": ("s", "submenu")},
            [
                entry(1, "_Change"),
                line,
                entry(2, "a__b & c", entry(3, "Copy _this"), entry(4, "Copy that", enabled=("b", False))),
                entry(5, "hidden", visible=("b", False)),
            ],
        )

    def event(self, message: Message) -> Answer | None:
        """Does what a click asks for."""
        number, what, _, _ = message.body
        if not 0 <= number - self.changes * 10 < 10:
            raise Fault("org.freedesktop.DBus.Error.InvalidArgs", "id not found")
        if what == "clicked" and number % 10 == 1:
            self.changes += 1
            self.look()
            self.service.signal(ITEM_PATH, ITEM, "NewIcon")
            self.service.signal(MENU_PATH, MENU, "LayoutUpdated", "ui", (self.changes, 0))
        return self.done(f"{what} {number}")

    def done(self, what: str) -> None:
        """Writes down what was done to it."""
        with (self.folder / "done").open("a") as log:
            log.write(what + "\n")

    def noticed(self, message: Message) -> None:
        """Registers with a watcher that has just come up."""
        if message.header.fields[HeaderFields.member] == "NameOwnerChanged":
            name, _, owner = message.body
            if name == NAME and owner:
                self.register()

    def register(self) -> None:
        """Registers with the watcher."""
        watcher = DBusAddress(PATH, NAME, NAME)
        name = self.service.connection.unique_name
        self.service.ask(new_method_call(watcher, "RegisterStatusNotifierItem", "s", (name,)))


if __name__ == "__main__":
    item = Item(Path(sys.argv[1]))
    try:
        item.register()
    except Fault:
        # No watcher yet.
        (item.folder / "done").touch()
    item.service.serve(item.folder)
