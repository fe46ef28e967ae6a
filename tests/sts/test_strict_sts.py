"""The strict STS judged by a real client: botocore signs, the stand-in must agree; then everything that is wrong."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sts.strict_sts import Device, Server, Service, serve

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SERIAL = "arn:aws:iam::123456789012:mfa/phone"
ANN = {"id": "AKIAIOSFODNN7EXAMPLE", "secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
OLD = {"id": "AKIAI44QH8DHBEXAMPLE", "secret": "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY", "active": False}
ROOT = {"id": "AKIAROOTROOTEXAMPLE1", "secret": "root/secret+EXAMPLEKEY"}
CONFIG = {
    "regions": ["us-east-1", "eu-central-1"],
    "disabled_regions": ["af-south-1"],
    "identities": [
        {"account": "123456789012", "user": "ann", "keys": [ANN, OLD], "devices": [{"serial": SERIAL, "seed": SEED}]},
        {"account": "123456789012", "keys": [ROOT]},
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


def client(server: Server, key: dict[str, Any] = ANN, token: str | None = None, region: str = "us-east-1") -> Any:
    return boto3.client(
        "sts",
        endpoint_url=url(server),
        region_name=region,
        aws_access_key_id=key["id"],
        aws_secret_access_key=key["secret"],
        aws_session_token=token,
        config=Config(retries={"max_attempts": 0}, parameter_validation=False),
    )


def post(server: Server, path: str, value: Any) -> None:
    with urlopen(Request(url(server) + path, json.dumps(value).encode(), method="POST"), timeout=5) as answer:
        assert answer.status == 200


def code_now(ahead: int = 0) -> str:
    service = Service.from_config(CONFIG)
    device: Device = service.credentials[ANN["id"]].identity.devices[0]
    return device.code_at(int(time.time()) // 30 + ahead)


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_codes_are_those_of_rfc_6238() -> None:
    device = Device("serial", b"12345678901234567890", digits=8)
    assert [device.code_at(t // 30) for t in (59, 1111111109, 20000000000)] == ["94287082", "07081804", "65353130"]


def test_a_real_clients_signature_is_accepted(server: Server) -> None:
    answer = client(server).get_caller_identity()
    assert answer["Arn"] == "arn:aws:iam::123456789012:user/ann"
    assert client(server, ROOT, region="eu-central-1").get_caller_identity()["Arn"].endswith(":root")


def test_a_session_works_and_cannot_make_another(server: Server) -> None:
    made = client(server).get_session_token(SerialNumber=SERIAL, TokenCode=code_now())["Credentials"]
    session = client(server, {"id": made["AccessKeyId"], "secret": made["SecretAccessKey"]}, made["SessionToken"])
    assert session.get_caller_identity()["Account"] == "123456789012"
    assert refused(session.get_session_token)[0] == "AccessDenied"
    forged = client(server, {"id": made["AccessKeyId"], "secret": made["SecretAccessKey"]}, "forged")
    assert refused(forged.get_caller_identity)[0] == "InvalidClientTokenId"
    server.RequestHandlerClass.service.credentials[made["AccessKeyId"]].expires_at = time.time() - 1
    assert refused(session.get_caller_identity)[0] == "ExpiredToken"


def test_wrong_keys_are_refused(server: Server) -> None:
    assert refused(client(server, {**ANN, "secret": "wrong"}).get_caller_identity)[0] == "SignatureDoesNotMatch"
    assert refused(client(server, OLD).get_caller_identity)[0] == "InvalidClientTokenId"
    assert (
        refused(client(server, {**ANN, "id": "AKIAUNKNOWN000000000"}).get_caller_identity)[0] == "InvalidClientTokenId"
    )


def test_a_code_is_good_once_and_for_its_own_device(server: Server) -> None:
    sts, code = client(server), code_now()
    sts.get_session_token(SerialNumber=SERIAL, TokenCode=code)
    reused = refused(sts.get_session_token, SerialNumber=SERIAL, TokenCode=code)
    assert reused == ("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
    assert refused(sts.get_session_token, SerialNumber=SERIAL, TokenCode=code_now(-1)) == reused
    sts.get_session_token(SerialNumber=SERIAL, TokenCode=code_now(1))
    other = SERIAL.replace("phone", "tablet")
    code, message = refused(sts.get_session_token, SerialNumber=other, TokenCode=code_now())
    assert (code, "serial number" in message) == ("AccessDenied", True)
    assert refused(sts.get_session_token, SerialNumber=SERIAL)[0] == "AccessDenied"
    assert refused(sts.get_session_token, SerialNumber=SERIAL, TokenCode="12a456")[0] == "ValidationError"


def test_durations_have_limits(server: Server) -> None:
    for secs in (899, 129601):
        assert refused(client(server).get_session_token, DurationSeconds=secs)[0] == "ValidationError"
    expiration = client(server, ROOT).get_session_token(DurationSeconds=43200)["Credentials"]["Expiration"]
    assert 3590 < expiration.timestamp() - time.time() <= 3600


@pytest.mark.parametrize(("offset_secs", "words"), [(1000, "Signature expired"), (-1000, "Signature not yet current")])
def test_a_wrong_clock_is_refused(server: Server, offset_secs: int, words: str) -> None:
    post(server, "/-/clock", {"offset_secs": offset_secs})
    code, message = refused(client(server).get_caller_identity)
    assert code == "SignatureDoesNotMatch"
    assert message.startswith(words)


def test_regions_and_unknown_calls(server: Server) -> None:
    assert refused(client(server, region="af-south-1").get_caller_identity)[0] == "RegionDisabledException"
    assert refused(client(server, region="eu-west-3").get_caller_identity)[0] == "SignatureDoesNotMatch"
    assert refused(client(server).get_access_key_info, AccessKeyId=ANN["id"])[0] == "InvalidAction"


def test_scripts_and_the_log(server: Server) -> None:
    post(server, "/-/script", [{"status": 400, "code": "Throttling", "message": "Rate exceeded"}])
    sts = client(server)
    assert refused(sts.get_caller_identity) == ("Throttling", "Rate exceeded")
    sts.get_session_token(DurationSeconds=900)
    with urlopen(url(server) + "/-/log", timeout=5) as answer:
        log = json.load(answer)
    assert [(entry["action"], entry["status"], entry.get("error")) for entry in log] == [
        ("GetCallerIdentity", 400, "Throttling"),
        ("GetSessionToken", 200, None),
    ]
    assert log[1]["duration_secs"] == "900"
    assert not log[1]["with_code"]
