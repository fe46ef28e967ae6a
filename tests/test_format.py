"""The vectors of the vault's format, read by the independent decoder.

Every `NAME.json` below `tests/vectors/vault` is a test; adding a file adds one.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import format_decoder
from format_decoder import Refused, open_vault, sealed_values

FOLDER = Path(__file__).parent / "vectors" / "vault"
NAMES = sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.json"))
PASSWORD = "correct horse battery staple"


def stored_bytes(name):
    return (FOLDER / f"{name}.vault").read_bytes()


def hash_end(data):
    return 16 + int.from_bytes(data[12:16], "big") + 32


def apply(edit, data):
    """One change of a vector; negative places count from the end."""
    if edit == "rehash":
        end = hash_end(data)
        return data[: end - 32] + hashlib.sha256(data[: end - 32]).digest() + data[end:]
    ((name, argument),) = edit.items()
    if name == "flip":
        changed = bytearray(data)
        changed[argument["at"]] ^= argument["mask"]
        return bytes(changed)
    if name == "set":
        new, changed = bytes.fromhex(argument["bytes"]), bytearray(data)
        at = argument["at"] % len(data)
        changed[at : at + len(new)] = new
        return bytes(changed)
    if name == "truncate":
        return data[:argument]
    if name == "append":
        return data + bytes.fromhex(argument)
    if name == "extend":
        return data + bytes(argument - len(data))
    other = stored_bytes(argument)
    if name == "mac-of":
        to, source = hash_end(data), hash_end(other)
        return data[:to] + other[source : source + 32] + data[to + 32 :]
    if name == "body-of":
        return data[: hash_end(data) + 32] + other[hash_end(other) + 32 :]
    raise ValueError(f"no such edit: {name}")


def load(name):
    expectation = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    data = stored_bytes(expectation.get("from", name))
    for edit in expectation.get("edits", []):
        data = apply(edit, data)
    return expectation, data


def open_as_expected(expectation, data):
    if "recovery-key" in expectation:
        return open_vault(data, recovery_key=expectation["recovery-key"])
    return open_vault(data, password=expectation.get("password", PASSWORD))


def test_there_are_enough_vectors():
    assert len(NAMES) >= 200
    assert sum(name.startswith("golden/") for name in NAMES) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_vector(name):
    expectation, data = load(name)
    if expectation["expect"] == "ok":
        check_content(expectation["content"], open_as_expected(expectation, data))
        return
    with pytest.raises(Refused) as refused:
        open_as_expected(expectation, data)
    assert refused.value.error_class == expectation["expect"]
    needs = refused.value.needs
    assert (needs and "{}.{}".format(*needs)) == expectation.get("needs")


def check_content(content, vault):
    kinds = [slot["kind"] if slot["known"] else "unknown" for slot in vault.header["slots"]]
    assert "{}.{}".format(*vault.version) == content["version"]
    assert kinds == content["slots"]
    assert vault.body["vault"].hex() == content["vault"]
    assert [save[1] for save in vault.body["saves"]] == content["saves"]
    assert [item[0].hex() for item in vault.body["items"]] == content["items"]
    for identifier in content["items"]:
        vault.item(bytes.fromhex(identifier))
    for secret in content["secrets"]:
        check_secret(secret, vault)


def check_secret(secret, vault):
    item = bytes.fromhex(secret["item"])
    values = {value["id"].hex(): value for value in sealed_values(vault.item(item))}
    value = values[secret["value"]]
    if "class" not in secret:
        assert vault.unseal(item, secret["field"], value).decode() == secret["text"]
        return
    with pytest.raises(Refused) as refused:
        vault.unseal(item, secret["field"], value)
    assert refused.value.error_class == secret["class"]


def test_the_recovery_key_of_the_page_reads_as_it_says():
    assert format_decoder.recovery_secret("000G40-R40M30-E20918-5GR38E-1W8124-GKKH14") == bytes(range(20))


def test_the_worked_example_of_the_page():
    """FORMAT.md's last section is the decoder's output for a golden vault."""
    page = Path(__file__).parent.parent / "src-tauri/crates/undercroft-vault/FORMAT.md"
    example = page.read_text(encoding="utf-8").split("## 12. A worked example", 1)[1]
    vault = FOLDER / "golden" / "v1-0-empty.vault"
    command = [sys.executable, format_decoder.__file__, str(vault), "--show-keys"]
    output = subprocess.run(command, input=PASSWORD + "\n", capture_output=True, text=True, check=True).stdout
    for line in output.splitlines():
        assert line in example
