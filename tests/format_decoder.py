"""Reads Undercroft vaults, written from FORMAT.md alone.

It shares no code with the program, so that what the two agree on is what the page says. As a command it prints
what a vault holds, secrets still sealed:

    python3 tests/format_decoder.py VAULT [--recovery-key] [--show-keys]

The password is read from the terminal, or from standard input when that is none.
"""

import argparse
import getpass
import hashlib
import hmac
import struct
import sys
import unicodedata
from dataclasses import dataclass

import cbor2
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = bytes.fromhex("89554356 0D0A1A0A")
MAX_FILE = 64 * 1024 * 1024
DOMAIN = b"undercroft v1 "
ONLY_NONCE = bytes(12)
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Refused(Exception):
    """Carries the error class of FORMAT.md, and for `too-new` the version to ask for."""

    def __init__(self, error_class, needs=None):
        super().__init__(error_class)
        self.error_class = error_class
        self.needs = needs


# Section 2: primitives and CBOR


def hkdf(key, salt, purpose):
    pseudo_random_key = hmac.digest(salt or bytes(32), key, "sha256")
    return hmac.digest(pseudo_random_key, DOMAIN + purpose + b"\x01", "sha256")


def gcm_open(key, nonce, sealed, aad, error_class):
    if len(sealed) < 16:
        raise Refused(error_class)
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise Refused(error_class) from None


@dataclass
class Raw:
    """An unknown field's value, which is only checked for being well formed."""

    encoded: bytes


class Cbor:
    """The plain CBOR of header and body."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def fail(self):
        raise Refused("malformed")

    def take(self, count):
        if count > len(self.data) - self.at:
            self.fail()
        self.at += count
        return self.data[self.at - count : self.at]

    def head(self):
        first = self.take(1)[0]
        major, short = first >> 5, first & 31
        if short < 24:
            return major, short, short
        if short > 27 or (major == 7 and short == 24):
            self.fail()
        width = 1 << (short - 24)
        argument = int.from_bytes(self.take(width), "big")
        least = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}[short]
        if major != 7 and argument < least:
            self.fail()
        return major, short, argument

    def value(self, depth=32):
        """Any value, map keys of any kind; maps become lists of pairs."""
        if depth == 0:
            self.fail()
        major, short, argument = self.head()
        if major == 0:
            return argument
        if major == 1:
            return -1 - argument
        if major == 2:
            return self.take(argument)
        if major == 3:
            try:
                return str(self.take(argument), "utf-8")
            except UnicodeDecodeError:
                self.fail()
        if major == 4:
            self.enough(argument)
            return [self.value(depth - 1) for _ in range(argument)]
        if major == 5:
            self.enough(2 * argument)
            return Pairs((self.value(depth - 1), self.value(depth - 1)) for _ in range(argument))
        if major == 6:
            return self.value(depth - 1)
        if short in (25, 26, 27):
            return struct.unpack({25: ">e", 26: ">f", 27: ">d"}[short], self.take_back(1 << (short - 24)))[0]
        if argument not in (20, 21, 22, 23):
            self.fail()
        return {20: False, 21: True}.get(argument)

    def take_back(self, count):
        return self.data[self.at - count : self.at]

    def enough(self, count):
        if count > len(self.data) - self.at:
            self.fail()

    def fields(self, known):
        """A map with text keys: known fields read by their readers, the others kept as raw bytes."""
        major, _, count = self.head()
        if major != 5:
            self.fail()
        self.enough(2 * count)
        found = {}
        for _ in range(count):
            name = self.of(str)
            if name in found:
                self.fail()
            start = self.at
            if name in known:
                found[name] = known[name](self)
            else:
                self.value()
                found[name] = Raw(bytes(self.data[start : self.at]))
        return found

    def of(self, kind, length=None):
        value = self.value()
        if type(value) is not kind or (length is not None and len(value) != length):
            self.fail()
        return value

    def uint(self):
        value = self.of(int)
        if value < 0:
            self.fail()
        return value

    def array(self, reader, at_least=0, at_most=None):
        major, _, count = self.head()
        if major != 4 or count < at_least or (at_most is not None and count > at_most):
            self.fail()
        self.enough(count)
        return [reader(self) for _ in range(count)]

    def tuple(self, *readers):
        major, _, count = self.head()
        if major != 4 or count != len(readers):
            self.fail()
        return tuple(reader(self) for reader in readers)

    def end(self):
        if self.at != len(self.data):
            self.fail()


class Pairs(list):
    """A map as its pairs in order."""


def octets(length):
    return lambda cbor: cbor.of(bytes, length)


def required(fields, *names):
    if any(name not in fields for name in names):
        raise Refused("malformed")
    return fields


# Sections 4 and 5: the header and its slots


def read_slot(cbor):
    start = cbor.at
    kind = cbor.fields({"kind": lambda cbor: cbor.of(str)}).get("kind")
    end = cbor.at
    if kind is None:
        raise Refused("malformed")
    if kind not in ("password", "recovery-key"):
        return {"kind": kind, "known": False}
    slot = Cbor(cbor.data[start:end])
    fields = slot.fields(
        {
            "kind": lambda cbor: cbor.of(str),
            "kdf": read_kdf,
            "salt": octets(32),
            "commitment": octets(32),
            "wrapped": octets(48),
        }
    )
    return {**required(fields, "kdf", "salt", "commitment", "wrapped"), "known": True}


def read_kdf(cbor):
    names = {"name": lambda cbor: cbor.of(str), "memory-kib": Cbor.uint, "iterations": Cbor.uint, "lanes": Cbor.uint}
    fields = cbor.fields(names)
    if set(fields) != set(names) or fields["name"] != "argon2id":
        raise Refused("malformed")
    return fields


def read_critical(cbor):
    major, _, count = cbor.head()
    if major != 5:
        cbor.fail()
    cbor.enough(2 * count)
    versions = []
    for _ in range(count):
        cbor.of(str)
        version = cbor.tuple(Cbor.uint, Cbor.uint)
        if max(version) > 65_535:
            cbor.fail()
        versions.append(version)
    return versions


def read_header(data):
    cbor = Cbor(data)
    header = cbor.fields(
        {
            "slots": lambda cbor: cbor.array(read_slot, 1, 8),
            "body-salt": octets(32),
            "body-length": Cbor.uint,
            "critical": read_critical,
        }
    )
    cbor.end()
    return required(header, "slots", "body-salt", "body-length")


def check_kdf(slot):
    kdf = slot["kdf"]
    acceptable = 19_456 <= kdf["memory-kib"] <= 1_048_576 and 1 <= kdf["iterations"] <= 16 and 1 <= kdf["lanes"] <= 8
    if not acceptable:
        raise Refused("hostile-kdf")


def stretch(slot, secret):
    kdf = slot["kdf"]
    return hash_secret_raw(
        secret, slot["salt"], kdf["iterations"], kdf["memory-kib"], kdf["lanes"], 32, Type.ID, version=0x13
    )


def unwrap(slot, secret):
    """The vault key, or nothing when the commitment does not fit."""
    kind = slot["kind"].encode()
    stretched = stretch(slot, secret)
    if not hmac.compare_digest(hkdf(stretched, b"", b"slot-commitment " + kind), slot["commitment"]):
        return None
    wrap_key = hkdf(stretched, b"", b"slot-wrap " + kind)
    return gcm_open(wrap_key, ONLY_NONCE, slot["wrapped"], DOMAIN + b"slot " + kind, "tampered")


def password_secret(password):
    return unicodedata.normalize("NFC", password).encode()


def recovery_secret(text):
    digits = ""
    for character in text:
        if character.isspace() or character in "-_\u2212" or "\u2010" <= character <= "\u2015":
            continue
        digits += {"O": "0", "I": "1", "L": "1"}.get(character.upper(), character.upper())
    if len(digits) != 36 or any(digit not in BASE32 for digit in digits):
        raise ValueError("not a recovery key")
    bits = "".join(f"{BASE32.index(digit):05b}" for digit in digits)
    key = int(bits[:160], 2).to_bytes(20, "big")
    checksum = hashlib.sha256(b"undercroft v1 recovery-key" + key).digest()
    if f"{int.from_bytes(checksum, 'big'):0256b}"[:20] != bits[160:]:
        raise ValueError("a typing mistake in the recovery key")
    return key


# Sections 6 and 7: the body


def unpad(padded):
    if len(padded) < 8:
        raise Refused("malformed")
    length = int.from_bytes(padded[:8], "big")
    step = 65_536
    if -(-(8 + length) // step) * step > 1_048_576:
        step = 262_144
    if len(padded) != -(-(8 + length) // step) * step or any(padded[8 + length :]):
        raise Refused("malformed")
    return padded[8 : 8 + length]


def signed(cbor):
    value = cbor.of(int)
    if not -(2**63) <= value < 2**63:
        cbor.fail()
    return value


def read_body(data, slots):
    identifier = octets(16)
    cbor = Cbor(data)
    body = cbor.fields(
        {
            "vault": identifier,
            "saves": lambda cbor: cbor.array(
                lambda cbor: cbor.tuple(identifier, Cbor.uint, identifier, signed), at_most=64
            ),
            "slots": lambda cbor: cbor.array(lambda cbor: cbor.tuple(Cbor.uint, identifier)),
            "items": lambda cbor: cbor.array(
                lambda cbor: cbor.tuple(identifier, Cbor.uint, identifier, lambda cbor: cbor.of(bytes))
            ),
        }
    )
    cbor.end()
    required(body, "vault", "saves", "slots", "items")
    ids = [item[0] for item in body["items"]]
    if len(body["slots"]) != slots or any(a >= b for a, b in zip(ids, ids[1:])):
        raise Refused("malformed")
    return body


@dataclass
class Vault:
    """An opened vault."""

    version: tuple
    key: bytes
    header: dict
    body: dict

    def item(self, identifier):
        """Section 8: an item as plain data."""
        (entry,) = [entry for entry in self.body["items"] if entry[0] == identifier]
        item = cbor2.loads(entry[3])
        if (item["id"], item["revision"]) != (identifier, {"counter": entry[1], "installation": entry[2]}):
            raise Refused("malformed")
        return item

    def unseal(self, item, field, value):
        """Section 9: a secret value in the clear."""
        value_key = hkdf(self.key, b"", b"value " + value["id"])
        aad = DOMAIN + b"value " + self.body["vault"] + item + value["id"] + field.encode()
        sealed = value["sealed"]
        if len(sealed) < 12:
            raise Refused("wrong-value")
        return gcm_open(value_key, sealed[:12], sealed[12:], aad, "wrong-value")


# Section 3: the file


def open_vault(data, password=None, recovery_key=None):
    """Opens a vault with one of the two credentials, or raises `Refused`."""
    if len(data) > MAX_FILE:
        raise Refused("too-large")
    if data[:8] != MAGIC[: len(data)]:
        raise Refused("not-a-vault")
    if len(data) < 16:
        raise Refused("truncated")
    major, minor, header_length = struct.unpack(">HHI", data[8:16])
    if header_length > 65_536:
        raise Refused("header-length")
    hashed = 16 + header_length
    if len(data) < hashed + 32:
        raise Refused("truncated")
    if hashlib.sha256(data[:hashed]).digest() != data[hashed : hashed + 32]:
        raise Refused("damaged")
    if major != 1:
        raise Refused("too-new", (major, minor))
    header = read_header(data[16:hashed])
    if header.get("critical"):
        raise Refused("too-new", max(header["critical"]))
    body_start = hashed + 64
    if len(data) < body_start + header["body-length"]:
        raise Refused("truncated")
    if len(data) > body_start + header["body-length"]:
        raise Refused("trailing-bytes")
    for slot in header["slots"]:
        if slot["known"]:
            check_kdf(slot)

    kind = "password" if recovery_key is None else "recovery-key"
    secret = password_secret(password) if recovery_key is None else recovery_secret(recovery_key)
    slots = [slot for slot in header["slots"] if slot["kind"] == kind]
    if not slots:
        raise Refused("no-such-slot")
    keys = (unwrap(slot, secret) for slot in slots)
    key = next((key for key in keys if key is not None), None)
    if key is None:
        raise Refused("wrong-credential")
    mac = hmac.digest(hkdf(key, b"", b"header-mac"), data[: hashed + 32], "sha256")
    if not hmac.compare_digest(mac, data[hashed + 32 : body_start]):
        raise Refused("tampered")
    body_key = hkdf(key, header["body-salt"], b"body")
    padded = gcm_open(body_key, ONLY_NONCE, data[body_start:], data[:body_start], "tampered")
    return Vault((major, minor), key, header, read_body(unpad(padded), len(header["slots"])))


def sealed_values(value):
    """All sealed values anywhere in an item, as maps of `id` and `sealed`."""
    if isinstance(value, dict):
        if isinstance(value.get("sealed"), bytes) and isinstance(value.get("id"), bytes):
            yield value
        for inner in value.values():
            yield from sealed_values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from sealed_values(inner)


def main():
    parser = argparse.ArgumentParser(description="Shows what an Undercroft vault holds.")
    parser.add_argument("vault")
    parser.add_argument("--recovery-key", action="store_true", help="ask for the recovery key instead")
    parser.add_argument("--show-keys", action="store_true", help="print the vault key and those derived from it")
    options = parser.parse_args()
    what = "Recovery key: " if options.recovery_key else "Password: "
    typed = getpass.getpass(what) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with open(options.vault, "rb") as file:
        data = file.read()
    credential = {"recovery_key" if options.recovery_key else "password": typed}
    try:
        vault = open_vault(data, **credential)
    except Refused as refused:
        sys.exit(f"{options.vault}: {refused.error_class}")
    print(f"format {vault.version[0]}.{vault.version[1]}, vault {vault.body['vault'].hex()}")
    if options.show_keys:
        print(f"vault key  {vault.key.hex()}")
        print(f"header key {hkdf(vault.key, b'', b'header-mac').hex()}")
        print(f"body key   {hkdf(vault.key, vault.header['body-salt'], b'body').hex()}")
    for slot in vault.header["slots"]:
        print(f"slot {slot['kind']}", slot.get("kdf", ""))
    for identifier, counter, installation, at in vault.body["saves"]:
        print(f"save {counter} {identifier.hex()} by {installation.hex()} at {at}")
    for identifier, counter, _, encoded in vault.body["items"]:
        item = vault.item(identifier)
        print(f"item {identifier.hex()} revision {counter}, {len(encoded)} bytes: {item['state']}")


if __name__ == "__main__":
    main()
