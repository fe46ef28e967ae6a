"""Another program on the desktop, in this process: starting one takes longer than what is measured here."""

from __future__ import annotations

import select
import time
from dataclasses import dataclass
from types import TracebackType

from Xlib import XK, X, Xatom
from Xlib.display import Display
from Xlib.error import BadWindow
from Xlib.ext import xfixes, xtest
from Xlib.protocol.event import SelectionNotify, SelectionRequest
from Xlib.protocol.rq import Event
from Xlib.xobject.drawable import Window

from desktop import Desktop

HELD_SECS = 0.05


@dataclass(frozen=True)
class Place:
    """Where the inside of a window is on the screen."""

    left: int
    top: int
    width: int
    height: int


class XClient:
    """A connection to the desktop's X server."""

    def __init__(self, desktop: Desktop) -> None:
        self._display = Display(desktop.env["DISPLAY"])
        self._screen = self._display.screen()
        self._window: Window = self._screen.root.create_window(0, 0, 1, 1, 0, self._screen.root_depth)
        self._clipboard = self._display.intern_atom("CLIPBOARD")
        self._utf8 = self._display.intern_atom("UTF8_STRING")
        self._property = self._display.intern_atom("UNDERCROFT_BENCH")
        self._net_name = self._display.intern_atom("_NET_WM_NAME")
        self._display.xfixes_query_version()
        self._display.xfixes_select_selection_input(
            self._window, self._clipboard, xfixes.XFixesSetSelectionOwnerNotifyMask
        )
        # The pointer is drawn into the picture of the screen, in as many shades as text.
        xtest.fake_input(self._display, X.MotionNotify, x=desktop.size[0] - 1, y=desktop.size[1] - 1)
        self._display.sync()

    def __enter__(self) -> XClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._display.close()

    # The clipboard

    def take_clipboard(self) -> None:
        """Owns the clipboard and offers nothing, so that whatever is read next was copied after this."""
        self._window.set_selection_owner(self._clipboard, X.CurrentTime)
        self._display.sync()
        self._drain()
        if self._display.get_selection_owner(self._clipboard) != self._window:
            raise RuntimeError("the clipboard can't be taken")

    def next_copied(self, limit_secs: float) -> tuple[float, str]:
        """Waits until another program copies a text, and returns when it was read (`perf_counter`) and the text."""
        deadline = time.perf_counter() + limit_secs
        while (left := deadline - time.perf_counter()) > 0:
            if not self._display.pending_events():
                select.select([self._display], [], [], left)
                continue
            event = self._display.next_event()
            if self._is_copied(event):
                self._window.convert_selection(self._clipboard, self._utf8, self._property, X.CurrentTime)
                self._display.flush()
            elif isinstance(event, SelectionNotify) and event.property != X.NONE:
                read = self._window.get_full_property(self._property, X.AnyPropertyType)
                at = time.perf_counter()
                if read is not None and len(read.value):
                    return at, bytes(read.value).decode()
            else:
                self._answer(event)
        raise RuntimeError(f"nothing was copied within {limit_secs:g} s")

    def _is_copied(self, event: Event) -> bool:
        # Registered event classes come under a name of their own, so the fields tell.
        owner = getattr(event, "owner", None)
        is_told = type(event).__name__ == "SetSelectionOwnerNotify"
        return is_told and owner not in (None, X.NONE) and owner.id != self._window.id

    def _answer(self, event: Event) -> None:
        if not isinstance(event, SelectionRequest):
            return
        refusal = SelectionNotify(
            time=event.time, requestor=event.requestor, selection=event.selection, target=event.target, property=X.NONE
        )
        event.requestor.send_event(refusal)
        self._display.flush()

    def _drain(self) -> None:
        while self._display.pending_events():
            self._answer(self._display.next_event())

    # The keyboard

    def press(self, *names: str) -> float:
        """Presses keys together and lets them go; returns when the last one went down (`perf_counter`)."""
        codes = [self._display.keysym_to_keycode(XK.string_to_keysym(name)) for name in names]
        for code in codes[:-1]:
            xtest.fake_input(self._display, X.KeyPress, code)
        self._display.sync()
        time.sleep(HELD_SECS)
        at = time.perf_counter()
        xtest.fake_input(self._display, X.KeyPress, codes[-1])
        for code in reversed(codes):
            xtest.fake_input(self._display, X.KeyRelease, code)
        self._display.flush()
        return at

    # Windows

    def watch_windows(self) -> None:
        """Has `created` see windows from now on."""
        self._screen.root.change_attributes(event_mask=X.SubstructureNotifyMask)
        self._display.sync()
        self._drain()

    def created(self, least_width: int) -> bool:
        """Says whether a top window of this width or more was made since it was asked last."""
        found = False
        while self._display.pending_events():
            event = self._display.next_event()
            found = found or (event.type == X.CreateNotify and event.width >= least_width)
        return found

    def place(self, title: str) -> Place | None:
        """Finds the shown window of this title."""
        waiting = [self._screen.root]
        while waiting:
            window = waiting.pop()
            try:
                if window.get_attributes().map_state != X.IsViewable:
                    continue
                if window != self._screen.root and self._title(window) == title:
                    inside = window.get_geometry()
                    corner = self._screen.root.translate_coords(window, 0, 0)
                    return Place(corner.x, corner.y, inside.width, inside.height)
                waiting += window.query_tree().children
            except BadWindow:
                # It went in between.
                continue
        return None

    def _title(self, window: Window) -> str:
        for name in (self._net_name, Xatom.WM_NAME):
            found = window.get_full_property(name, X.AnyPropertyType)
            if found is not None and found.value:
                return bytes(found.value).decode(errors="replace")
        return ""
