"""The look-up of known advisories, and the bill of materials: what is high or missing fails them."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import subprocess
from pathlib import Path

import pytest

CI = Path(__file__).resolve().parents[1] / ".ci"
AUDIT = CI / "npm-audit"


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


def test_the_bill_of_a_program_is_compared_with_what_cargo_links() -> None:
    loader = importlib.machinery.SourceFileLoader("sbom", str(CI / "sbom"))
    spec = importlib.util.spec_from_loader("sbom", loader)
    assert spec is not None
    sbom = importlib.util.module_from_spec(spec)
    loader.exec_module(sbom)
    linked = sbom.linked("undercroft-cli")
    assert len(linked) > 100
    parts = [{"name": name, "version": version} for name, version in sorted(linked)]
    bom = {"bomFormat": "CycloneDX", "metadata": {"component": parts[0]}, "components": parts[1:]}
    assert linked - sbom.listed(bom) == set()
    lost = parts.pop()
    bom["components"] = parts[1:]
    assert linked - sbom.listed(bom) == {(lost["name"], lost["version"])}
    scoped = {"group": "@tauri-apps", "name": "api", "version": "2.0.0"}
    assert ("@tauri-apps/api", "2.0.0") in sbom.listed(bom | {"components": [scoped]})
