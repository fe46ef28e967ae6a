"""What /proc says about a program and everything that it started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

CLOCK_TICKS_PER_SEC = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> Iterator[int]:
    """Yields the direct children of `pid`."""
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            yield from map(int, listing.read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue


def family(pid: int) -> list[int]:
    """Lists `pid` and all its descendants that still run."""
    found = [pid] if Path(f"/proc/{pid}").exists() else []
    for child in children(pid):
        found.extend(family(child))
    return found


def has_ended(pid: int) -> bool:
    """Says whether nothing of `pid` runs any more, so that its files and sockets are closed."""
    try:
        threads = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    except (FileNotFoundError, ProcessLookupError):
        return not Path(f"/proc/{pid}").exists()
    return all(thread.rpartition(")")[2].split()[0] in "ZX" for thread in threads)


def name(pid: int) -> str:
    """Returns the program name of `pid`, or an empty text once it has ended."""
    try:
        return Path(f"/proc/{pid}/exe").readlink().name
    except (FileNotFoundError, ProcessLookupError):
        return ""


def pss_kib(pid: int) -> int:
    """Returns the proportional set size of one process, in KiB; 0 once it has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def own_kib(pid: int) -> int:
    """Returns the resident memory that belongs to one process alone and to no file, in KiB; 0 once it has ended.

    Unlike the proportional set size, it is the same however many programs share the libraries.
    """
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def cpu_secs(pid: int) -> float:
    """Returns the processor time that one process has used, user and system, in seconds."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS_PER_SEC
