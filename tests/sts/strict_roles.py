"""Roles, federated users and web identities, as a part of the strict stand-in: see strict_sts.py, which verifies signatures.

The configuration has, for these actions:

    "roles": [{
      "arn": "arn:aws:iam::123456789012:role/deploy",
      "trusts": ["arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:role/hop", "123456789012"],
      "providers": ["https://idp.example"],
      "external_id": "a-secret-handshake",
      "needs_mfa": false,
      "takes_tags": true,
      "max_secs": 3600
    }],
    "web_identities": [{"token": "…", "provider": "https://idp.example", "subject": "job-1", "state": "good"}]

Everything but "arn" and "token" may be left out. A role trusts whom its "trusts" name (an account trusts all its users and
roles) and the identity providers of "providers". The states of a web identity are `good`, `expired`, `rejected` and
`unreachable`. What a role's trust policy misses is never told: AWS denies with the same words whatever it is.

Any session's call of AssumeRole is role chaining, limited to an hour. Source identity and transitive tags stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from strict_sts import Credentials, Service

CHAINED_SECS = 3600
MAX_POLICY_CHARS = 2048
MAX_POLICY_ARNS = 10
MAX_TAGS = 50
# AWS packs policies and tags into a format of its own and tells only the share; this stands in for its limit.
MAX_PACKED_CHARS = 3000

Refuse = Callable[[int, str, str], Exception]


@dataclass
class Role:
    """A role, and whom it lets in."""

    arn: str
    trusts: list[str] = field(default_factory=list)
    providers: list[str] = field(default_factory=list)
    external_id: str | None = None
    needs_mfa: bool = False
    takes_tags: bool = True
    max_secs: int = 3600

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def name(self) -> str:
        return self.arn.rsplit("/", 1)[-1]

    @classmethod
    def from_config(cls, entry: dict[str, Any]) -> Role:
        return cls(**entry)


@dataclass
class Grant:
    """What a session of a role or a federated user has beside its credentials."""

    # `session` for GetSessionToken's, `role` or `federated`.
    kind: str
    chained: bool = False
    role: Role | None = None
    source_identity: str | None = None
    transitive_tags: dict[str, str] = field(default_factory=dict)


def assume_role(service: Service, caller: Credentials, parameters: dict[str, str], refuse: Refuse) -> str:
    """Answers AssumeRole by AWS's rules."""
    arn = parameters.get("RoleArn", "")
    name = _session_name(parameters, refuse)
    tags, transitive = _tags(parameters, refuse)
    packed = _packed(parameters, tags, refuse)
    duration = _duration(parameters, 3600, 43200, refuse)
    with_mfa = service.check_mfa(caller.identity, parameters) or caller.proves_mfa
    identity, grant = caller.identity, caller.grant
    if identity.is_root:
        raise refuse(403, "AccessDenied", "Roles may not be assumed by root accounts.")

    def denied(action: str, why: str = "") -> Exception:
        words = f"User: {identity.arn} is not authorized to perform: sts:{action} on resource: {arn}{why}"
        return refuse(403, "AccessDenied", words)

    if identity.denied_without_mfa and not with_mfa:
        raise denied("AssumeRole", " with an explicit deny in an identity-based policy")
    role = service.roles.get(arn)
    is_federated = grant is not None and grant.kind == "federated"
    if role is None or is_federated or not _trusts(role, caller):
        raise denied("AssumeRole")
    if role.external_id is not None and parameters.get("ExternalId") != role.external_id:
        raise denied("AssumeRole")
    if role.needs_mfa and not with_mfa:
        raise denied("AssumeRole")
    if tags and not role.takes_tags:
        raise denied("TagSession")
    inherited = {} if grant is None else grant.transitive_tags
    if inherited.keys() & tags.keys():
        raise refuse(
            400,
            "InvalidParameterValue",
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from "
            "the calling session.",
        )
    source = None if grant is None else grant.source_identity
    asked_source = parameters.get("SourceIdentity")
    if source is not None and asked_source not in {None, source}:
        raise denied("SetSourceIdentity")
    is_chained = caller.token is not None
    if is_chained and duration > CHAINED_SECS:
        raise refuse(
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )
    _check_maximum(role, duration, refuse)
    made = service.new_session(
        service.new_principal(role.account, _assumed(role, name), f"AROACKCEVSQ6C2EXAMPLE:{name}"),
        duration,
        with_mfa=False,
        grant=Grant(
            "role",
            chained=is_chained,
            role=role,
            source_identity=asked_source or source,
            transitive_tags={**inherited, **{key: tags[key] for key in transitive}},
        ),
    )
    carried = made.grant.source_identity if made.grant else None
    source_xml = "" if carried is None else f"<SourceIdentity>{escape(carried)}</SourceIdentity>"
    return service.credentials_xml(made) + _assumed_xml(role, name) + source_xml + _packed_xml(packed)


def get_federation_token(service: Service, caller: Credentials, parameters: dict[str, str], refuse: Refuse) -> str:
    """Answers GetFederationToken by AWS's rules."""
    if caller.token is not None:
        raise refuse(403, "AccessDenied", "Cannot call GetFederationToken with session credentials")
    identity = caller.identity
    name = parameters.get("Name", "")
    if not re.fullmatch(r"[\w+=,.@-]{2,32}", name, re.ASCII):
        raise _invalid(name, "name", "Member must have length between 2 and 32", refuse)
    tags, _ = _tags(parameters, refuse)
    packed = _packed(parameters, tags, refuse)
    duration = _duration(parameters, 43200, 129600, refuse)
    arn = f"arn:{identity.partition}:sts::{identity.account}:federated-user/{name}"
    if identity.denied_without_mfa:
        raise refuse(
            403,
            "AccessDenied",
            f"User: {identity.arn} is not authorized to perform: sts:GetFederationToken on resource: {arn} with an "
            "explicit deny in an identity-based policy",
        )
    # AWS shortens a root user's session without a word.
    duration = min(duration, 3600) if identity.is_root else duration
    user_id = f"{identity.account}:{name}"
    made = service.new_session(
        service.new_principal(identity.account, arn, user_id), duration, with_mfa=False, grant=Grant("federated")
    )
    user = f"<FederatedUser><FederatedUserId>{user_id}</FederatedUserId><Arn>{escape(arn)}</Arn></FederatedUser>"
    return service.credentials_xml(made) + user + _packed_xml(packed)


def assume_role_with_web_identity(service: Service, parameters: dict[str, str], refuse: Refuse) -> str:
    """Answers AssumeRoleWithWebIdentity, which nobody signs, by AWS's rules."""
    token = parameters.get("WebIdentityToken", "")
    name = _session_name(parameters, refuse)
    if not 4 <= len(token) <= 20000:
        raise _invalid(token, "webIdentityToken", "Member must have length between 4 and 20000", refuse)
    stray = {"ExternalId", "SourceIdentity", "SerialNumber", "TokenCode", "Tags.member.1.Key"} & parameters.keys()
    if stray:
        raise refuse(400, "MalformedInput", f"Unexpected parameters: {', '.join(sorted(stray))}")
    packed = _packed(parameters, {}, refuse)
    duration = _duration(parameters, 3600, 43200, refuse)
    known = service.web_identities.get(token)
    if known is None:
        raise refuse(400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for this token")
    state = known.get("state", "good")
    if state == "expired":
        now = int(service.now())
        raise refuse(
            400,
            "ExpiredTokenException",
            f"Token expired: current date/time {now} must be before the expiration date/time {now - 60}",
        )
    if state == "rejected":
        raise refuse(403, "IDPRejectedClaim", "The identity provider rejected the claim.")
    if state == "unreachable":
        raise refuse(400, "IDPCommunicationError", "Couldn't retrieve verification key from your identity provider.")
    role = service.roles.get(parameters.get("RoleArn", ""))
    if role is None or known["provider"] not in role.providers:
        raise refuse(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    _check_maximum(role, duration, refuse)
    made = service.new_session(
        service.new_principal(role.account, _assumed(role, name), f"AROACKCEVSQ6C2EXAMPLE:{name}"),
        duration,
        with_mfa=False,
        grant=Grant("role", role=role),
    )
    subject = f"<SubjectFromWebIdentityToken>{escape(known.get('subject', 'nobody'))}</SubjectFromWebIdentityToken>"
    provider = f"<Provider>{escape(known['provider'])}</Provider>"
    return service.credentials_xml(made) + _assumed_xml(role, name) + subject + provider + _packed_xml(packed)


def _trusts(role: Role, caller: Credentials) -> bool:
    identity, grant = caller.identity, caller.grant
    names = {identity.arn, identity.account, f"arn:{identity.partition}:iam::{identity.account}:root"}
    if grant is not None and grant.role is not None:
        names.add(grant.role.arn)
    return not names.isdisjoint(role.trusts)


def _assumed(role: Role, name: str) -> str:
    partition = role.arn.split(":")[1]
    return f"arn:{partition}:sts::{role.account}:assumed-role/{role.name}/{name}"


def _assumed_xml(role: Role, name: str) -> str:
    return (
        f"<AssumedRoleUser><AssumedRoleId>AROACKCEVSQ6C2EXAMPLE:{escape(name)}</AssumedRoleId>"
        f"<Arn>{escape(_assumed(role, name))}</Arn></AssumedRoleUser>"
    )


def _packed_xml(percent: int) -> str:
    return f"<PackedPolicySize>{percent}</PackedPolicySize>"


def _session_name(parameters: dict[str, str], refuse: Refuse) -> str:
    name = parameters.get("RoleSessionName", "")
    if not re.fullmatch(r"[\w+=,.@-]{2,64}", name, re.ASCII):
        raise _invalid(name, "roleSessionName", "Member must satisfy regular expression pattern: [\\w+=,.@-]*", refuse)
    return name


def _duration(parameters: dict[str, str], default: int, most: int, refuse: Refuse) -> int:
    text = parameters.get("DurationSeconds", str(default))
    if not re.fullmatch(r"\d{1,9}", text):
        raise refuse(400, "MalformedInput", "Invalid value for DurationSeconds")
    if int(text) < 900:
        raise _invalid(text, "durationSeconds", "Member must have value greater than or equal to 900", refuse)
    if int(text) > most:
        raise _invalid(text, "durationSeconds", f"Member must have value less than or equal to {most}", refuse)
    return int(text)


def _check_maximum(role: Role, duration: int, refuse: Refuse) -> None:
    if duration > role.max_secs:
        raise refuse(
            400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )


def members(parameters: dict[str, str], name: str, part: str = "") -> list[str]:
    """The values of `Name.member.N`, or of a part of each, in order; an empty list may not be sent."""
    values = []
    while (key := f"{name}.member.{len(values) + 1}{part}") in parameters:
        values.append(parameters[key])
    return values


def _tags(parameters: dict[str, str], refuse: Refuse) -> tuple[dict[str, str], list[str]]:
    """The session tags, and the keys of those that are transitive."""
    if {"Tags", "TransitiveTagKeys", "PolicyArns"} & parameters.keys():
        raise refuse(400, "MalformedInput", "An empty list was sent")
    keys, values = members(parameters, "Tags", ".Key"), members(parameters, "Tags", ".Value")
    transitive = members(parameters, "TransitiveTagKeys")
    if len(keys) != len(values) or len(keys) > MAX_TAGS:
        raise _invalid(str(len(keys)), "tags", f"Member must have length less than or equal to {MAX_TAGS}", refuse)
    if len({key.lower() for key in keys}) < len(keys):
        raise refuse(
            400, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if not set(transitive) <= set(keys):
        raise refuse(
            400, "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags."
        )
    return dict(zip(keys, values, strict=True)), transitive


def _packed(parameters: dict[str, str], tags: dict[str, str], refuse: Refuse) -> int:
    """Checks session policies and tags; returns the share of the allotted space that they take, in percent."""
    policy, arns = parameters.get("Policy"), members(parameters, "PolicyArns", ".arn")
    if policy is not None:
        if not 1 <= len(policy) <= MAX_POLICY_CHARS:
            why = f"Member must have length less than or equal to {MAX_POLICY_CHARS}"
            raise _invalid(policy, "policy", why, refuse)
        try:
            document = json.loads(policy)
        except ValueError as fault:
            raise refuse(400, "MalformedPolicyDocument", "This policy contains invalid Json") from fault
        if not isinstance(document, dict) or "Statement" not in document:
            raise refuse(400, "MalformedPolicyDocument", "Syntax errors in policy.")
    if len(arns) > MAX_POLICY_ARNS:
        why = f"Member must have length less than or equal to {MAX_POLICY_ARNS}"
        raise _invalid(str(len(arns)), "policyArns", why, refuse)
    texts = ["".join((policy or "").split()), *arns, *tags.keys(), *tags.values()]
    percent = sum(map(len, texts)) * 100 // MAX_PACKED_CHARS
    if percent > 100:
        raise refuse(
            400,
            "PackedPolicyTooLarge",
            f"Packed size of session policies and tags consumes {percent}% of allotted space.",
        )
    return percent


def _invalid(value: str, name: str, why: str, refuse: Refuse) -> Exception:
    return refuse(
        400,
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {why}",
    )


ACTIONS = {"AssumeRole": assume_role, "GetFederationToken": get_federation_token}
