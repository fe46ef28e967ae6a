"""Drags a file over a window and drops it, as the protocol XDND has it: a file manager in a hundred lines.

usage: drag_source.py FILE X Y [--leave]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from Xlib import X, Xatom, display
from Xlib.protocol import event

VERSION = 5


class Source:
    """A window that owns what is dragged."""

    def __init__(self, path: Path) -> None:
        self.display = display.Display()
        self.screen = self.display.screen()
        self.window = self.screen.root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
        self.data = f"{path.as_uri()}\r\n".encode()
        self.accepted = False
        self.finished = False
        self.window.set_selection_owner(self.atom("XdndSelection"), X.CurrentTime)
        self.display.flush()

    def atom(self, name: str) -> int:
        """Returns the server's number for a name."""
        return int(self.display.intern_atom(name))

    def target(self, x: int, y: int) -> int:
        """Returns the window under a point that takes drops."""
        window = self.screen.root
        found = 0
        while True:
            if window.get_full_property(self.atom("XdndAware"), X.AnyPropertyType):
                found = window.id
            answer = self.screen.root.translate_coords(window, 0, 0)
            inside = window.translate_coords(self.screen.root, x, y) if answer else None
            if inside is None or not inside.child:
                return found
            window = self.display.create_resource_object("window", inside.child.id)

    def tell(self, target: int, kind: str, *words: int) -> None:
        """Sends a message of the protocol."""
        data = (32, [self.window.id, *words, *([0] * (4 - len(words)))])
        window = self.display.create_resource_object("window", target)
        message = event.ClientMessage(window=window, client_type=self.atom(kind), data=data)
        window.send_event(message, event_mask=X.NoEventMask)
        self.display.flush()

    def serve(self, secs: float, *, until_finished: bool = False) -> None:
        """Answers the target for a while."""
        deadline = time.monotonic() + secs
        while time.monotonic() < deadline and not (until_finished and self.finished):
            if not self.display.pending_events():
                time.sleep(0.01)
                continue
            heard = self.display.next_event()
            if heard.type == X.SelectionRequest:
                self._give(heard)
            elif heard.type == X.ClientMessage:
                if heard.client_type == self.atom("XdndStatus"):
                    self.accepted = bool(heard.data[1][1] & 1)
                elif heard.client_type == self.atom("XdndFinished"):
                    self.finished = True

    def _give(self, asked: event.SelectionRequest) -> None:
        place = asked.property or asked.target
        if asked.target == self.atom("TARGETS"):
            asked.requestor.change_property(place, Xatom.ATOM, 32, [self.atom("text/uri-list")])
        elif asked.target == self.atom("text/uri-list"):
            asked.requestor.change_property(place, asked.target, 8, self.data)
        else:
            place = X.NONE
        answer = event.SelectionNotify(
            time=asked.time, requestor=asked.requestor, selection=asked.selection, target=asked.target, property=place
        )
        asked.requestor.send_event(answer)
        self.display.flush()


def main() -> int:
    """Drags."""
    path, x, y = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    source = Source(path)
    target = source.target(x, y)
    if not target:
        print("nothing there takes drops")
        return 1
    source.tell(target, "XdndEnter", VERSION << 24, source.atom("text/uri-list"))
    for step in range(8):
        place = ((x + step) << 16) | y
        source.tell(target, "XdndPosition", 0, place, X.CurrentTime, source.atom("XdndActionCopy"))
        source.serve(0.15)
    if "--leave" in sys.argv:
        source.serve(1.5)
        source.tell(target, "XdndLeave")
        source.serve(0.3)
        return 0
    if not source.accepted:
        print("the target does not accept the drop")
    source.tell(target, "XdndDrop", 0, X.CurrentTime)
    source.serve(5, until_finished=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
