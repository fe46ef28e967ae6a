"""Measures `undercroft agent`, which has no window, with 10,000 profiles: its memory, and how long a list of them takes.

Needs the builds of the program and of the example that writes the vault:

    cargo build --release -p undercroft-cli --bin undercroft
    cargo build --release -p undercroft-session --example sample_vault

BENCH_BUILD (release or debug) may be set.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
sys.path.append(str(PROJECT / "tests" / "e2e"))

from processes import pss_kib  # noqa: E402

BUILD = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target")) / os.environ.get("BENCH_BUILD", "release")
UNDERCROFT = BUILD / "undercroft"
SAMPLE_VAULT = BUILD / "examples" / "sample_vault"
PASSWORD = "ten thousand profiles in one cellar"
IDENTITIES, PROFILES = 1000, 10_000
REACH_MB = 60
PATIENCE_SECS = 60
SETTLES_SECS = 5
LISTS = 5


def mb(pid: int) -> float:
    """Returns the proportional set size of a process once it has settled."""
    time.sleep(SETTLES_SECS)
    return pss_kib(pid) * 1024 / 1e6


def state(environment: dict[str, str]) -> str:
    """Returns what `undercroft status` says; nothing while nobody serves."""
    ran = subprocess.run([UNDERCROFT, "status", "--json"], env=environment, capture_output=True, text=True, check=False)
    return str(json.loads(ran.stdout)["state"]) if ran.stdout else ""


def main() -> int:
    """Prints the table; fails where the reach is missed in a release build."""
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder) / "big.undercroft"
        words = [SAMPLE_VAULT, "--path", vault, "--password-stdin", "--identities", str(IDENTITIES)]
        subprocess.run([*words, "--profiles", str(PROFILES)], input=PASSWORD, text=True, check=True)
        environment = {
            "HOME": folder,
            "PATH": os.environ["PATH"],
            "XDG_RUNTIME_DIR": folder,
            "UNDERCROFT_SOCKET": f"{folder}/agent/agent.sock",
        }
        agent = subprocess.Popen(
            [UNDERCROFT, "agent", "--vault", vault, "--password-stdin"],
            env=environment,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert agent.stdin is not None
            agent.stdin.write(PASSWORD + "\n")
            agent.stdin.close()
            deadline = time.monotonic() + PATIENCE_SECS
            while state(environment) != "unlocked":
                if time.monotonic() > deadline:
                    raise RuntimeError("the agent does not unlock")
                time.sleep(0.1)
            unlocked = mb(agent.pid)
            taken = []
            for _ in range(LISTS):
                begun = time.perf_counter()
                ran = subprocess.run(
                    [UNDERCROFT, "ls", "--json"], env=environment, capture_output=True, text=True, check=True
                )
                taken.append(time.perf_counter() - begun)
            listed = len(json.loads(ran.stdout))
            if listed != PROFILES:
                raise RuntimeError(f"{listed} profiles were listed")
            after = mb(agent.pid)
            subprocess.run([UNDERCROFT, "lock"], env=environment, check=True, capture_output=True)
            locked = mb(agent.pid)
        finally:
            agent.terminate()
            agent.wait()
    print(f"| `undercroft agent` with {PROFILES:,} profiles ({BUILD.name} build) | |")
    print("|---|---:|")
    print(f"| memory, unlocked (PSS) | {unlocked:.0f} MB |")
    print(f"| memory, after listing all of them | {after:.0f} MB |")
    print(f"| memory, locked | {locked:.0f} MB |")
    print(f"| `undercroft ls --json` of all, median of {LISTS} | {statistics.median(taken) * 1000:.0f} ms |")
    return int(unlocked > REACH_MB and BUILD.name == "release")


if __name__ == "__main__":
    sys.exit(main())
