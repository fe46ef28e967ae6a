"""Presses a key with Ctrl and Alt as on a second keyboard: X tells every program of the layout just before the key.

usage: two_keyboards.py KEYSYM PAUSE_MS
"""

from __future__ import annotations

import sys
import time

from Xlib import XK, X
from Xlib.display import Display
from Xlib.ext.xtest import fake_input


def main(key: str, pause_ms: float) -> None:
    """Presses it once."""
    display = Display()
    codes = [display.keysym_to_keycode(XK.string_to_keysym(name)) for name in ("Control_L", "Alt_L", key)]
    for code in codes[:2]:
        fake_input(display, X.KeyPress, code)
    display.sync()
    # To what it is already.
    display.change_keyboard_mapping(codes[2], display.get_keyboard_mapping(codes[2], 1))
    display.sync()
    time.sleep(pause_ms / 1000)
    fake_input(display, X.KeyPress, codes[2])
    for code in reversed(codes):
        fake_input(display, X.KeyRelease, code)
    display.sync()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
