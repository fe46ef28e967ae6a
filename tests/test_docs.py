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
# `vault/…` is a path of the crate `undercroft-vault`, and so on: THREAT_MODEL.md writes them in short.
CRATES = sorted(path.name.removeprefix("undercroft-") for path in (PROJECT / "src-tauri/crates").iterdir())
SHORT = re.compile(rf"`({'|'.join(CRATES)})/")
PROMISES = "| promise | shown by |\n|---|---|\n"
TARGET = re.compile(r"^([a-z-]+(?: [a-z-]+)*):(?!=)", re.MULTILINE)


def ids(path: Path) -> str:
    """Names a document."""
    return str(path.relative_to(PROJECT))


def in_full(text: str) -> str:
    """The text with the short paths of crates written out."""
    return SHORT.sub(r"`src-tauri/crates/undercroft-\1/", text)


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_what_a_document_names_is_there(document: Path) -> None:
    text = in_full(document.read_text())
    named = {name.split("::")[0].rstrip(":.") for name in PATH.findall(text)}
    missing = [name for name in sorted(named) if not (PROJECT / name).exists()]
    linked = [name for name in LINK.findall(text) if not (document.parent / name).exists()]
    targets = {name for names in TARGET.findall((PROJECT / "Makefile").read_text()) for name in names.split()}
    commands = [name for name in MAKE.findall(text) if name not in targets]
    assert (missing, linked, commands) == ([], [], [])


def test_every_promise_points_to_a_test() -> None:
    text = (PROJECT / "THREAT_MODEL.md").read_text()
    _, *tables = text.split(PROMISES)
    rows = [row for table in tables for row in table.split("\n\n")[0].splitlines()]
    assert len(rows) >= 70
    # No table of another form stands between them, whose rows would be passed over.
    section = text[text.index("\n## The promises") :].split("\n## ")[1]
    assert sum(line.startswith("|") for line in section.splitlines()) == len(rows) + 2 * len(tables)
    for row in rows:
        promise, shown = row.strip("| ").rsplit(" | ", 1)
        named = [name for name in PATH.findall(in_full(shown)) if (PROJECT / name).exists()]
        assert named, f"{promise} names no test"
        files = re.findall(r"`([^`\s]+\.(?:rs|py|ts|txt))`", in_full(shown))
        assert [name for name in files if not (PROJECT / name).exists()] == [], promise
