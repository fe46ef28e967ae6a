"""The stand-in's MFA devices judged by a real client."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.request import urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError

from sts.strict_sts import Device, Server, Service, serve

ANN = {"id": "AKIAIOSFODNN7EXAMPLE", "secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
BOB = {"id": "AKIABOBBOBBOBEXAMPLE", "secret": "bobs/secret/EXAMPLEKEY"}
CONFIG = {
    "identities": [
        {"account": "123456789012", "user": "ann", "keys": [ANN]},
        {"account": "123456789012", "user": "bob", "keys": [BOB], "iam_denied": ["CreateVirtualMFADevice"]},
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


def client(server: Server, service: str = "iam", key: dict[str, Any] = ANN, token: str | None = None) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{server.server_address[1]}",
        region_name="us-east-1",
        aws_access_key_id=key["id"],
        aws_secret_access_key=key["secret"],
        aws_session_token=token,
        config=Config(retries={"max_attempts": 0}),
    )


def made(server: Server, name: str = "phone") -> Device:
    """A device that the service made, with the seed that it told."""
    device = client(server).create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    return Device(device["SerialNumber"], base64.b32decode(device["Base32StringSeed"]))


def codes(device: Device, behind: int = 1) -> dict[str, str]:
    step = int(time.time()) // 30 - behind
    return {"AuthenticationCode1": device.code_at(step), "AuthenticationCode2": device.code_at(step + 1)}


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def test_a_device_is_made_enabled_used_and_taken_away(server: Server) -> None:
    iam, device = client(server), made(server)
    named = {"UserName": "ann", "SerialNumber": device.serial}
    assert [found["SerialNumber"] for found in iam.list_virtual_mfa_devices()["VirtualMFADevices"]] == [device.serial]
    iam.enable_mfa_device(**named, **codes(device))
    assert [found["SerialNumber"] for found in iam.list_mfa_devices(UserName="ann")["MFADevices"]] == [device.serial]
    assert refused(iam.delete_virtual_mfa_device, SerialNumber=device.serial) == "DeleteConflict"
    # The present step was used for enabling; the next one is accepted early.
    sts, step = client(server, "sts"), int(time.time()) // 30
    answer = sts.get_session_token(SerialNumber=device.serial, TokenCode=device.code_at(step + 1))["Credentials"]
    key = {"id": answer["AccessKeyId"], "secret": answer["SecretAccessKey"]}
    assert client(server, key=key, token=answer["SessionToken"]).list_mfa_devices(UserName="ann")["MFADevices"]
    iam.deactivate_mfa_device(**named)
    iam.delete_virtual_mfa_device(SerialNumber=device.serial)
    assert refused(iam.delete_virtual_mfa_device, SerialNumber=device.serial) == "NoSuchEntity"


def test_codes_must_be_right_follow_each_other_and_be_new(server: Server) -> None:
    iam, device = client(server), made(server)
    named = {"UserName": "ann", "SerialNumber": device.serial}
    right = codes(device)
    swapped = {
        "AuthenticationCode1": right["AuthenticationCode2"],
        "AuthenticationCode2": right["AuthenticationCode1"],
    }
    same = {**right, "AuthenticationCode2": right["AuthenticationCode1"]}
    for wrong in (swapped, same, codes(device, behind=10), codes(device, behind=-2)):
        assert refused(iam.enable_mfa_device, **named, **wrong) == "InvalidAuthenticationCode"
    iam.enable_mfa_device(**named, **right)
    assert refused(iam.resync_mfa_device, **named, **right) == "InvalidAuthenticationCode"


def test_names_limits_policies_and_sessions_are_refused(server: Server) -> None:
    iam, device = client(server), made(server)
    assert refused(iam.create_virtual_mfa_device, VirtualMFADeviceName="phone") == "EntityAlreadyExists"
    bob = client(server, key=BOB)
    assert refused(bob.create_virtual_mfa_device, VirtualMFADeviceName="tablet") == "AccessDenied"
    assert refused(iam.list_mfa_devices, UserName="bob") == "NoSuchEntity"
    bare = client(server, "sts").get_session_token()["Credentials"]
    key = {"id": bare["AccessKeyId"], "secret": bare["SecretAccessKey"]}
    plain = client(server, key=key, token=bare["SessionToken"])
    assert refused(plain.list_mfa_devices, UserName="ann") == "InvalidClientTokenId"
    identity = server.RequestHandlerClass.service.credentials[ANN["id"]].identity
    identity.devices.extend(Device(f"serial-number-{number}", b"seed") for number in range(8))
    assert (
        refused(iam.enable_mfa_device, UserName="ann", SerialNumber=device.serial, **codes(device)) == "LimitExceeded"
    )


def told(server: Server, path: str, value: object = None) -> Any:
    data = None if path == "held" else json.dumps(value).encode()
    with closing(urlopen(f"http://127.0.0.1:{server.server_address[1]}/-/{path}", data=data, timeout=10)) as answer:
        return json.load(answer)


@pytest.mark.parametrize(("kind", "is_done"), [("drop-request", False), ("drop-answer", True)])
def test_a_connection_drops_before_or_after_the_call_is_performed(server: Server, kind: str, is_done: bool) -> None:
    told(server, "fault", {"action": "CreateVirtualMFADevice", "kind": kind})
    iam = client(server)
    with pytest.raises(HTTPClientError):
        iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")
    assert bool(iam.list_virtual_mfa_devices()["VirtualMFADevices"]) is is_done


@pytest.mark.parametrize(("kind", "is_done"), [("hold-request", False), ("hold-answer", True)])
def test_a_call_is_held_before_or_after_it_is_performed(server: Server, kind: str, is_done: bool) -> None:
    told(server, "fault", {"action": "CreateVirtualMFADevice", "kind": kind})
    caller = threading.Thread(target=lambda: made(server), daemon=True)
    caller.start()
    deadline = time.monotonic() + 10
    while told(server, "held") != ["CreateVirtualMFADevice"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    iam = client(server)
    assert bool(iam.list_virtual_mfa_devices()["VirtualMFADevices"]) is is_done
    told(server, "release")
    caller.join(10)
    assert not caller.is_alive()
    assert len(iam.list_virtual_mfa_devices()["VirtualMFADevices"]) == 1
