"""The documents name tests, files and commands: all of them have to be there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    PROJECT / name
    for name in subprocess.run(
        ["git", "ls-files", "*.md"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.split()
    if not name.startswith(("tests/fuzz/corpus", "CHANGELOG"))
)
# What stands between backquotes and begins like a path of this project.
PATH = re.compile(r"`((?:src-tauri|tests|docs|ui|icons|\.ci)/[^`\s,{}*…]+)`")
MAKE = re.compile(r"`(?:[A-Z_]+=\S+ )*make ([a-z-]+)")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
TARGET = re.compile(r"^([a-z-]+(?: [a-z-]+)*):(?!=)", re.MULTILINE)


def ids(path: Path) -> str:
    """Names a document."""
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_what_a_document_names_is_there(document: Path) -> None:
    text = document.read_text()
    named = {name.split("::")[0].rstrip(":.") for name in PATH.findall(text)}
    missing = [name for name in sorted(named) if not (PROJECT / name).exists()]
    linked = [name for name in LINK.findall(text) if not (document.parent / name).exists()]
    targets = {name for names in TARGET.findall((PROJECT / "Makefile").read_text()) for name in names.split()}
    commands = [name for name in MAKE.findall(text) if name not in targets]
    assert (missing, linked, commands) == ([], [], [])


def test_every_promise_points_to_a_test() -> None:
    text = (PROJECT / "THREAT_MODEL.md").read_text()
    table = text[text.index("| promise | shown by |") :].split("\n\n")[0].splitlines()[2:]
    assert len(table) >= 40
    for row in table:
        promise, shown = row.strip("| ").rsplit(" | ", 1)
        assert "`" in shown, f"{promise} names no test"
