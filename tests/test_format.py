"""The vectors of the vault's format, read by the independent decoder.

Every `NAME.json` below `tests/vectors/vault` is a test; adding a file adds one.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import format_decoder
from format_decoder import ONLY_NONCE, Refused, gcm_open, hkdf, open_vault, sealed_values

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


def example():
    """The hexadecimal digits of FORMAT.md's last section, without its remarks."""
    page = Path(__file__).parent.parent / "src-tauri/crates/undercroft-vault/FORMAT.md"
    text = page.read_text(encoding="utf-8").split(". A worked example\n", 1)[1]
    blocks = text.split("```text\n")[1:]
    return [hexadecimal(block.split("```")[0]) for block in blocks]


def hexadecimal(block):
    """The numbers of a block: a remark is quoted, or stands behind two or more spaces and is no number."""
    digits = []
    for line in block.splitlines():
        words = re.sub(r'".*', "", line).split()
        number = [word for word in words if re.fullmatch("([0-9a-f]{2})+", word)]
        digits += number if words[: len(number)] == number else words[1:2]
    return "".join(digits)


def test_the_worked_example_of_the_page():
    data = stored_bytes("golden/v1-0-empty")
    vault = open_vault(data, password=PASSWORD)
    end = hash_end(data)
    (slot, _) = vault.header["slots"]
    stretched = format_decoder.stretch(slot, PASSWORD.encode())
    body_key = hkdf(vault.key, vault.header["body-salt"], b"body")
    padded = gcm_open(body_key, ONLY_NONCE, data[end + 32 :], data[: end + 32], "tampered")
    keys = [stretched, hkdf(stretched, b"", b"slot-wrap password"), vault.key]
    keys += [hkdf(vault.key, b"", b"header-mac"), body_key]

    prelude, header, hashes, shown_keys, body, sealed = example()
    assert prelude == data[:16].hex()
    assert header == data[16 : end - 32].hex()
    assert hashes == data[end - 32 : end + 32].hex()
    assert shown_keys == b"".join(keys).hex()
    assert body == padded[: 8 + 124].hex()
    assert not any(padded[8 + 124 :])

    household = open_vault(stored_bytes("golden/v1-0-household"), password=PASSWORD)
    assert household.key == vault.key
    value = {"id": bytes.fromhex(sealed[:32]), "sealed": bytes.fromhex(sealed[32:])}
    root = bytes.fromhex("4813494d137e1631bba301d5acab6e7b")
    assert value in list(sealed_values(household.item(root)))
    assert household.unseal(root, "sign-on.password", value).decode() == "Tr0ub4dor&3 für AWS"


def test_as_a_command_it_shows_what_a_vault_holds():
    vault = FOLDER / "golden" / "v1-0-household.vault"
    command = [sys.executable, format_decoder.__file__, str(vault)]
    right = subprocess.run(command, input=PASSWORD + "\n", capture_output=True, text=True, check=True)
    assert "root@example.com" in right.stdout
    assert "Tr0ub4dor" not in right.stdout
    wrong = subprocess.run(command, input="wrong\n", capture_output=True, text=True)
    assert wrong.returncode == 1
    assert "wrong-credential" in wrong.stderr
