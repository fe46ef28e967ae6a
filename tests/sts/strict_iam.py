"""The MFA devices of IAM users, as a part of the strict stand-in: see strict_sts.py, which verifies the signatures.

A device that is made belongs to nobody and has no place in its user's list until two codes of steps that follow each
other have proven its seed. A key or a session without MFA calls these actions by AWS's rules: a session must have MFA.

The configuration of an identity has, for these actions, `"iam_denied": ["CreateVirtualMFADevice", …]`: they answer
AccessDenied; and `"passkeys": ["arn:aws:iam::…:u2f/user/ann/key"]`. The configuration's own `"unassigned": ["arn:…"]` are
virtual devices that belong to nobody. The limit of 8 devices, names that are taken and devices in use are refused without being asked for.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from strict_sts import Credentials, Device, Service

MAX_DEVICES = 8

Refuse = Callable[[int, str, str], Exception]


def _own_user(caller: Credentials, parameters: dict[str, str], refuse: Refuse) -> None:
    name = parameters.get("UserName")
    if caller.identity.user is None or name != caller.identity.user:
        raise refuse(404, "NoSuchEntity", f"The user with name {name} cannot be found.")


def _codes_fit(device: Device, parameters: dict[str, str], now: float) -> bool:
    """Whether both codes are those of two steps that follow each other, end in the present, and are unused."""
    first, second = parameters.get("AuthenticationCode1", ""), parameters.get("AuthenticationCode2", "")
    present = int(now) // device.period
    for step in range(present - 2, present + 1):
        fits = device.code_at(step) == first and device.code_at(step + 1) == second
        if fits and step > device.last_used_step:
            device.last_used_step = step + 1
            return True
    return False


def create_virtual_mfa_device(service: Service, caller: Credentials, parameters: dict[str, str], refuse: Refuse) -> str:
    """Makes a device that belongs to nobody."""
    name = parameters.get("VirtualMFADeviceName", "")
    if not name:
        raise refuse(400, "ValidationError", "1 validation error detected: virtualMFADeviceName must not be empty")
    identity = caller.identity
    serial = f"arn:{identity.partition}:iam::{identity.account}:mfa/{name}"
    taken = serial in service.unassigned or any(
        device.serial == serial for other in service.credentials.values() for device in other.identity.devices
    )
    if taken:
        raise refuse(409, "EntityAlreadyExists", "MFADevice entity at the same path and name already exists.")
    seed = secrets.token_bytes(40)
    service.unassigned[serial] = service.new_device(serial, seed)
    text = base64.b64encode(base64.b32encode(seed)).decode()
    return (
        f"<VirtualMFADevice><SerialNumber>{escape(serial)}</SerialNumber><Base32StringSeed>{text}</Base32StringSeed>"
        "<QRCodePNG>aVZCT1J3MEtHZ289</QRCodePNG></VirtualMFADevice>"
    )


def enable_mfa_device(service: Service, caller: Credentials, parameters: dict[str, str], refuse: Refuse) -> str:
    """Gives a device to its user for two right codes."""
    _own_user(caller, parameters, refuse)
    serial = parameters.get("SerialNumber", "")
    if any(device.serial == serial for device in caller.identity.devices):
        raise refuse(409, "EntityAlreadyExists", "MFA Device is already in use.")
    if len(caller.identity.devices) >= MAX_DEVICES:
        raise refuse(409, "LimitExceeded", f"Cannot exceed quota for MFADevicesPerUser: {MAX_DEVICES}")
    device = service.unassigned.get(serial)
    if device is None:
        raise refuse(404, "NoSuchEntity", f"VirtualMFADevice with serial number {serial} does not exist.")
    if not _codes_fit(device, parameters, service.now()):
        raise refuse(403, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
    del service.unassigned[serial]
    caller.identity.devices.append(device)
    return ""


def resync_mfa_device(service: Service, caller: Credentials, parameters: dict[str, str], refuse: Refuse) -> str:
    """Sets a device right by two codes."""
    _own_user(caller, parameters, refuse)
    serial = parameters.get("SerialNumber", "")
    device = next((device for device in caller.identity.devices if device.serial == serial), None)
    if device is None:
        raise refuse(404, "NoSuchEntity", f"MFA Device with serial number {serial} does not exist.")
    if not _codes_fit(device, parameters, service.now()):
        raise refuse(403, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
    return ""


def list_mfa_devices(service: Service, caller: Credentials, parameters: dict[str, str], refuse: Refuse) -> str:
    """Lists a user's devices."""
    _own_user(caller, parameters, refuse)
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(service.now()))
    serials = [device.serial for device in caller.identity.devices] + caller.identity.passkeys
    members = "".join(
        f"<member><UserName>{escape(caller.identity.user or '')}</UserName><SerialNumber>{escape(serial)}"
        f"</SerialNumber><EnableDate>{since}</EnableDate></member>"
        for serial in serials
    )
    return f"<MFADevices>{members}</MFADevices><IsTruncated>false</IsTruncated>"


def list_virtual_mfa_devices(service: Service, caller: Credentials, parameters: dict[str, str], refuse: Refuse) -> str:
    """Lists the devices that belong to nobody."""
    members = "".join(
        f"<member><SerialNumber>{escape(serial)}</SerialNumber></member>" for serial in sorted(service.unassigned)
    )
    return f"<VirtualMFADevices>{members}</VirtualMFADevices><IsTruncated>false</IsTruncated>"


def deactivate_mfa_device(service: Service, caller: Credentials, parameters: dict[str, str], refuse: Refuse) -> str:
    """Takes a device from its user."""
    _own_user(caller, parameters, refuse)
    serial = parameters.get("SerialNumber", "")
    device = next((device for device in caller.identity.devices if device.serial == serial), None)
    if device is None:
        raise refuse(404, "NoSuchEntity", f"MFA Device with serial number {serial} does not exist.")
    caller.identity.devices.remove(device)
    service.unassigned[serial] = device
    return ""


def delete_virtual_mfa_device(service: Service, caller: Credentials, parameters: dict[str, str], refuse: Refuse) -> str:
    """Deletes a device that belongs to nobody."""
    serial = parameters.get("SerialNumber", "")
    if any(device.serial == serial for other in service.credentials.values() for device in other.identity.devices):
        raise refuse(409, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")
    if service.unassigned.pop(serial, None) is None:
        raise refuse(404, "NoSuchEntity", f"VirtualMFADevice with serial number {serial} does not exist.")
    return ""


ACTIONS = {
    "CreateVirtualMFADevice": create_virtual_mfa_device,
    "EnableMFADevice": enable_mfa_device,
    "ResyncMFADevice": resync_mfa_device,
    "ListMFADevices": list_mfa_devices,
    "ListVirtualMFADevices": list_virtual_mfa_devices,
    "DeactivateMFADevice": deactivate_mfa_device,
    "DeleteVirtualMFADevice": delete_virtual_mfa_device,
}


def perform(service: Service, caller: Credentials, parameters: dict[str, str], refuse: Refuse) -> str:
    """Answers an action by AWS's rules."""
    action = parameters["Action"]
    if caller.token is not None and not caller.with_mfa:
        raise refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid")
    if action in caller.identity.iam_denied:
        raise refuse(
            403,
            "AccessDenied",
            f"User: {caller.identity.arn} is not authorized to perform: iam:{action} on resource: {caller.identity.arn} "
            f"because no identity-based policy allows the iam:{action} action",
        )
    return ACTIONS[action](service, caller, parameters, refuse)
