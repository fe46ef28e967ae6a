"""Another program of the desktop: a window that writes down the keys it gets, and may take a shortcut for itself.

usage: other_program.py FOLDER [KEYSYM]

Each key is a line of FOLDER/keys, by its keysym's name. With KEYSYM, Ctrl+Alt and that key belong to this program.
"""

from __future__ import annotations

import sys
from pathlib import Path

from Xlib import XK, X
from Xlib.display import Display

TITLE = "Another program"


def main(folder: Path, taken: str | None) -> None:
    """Shows the window and writes down keys until it is ended."""
    display = Display()
    screen = display.screen()
    window = screen.root.create_window(
        40, 40, 300, 120, 0, screen.root_depth, background_pixel=screen.white_pixel, event_mask=X.KeyPressMask
    )
    window.set_wm_name(TITLE)
    window.set_wm_protocols([display.intern_atom("WM_DELETE_WINDOW")])
    window.map()
    if taken:
        code = display.keysym_to_keycode(XK.string_to_keysym(taken))
        screen.root.grab_key(code, X.ControlMask | X.Mod1Mask, True, X.GrabModeAsync, X.GrabModeAsync)
    display.sync()
    (folder / "ready").touch()
    names = {value: name[3:] for name, value in vars(XK).items() if name.startswith("XK_")}
    while True:
        event = display.next_event()
        if event.type == X.KeyPress:
            keysym = display.keycode_to_keysym(event.detail, 0)
            with (folder / "keys").open("a") as log:
                log.write(f"{names.get(keysym, keysym)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
