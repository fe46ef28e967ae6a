"""Searches the memory of running programs for secrets, as root through /proc: what a dump of the process would hold."""

from __future__ import annotations

import base64
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, quote_plus

from app import App
from patience import patient
from processes import family, name

MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)")
# What a process shares with others may be written by them, and what is deleted is in no file.
SHARED = re.compile(r"^/memfd:|^/dev/shm/|^/SYSV|\(deleted\)$")
CHUNK = 1 << 22
PAGE = os.sysconf("SC_PAGE_SIZE")
PIECE = 1 << 26


def regions(pid: int) -> Iterator[tuple[int, int]]:
    """Yields begin and end of the runs of pages that are there and that a process has written to or may have been given.

    Page by page, since web engines reserve more address space than could ever be read. Pages that were written and then
    closed to writing or to reading are among them.
    """
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as pagemap:
        span, resident, wanted = (0, 0), 0, False
        for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
            if found := MAPPING.match(line):
                device = found[4].startswith(("[v", "/dev/dri"))
                span = (0, 0) if device else (int(found[1], 16), int(found[2], 16))
                wanted = "w" in found[3] or SHARED.search(found[4]) is not None
            elif line.startswith("Rss:"):
                resident = int(line.split()[1])
            elif line.startswith("Anonymous:"):
                wanted = wanted or int(line.split()[1]) > 0
            elif line.startswith("Swap:") and wanted and span[1] and (resident or int(line.split()[1])):
                yield from present(pagemap, *span)


def present(pagemap: BinaryIO, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields the runs of present pages of a mapping."""
    run = None
    for start in range(begin, end, PIECE):
        stop = min(end, start + PIECE)
        pagemap.seek(start // PAGE * 8)
        entries = pagemap.read((stop - start) // PAGE * 8)
        for number in range(len(entries) // 8):
            address = start + number * PAGE
            if entries[number * 8 + 7] & 0xC0:
                run = address if run is None else run
            elif run is not None:
                yield run, address
                run = None
    if run is not None:
        yield run, end


def pieces(pid: int, overlap: int) -> Iterator[bytes]:
    """Yields the content of a process's memory; what is up to `overlap` bytes long stands whole in one of the pieces.

    The overlap of a piece with the one before is one byte less, so that nothing as long stands whole in both.
    """
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end in regions(pid):
            rest = b""
            for at in range(begin, end, CHUNK):
                try:
                    memory.seek(at)
                    content = rest + memory.read(min(CHUNK, end - at))
                except (OSError, ValueError, OverflowError):
                    break
                yield content
                rest = content[-(overlap - 1) :]


def writings(secret: str, raw: bytes | None = None) -> set[bytes]:
    """Returns the ways in which a secret may be written.

    Text, 16-bit letters of both orders, hex, Base64 of both alphabets wherever the secret begins in what was encoded, and
    percent-encoded, as a URL, a form and byte by byte. `raw` is what it stands for, where that is written, too.
    """
    content = secret.encode()
    found = {
        content,
        secret.encode("utf-16-le"),
        secret.encode("utf-16-be"),
        quote(secret, safe="").encode(),
        quote_plus(secret, safe="").encode(),
        # What JavaScript's encodeURIComponent leaves.
        quote(secret, safe="!'()*").encode(),
    }
    for bare in {content, content if raw is None else raw}:
        found |= {bare, bare.hex().encode(), bare.hex().upper().encode()}
        found |= {b"".join(b"%%%02x" % byte for byte in bare), b"".join(b"%%%02X" % byte for byte in bare)}
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            for shift in range(3):
                # The letters that depend on what stands before and after the secret are left out.
                encoded = encode(b"\0" * shift + bare)
                found.add(encoded[(shift * 8 + 5) // 6 : (shift + len(bare)) * 8 // 6])
    assert min(map(len, found)) >= 16, "too short to be told from chance"
    return found


def count(content: bytes, wanted: set[bytes]) -> int:
    """Counts the places where a writing stands; one within another counts once."""
    spans = []
    for one in wanted:
        at = content.find(one)
        while at >= 0:
            spans.append((at, at + len(one)))
            at = content.find(one, at + 1)
    found, reached = 0, -1
    for begin, end in sorted(spans):
        found += begin >= reached
        reached = max(reached, end)
    return found


def search(pid: int, secrets: Mapping[str, set[bytes]]) -> dict[str, int]:
    """Counts each of several secrets, given by their writings, in a process's memory, which is read once."""
    longest = max(len(one) for wanted in secrets.values() for one in wanted)
    counts = dict.fromkeys(secrets, 0)
    for content in pieces(pid, longest):
        for label, wanted in secrets.items():
            counts[label] += count(content, wanted)
    return counts


def occurrences(pid: int, wanted: set[bytes]) -> int:
    """Counts writings of a secret in a process's memory."""
    return search(pid, {"": wanted})[""]


def found_in(app: App, secret: str, raw: bytes | None = None) -> dict[str, int]:
    """Counts a secret in the program and every process that it started."""
    return found_in_family(app.pid(), writings(secret, raw))


def found_in_family(pid: int, wanted: set[bytes]) -> dict[str, int]:
    """Counts writings in a process and every process that it started; one that ends meanwhile holds nothing."""
    counts = {}
    for one in family(pid):
        with suppress(FileNotFoundError, ProcessLookupError):
            counts[f"{name(one)} {one}"] = occurrences(one, wanted)
    return {process: count for process, count in counts.items() if count}


def settled(app: App, secret: str, raw: bytes | None = None, secs: float = 10) -> dict[str, int]:
    """Looks until nothing is found, as freed memory is used again by and by."""
    deadline = time.monotonic() + patient(secs)
    while (found := found_in(app, secret, raw)) and time.monotonic() < deadline:
        time.sleep(1)
    return found
