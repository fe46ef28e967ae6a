"""What was found in memory, by state and process, as a table that is printed and kept in target/figures."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from desktop import PROJECT
from memory_search import search
from patience import patient
from processes import family, name

FIGURES = PROJECT / "target" / "figures"
COLUMNS = ("master password", "recovery key")
# Keeps what it reads from its input in memory, and says when it has it.
HOLDER = "import sys; held = sys.stdin.buffer.read(); print(len(held), flush=True); sys.stdout.close(); import time; time.sleep(600)"


@contextmanager
def holding(writings: list[bytes]) -> Iterator[int]:
    """Runs a process that holds these texts in memory, and yields its number."""
    held = subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert held.stdin is not None and held.stdout is not None
    try:
        held.stdin.write(b"\n".join(writings))
        held.stdin.close()
        held.stdout.readline()
        yield held.pid
    finally:
        held.kill()
        held.wait()


def role(pid: int) -> str:
    """Names a process of the program by what it is for."""
    command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    if b"--shortcuts-portal" in command or b"--screenshot-portal" in command:
        return "portal helper"
    words = {
        "undercroft-app": "main process",
        "undercroft": "agent" if b"agent" in command else "command line",
        "WebKitWebProcess": "web process",
        "WebKitNetworkProcess": "network process",
    }
    return words.get(name(pid), name(pid))


class Figures:
    """A table of what was found. `secrets` gives the writings of each secret by its label."""

    def __init__(self, title: str, secrets: Mapping[str, set[bytes]]) -> None:
        assert set(COLUMNS) < set(secrets)
        self.title = title
        self.secrets = secrets
        self.rows: list[tuple[str, str, dict[str, int]]] = []

    def take(self, state: str, pid: int, *, settle_secs: float = 0) -> dict[str, dict[str, int]]:
        """Searches a program and all that it started, and adds a row for each process.

        With `settle_secs` it looks until nothing is found, for so long at most, as freed memory is used again by and by.
        """
        deadline = time.monotonic() + patient(settle_secs)
        while True:
            rows = list(self._look(pid))
            if not any(sum(counts.values()) for _, counts in rows) or time.monotonic() >= deadline:
                break
            time.sleep(1)
        self.rows += [(state, process, counts) for process, counts in rows]
        return {process: {label: n for label, n in counts.items() if n} for process, counts in rows}

    def _look(self, pid: int) -> Iterator[tuple[str, dict[str, int]]]:
        seen: dict[str, int] = {}
        for one in family(pid):
            try:
                process = role(one)
                counts = search(one, self.secrets)
            except (FileNotFoundError, ProcessLookupError):
                continue
            seen[process] = seen.get(process, 0) + 1
            yield process if seen[process] == 1 else f"{process} {seen[process]}", counts

    def note(self, state: str, process: str, counts: Mapping[str, int]) -> None:
        """Adds a row that was found otherwise."""
        self.rows.append((state, process, dict.fromkeys(self.secrets, 0) | dict(counts)))

    def table(self) -> str:
        """Writes the table in Markdown."""
        heads = ("state", "process", "planted secrets found", *(f"{label} found" for label in COLUMNS))
        lines = [f"## {self.title}", "", f"| {' | '.join(heads)} |"]
        lines.append("|" + "---|" * (3 + len(COLUMNS)))
        for state, process, counts in self.rows:
            planted = {label: n for label, n in counts.items() if label not in COLUMNS and n}
            which = f" ({', '.join(f'{label} {n}' for label, n in planted.items())})" if planted else ""
            cells = [state, process, f"{sum(planted.values())}{which}", *(str(counts[label]) for label in COLUMNS)]
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"

    def keep(self) -> None:
        """Prints the table and keeps it in a file of its own."""
        text = self.table()
        print(f"\n{text}")
        FIGURES.mkdir(parents=True, exist_ok=True)
        (FIGURES / f"memory-{self.title.replace(' ', '-')}.md").write_text(text)
