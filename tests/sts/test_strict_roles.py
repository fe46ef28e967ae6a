"""Roles, federated users, web identities and console sign-in of the strict stand-in, asked by botocore and a plain client."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from sts.strict_sts import Device, Server, Service, serve

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SERIAL = "arn:aws:iam::123456789012:mfa/phone"
ANN = {"id": "AKIAIOSFODNN7EXAMPLE", "secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
BOB = {"id": "AKIABOBBOBBOBEXAMPLE", "secret": "bobs/secret"}
ROOT = {"id": "AKIAROOTROOTEXAMPLE1", "secret": "root/secret+EXAMPLEKEY"}
ANN_ARN = "arn:aws:iam::123456789012:user/ann"
ROLE = "arn:aws:iam::123456789012:role/team/"
POLICY = '{"Version":"2012-10-17","Statement":[]}'
CONFIG = {
    "identities": [
        {"account": "123456789012", "user": "ann", "keys": [ANN], "devices": [{"serial": SERIAL, "seed": SEED}]},
        {"account": "123456789012", "user": "bob", "keys": [BOB], "denied_without_mfa": True},
        {"account": "123456789012", "keys": [ROOT]},
    ],
    "roles": [
        {"arn": f"{ROLE}deploy", "trusts": [ANN_ARN], "max_secs": 43200},
        {"arn": f"{ROLE}hop", "trusts": [f"{ROLE}deploy", "123456789012"], "max_secs": 43200},
        {"arn": f"{ROLE}guarded", "trusts": [ANN_ARN], "needs_mfa": True},
        {"arn": f"{ROLE}partner", "trusts": [ANN_ARN], "external_id": "handshake"},
        {"arn": f"{ROLE}plain", "trusts": ["123456789012"], "takes_tags": False},
        {"arn": f"{ROLE}job", "providers": ["https://idp.example"]},
    ],
    "web_identities": [
        {"token": "good.web.token", "provider": "https://idp.example", "subject": "job-1"},
        {"token": "stranger.web.token", "provider": "https://other.example"},
        {"token": "expired.web.token", "provider": "https://idp.example", "state": "expired"},
        {"token": "rejected.web.token", "provider": "https://idp.example", "state": "rejected"},
        {"token": "unreachable.web.token", "provider": "https://idp.example", "state": "unreachable"},
    ],
}


@pytest.fixture
def server() -> Iterator[Server]:
    bound = serve(Service.from_config(CONFIG))
    thread = threading.Thread(target=bound.serve_forever, daemon=True)
    thread.start()
    yield bound
    bound.shutdown()
    bound.server_close()


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def client(server: Server, key: dict[str, str] | None, token: str | None = None) -> Any:
    return boto3.client(
        "sts",
        endpoint_url=url(server),
        region_name="us-east-1",
        aws_access_key_id=None if key is None else key["id"],
        aws_secret_access_key=None if key is None else key["secret"],
        aws_session_token=token,
        config=Config(
            retries={"max_attempts": 0},
            parameter_validation=False,
            signature_version=UNSIGNED if key is None else "v4",
        ),
    )


def session(server: Server, made: dict[str, Any]) -> Any:
    made = made["Credentials"]
    return client(server, {"id": made["AccessKeyId"], "secret": made["SecretAccessKey"]}, made["SessionToken"])


def assume(sts: Any, role: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = sts.assume_role(RoleArn=f"{ROLE}{role}", RoleSessionName="ann@work", **more)
    return made


def refused(call: Any, *arguments: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **more)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def code_now(ahead: int = 0) -> str:
    device: Device = Service.from_config(CONFIG).credentials[ANN["id"]].identity.devices[0]
    return device.code_at(int(time.time()) // 30 + ahead)


def log(server: Server) -> list[dict[str, Any]]:
    with urlopen(url(server) + "/-/log", timeout=5) as answer:
        entries: list[dict[str, Any]] = json.load(answer)
    return entries


def test_a_role_lets_in_whom_it_trusts(server: Server) -> None:
    made = assume(client(server, ANN), "deploy")
    arn = "arn:aws:sts::123456789012:assumed-role/deploy/ann@work"
    assert made["AssumedRoleUser"]["Arn"] == arn
    assert session(server, made).get_caller_identity()["Arn"] == arn
    # All of these are denied by the same words.
    denials = {
        refused(assume, client(server, ANN), "nowhere")[1].replace("nowhere", "X"),
        refused(assume, client(server, ANN), "job")[1].replace("job", "X"),
        refused(assume, client(server, ANN), "partner")[1].replace("partner", "X"),
        refused(assume, client(server, ANN), "partner", ExternalId="wrong")[1].replace("partner", "X"),
        refused(assume, client(server, ANN), "guarded")[1].replace("guarded", "X"),
    }
    assert denials == {f"User: {ANN_ARN} is not authorized to perform: sts:AssumeRole on resource: {ROLE}X"}
    assume(client(server, ANN), "partner", ExternalId="handshake")
    assert refused(assume, client(server, ROOT), "hop")[1] == "Roles may not be assumed by root accounts."
    assert "explicit deny" in refused(assume, client(server, BOB), "hop")[1]


def test_mfa_is_shown_in_the_call_or_by_the_session(server: Server) -> None:
    ann, code = client(server, ANN), code_now()
    assume(ann, "guarded", SerialNumber=SERIAL, TokenCode=code)
    again = refused(assume, ann, "guarded", SerialNumber=SERIAL, TokenCode=code)
    assert again[1] == "MultiFactorAuthentication failed with invalid MFA one time pass code. "
    with_mfa = session(server, ann.get_session_token(SerialNumber=SERIAL, TokenCode=code_now(1)))
    assume(with_mfa, "guarded")
    without = session(server, ann.get_session_token())
    assert refused(assume, without, "guarded")[0] == "AccessDenied"


def test_a_chain_lasts_an_hour(server: Server) -> None:
    ann = client(server, ANN)
    deploy = session(server, assume(ann, "deploy", DurationSeconds=43200))
    expiration = assume(deploy, "hop", DurationSeconds=3600)["Credentials"]["Expiration"]
    assert 3590 < expiration.timestamp() - time.time() <= 3600
    for sts in (deploy, session(server, ann.get_session_token())):
        code, message = refused(assume, sts, "hop", DurationSeconds=3601)
        assert (code, "role chaining" in message) == ("ValidationError", True)
    assert "MaxSessionDuration" in refused(assume, ann, "plain", DurationSeconds=3601)[1]
    for secs in (899, 43201):
        assert "durationSeconds" in refused(assume, ann, "deploy", DurationSeconds=secs)[1]
    assert refused(session(server, assume(ann, "deploy")).get_session_token)[0] == "AccessDenied"


def test_source_identity_and_transitive_tags_stay(server: Server) -> None:
    tags = [{"Key": "team", "Value": "blue"}, {"Key": "cost", "Value": ""}]
    ann = client(server, ANN)
    made = assume(ann, "deploy", SourceIdentity="ann", Tags=tags, TransitiveTagKeys=["team"])
    assert made["SourceIdentity"] == "ann"
    deploy = session(server, made)
    assert assume(deploy, "hop")["SourceIdentity"] == "ann"
    assert "SetSourceIdentity" in refused(assume, deploy, "hop", SourceIdentity="bob")[1]
    assert refused(assume, deploy, "hop", Tags=[tags[0]])[0] == "InvalidParameterValue"
    assume(deploy, "hop", Tags=[tags[1]])
    assert refused(assume, ann, "deploy", Tags=[tags[1]], TransitiveTagKeys=["team"])[0] == "InvalidParameterValue"
    doubled = [{"Key": "Team", "Value": "a"}, {"Key": "team", "Value": "b"}]
    assert refused(assume, ann, "deploy", Tags=doubled)[0] == "InvalidParameterValue"
    assert "TagSession" in refused(assume, ann, "plain", Tags=tags)[1]
    entry = log(server)[0]
    assert (entry["tags"], entry["transitive"]) == ({"team": "blue", "cost": ""}, ["team"])


@pytest.mark.parametrize("call", ["role", "federation"])
def test_session_policies_are_looked_at(server: Server, call: str) -> None:
    ann = client(server, ANN)

    def ask(**more: Any) -> Any:
        return assume(ann, "deploy", **more) if call == "role" else ann.get_federation_token(Name="ann", **more)

    assert ask(Policy=POLICY)["PackedPolicySize"] >= 1
    assert refused(ask, Policy="{]")[0] == "MalformedPolicyDocument"
    assert refused(ask, Policy='{"Version":"2012-10-17"}')[0] == "MalformedPolicyDocument"
    assert "'policy'" in refused(ask, Policy=POLICY + " " * 2048)[1]
    arns = [{"arn": f"arn:aws:iam::123456789012:policy/{number}"} for number in range(11)]
    ask(PolicyArns=arns[:10])
    assert "'policyArns'" in refused(ask, PolicyArns=arns)[1]
    tags = [{"Key": f"key-{number}", "Value": "v" * 250} for number in range(20)]
    assert refused(ask, Tags=tags)[0] == "PackedPolicyTooLarge"


def test_a_federated_user_can_ask_who_it_is_and_no_more(server: Server) -> None:
    made = client(server, ANN).get_federation_token(Name="guest", DurationSeconds=129600)
    guest = session(server, made)
    assert guest.get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:federated-user/guest"
    for call in (
        guest.get_session_token,
        lambda: guest.get_federation_token(Name="guest"),
        lambda: assume(guest, "hop"),
    ):
        assert refused(call)[0] == "AccessDenied"
    root = client(server, ROOT).get_federation_token(Name="guest", DurationSeconds=43200)["Credentials"]["Expiration"]
    assert 3590 < root.timestamp() - time.time() <= 3600
    assert refused(client(server, ANN).get_federation_token, Name="g")[0] == "ValidationError"


def test_a_web_identity_signs_nothing(server: Server) -> None:
    def ask(token: str, sts: Any = None) -> Any:
        sts = sts or client(server, None)
        return sts.assume_role_with_web_identity(RoleArn=f"{ROLE}job", RoleSessionName="job", WebIdentityToken=token)

    made = ask("good.web.token")
    assert made["SubjectFromWebIdentityToken"] == "job-1"
    assert session(server, made).get_caller_identity()["Arn"].endswith(":assumed-role/job/job")
    for token, code in [
        ("unknown.web.token", "InvalidIdentityToken"),
        ("expired.web.token", "ExpiredTokenException"),
        ("rejected.web.token", "IDPRejectedClaim"),
        ("unreachable.web.token", "IDPCommunicationError"),
        ("stranger.web.token", "AccessDenied"),
        ("abc", "ValidationError"),
    ]:
        assert refused(ask, token)[0] == code


class _Stays(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def visit(target: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
    """The status, the body and where it points to."""
    request = Request(target, None if form is None else urlencode(form).encode())
    try:
        with build_opener(_Stays).open(request, timeout=5) as answer:
            return answer.status, answer.read().decode(), ""
    except HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode(), answer.headers.get("Location", "")


def federated(made: dict[str, Any], **more: str) -> dict[str, str]:
    made = made["Credentials"]
    of = {"sessionId": made["AccessKeyId"], "sessionKey": made["SecretAccessKey"], "sessionToken": made["SessionToken"]}
    return {"Action": "getSigninToken", "Session": json.dumps(of), **more}


def test_the_console_opens_for_roles_and_federated_users(server: Server) -> None:
    ann = client(server, ANN)
    role, page = assume(ann, "deploy"), url(server) + "/federation"
    federation = ann.get_federation_token(Name="guest")
    for form in (federated(role), federated(role, SessionDuration="43200"), federated(federation)):
        for asked in (visit(page, form), visit(f"{page}?{urlencode(form)}")):
            assert asked[0] == 200
            token = json.loads(asked[1])["SigninToken"]
    login = {"Action": "login", "Issuer": "me", "Destination": "https://eu-west-1.console.aws.amazon.com/s3/home"}
    assert visit(f"{page}?{urlencode({**login, 'SigninToken': token})}")[::2] == (302, login["Destination"])
    assert visit(f"{page}?{urlencode({**login, 'SigninToken': 'forged'})}")[0] == 400
    elsewhere = {**login, "SigninToken": token, "Destination": "https://console.aws.amazon.com.evil.example/"}
    assert visit(f"{page}?{urlencode(elsewhere)}")[0] == 400
    server.RequestHandlerClass.service.signin_tokens[token] = time.time() - 1
    assert visit(f"{page}?{urlencode({**login, 'SigninToken': token})}")[0] == 400


def test_the_console_stays_closed(server: Server) -> None:
    ann, page = client(server, ANN), url(server) + "/federation"
    role = assume(ann, "deploy")
    chained = assume(session(server, role), "hop")
    federation = ann.get_federation_token(Name="guest")
    forged = {"Credentials": {**role["Credentials"], "SecretAccessKey": "forged"}}
    for form in (
        federated(ann.get_session_token()),
        federated(forged),
        federated(chained, SessionDuration="900"),
        federated(federation, SessionDuration="900"),
        federated(role, SessionDuration="899"),
        federated(role, SessionDuration="43201"),
        federated(assume(ann, "plain"), SessionDuration="3601"),
        {"Action": "getSigninToken", "Session": "{}"},
        {"Action": "getSigninToken"},
    ):
        assert visit(page, form)[0] == 400
    assert visit(page, federated(chained))[0] == 200
    server.RequestHandlerClass.service.credentials[role["Credentials"]["AccessKeyId"]].expires_at = time.time() - 1
    assert visit(page, federated(role))[0] == 400
    secrets = [role["Credentials"][part] for part in ("SecretAccessKey", "SessionToken")]
    written = json.dumps(log(server))
    assert not any(secret in written for secret in secrets)
