"""The look-up of known advisories: a high one fails it, and what could not be asked is said."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

AUDIT = Path(__file__).resolve().parents[1] / ".ci" / "npm-audit"


@pytest.mark.parametrize(
    ("severities", "code"), [([], 0), (["low", "moderate"], 0), (["low", "high"], 1), (["critical"], 1)]
)
def test_a_high_advisory_fails(tmp_path: Path, severities: list[str], code: int) -> None:
    answer = tmp_path / "answer.json"
    found = {f"package-{n}": {"severity": severity, "range": "<2"} for n, severity in enumerate(severities)}
    answer.write_text(json.dumps({"vulnerabilities": found}))
    done = subprocess.run([AUDIT, answer], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert f"{len(found)} packages with advisories" in done.stdout


@pytest.mark.parametrize("text", ["", "{}", '{"error": {"code": "ENOAUDIT"}}', "[]", "<html>"])
def test_an_answer_that_is_none_is_said_and_fails_nothing(tmp_path: Path, text: str) -> None:
    answer = tmp_path / "answer.json"
    answer.write_text(text)
    done = subprocess.run([AUDIT, answer], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "NOT checked" in done.stdout
