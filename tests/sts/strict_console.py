"""Console sign-in by federation, as a part of the strict stand-in: see strict_sts.py, which made the sessions.

`/federation?Action=getSigninToken` takes a session's credentials, in the address or in a posted form, and answers with a
token; `/federation?Action=login` takes the token for 15 minutes and redirects to the console. What AWS refuses is refused,
with a page and without a reason: GetSessionToken's credentials and long-term keys, a `SessionDuration` for anybody but a
role that was assumed directly, one beyond the role's maximum, expired sessions, destinations outside of the console.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from strict_sts import Request, Service

PATH = "/federation"
TOKEN_SECS = 15 * 60
CONSOLES = (
    "console.aws.amazon.com",
    "console.amazonaws.cn",
    "console.amazonaws-us-gov.com",
    "console.amazonaws-eusc.eu",
)


@dataclass
class Answer:
    """A status, a kind of document and a document, and where it points to."""

    status: int
    kind: str
    document: str
    location: str | None = None


REFUSAL = Answer(400, "text/html", "<html><body><h1>400 Bad Request</h1></body></html>")


def is_asked(target: str) -> bool:
    """Whether a request is for this part."""
    return urlsplit(target).path == PATH


def parameters(request: Request) -> dict[str, str]:
    """The parameters of the address and of a posted form."""
    found = dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
    if request.method == "POST" and request.headers.get("content-type") == "application/x-www-form-urlencoded":
        found |= dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    return found


def answer(service: Service, request: Request) -> Answer:
    """Answers a request and writes it down, without a secret."""
    asked = parameters(request)
    with service.lock:
        if service.script:
            scripted = service.script.pop(0)
            given = Answer(scripted["status"], "text/html", scripted.get("message", ""))
        elif asked.get("Action") == "getSigninToken":
            given = _signin_token(service, asked)
        elif asked.get("Action") == "login" and request.method == "GET":
            given = _login(service, asked)
        else:
            given = REFUSAL
        service.log.append(
            {
                "action": asked.get("Action"),
                "key_id": _session(asked).get("sessionId"),
                "method": request.method,
                "secret_in_address": "Session=" in request.target,
                "duration_secs": asked.get("SessionDuration"),
                "destination": asked.get("Destination"),
                "status": given.status,
            }
        )
    return given


def _session(asked: dict[str, str]) -> dict[str, str]:
    try:
        session = json.loads(asked.get("Session", ""))
    except ValueError:
        return {}
    is_one = isinstance(session, dict) and session.keys() == {"sessionId", "sessionKey", "sessionToken"}
    return session if is_one and all(isinstance(value, str) for value in session.values()) else {}


def _signin_token(service: Service, asked: dict[str, str]) -> Answer:
    session = _session(asked)
    known = service.credentials.get(session.get("sessionId", ""))
    if known is None or known.token is None or known.grant is None or known.expires_at is None:
        return REFUSAL
    is_right = hmac.compare_digest(known.secret, session["sessionKey"]) and hmac.compare_digest(
        known.token, session["sessionToken"]
    )
    if not is_right or service.now() >= known.expires_at or known.grant.kind not in {"role", "federated"}:
        return REFUSAL
    duration = asked.get("SessionDuration")
    if duration is not None:
        role = known.grant.role
        if role is None or known.grant.chained or not re.fullmatch(r"\d{3,5}", duration):
            return REFUSAL
        if not 900 <= int(duration) <= min(43200, role.max_secs):
            return REFUSAL
    token = secrets.token_urlsafe(300)
    service.signin_tokens[token] = service.now() + TOKEN_SECS
    return Answer(200, "application/json", json.dumps({"SigninToken": token}))


def _login(service: Service, asked: dict[str, str]) -> Answer:
    expires_at = service.signin_tokens.get(asked.get("SigninToken", ""), 0)
    destination = urlsplit(asked.get("Destination", ""))
    host = destination.hostname or ""
    is_console = any(host == console or host.endswith(f".{console}") for console in CONSOLES)
    if service.now() >= expires_at or destination.scheme != "https" or not is_console or not asked.get("Issuer"):
        return REFUSAL
    return Answer(302, "text/html", "", asked["Destination"])
