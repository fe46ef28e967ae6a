"""Writes the exports under `files` and what they read as, independently of the program under test."""

import base64
import csv
import hashlib
import hmac
import io
import json
import zipfile
from pathlib import Path
from urllib.parse import quote

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from nacl import bindings, pwhash

HERE = Path(__file__).parent
FILES = HERE / "files"
PASSWORD = "a cellar of räkor"


def made(name: str, size: int) -> bytes:
    """Bytes that look random and are the same on every run."""
    return hashlib.shake_256(f"undercroft import {name}".encode()).digest(size)


def base32(name: str, size: int = 40) -> str:
    return base64.b32encode(made(name, size)).decode().rstrip("=")


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def uri(issuer, name, seed, algorithm="SHA1", digits=6, period=30):
    prefix = quote(issuer, safe="-._~@") + ":" if issuer else ""
    parameter = f"&issuer={quote(issuer, safe='-._~@')}" if issuer else ""
    label = prefix + quote(name, safe="-._~@")
    return f"otpauth://totp/{label}?secret={seed}{parameter}&algorithm={algorithm}&digits={digits}&period={period}"


def problem(code, issuer, name):
    return {"problem": code, "issuer": issuer, "name": name}


# Two of AWS's devices and one of elsewhere; every format holds them.
AWS = "Amazon Web Services"
ALICE = (AWS, "alice@123456789012", base32("alice"), "SHA1", 6, 30)
ROOT = (AWS, "root-account-mfa-device@210987654321", base32("root"), "SHA1", 6, 30)
OTHER = ("Exåmple", "bob@example.org", base32("bob", 20), "SHA256", 8, 60)
DEVICES = [ALICE, ROOT, OTHER]
PLAIN = [ALICE, ROOT]

expected: dict[str, dict] = {}


def write(name: str, content: bytes | str, **reads):
    data = content.encode() if isinstance(content, str) else content
    (FILES / name).write_bytes(data)
    expected[name] = reads


# otpauth addresses


def lines():
    text = "\n".join(uri(*device) for device in DEVICES)
    write("lines.txt", text + "\n", format="otpauth-lines", entries=[uri(*device) for device in DEVICES])
    ente = "\r\n\r\n".join(
        [
            "otpauth://totp/Amazon%20Web%20Services:alice%40123456789012"
            f"?algorithm=sha1&digits=6&issuer=Amazon%20Web%20Services&period=30&secret={ALICE[2]}"
            "&codeDisplay=%7B%22pinned%22%3Afalse%7D",
            f"otpauth://hotp/Example:carol?secret={base32('carol')}&counter=4",
            f"otpauth://steam/Steam:gabe?secret={base32('gabe', 20)}&digits=5",
            f"otpauth://totp/broken?secret={'!' * 8}",
            "otpauth://totp/Example:empty?issuer=Example",
        ]
    )
    write(
        "lines-ente.txt",
        "\ufeff# exported\r\n" + ente,
        format="otpauth-lines",
        entries=[
            uri(*ALICE),
            problem("entry-hotp", "", "Example:carol"),
            problem("entry-steam", "", "Steam:gabe"),
            problem("seed-not-base32", "", "broken"),
            problem("entry-no-secret", "", "Example:empty"),
        ],
    )


# Aegis


def aegis_database():
    def entry(issuer, name, seed, algorithm, digits, period, kind="totp"):
        return {
            "type": kind,
            "uuid": "3ae6f1ad-2e65-4ed2-a953-1ec0dff2386d",
            "name": name,
            "issuer": issuer,
            "note": "",
            "favorite": False,
            "icon": None,
            "info": {"secret": seed, "algo": algorithm, "digits": digits, "period": period},
            "groups": [],
        }

    entries = [entry(*device) for device in DEVICES]
    entries.append(entry("Shop", "till", base32("till"), "SHA1", 6, 30, "hotp"))
    entries.append(entry("Steam", "gabe", base32("gabe", 20), "SHA1", 5, 30, "steam"))
    entries.append(entry("Old", "md5", base32("md5", 16), "MD5", 6, 30))
    entries.append(entry("Odd", "nine", base32("nine"), "SHA1", 9, 30))
    entries.append(entry("Odd", "slow", base32("slow"), "SHA1", 6, 0))
    entries.append(entry("Odd", "none", "", "SHA1", 6, 30))
    return {"version": 3, "entries": entries, "groups": []}


AEGIS_READS = [uri(*device) for device in DEVICES] + [
    problem("entry-hotp", "Shop", "till"),
    problem("entry-steam", "Steam", "gabe"),
    problem("entry-algorithm", "Old", "md5"),
    problem("entry-digits", "Odd", "nine"),
    problem("entry-period", "Odd", "slow"),
    problem("entry-no-secret", "Odd", "none"),
]


def gcm(key, nonce, plain):
    sealed = AESGCM(key).encrypt(nonce, plain, None)
    return sealed[:-16], sealed[-16:]


def aegis_slot(name, password, master, n=1 << 12, kind=1):
    salt, nonce = made(f"{name} salt", 32), made(f"{name} nonce", 12)
    key = Scrypt(salt=salt, length=32, n=n, r=8, p=1).derive(password.encode())
    sealed, tag = gcm(key, nonce, master)
    slot = {
        "type": kind,
        "uuid": "01234567-89ab-cdef-0123-456789abcdef",
        "key": sealed.hex(),
        "key_params": {"nonce": nonce.hex(), "tag": tag.hex()},
    }
    if kind == 1:
        slot |= {"n": n, "r": 8, "p": 1, "salt": salt.hex(), "repaired": True, "is_backup": False}
    return slot


def aegis():
    database = aegis_database()
    plain = {"version": 1, "header": {"slots": None, "params": None}, "db": database}
    write("aegis-plain.json", json.dumps(plain, indent=4), format="aegis", entries=AEGIS_READS)

    master, nonce = made("aegis master", 32), made("aegis nonce", 12)
    sealed, tag = gcm(master, nonce, json.dumps(database).encode())
    encrypted = {
        "version": 1,
        "header": {
            "slots": [
                aegis_slot("biometric", "never typed", master, kind=2),
                aegis_slot("first", "another password", master),
                aegis_slot("second", PASSWORD, master),
            ],
            "params": {"nonce": nonce.hex(), "tag": tag.hex()},
        },
        "db": base64_text(sealed),
    }
    reads = {"format": "aegis-encrypted", "entries": AEGIS_READS}
    write("aegis-encrypted.json", json.dumps(encrypted), password=PASSWORD, **reads)

    changed = json.loads(json.dumps(encrypted))
    changed["db"] = base64_text(bytes([sealed[0] ^ 1]) + sealed[1:])
    write("aegis-changed.json", json.dumps(changed), password=PASSWORD, error="import-damaged")

    for name, cost in {
        "memory": {"n": 1 << 30},
        "lanes": {"p": 1 << 30},
        "odd": {"n": 12345},
        "zero": {"n": 0},
    }.items():
        hostile = json.loads(json.dumps(encrypted))
        hostile["header"]["slots"][2] |= cost
        write(f"aegis-hostile-{name}.json", json.dumps(hostile), password=PASSWORD, error="import-hostile-parameters")
    many = json.loads(json.dumps(encrypted))
    many["header"]["slots"] = [many["header"]["slots"][1]] * 1000
    write("aegis-hostile-slots.json", json.dumps(many), password=PASSWORD, error="import-hostile-parameters")


# 2FAS


def two_fas():
    def service(issuer, name, seed, algorithm, digits, period, kind="TOTP"):
        return {
            "name": issuer,
            "secret": seed,
            "updatedAt": 1700000000000,
            "otp": {
                "label": f"{issuer}:{name}",
                "account": name,
                "issuer": issuer,
                "digits": digits,
                "period": period,
                "algorithm": algorithm,
                "counter": 0,
                "tokenType": kind,
                "source": "Link",
            },
            "order": {"position": 0},
        }

    services = [service(*device) for device in DEVICES]
    services.append(service("Shop", "till", base32("till"), "SHA1", 6, 30, "HOTP"))
    services.append(service("Steam", "gabe", base32("gabe", 20), "SHA1", 5, 30, "STEAM"))
    services.append({"name": "By hand", "secret": base32("hand"), "otp": {"source": "manual"}})
    reads = [uri(*device) for device in DEVICES] + [
        problem("entry-hotp", "Shop", "till"),
        problem("entry-steam", "Steam", "gabe"),
        uri("By hand", "", base32("hand")),
    ]
    head = {"groups": [], "updatedAt": 1700000000000, "schemaVersion": 4, "appVersionCode": 5000000}
    plain = {"services": services} | head
    write("2fas-plain.2fas", json.dumps(plain), format="2fas", entries=reads)

    salt, nonce = made("2fas salt", 256), made("2fas nonce", 12)
    key = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, 10_000, 32)
    sealed = AESGCM(key).encrypt(nonce, json.dumps(services).encode(), None)
    text = ":".join(base64_text(part) for part in [sealed, salt, nonce])
    encrypted = {"services": [], "servicesEncrypted": text, "reference": text} | head
    write("2fas-encrypted.2fas", json.dumps(encrypted), password=PASSWORD, format="2fas-encrypted", entries=reads)


# Bitwarden


def bitwarden_plain():
    def login(name, user, totp):
        return {
            "type": 1,
            "name": name,
            "notes": None,
            "login": {"uris": [], "username": user, "password": "x", "totp": totp},
        }

    return {
        "encrypted": False,
        "folders": [],
        "items": [
            login("AWS of work", "alice", uri(*ALICE)),
            login("Only a seed", "dora", base32("dora").lower()),
            login("No device", "emil", None),
            login("Steam", "gabe", f"steam://{base32('gabe', 20)}"),
            {"type": 2, "name": "A note", "notes": "text", "secureNote": {"type": 0}},
        ],
    }


BITWARDEN_READS = [
    uri(*ALICE),
    uri("Only a seed", "dora", base32("dora")),
    problem("entry-steam", "Steam", "gabe"),
]


def bitwarden_sealed(keys, name, plain):
    encryption, authentication = keys
    iv = made(f"bitwarden {name} iv", 16)
    padder = padding.PKCS7(128).padder()
    padded = padder.update(plain) + padder.finalize()
    encryptor = Cipher(algorithms.AES(encryption), modes.CBC(iv)).encryptor()
    sealed = encryptor.update(padded) + encryptor.finalize()
    mac = hmac.digest(authentication, iv + sealed, "sha256")
    return "2." + "|".join(base64_text(part) for part in [iv, sealed, mac])


def bitwarden():
    plain = bitwarden_plain()
    write("bitwarden-plain.json", json.dumps(plain, indent=2), format="bitwarden", entries=BITWARDEN_READS)

    salt = base64_text(made("bitwarden salt", 16))
    for name, head, key in [
        (
            "pbkdf2",
            {"kdfType": 0, "kdfIterations": 600_000},
            hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt.encode(), 600_000, 32),
        ),
        (
            "argon2id",
            {"kdfType": 1, "kdfIterations": 3, "kdfMemory": 16, "kdfParallelism": 4},
            hash_secret_raw(PASSWORD.encode(), hashlib.sha256(salt.encode()).digest(), 3, 16 * 1024, 4, 32, Type.ID),
        ),
    ]:
        keys = [HKDFExpand(hashes.SHA256(), 32, info).derive(key) for info in [b"enc", b"mac"]]
        protected = {"encrypted": True, "passwordProtected": True, "salt": salt} | head
        protected |= {
            "encKeyValidation_DO_NOT_EDIT": bitwarden_sealed(
                keys, f"{name} check", b"7b9f3e0c-ad1b-4fb2-b0a4-fe4b6b24b5ae"
            ),
            "data": bitwarden_sealed(keys, f"{name} data", json.dumps(plain).encode()),
        }
        reads = {"format": "bitwarden-encrypted", "entries": BITWARDEN_READS}
        write(f"bitwarden-{name}.json", json.dumps(protected), password=PASSWORD, **reads)
        for field, value in [("kdfIterations", 2**32 - 1), ("kdfMemory", 2**32 - 1)]:
            if field in head:
                hostile = protected | {field: value}
                named = f"bitwarden-{name}-hostile-{field.lower()}.json"
                write(named, json.dumps(hostile), password=PASSWORD, error="import-hostile-parameters")
    account = {"encrypted": True, "encKeyValidation_DO_NOT_EDIT": "2.a|b|c", "folders": [], "items": []}
    write("bitwarden-account.json", json.dumps(account), error="import-bitwarden-account")


# Tables


def table(name, header, rows, reads, delimiter=","):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(rows)
    write(name, text.getvalue(), format="csv", entries=reads)


def tables():
    table(
        "bitwarden.csv",
        [
            "folder",
            "favorite",
            "type",
            "name",
            "notes",
            "fields",
            "reprompt",
            "login_uri",
            "login_username",
            "login_password",
            "login_totp",
        ],
        [
            ["", "", "login", "AWS", "two\nlines", "", "0", "", "alice", "x", uri(*ALICE)],
            ["", "", "login", "None", "", "", "0", "", "emil", "x", ""],
            ["", "", "login", "Seed", "", "", "0", "", "dora", "x", base32("dora")],
        ],
        [uri(*ALICE), uri("Seed", "dora", base32("dora"))],
    )
    table(
        "keepassxc.csv",
        ["Group", "Title", "Username", "Password", "URL", "Notes", "TOTP", "Icon", "Last Modified", "Created"],
        [
            ["Root", "AWS", "alice", "x", "", "", uri(*ALICE), "0", "", ""],
            ["Root", "Other", "bob", "x", "", "", uri(*OTHER), "0", "", ""],
        ],
        [uri(*ALICE), uri(*OTHER)],
    )
    table(
        "1password.csv",
        ["Title", "Url", "Username", "Password", "OTPAuth", "Favorite", "Archived", "Tags", "Notes"],
        [
            ["AWS", "", "alice", "x", uri(*ALICE), "false", "false", "", ""],
            ["Nameless", "", "root", "x", f"otpauth://totp/?secret={base32('root')}", "false", "false", "", ""],
        ],
        [uri(*ALICE), uri("Nameless", "root", base32("root"))],
    )
    table(
        "semicolons.csv",
        ["Issuer", "Account", "Secret"],
        [["Shop", "till", base32("till")], ["Shop", "no seed", "hello, world"]],
        [uri("Shop", "till", base32("till")), problem("seed-not-base32", "Shop", "no seed")],
        ";",
    )


# KeePass


def keepass():
    def escape(text):
        return text.replace("&", "&amp;").replace("<", "&lt;")

    def entry(texts, inner=""):
        strings = "".join(
            f'<String><Key>{escape(key)}</Key><Value ProtectInMemory="True">{escape(value)}</Value></String>'
            for key, value in texts.items()
        )
        return f"<Entry><UUID>AAAA</UUID>{strings}{inner}</Entry>"

    past = entry({"Title": "Former", "otp": uri("Former", "x", base32("former"))})
    entries = [
        entry({"Title": "AWS", "UserName": "alice", "otp": uri(*ALICE)}, f"<History>{past}</History>"),
        entry({"Title": "Nothing", "UserName": "emil", "Password": "x"}),
        entry({"Title": "Q & A", "UserName": "old", "otp": f"key={base32('old', 20)}&step=60&size=8"}),
        entry({"Title": "Plugin", "UserName": "p", "TOTP Seed": base32("plugin", 20), "TOTP Settings": "30;8"}),
        entry({"Title": "Steam", "UserName": "gabe", "TOTP Seed": base32("gabe", 20), "TOTP Settings": "30;S"}),
    ]
    inner = [
        entry(
            {
                "Title": "KeePass",
                "UserName": "k",
                "TimeOtp-Secret-Base32": base32("keepass", 20),
                "TimeOtp-Algorithm": "HMAC-SHA-256",
                "TimeOtp-Length": "8",
                "TimeOtp-Period": "60",
            }
        ),
        entry({"Title": "Hex", "UserName": "k", "TimeOtp-Secret-Hex": made("hex", 20).hex().upper()}),
        entry({"Title": "Base64", "UserName": "k", "TimeOtp-Secret-Base64": base64_text(made("base64", 20))}),
        entry({"Title": "Text", "UserName": "k", "TimeOtp-Secret": "12345678901234567890"}),
        entry({"Title": "Broken", "UserName": "k", "TimeOtp-Secret-Hex": "xyz"}),
    ]
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<KeePassFile><Meta><Generator>KeePassXC</Generator></Meta>'
        f"<Root><Group><Name>Root</Name>{''.join(entries)}<Group><Name>Inner</Name>{''.join(inner)}</Group></Group></Root>"
        "</KeePassFile>\n"
    )
    reads = [
        uri(*ALICE),
        uri("Q & A", "old", base32("old", 20), digits=8, period=60),
        uri("Plugin", "p", base32("plugin", 20), digits=8),
        problem("entry-steam", "Steam", "gabe"),
        uri("KeePass", "k", base32("keepass", 20), "SHA256", 8, 60),
        uri("Hex", "k", base32("hex", 20)),
        uri("Base64", "k", base32("base64", 20)),
        uri("Text", "k", base64.b32encode(b"12345678901234567890").decode()),
        problem("entry-no-secret", "Broken", "k"),
    ]
    write("keepass.xml", text, format="keepass-xml", entries=reads)
    write("keepass-cut.xml", text[: len(text) // 2], error="import-damaged")
    laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><KeePassFile>&c;</KeePassFile>'
    write("laughs.xml", laughs, error="import-unrecognised")
    write("page.html", "<html><body>hello</body></html>", error="import-unrecognised")


# Ente Auth, encrypted


def secretstream(key, header, plain):
    """The one message of libsodium's secretstream that Ente writes."""
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    # Reading begins in the same state as writing, and lets the header be chosen.
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
    final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
    return bindings.crypto_secretstream_xchacha20poly1305_push(state, plain, None, final)


def ente():
    def file(name, devices, mem_limit=8 << 20, ops_limit=4):
        text = "\n".join(uri(*device) for device in devices)
        salt, header = made(f"ente {name} salt", 16), made(f"ente {name} header", 24)
        key = pwhash.argon2id.kdf(32, PASSWORD.encode(), salt, opslimit=ops_limit, memlimit=mem_limit)
        return {
            "version": 1,
            "kdfParams": {"memLimit": mem_limit, "opsLimit": ops_limit, "salt": base64_text(salt)},
            "encryptedData": base64_text(secretstream(key, header, text.encode())),
            "encryptionNonce": base64_text(header),
        }

    def reads(devices):
        return {"password": PASSWORD, "format": "ente-encrypted", "entries": [uri(*device) for device in devices]}

    # Messages of different lengths are padded differently.
    for count in (1, 2, 3):
        write(f"ente-encrypted-{count}.txt", json.dumps(file(count, DEVICES[:count])), **reads(DEVICES[:count]))
    whole = file("hostile", PLAIN)
    for name, cost in [
        ("memory", {"memLimit": 1 << 41}),
        ("much", {"memLimit": 2 << 30}),
        ("none", {"memLimit": 0}),
        ("passes", {"opsLimit": 4_000_000}),
    ]:
        hostile = whole | {"kdfParams": whole["kdfParams"] | cost}
        write(f"ente-hostile-{name}.txt", json.dumps(hostile), password=PASSWORD, error="import-hostile-parameters")
    short = whole | {"encryptedData": base64_text(made("ente data", 15))}
    write("ente-short.txt", json.dumps(short), password=PASSWORD, error="import-wrong-password")
    bare = whole | {"encryptionNonce": base64_text(made("ente nonce", 12))}
    write("ente-nonce.txt", json.dumps(bare), password=PASSWORD, error="import-damaged")


# 1Password's archive


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", compression) as out:
        for name, content in members.items():
            out.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), content, compression)
    return archive.getvalue()


def one_password():
    def login(title, user, *values):
        fields = [{"title": "one-time password", "id": "TOTP_1", "value": value} for value in values]
        return {
            "uuid": "a1",
            "overview": {"title": title, "url": "https://example.org"},
            "details": {
                "loginFields": [
                    {"value": user, "id": "", "name": "user", "fieldType": "T", "designation": "username"},
                    {"value": "hunter2", "id": "", "name": "pass", "fieldType": "P", "designation": "password"},
                ],
                "notesPlain": "",
                "sections": [{"title": "", "name": "Section_1", "fields": fields}],
            },
        }

    bare = base32("dora")
    items = [
        login("AWS", "ignored", {"totp": uri(*ALICE)}, {"concealed": "1234"}),
        login("Only a seed", "dora", {"totp": bare}, {"date": 1_700_000_000}),
        login("Broken", "eve", {"totp": "not base32!"}),
        {"uuid": "b2", "overview": {"title": "A note"}, "details": {"notesPlain": "nothing", "sections": []}},
        {"uuid": "c3"},
    ]
    data = {"accounts": [{"attrs": {"name": "Robin"}, "vaults": [{"attrs": {"name": "Private"}, "items": items}]}]}
    entries = [uri(*ALICE), uri("Only a seed", "dora", bare), problem("seed-not-base32", "Broken", "eve")]
    members = {"export.attributes": '{"version": 3}', "export.data": json.dumps(data), "files/": ""}
    write("archive.1pux", zipped(members), format="1pux", entries=entries)
    write("archive-stored.1pux", zipped(members, zipfile.ZIP_STORED), format="1pux", entries=entries)
    write("archive-cut.1pux", zipped(members)[:-30], error="import-damaged")
    write("archive-noise.1pux", b"PK\x03\x04" + made("zip", 60), error="import-damaged")
    write("archive-other.1pux", zipped({"word/document.xml": "<w/>"}), error="import-unrecognised")
    write("archive-bomb.1pux", zipped({"export.data": b" " * (17 << 20)}), error="import-too-large")


# What is not read


def others():
    write("database.kdbx", bytes([0x03, 0xD9, 0xA2, 0x9A]) + made("kdbx", 60), error="import-kdbx")
    write("empty.txt", b"", error="import-unrecognised")
    write("prose.txt", "Dear diary,\nnothing happened.\n", error="import-unrecognised")
    write("other.json", '{"hello": ["world"]}', error="import-unrecognised")
    write("cut.json", '{"db": {"entries": [', error="import-damaged")
    write("binary.bin", made("binary", 300), error="import-unrecognised")
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1v1z"/></svg>'
    write("drawing.svg", svg, error="import-svg")


if __name__ == "__main__":
    FILES.mkdir(exist_ok=True)
    for old in FILES.iterdir():
        old.unlink()
    for part in [lines, ente, aegis, two_fas, bitwarden, tables, keepass, one_password, others]:
        part()
    (HERE / "expected.json").write_text(json.dumps(expected, indent=2, ensure_ascii=False) + "\n")
