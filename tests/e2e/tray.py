"""The tray as a panel shows it: an icon, its tooltip, a left click, and a menu whose entries are clicked.

`Tray` is a panel. Without `start` the desktop has none, as GNOME has none by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from desktop import Desktop
from stand_in import BusFault, Call, StandIn, until
from tray_watcher import ITEM, MENU, NAME, PATH

SEPARATOR = "---"

# A menu to compare with: labels, and for a submenu its label with the entries in it.
Outline = list["str | tuple[str, Outline]"]
# A step to an entry: its label, the beginning of one, or a question to ask of each.
Step = str | Callable[[str], bool]


@dataclass(frozen=True)
class Icon:
    """A picture of the icon: 32 bits for each dot, alpha first."""

    width: int
    height: int
    argb: bytes


@dataclass(frozen=True)
class Entry:
    """An entry of the menu. `raw` is the label as sent, where a letter's underscore marks the key that chooses it."""

    id: int
    raw: str
    enabled: bool
    visible: bool
    separator: bool
    children: tuple[Entry, ...]

    @property
    def label(self) -> str:
        """The label as a panel shows it: doubled underscores are single ones, single ones are marks."""
        return "_".join(part.replace("_", "") for part in self.raw.split("__"))


def outline(entries: tuple[Entry, ...]) -> Outline:
    """Writes what is shown of a menu, to compare it as a whole."""
    found: Outline = []
    for entry in entries:
        if entry.visible and entry.separator:
            found.append(SEPARATOR)
        elif entry.visible:
            found.append((entry.label, outline(entry.children)) if entry.children else entry.label)
    return found


def shown(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    """Yields every entry that is shown, those of submenus after their own, without separators."""
    for entry in entries:
        if entry.visible and not entry.separator:
            yield entry
            yield from shown(entry.children)


def under(entries: tuple[Entry, ...], *steps: Step) -> Entry | None:
    """Follows labels into submenus. A whole label is preferred to one that only begins so."""
    here: Entry | None = None
    for step in steps:
        offered = [entry for entry in entries if entry.visible and not entry.separator]
        if callable(step):
            found = [entry for entry in offered if step(entry.label)]
        else:
            found = [entry for entry in offered if entry.label == step]
            found = found or [entry for entry in offered if entry.label.startswith(step)]
        if not found:
            return None
        assert len(found) == 1, f"{step!r} is any of {[entry.label for entry in found]}"
        [here] = found
        entries = here.children
    return here


class Tray(StandIn):
    """A panel with a tray. It shows the first item that registers."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop, "tray_watcher.py", NAME)
        self.lost_clicks = 0

    def start(self, slow_secs: float = 0) -> Tray:
        """Brings the panel up; each of its answers comes `slow_secs` late."""
        self.start_process(str(slow_secs))
        return self

    def items(self) -> list[tuple[str, str]]:
        """Lists owner and path of every item that is there now."""
        registered = self.bus.property(NAME, PATH, NAME, "RegisteredStatusNotifierItems")
        return [(name, f"/{path}") for name, _, path in (item.partition("/") for item in registered)]

    def item(self, secs: float = 20) -> tuple[str, str]:
        """Waits for the item and returns its owner and path."""
        return until("an item in the tray", self.items, secs)[0]

    def wait_until_gone(self, secs: float = 20) -> None:
        """Waits until the tray is empty."""
        until("the tray to be empty", lambda: not self.items(), secs)

    def signals(self) -> list[str]:
        """Lists the signals by which the item told the panel to look again, such as NewIcon and LayoutUpdated."""
        log = self.folder / "signals"
        return log.read_text().split() if log.exists() else []

    # The icon

    def _property(self, name: str) -> Any:
        owner, path = self.item()
        return self.bus.property(owner, path, ITEM, name)

    @property
    def title(self) -> str:
        """What the icon is called."""
        return str(self._property("Title"))

    @property
    def tooltip(self) -> str:
        """Title and text of what is shown while the pointer rests on the icon."""
        _, _, title, text = self._property("ToolTip")
        return "\n".join(part for part in (title, text) if part)

    def icon(self) -> Icon:
        """The largest picture of the icon."""
        pictures = [Icon(*picture) for picture in self._property("IconPixmap")]
        assert pictures, "the item has no picture"
        return max(pictures, key=lambda picture: picture.width)

    def activate(self) -> None:
        """Clicks the icon with the left button."""
        owner, path = self.item()
        self.bus.call(owner, path, ITEM, "Activate", "ii", (0, 0))

    # The menu

    def menu(self) -> tuple[Entry, ...]:
        """Opens the menu and reads all of it."""
        owner, path = self.item()
        menu = self.bus.property(owner, path, ITEM, "Menu")
        self.bus.call(owner, menu, MENU, "AboutToShow", "i", (0,))
        _, root = self.bus.call(owner, menu, MENU, "GetLayout", "iias", (0, -1, []), timeout=60)
        return _entry(root).children

    def outline(self) -> Outline:
        """Writes what the menu shows, to compare it as a whole."""
        return outline(self.menu())

    def labels(self) -> list[str]:
        """Lists the label of every entry, those of submenus too."""
        return [entry.label for entry in shown(self.menu())]

    def find(self, *steps: Step, secs: float = 10) -> Entry:
        """Waits until the menu has this entry."""
        return until(f"the entry {steps!r}", lambda: under(self.menu(), *steps), secs)

    def wait_for(self, what: str, probe: Callable[[tuple[Entry, ...]], bool], secs: float = 20) -> tuple[Entry, ...]:
        """Waits until the menu is as `probe` wants it, and returns it."""

        def look() -> tuple[Entry, ...] | None:
            menu = self.menu()
            return menu if probe(menu) else None

        return until(f"{what} in the tray's menu", look, secs) or ()

    def wait_until_unlocked(self, secs: float = 60) -> tuple[Entry, ...]:
        """Waits until the menu offers to lock."""
        return self.wait_for("the entry Lock", lambda menu: under(menu, "Lock") is not None, secs)

    def wait_until_locked(self, secs: float = 20) -> tuple[Entry, ...]:
        """Waits until the menu offers to unlock."""
        return self.wait_for("the entry Unlock", lambda menu: under(menu, "Unlock…") is not None, secs)

    def click(self, *steps: Step, secs: float = 10) -> None:
        """Chooses an entry by the labels on the way to it.

        An entry whose menu was made anew between reading and clicking is looked for once more; `lost_clicks` counts it.
        """
        for attempt in (1, 2, 3):
            entry = self.find(*steps, secs=secs)
            assert entry.enabled, f"{steps!r} is greyed out"
            try:
                self.click_entry(entry)
                return
            except BusFault as fault:
                if attempt == 3 or not is_unknown_entry(fault):
                    raise
                self.lost_clicks += 1

    def click_entry(self, entry: Entry) -> None:
        """Chooses an entry that was read before, whatever the menu is now; what is there no more is a `BusFault`."""
        self.bus.answer(self.clicker(entry)())

    def clicker(self, entry: Entry) -> Callable[[], Call]:
        """Makes a click on an entry ready, so that doing it is one message to the bus."""
        owner, path = self.item()
        menu = self.bus.property(owner, path, ITEM, "Menu")
        event = (entry.id, "clicked", ("i", 0), int(time.time()) & 0xFFFFFFFF)
        return lambda: self.bus.send(owner, menu, MENU, "Event", "isvu", event)


def is_unknown_entry(fault: BusFault) -> bool:
    """Says whether a click was refused since the menu was made anew."""
    return fault.name.endswith((".InvalidArgs", ".Failed"))


def _entry(node: tuple[int, dict[str, tuple[str, Any]], list[tuple[str, Any]]]) -> Entry:
    number, properties, children = node
    known = {name: value for name, (_, value) in properties.items()}
    return Entry(
        id=number,
        raw=str(known.get("label", "")),
        enabled=bool(known.get("enabled", True)),
        visible=bool(known.get("visible", True)),
        separator=known.get("type") == "separator",
        children=tuple(_entry(child) for _, child in children),
    )
