"""The files of ~/.aws as botocore reads them, beside how Undercroft does.

Every pair of files in `tests/vectors/aws_files/profiles` is a test; adding a file adds one.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from botocore.configloader import build_profile_map, raw_config_parse
from botocore.exceptions import ConfigParseError

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests" / "vectors" / "aws_files" / "profiles"
NAMES = sorted({path.stem for path in FOLDER.iterdir()})

# Why botocore refuses a file that is read here all the same; each is told of.
REFUSED = {
    "before-first-section",
    "broken-header",
    "no-setting",
    "section-twice",
    "setting-twice",
}


@pytest.fixture(scope="module")
def example():
    """The program that prints what the files read as."""
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    path = Path(target) / "debug" / "examples" / "aws_files"
    assert path.exists(), "make tested-app builds it"
    return path


def load(path):
    """A file as botocore parses it, or the error; a file that isn't there is empty."""
    if not path.exists():
        return {}
    try:
        return raw_config_parse(str(path), parse_subsections=False)
    except ConfigParseError as error:
        return error


def without_comments(settings):
    """Leaves out comments behind first lines, as the SDKs do and botocore doesn't; `comment-behind-value` tells of them."""
    cut = {}
    for key, value in settings.items():
        first, *rest = value.split("\n")
        cut[key] = "\n".join([re.split(r"\s[#;]", " " + first)[0].strip(), *rest])
    return cut


def merged(config, credentials):
    """What `botocore.session.Session.full_config` makes of both."""
    full = build_profile_map(config)
    for name, settings in credentials.items():
        full["profiles"].setdefault(name, {}).update(settings)
    return full


def is_profile(name):
    """Whether a header of the credentials file is taken for a profile here, the problem of others being told."""
    return not re.match(r"(profile|sso-session|services)\s", name)


@pytest.mark.parametrize("name", NAMES)
def test_as_botocore_reads_it(example, name):
    files = {kind: FOLDER / f"{name}.{kind}" for kind in ("config", "credentials")}
    command = [example, "settings", *files.values()]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=30).stdout)
    read = {kind: load(path) for kind, path in files.items()}
    refused = [kind for kind, result in read.items() if isinstance(result, ConfigParseError)]
    for kind in refused:
        has_mark = files[kind].read_bytes().startswith(b"\xef\xbb\xbf")
        codes = {problem.split(":")[2] for problem in found["problems"][kind]}
        assert has_mark or codes & REFUSED, f"botocore refuses {kind}: {read[kind]}"
    if refused:
        return
    credentials = {header.strip(): settings for header, settings in read["credentials"].items() if is_profile(header)}
    # botocore takes spaces inside the brackets for a part of the name, the SDKs don't.
    config = {header.strip(): settings for header, settings in read["config"].items()}
    full = merged(config, credentials)
    assert found["profiles"] == {name: without_comments(settings) for name, settings in full["profiles"].items()}
    assert found["sso_sessions"] == full["sso_sessions"]


def test_most_vectors_are_compared():
    results = [load(FOLDER / f"{name}.{kind}") for name in NAMES for kind in ("config", "credentials")]
    assert sum(1 for result in results if result and not isinstance(result, ConfigParseError)) >= 30
