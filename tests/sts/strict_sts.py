"""An AWS Security Token Service that refuses: signatures, codes, their reuse, serials, durations and clocks are checked.

moto answers everything; this answers as AWS does when something is wrong. It knows GetCallerIdentity,
GetSessionToken and, beside it, roles, federated users and web identities (strict_roles.py), console sign-in
(strict_console.py) and IAM's actions on MFA devices (strict_iam.py). It needs Python's standard library only.

    python tests/sts/strict_sts.py --port 5001 --config identities.json

It prints `listening on http://127.0.0.1:PORT` and serves until it is ended. Port 0 takes a free one. The configuration:

    {
      "clock_offset_secs": 0,
      "regions": ["us-east-1", "eu-central-1"],
      "disabled_regions": ["af-south-1"],
      "identities": [
        {
          "account": "123456789012",
          "user": "ann",
          "user_id": "AIDACKCEVSQ6C2EXAMPLE",
          "keys": [{"id": "AKIAIOSFODNN7EXAMPLE", "secret": "…", "active": true}],
          "devices": [{"serial": "arn:aws:iam::123456789012:mfa/phone", "seed": "BASE32"}],
          "denied_without_mfa": false
        }
      ]
    }

An identity without "user" is the root user. Roles and web identities are described in strict_roles.py. Everything but "identities", "account" and "keys" may be left out.

Tests look behind the scenes and set the scene over three more addresses, which need no signature:

    GET  /-/log     every call so far: action, key id, serial, whether there was a code, status, error code
    POST /-/clock   {"offset_secs": 600}: how far this service's clock is ahead of the machine's
    POST /-/script  [{"status": 503, "code": "Throttling", "message": "…"}]: answers for the next calls, whatever they are
    POST /-/fault   {"action": "EnableMFADevice", "kind": "hold-answer"}: what befalls the next call of that action
    POST /-/release null: lets go what is held
    GET  /-/held    the actions of the calls that are held
    GET  /-/devices every MFA device: its serial and whether it is somebody's

Faults are of four kinds: the connection drops before the call is heard (`drop-request`) or once it is performed
(`drop-answer`); the call waits to be let go before it is heard (`hold-request`) or once it is performed (`hold-answer`).
"""

from __future__ import annotations

import argparse
import base64
import calendar
import contextlib
import hashlib
import hmac
import json
import re
import secrets
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

# Run as a program, its neighbour is found by its folder; imported, by the package.
sys.path.insert(0, str(Path(__file__).parent))

import strict_console
import strict_iam
import strict_roles

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
API_VERSION = "2011-06-15"
IAM_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
IAM_API_VERSION = "2010-05-08"
MAX_BODY_BYTES = 64 * 1024
# STS accepts signatures that are up to a quarter of an hour old or early.
MAX_SKEW_SECS = 15 * 60
# AWS accepts the code before and the code after the present one, too.
STEPS_AROUND = 1


class Refusal(Exception):
    """An answer of AWS's that is not the one asked for."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


@dataclass
class Device:
    """A virtual MFA device, and the last time step that it was used for."""

    serial: str
    seed: bytes
    algorithm: str = "SHA1"
    digits: int = 6
    period: int = 30
    last_used_step: int = -1

    def code_at(self, step: int) -> str:
        """The code of a time step (RFC 4226, section 5.3; RFC 6238)."""
        digest = hmac.new(self.seed, struct.pack(">Q", step), self.algorithm.lower()).digest()
        at = digest[-1] & 0x0F
        number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
        return str(number % 10**self.digits).zfill(self.digits)

    def use(self, code: str, now: float) -> bool:
        """Whether `code` is good now; if so, it and all before it are used up."""
        present = int(now) // self.period
        for step in range(present - STEPS_AROUND, present + STEPS_AROUND + 1):
            if step > self.last_used_step and hmac.compare_digest(self.code_at(step), code):
                self.last_used_step = step
                return True
        return False


@dataclass
class Identity:
    """A root user or an IAM user."""

    account: str
    user: str | None
    user_id: str
    partition: str
    devices: list[Device]
    denied_without_mfa: bool
    iam_denied: list[str] = field(default_factory=list)
    passkeys: list[str] = field(default_factory=list)
    # The ARN of a role's session or of a federated user, who is nobody of IAM's.
    principal: str | None = None

    @property
    def is_root(self) -> bool:
        return self.user is None and self.principal is None

    @property
    def arn(self) -> str:
        if self.principal is not None:
            return self.principal
        resource = "root" if self.user is None else f"user/{self.user}"
        return f"arn:{self.partition}:iam::{self.account}:{resource}"


@dataclass
class Credentials:
    """What a request can be signed with: a long-term key, or a session made from one."""

    key_id: str
    secret: str
    identity: Identity
    active: bool = True
    token: str | None = None
    with_mfa: bool = False
    expires_at: float | None = None
    grant: strict_roles.Grant | None = None

    @property
    def proves_mfa(self) -> bool:
        """Whether policies see MFA: a session of GetSessionToken keeps it, a role's session does not."""
        return self.token is not None and self.with_mfa


@dataclass
class Service:
    """Everything that the service knows. One lock guards all of it."""

    credentials: dict[str, Credentials]
    regions: set[str] | None
    disabled_regions: set[str]
    clock_offset_secs: float = 0
    log: list[dict[str, Any]] = field(default_factory=list)
    script: list[dict[str, Any]] = field(default_factory=list)
    # Virtual devices that belong to nobody, by their serials.
    unassigned: dict[str, Device] = field(default_factory=dict)
    # By their ARNs, tokens and tokens.
    roles: dict[str, strict_roles.Role] = field(default_factory=dict)
    web_identities: dict[str, dict[str, str]] = field(default_factory=dict)
    signin_tokens: dict[str, float] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Service:
        credentials = {}
        for entry in config["identities"]:
            identity = Identity(
                account=entry["account"],
                user=entry.get("user"),
                user_id=entry.get("user_id", "AIDACKCEVSQ6C2EXAMPLE" if entry.get("user") else entry["account"]),
                partition=entry.get("partition", "aws"),
                devices=[_device(device) for device in entry.get("devices", [])],
                denied_without_mfa=entry.get("denied_without_mfa", False),
                iam_denied=entry.get("iam_denied", []),
                passkeys=entry.get("passkeys", []),
            )
            for key in entry["keys"]:
                credentials[key["id"]] = Credentials(key["id"], key["secret"], identity, key.get("active", True))
        regions = config.get("regions")
        return cls(
            credentials=credentials,
            regions=None if regions is None else set(regions),
            disabled_regions=set(config.get("disabled_regions", [])),
            clock_offset_secs=config.get("clock_offset_secs", 0),
            unassigned={
                serial: cls.new_device(serial, secrets.token_bytes(40)) for serial in config.get("unassigned", [])
            },
            roles={entry["arn"]: strict_roles.Role.from_config(entry) for entry in config.get("roles", [])},
            web_identities={entry["token"]: entry for entry in config.get("web_identities", [])},
        )

    def devices(self) -> list[tuple[str, bool]]:
        """Lists every MFA device: its serial, and whether it is somebody's."""
        owned = {device.serial for one in self.credentials.values() for device in one.identity.devices}
        return [(serial, True) for serial in sorted(owned)] + [(serial, False) for serial in sorted(self.unassigned)]

    def fault_of(self, action: str) -> str:
        """Takes what is to befall a call of this action; empty for nothing."""
        with self.lock:
            found = next((fault for fault in self.faults if fault[0] == action), None)
            if found is None:
                return ""
            self.faults.remove(found)
            return found[1]

    def hold(self, action: str) -> None:
        """Waits until the scene's director lets go."""
        with self.lock:
            self.held.append(action)
        self.release.wait()
        with self.lock:
            self.held.remove(action)

    def now(self) -> float:
        return time.time() + self.clock_offset_secs

    @staticmethod
    def new_device(serial: str, seed: bytes) -> Device:
        """A device as IAM makes them."""
        return Device(serial=serial, seed=seed)

    @staticmethod
    def new_principal(account: str, arn: str, user_id: str) -> Identity:
        """Somebody whom STS made up: a role's session or a federated user."""
        return Identity(account, None, user_id, arn.split(":")[1], [], denied_without_mfa=False, principal=arn)

    def new_session(
        self, identity: Identity, duration: int, *, with_mfa: bool, grant: strict_roles.Grant
    ) -> Credentials:
        """Makes temporary credentials, which sign from now on."""
        made = Credentials(
            key_id="ASIA" + base64.b32encode(secrets.token_bytes(10)).decode(),
            secret=base64.b64encode(secrets.token_bytes(30)).decode(),
            identity=identity,
            token=base64.b64encode(secrets.token_bytes(180)).decode(),
            with_mfa=with_mfa,
            expires_at=int(self.now()) + duration,
            grant=grant,
        )
        self.credentials[made.key_id] = made
        return made

    @staticmethod
    def credentials_xml(made: Credentials) -> str:
        """Temporary credentials as STS hands them out."""
        expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(made.expires_at))
        return (
            f"<Credentials><AccessKeyId>{made.key_id}</AccessKeyId><SecretAccessKey>{made.secret}</SecretAccessKey>"
            f"<SessionToken>{made.token}</SessionToken><Expiration>{expiration}</Expiration></Credentials>"
        )

    def check_mfa(self, identity: Identity, parameters: dict[str, str]) -> bool:
        """Whether a call proves MFA; refuses it when the proof is wrong."""
        serial, code = _mfa_parameters(parameters)
        if serial is None or code is None:
            return False
        device = next((device for device in identity.devices if device.serial == serial), None)
        if device is None:
            raise Refusal(
                403,
                "AccessDenied",
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is "
                "valid and associated with this user.",
            )
        if not device.use(code, self.now()):
            raise Refusal(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
        return True


def _device(entry: dict[str, Any]) -> Device:
    seed = entry["seed"].replace(" ", "").upper()
    return Device(
        serial=entry["serial"],
        seed=base64.b32decode(seed + "=" * (-len(seed) % 8)),
        algorithm=entry.get("algorithm", "SHA1"),
        digits=entry.get("digits", 6),
        period=entry.get("period", 30),
    )


@dataclass
class Request:
    """One HTTP request, and what was found out about it so far."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    parameters: dict[str, str] = field(default_factory=dict)
    region: str = ""
    service: str = ""
    key_id: str | None = None


def authenticate(service: Service, request: Request) -> Credentials:
    """Finds whose signature (Signature Version 4) a request carries, or refuses it."""
    header = request.headers.get("authorization")
    if header is None:
        raise Refusal(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
    algorithm, _, rest = header.partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if algorithm != "AWS4-HMAC-SHA256" or not {"Credential", "SignedHeaders", "Signature"} <= parts.keys():
        raise Refusal(
            400,
            "IncompleteSignature",
            "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters.",
        )
    scope = parts["Credential"].split("/")
    if len(scope) != 5 or scope[4] != "aws4_request":
        raise Refusal(400, "IncompleteSignature", "Credential must have exactly 5 slash-delimited elements.")
    key_id, day, region, name, _ = scope
    request.key_id, request.region = key_id, region

    signed = parts["SignedHeaders"].split(";")
    if signed != sorted(signed) or not {"host", "x-amz-date"} <= set(signed):
        raise Refusal(
            403, "SignatureDoesNotMatch", "'Host' and 'X-Amz-Date' must be signed headers in the Authorization header."
        )
    stamp = request.headers.get("x-amz-date", "")
    if not re.fullmatch(r"\d{8}T\d{6}Z", stamp):
        raise Refusal(400, "IncompleteSignature", "Date must be in ISO-8601 'basic format'.")
    if not stamp.startswith(day):
        raise Refusal(
            403,
            "SignatureDoesNotMatch",
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{day}' != '{stamp[:8]}', from '{stamp}'.",
        )
    expected = "iam" if request.parameters.get("Version") == IAM_API_VERSION else "sts"
    if name != expected:
        raise Refusal(403, "SignatureDoesNotMatch", f"Credential should be scoped to correct service: '{expected}'. ")
    request.service = name
    if name == "iam" and region != "us-east-1":
        raise Refusal(403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region. ")
    if name == "sts" and service.regions is not None and region not in service.regions | service.disabled_regions:
        raise Refusal(403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region. ")
    _check_clock(service.now(), stamp)

    credentials = service.credentials.get(key_id)
    if credentials is None or not credentials.active:
        raise Refusal(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    if request.headers.get("x-amz-security-token") != credentials.token:
        raise Refusal(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    if credentials.token is not None and "x-amz-security-token" not in signed:
        raise Refusal(
            403, "SignatureDoesNotMatch", "'X-Amz-Security-Token' must be a signed header in the Authorization header."
        )
    if not hmac.compare_digest(
        signature(request, credentials.secret, parts["SignedHeaders"], day, stamp), parts["Signature"]
    ):
        raise Refusal(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details.",
        )
    if credentials.expires_at is not None and service.now() >= credentials.expires_at:
        raise Refusal(403, "ExpiredToken", "The security token included in the request is expired")
    if name == "sts" and region in service.disabled_regions:
        raise Refusal(
            403,
            "RegionDisabledException",
            f"STS is not activated in this region for account:{credentials.identity.account}. Your account administrator "
            "can activate STS in this region using the IAM Console.",
        )
    return credentials


def _check_clock(now: float, stamp: str) -> None:
    signed_at = calendar_secs(stamp)
    here = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    if signed_at < now - MAX_SKEW_SECS:
        earliest = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now - MAX_SKEW_SECS))
        raise Refusal(
            403,
            "SignatureDoesNotMatch",
            f"Signature expired: {stamp} is now earlier than {earliest} ({here} - 15 min.)",
        )
    if signed_at > now + MAX_SKEW_SECS:
        latest = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now + MAX_SKEW_SECS))
        raise Refusal(
            403,
            "SignatureDoesNotMatch",
            f"Signature not yet current: {stamp} is still later than {latest} ({here} + 15 min.)",
        )


def calendar_secs(stamp: str) -> float:
    """Reads `20261123T100000Z` as seconds since the Unix epoch."""
    return calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))


def signature(request: Request, secret: str, signed_headers: str, day: str, stamp: str) -> str:
    """Signs a request as its sender should have (IAM User Guide, "Create a signed AWS API request")."""
    parts = urlsplit(request.target)
    query = sorted(
        (quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~"))
        for name, value in (pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    )
    canonical = "\n".join(
        [
            request.method,
            quote(parts.path or "/", safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in query),
            *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in signed_headers.split(";")),
            "",
            signed_headers,
            hashlib.sha256(request.body).hexdigest(),
        ]
    )
    scope = f"{day}/{request.region}/{request.service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in (day, request.region, request.service, "aws4_request", to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def get_caller_identity(service: Service, credentials: Credentials, parameters: dict[str, str]) -> str:
    """Answers GetCallerIdentity, which every identity may call."""
    identity = credentials.identity
    return (
        f"<Arn>{escape(identity.arn)}</Arn><UserId>{escape(identity.user_id)}</UserId>"
        f"<Account>{escape(identity.account)}</Account>"
    )


def get_session_token(service: Service, credentials: Credentials, parameters: dict[str, str]) -> str:
    """Answers GetSessionToken by AWS's rules."""
    if credentials.token is not None:
        raise Refusal(403, "AccessDenied", "Cannot call GetSessionToken with session credentials")
    identity = credentials.identity
    duration = _duration(parameters, is_root=identity.is_root)
    serial, _ = _mfa_parameters(parameters)
    if serial is None and identity.denied_without_mfa:
        raise Refusal(
            403,
            "AccessDenied",
            f"User: {identity.arn} is not authorized to perform: sts:GetSessionToken on resource: {identity.arn} with an "
            "explicit deny in an identity-based policy",
        )
    with_mfa = service.check_mfa(identity, parameters)
    grant = strict_roles.Grant("session")
    return service.credentials_xml(service.new_session(identity, duration, with_mfa=with_mfa, grant=grant))


def _mfa_parameters(parameters: dict[str, str]) -> tuple[str | None, str | None]:
    """The serial and the code of a call, both or neither."""
    serial, code = parameters.get("SerialNumber"), parameters.get("TokenCode")
    if serial is not None and not 9 <= len(serial) <= 256:
        bound = "greater than or equal to 9" if len(serial) < 9 else "less than or equal to 256"
        raise _invalid(serial, "serialNumber", f"Member must have length {bound}")
    if code is not None and len(code) != 6:
        bound = "greater than or equal to 6" if len(code) < 6 else "less than or equal to 6"
        raise _invalid(code, "tokenCode", f"Member must have length {bound}")
    if code is not None and not re.fullmatch(r"[0-9]*", code):
        raise _invalid(code, "tokenCode", r"Member must satisfy regular expression pattern: [\d]*")
    if (serial is None) != (code is None):
        raise Refusal(
            403,
            "AccessDenied",
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
        )
    return serial, code


def _duration(parameters: dict[str, str], *, is_root: bool) -> int:
    text = parameters.get("DurationSeconds", "43200")
    if not re.fullmatch(r"\d{1,9}", text):
        raise Refusal(400, "MalformedInput", "Invalid value for DurationSeconds")
    if int(text) < 900:
        raise _invalid(text, "durationSeconds", "Member must have value greater than or equal to 900")
    if int(text) > 129600:
        raise _invalid(text, "durationSeconds", "Member must have value less than or equal to 129600")
    # AWS shortens a root user's session without a word.
    return min(int(text), 3600) if is_root else int(text)


def _invalid(value: str, name: str, why: str) -> Refusal:
    return Refusal(
        400,
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {why}",
    )


ACTIONS = {"GetCallerIdentity": get_caller_identity, "GetSessionToken": get_session_token}
# Nobody signs this one: the token within says who asks.
UNSIGNED = "AssumeRoleWithWebIdentity"


def perform(service: Service, request: Request) -> str:
    """Finds who asks, and answers what is asked, or refuses it."""
    action, version = request.parameters.get("Action", ""), request.parameters.get("Version")
    if (action, version) == (UNSIGNED, API_VERSION):
        if "authorization" in request.headers:
            raise Refusal(400, "MalformedInput", f"{UNSIGNED} goes unsigned")
        return strict_roles.assume_role_with_web_identity(service, request.parameters, Refusal)
    credentials = authenticate(service, request)
    if version == API_VERSION and action in ACTIONS:
        return ACTIONS[action](service, credentials, request.parameters)
    if version == API_VERSION and action in strict_roles.ACTIONS:
        return strict_roles.ACTIONS[action](service, credentials, request.parameters, Refusal)
    if version == IAM_API_VERSION and action in strict_iam.ACTIONS:
        return strict_iam.perform(service, credentials, request.parameters, Refusal)
    raise Refusal(400, "InvalidAction", f"Could not find operation {action} for version {version}")


def answer(service: Service, request: Request) -> tuple[int, str]:
    """Answers a request with a status and a document, and writes it down."""
    request_id = _uuid()
    entry: dict[str, Any] = {}
    with service.lock:
        try:
            request.parameters = _parameters(request)
            if service.script:
                scripted = service.script.pop(0)
                request.key_id = _claimed_key_id(request)
                raise Refusal(scripted["status"], scripted["code"], scripted.get("message", ""))
            result = perform(service, request)
            action = request.parameters["Action"]
            namespace = IAM_NAMESPACE if request.parameters["Version"] == IAM_API_VERSION else NAMESPACE
            status, document = (
                200,
                (
                    f'<{action}Response xmlns="{namespace}"><{action}Result>{result}</{action}Result>'
                    f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>\n"
                ),
            )
        except Refusal as refusal:
            entry["error"] = refusal.code
            kind = "Sender" if refusal.status < 500 else "Receiver"
            status, document = (
                refusal.status,
                (
                    f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>{kind}</Type><Code>{escape(refusal.code)}</Code>'
                    f"<Message>{escape(refusal.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>\n"
                ),
            )
        service.log.append(
            {
                "action": request.parameters.get("Action"),
                "key_id": request.key_id,
                "region": request.region,
                "serial": request.parameters.get("SerialNumber"),
                "with_code": "TokenCode" in request.parameters or "AuthenticationCode1" in request.parameters,
                "duration_secs": request.parameters.get("DurationSeconds"),
                "status": status,
                **_wish(request.parameters),
                **entry,
            }
        )
    return status, document


def _wish(parameters: dict[str, str]) -> dict[str, Any]:
    """What a call for a role or a federated user asked for, for the log."""
    name = parameters.get("RoleSessionName", parameters.get("Name"))
    if name is None:
        return {}
    keys = strict_roles.members(parameters, "Tags", ".Key")
    return {
        "role": parameters.get("RoleArn"),
        "name": name,
        "external_id": parameters.get("ExternalId"),
        "source_identity": parameters.get("SourceIdentity"),
        "tags": dict(zip(keys, strict_roles.members(parameters, "Tags", ".Value"), strict=False)),
        "transitive": strict_roles.members(parameters, "TransitiveTagKeys"),
        "policy": parameters.get("Policy"),
        "policy_arns": strict_roles.members(parameters, "PolicyArns", ".arn"),
    }


def _parameters(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if request.method != "POST" or kind != "application/x-www-form-urlencoded":
        raise Refusal(400, "MalformedInput", "Requests are POSTed forms")
    try:
        return dict(parse_qsl(request.body.decode("utf-8"), keep_blank_values=True, strict_parsing=True))
    except ValueError as fault:
        raise Refusal(400, "MalformedQueryString", "The form is malformed") from fault


def _claimed_key_id(request: Request) -> str | None:
    found = re.search(r"Credential=([^/]+)/", request.headers.get("authorization", ""))
    return found.group(1) if found else None


def _uuid() -> str:
    digits = secrets.token_hex(16)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class Handler(BaseHTTPRequestHandler):
    """HTTP around the service."""

    protocol_version = "HTTP/1.1"
    server_version = "strict-sts"
    sys_version = ""
    timeout = 30
    service: Service

    def do_GET(self) -> None:
        if self.path == "/-/log":
            with self.service.lock:
                self._send(200, "application/json", json.dumps(self.service.log))
        elif self.path == "/-/devices":
            with self.service.lock:
                self._send(200, "application/json", json.dumps(self.service.devices()))
        elif self.path == "/-/held":
            with self.service.lock:
                self._send(200, "application/json", json.dumps(self.service.held))
        elif self.path == "/-/sessions":
            with self.service.lock:
                made = [one for one in self.service.credentials.values() if one.token is not None]
                self._send(200, "application/json", json.dumps([[one.key_id, one.secret, one.token] for one in made]))
        else:
            self._serve()

    def do_POST(self) -> None:
        if not self.path.startswith("/-/"):
            self._serve()
            return
        setting = json.loads(self._body() or b"null")
        with self.service.lock:
            if self.path == "/-/clock":
                self.service.clock_offset_secs = setting["offset_secs"]
            elif self.path == "/-/script":
                self.service.script = list(setting)
            elif self.path == "/-/fault":
                self.service.release.clear()
                self.service.faults.append((setting["action"], setting["kind"]))
            elif self.path == "/-/release":
                self.service.release.set()
            else:
                self._send(404, "application/json", "null")
                return
        self._send(200, "application/json", "null")

    def _serve(self) -> None:
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            name = name.lower()
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        request = Request(self.command, self.path, headers, self._body())
        if strict_console.is_asked(request.target):
            page = strict_console.answer(self.service, request)
            with contextlib.suppress(ConnectionError):
                self._send(page.status, page.kind, page.document, page.location)
            return
        action = dict(parse_qsl(request.body.decode("utf-8", "replace"))).get("Action", "")
        fault = self.service.fault_of(action)
        if fault == "hold-request":
            self.service.hold(action)
        if fault != "drop-request":
            status, document = answer(self.service, request)
        if fault == "hold-answer":
            self.service.hold(action)
        if fault.startswith("drop-"):
            self.close_connection = True
        else:
            # Whoever asked may have been killed meanwhile.
            with contextlib.suppress(ConnectionError):
                self._send(status, "text/xml", document)

    def _body(self) -> bytes:
        length = int(self.headers.get("content-length", 0))
        if not 0 <= length <= MAX_BODY_BYTES:
            self.close_connection = True
            return b""
        return self.rfile.read(length)

    def _send(self, status: int, kind: str, document: str, location: str | None = None) -> None:
        body = document.encode()
        self.send_response(status)
        if location is not None:
            self.send_header("Location", location)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` header, by the service's clock."""
        return super().date_time_string(self.service.now() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: Any) -> None:
        """Stays quiet; `/-/log` tells what happened."""


class Server(ThreadingHTTPServer):
    """One thread a connection, none of which keeps the process alive."""

    daemon_threads = True


def serve(service: Service, port: int = 0) -> Server:
    """Binds a server to the loopback interface; the caller runs it."""
    handler = type("BoundHandler", (Handler,), {"service": service})
    return Server(("127.0.0.1", port), handler)


def main() -> None:
    parser = argparse.ArgumentParser(description="A strict stand-in for AWS STS.")
    parser.add_argument("--port", type=int, default=0, help="port on the loopback interface; 0 takes a free one")
    parser.add_argument("--config", type=Path, required=True, help="JSON file of identities")
    options = parser.parse_args()
    service = Service.from_config(json.loads(options.config.read_text(encoding="utf-8")))
    server = serve(service, options.port)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
