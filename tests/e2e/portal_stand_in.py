"""A stand-in for the desktop's screenshot portal: answers on the session bus with a picture of the X screen.

usage: portal_stand_in.py FOLDER

How it answers stands in FOLDER/answer, read anew for each question: `allow`, `cancel`, `refuse`, `silent-refuse` (only
to questions without a dialog) or `hang`. Each question is a line of FOLDER/questions.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

NAME = "org.freedesktop.portal.Desktop"
SCREENSHOT = "org.freedesktop.portal.Screenshot"
PATH = "/org/freedesktop/portal/desktop"


def main() -> None:
    """Serves until it is ended."""
    folder = Path(sys.argv[1])
    bus = open_dbus_connection(bus="SESSION")
    bus.send_and_get_reply(message_bus.RequestName(NAME))
    (folder / "ready").touch()
    number = 0
    while True:
        message = bus.receive()
        if message.header.message_type is not MessageType.method_call:
            continue
        fields = message.header.fields
        interface, member = fields.get(HeaderFields.interface), fields.get(HeaderFields.member)
        if interface == "org.freedesktop.DBus.Properties" and member == "Get":
            bus.send(new_method_return(message, "v", (("u", 2),)))
            continue
        if interface != SCREENSHOT or member != "Screenshot":
            bus.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "s", (f"{interface}.{member}",)))
            continue
        number += 1
        sender = str(fields[HeaderFields.sender])
        options = {name: value for name, (_, value) in message.body[1].items()}
        pid = int(bus.send_and_get_reply(message_bus.GetConnectionUnixProcessID(sender)).body[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        environment = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
        question = {
            "interactive": options.get("interactive", False),
            "command": command[1:-1],
            "environment": sorted(one.split("=")[0] for one in environment if one),
        }
        with (folder / "questions").open("a") as log:
            log.write(json.dumps(question) + "\n")
        handle = f"{PATH}/request/{sender[1:].replace('.', '_')}/{options['handle_token']}"
        bus.send(new_method_return(message, "o", (handle,)))
        answer = (folder / "answer").read_text().strip()
        if answer == "hang":
            continue
        refused = answer == "refuse" or (answer == "silent-refuse" and not question["interactive"])
        code = 1 if answer == "cancel" else 2 if refused else 0
        result = {}
        if code == 0:
            picture = folder / f"Screenshot {number}.png"
            subprocess.run(["import", "-window", "root", str(picture)], check=True, timeout=30)
            result = {"uri": ("s", picture.as_uri())}
        request = DBusAddress(handle, interface="org.freedesktop.portal.Request")
        signal = new_signal(request, "Response", "ua{sv}", (code, result))
        signal.header.fields[HeaderFields.destination] = sender
        bus.send(signal)


if __name__ == "__main__":
    main()
