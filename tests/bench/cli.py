"""Measures how long `undercroft credential-process` takes from start to exit, beside other programs in the same run.

The agent is scripted and answers at once, as from its cache. Rounds go around the programs, so that what else the
machine does falls on all of them alike. Needs the builds of the program and of the examples `scripted_agent`, `empty` and `at_once`:

    cargo build --release -p undercroft-cli --bins --examples

Programs that are not installed are left out and named. BENCH_RUNS and BENCH_BUILD (release or debug) may be set.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target")) / os.environ.get("BENCH_BUILD", "release")
UNDERCROFT = BUILD / "undercroft"
EMPTY = BUILD / "examples" / "empty"
AGENT = BUILD / "examples" / "scripted_agent"
STARTER = BUILD / "examples" / "at_once"
VENV = PROJECT / ".venv" / "bin"
OTHERS_VENV = PROJECT / "target" / "bench" / "venv" / "bin"

RUNS = int(os.environ.get("BENCH_RUNS", "200"))
# Programs that take this long are not run as often.
SLOW_SECS, SLOW_RUNS = 0.1, 10
AT_ONCE, AT_ONCE_ROUNDS = 100, 9
OWN = "undercroft credential-process prod"
REACH_MS, OF_AWS = 3, 1 / 100
REACH_AT_ONCE_MS = 100

# What each needs to say something without a secret, a vault or a network.
OTHERS = {
    "aws --version": ["aws", "--version"],
    "awsume --version": ["awsumepy", "--version"],
    "keepassxc-cli --version": ["keepassxc-cli", "--version"],
    "pass otp --help": ["pass", "otp", "--help"],
    "aws-vault --version": ["aws-vault", "--version"],
}


def secs(words: list[str], environment: dict[str, str]) -> float:
    """Runs a program to its end and returns how long that took."""
    begun = time.perf_counter()
    ran = subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    took = time.perf_counter() - begun
    if ran.returncode != 0:
        raise RuntimeError(f"{words} ended with {ran.returncode}")
    return took


def installed(words: list[str], path: str) -> bool:
    """Tells whether a program is there and runs."""
    program = shutil.which(words[0], path=path)
    if program is None:
        return False
    ran = subprocess.run([program, *words[1:]], capture_output=True, check=False)
    return ran.returncode == 0


def measure(programs: dict[str, list[str]], environment: dict[str, str]) -> dict[str, list[float]]:
    """Runs the programs in turns."""
    times: dict[str, list[float]] = {name: [secs(words, environment)] for name, words in programs.items()}
    slow = {name for name, taken in times.items() if taken[0] > SLOW_SECS}
    for turn in range(RUNS):
        for name, words in programs.items():
            if name not in slow or turn < SLOW_RUNS:
                times[name].append(secs(words, environment))
    return {name: taken[1:] for name, taken in times.items()}


def at_once(program: Path, environment: dict[str, str]) -> list[float]:
    """Starts many at the same time; each one's time is from the common start to its own end, in milliseconds."""
    words = [str(STARTER), str(AT_ONCE), str(program), "credential-process", "prod"]
    ran = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    return sorted(float(line) for line in ran.stdout.split())


def main() -> int:
    """Prints the table; fails where a reach is missed in a release build."""
    path = f"{VENV}:{OTHERS_VENV}:{os.environ['PATH']}"
    programs = {OWN: [str(UNDERCROFT), "credential-process", "prod"], "an empty Rust program": [str(EMPTY)]}
    missing = []
    for name, words in OTHERS.items():
        if installed(words, path):
            programs[name] = [shutil.which(words[0], path=path) or words[0], *words[1:]]
        else:
            missing.append(words[0])
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "agent" / "agent.sock"
        environment = {"HOME": folder, "PATH": path, "UNDERCROFT_SOCKET": str(socket)}
        agent = subprocess.Popen([AGENT, socket])
        try:
            while not socket.exists():
                time.sleep(0.01)
            times = measure(programs, environment)
            # In turns, so that what else the machine does falls on both.
            rounds = [(at_once(UNDERCROFT, environment), at_once(EMPTY, environment)) for _ in range(AT_ONCE_ROUNDS)]
        finally:
            agent.terminate()
            agent.wait()
    medians = {name: statistics.median(taken) * 1000 for name, taken in times.items()}
    print(f"| program, start to exit ({BUILD.name} build) | runs | median ms | p95 ms |")
    print("|---|---:|---:|---:|")
    for name, taken in sorted(times.items(), key=lambda item: medians[item[0]]):
        p95 = sorted(taken)[int(len(taken) * 0.95) - 1] * 1000
        print(f"| {name} | {len(taken)} | {medians[name]:.2f} | {p95:.2f} |")
    for name, number in ((OWN, 0), ("an empty Rust program", 1)):
        together = [taken[number] for taken in rounds]
        middle, late = (statistics.median(taken[int(AT_ONCE * part) - 1] for taken in together) for part in (0.5, 0.95))
        print(f"| {AT_ONCE} × {name} at once, to the end of each | {AT_ONCE_ROUNDS} | {middle:.1f} | {late:.1f} |")
        if number == 0:
            p95 = late
    if missing:
        print(f"\nNot installed, so left out: {', '.join(missing)}.")
    print(f"\nSize of the program: {UNDERCROFT.stat().st_size / 1e6:.1f} MB")
    missed = medians[OWN] > REACH_MS or p95 > REACH_AT_ONCE_MS
    aws = medians.get("aws --version")
    missed = missed or (aws is not None and medians[OWN] > aws * OF_AWS)
    return int(missed and BUILD.name == "release")


if __name__ == "__main__":
    sys.exit(main())
