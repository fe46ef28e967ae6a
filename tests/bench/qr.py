"""Measures the reading of QR codes beside `zbarimg`, on the same pictures in the same run, and prints tables.

The pictures are painted by qr_corpus.py. Ours are read one after the other by one process; `zbarimg` is started for
each picture, so its times hold the start of a process too. Processor time is what to look at on a busy machine.
Needs the release build of the example `read_codes`.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
sys.path.insert(0, str(HERE))

from qr_corpus import HD, UHD, write  # noqa: E402

READER = PROJECT / "target" / "release" / "examples" / "read_codes"
CORPUS = PROJECT / "target" / "qr-corpus"
PER_KIND = int(os.environ.get("BENCH_QR_PICTURES", "12"))


@dataclass
class Reading:
    """What one program found in one picture."""

    codes: list[str]
    ms: float
    find_ms: float
    cpu_ms: float


def ours(files: list[Path]) -> list[Reading]:
    """Reads all pictures with the crate."""
    lines = subprocess.run([READER, *files], check=True, capture_output=True, text=True).stdout.splitlines()
    read = [json.loads(line) for line in lines]
    return [Reading(one["codes"], one["decode_ms"] + one["find_ms"], one["find_ms"], one["cpu_ms"]) for one in read]


def zbarimg(files: list[Path]) -> list[Reading]:
    """Reads all pictures with zbarimg, QR codes only."""
    program = shutil.which("zbarimg")
    if program is None:
        raise SystemExit("zbarimg is missing: .ci/packages test")
    readings = []
    for file in files:
        started = time.perf_counter()
        command = [program, "--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", str(file)]
        out = subprocess.run(command, capture_output=True, text=True, errors="replace").stdout
        ms = (time.perf_counter() - started) * 1000
        readings.append(Reading([line for line in out.splitlines() if line], ms, ms, ms))
    return readings


def right(case: dict, reading: Reading) -> int:
    """Counts the codes that were read exactly."""
    return len(set(case["codes"]) & set(reading.codes))


def false(case: dict, reading: Reading) -> int:
    """Counts the readings that stand in no code of the picture."""
    return len(set(reading.codes) - set(case["codes"]))


def median(values: Iterable[float]) -> str:
    """Writes a median in milliseconds."""
    listed = list(values)
    return f"{statistics.median(listed):.0f} ms" if listed else "–"


def main() -> None:
    """Paints, reads, prints."""
    shutil.rmtree(CORPUS, ignore_errors=True)
    manifest = write(CORPUS, PER_KIND)
    files = [CORPUS / case["file"] for case in manifest]
    programs = {"Undercroft": ours(files), "zbarimg": zbarimg(files)}

    print(f"\n{len(files)} pictures, {sum(len(case['codes']) for case in manifest)} codes\n")
    print("| pictures | codes | " + " | ".join(programs) + " |")
    print("|---|---|" + "---|" * len(programs))
    kinds = dict.fromkeys(case["kind"] for case in manifest if case["codes"])
    for kind in [*kinds, None]:
        chosen = [at for at, case in enumerate(manifest) if case["codes"] and kind in (None, case["kind"])]
        codes = sum(len(manifest[at]["codes"]) for at in chosen)
        read = [100 * sum(right(manifest[at], found[at]) for at in chosen) / codes for found in programs.values()]
        print(f"| {kind or '**all**'} | {codes} | " + " | ".join(f"{share:.1f} %" for share in read) + " |")
    wrong = [sum(map(false, manifest, found)) for found in programs.values()]
    print("| false readings | | " + " | ".join(map(str, wrong)) + " |")

    print("\n| median time, file to text | reach | " + " | ".join(programs) + " | finding alone | processor time |")
    print("|---|---|" + "---|" * len(programs) + "---|---|")
    rows = {
        "1920 × 1080 with codes": ("≤ 60 ms", lambda case: case["codes"] and tuple(case["size"]) == HD),
        "3840 × 2160 with codes": ("≤ 150 ms", lambda case: case["codes"] and tuple(case["size"]) == UHD),
        "1920 × 1080 without a code": ("≤ 400 ms", lambda case: not case["codes"] and tuple(case["size"]) == HD),
        "3840 × 2160 without a code": ("≤ 400 ms", lambda case: not case["codes"] and tuple(case["size"]) == UHD),
    }
    for what, (reach, chosen) in rows.items():
        at = [number for number, case in enumerate(manifest) if chosen(case)]
        times = [median(found[number].ms for number in at) for found in programs.values()]
        alone = median(programs["Undercroft"][number].find_ms for number in at)
        cpu = median(programs["Undercroft"][number].cpu_ms for number in at)
        print(f"| {what} | {reach} | " + " | ".join(times) + f" | {alone} | {cpu} |")
    slowest = max(reading.cpu_ms for reading in programs["Undercroft"])
    print(f"\nThe slowest picture took {slowest:.0f} ms of processor time.")

    if os.environ.get("BENCH_QR_MISSED"):
        for case, reading in zip(manifest, programs["Undercroft"]):
            if right(case, reading) < len(case["codes"]) or false(case, reading):
                print(f"missed: {case['file']} {right(case, reading)}/{len(case['codes'])} in {reading.ms:.0f} ms")


if __name__ == "__main__":
    main()
