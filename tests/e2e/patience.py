"""How patient the tests are, decided in this one place. Standard library only.

A wait names the seconds that a machine needs which does little else. What it waits for may take several times as long
on one that compiles and runs other tests beside, so each wait is stretched; a test that passes waits no longer for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

FACTOR = float(os.environ.get("UNDERCROFT_PATIENCE", "3"))

T = TypeVar("T")


def patient(secs: float) -> float:
    """Returns for how long something is waited for that is to take `secs` at most."""
    return secs * FACTOR


def comes(probe: Callable[[], T], secs: float = 10) -> T:
    """Asks `probe` patiently until it answers with something true, and returns its last answer."""
    return comes_within(probe, patient(secs))


def comes_within(probe: Callable[[], T], secs: float) -> T:
    """Asks `probe` for so many seconds by the clock: for a test that goes on with a "no" as well."""
    deadline = time.monotonic() + secs
    while True:
        answer = probe()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(0.03)
