"""What the stand-ins for D-Bus services have in common: a connection, methods, properties, signals, and orders.

A test gives its orders over the same bus, to the object `/stand_in`, so that an order is carried out when its call
returns. Orders and their answers are JSON.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from patience import patient

ORDERS = "undercroft.test.StandIn"
ORDERS_PATH = "/stand_in"
PROPERTIES = "org.freedesktop.DBus.Properties"
# jeepney's own second is little on a machine that compiles beside the tests.
SLOW_SECS = patient(10)

# A property as jeepney writes a variant: signature and value.
Variant = tuple[str, Any]
# What a method answers: signature and body.
Answer = tuple[str, tuple[Any, ...]]
Method = Callable[[Message], Answer | None]


class Fault(Exception):
    """An error that a method answers with: the D-Bus name and a sentence."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class Service:
    """A connection that owns names and answers for them."""

    def __init__(self, *names: str, bus: str = "SESSION", fds: bool = False, slow_secs: float = 0) -> None:
        self.connection: DBusConnection = open_dbus_connection(bus, enable_fds=fds, auth_timeout=SLOW_SECS)
        self.names = names
        self.slow_secs = slow_secs
        self.on_signal: Callable[[Message], None] = lambda _: None
        # What is still to be done once the present answer is on its way.
        self.after: Callable[[], None] | None = None
        self._methods: dict[tuple[str, str], Method] = {}
        self._properties: dict[tuple[str, str], dict[str, Variant]] = {}
        self._orders: dict[str, Callable[..., object]] = {}
        self._waiting: list[Message] = []

    def method(self, interface: str, member: str, answer: Method) -> None:
        """Answers a method, on every path: a stand-in has no two objects that differ in more than properties."""
        self._methods[interface, member] = answer

    def order(self, name: str, carry_out: Callable[..., object]) -> None:
        """Takes an order of the tests: keyword arguments in, something that JSON can hold out."""
        self._orders[name] = carry_out

    def properties(self, path: str, interface: str, values: Mapping[str, Variant]) -> None:
        """Sets properties without telling anyone."""
        self._properties.setdefault((path, interface), {}).update(values)

    def change(self, path: str, interface: str, values: Mapping[str, Variant]) -> None:
        """Sets properties and tells everyone."""
        self.properties(path, interface, values)
        self.signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", (interface, dict(values), []))

    def signal(self, path: str, interface: str, member: str, signature: str = "", body: Sequence[Any] = ()) -> None:
        """Sends a signal to everyone."""
        self.connection.send(new_signal(DBusAddress(path, interface=interface), member, signature or None, tuple(body)))

    def listen(self, **rule: Any) -> None:
        """Asks the bus for signals, which go to `on_signal`."""
        self.ask(message_bus.AddMatch(MatchRule(type="signal", **rule)))

    def ask(self, message: Message) -> tuple[Any, ...]:
        """Asks another program, such as the bus; what comes in between is answered afterwards."""
        serial = next(self.connection.outgoing_serial)
        self.connection.send(message, serial=serial)
        while True:
            got = self.connection.receive(timeout=SLOW_SECS)
            if got.header.fields.get(HeaderFields.reply_serial) != serial:
                self._waiting.append(got)
                continue
            if got.header.message_type is MessageType.error:
                raise Fault(str(got.header.fields[HeaderFields.error_name]), str(got.body))
            return tuple(got.body)

    def serve(self, folder: Path) -> None:
        """Takes the names, says so with the file `ready`, and answers until it is ended."""
        for name in self.names:
            if self.ask(message_bus.RequestName(name, 4))[0] != 1:
                raise SystemExit(f"{name} has an owner already")
        (folder / "ready").touch()
        while True:
            self._take(self._waiting.pop(0) if self._waiting else self.connection.receive())

    def _take(self, message: Message) -> None:
        if message.header.message_type is MessageType.signal:
            self.on_signal(message)
        elif message.header.message_type is MessageType.method_call:
            fields = message.header.fields
            interface = str(fields.get(HeaderFields.interface, ""))
            try:
                answer = self._answer(message, interface, str(fields[HeaderFields.member]))
            except Fault as fault:
                reply = new_error(message, fault.name, "s", (str(fault),))
            else:
                reply = new_method_return(message, *(answer or (None, ())))
            if interface != ORDERS and self.slow_secs:
                time.sleep(self.slow_secs)
            # No message flag 1 means that an answer is awaited.
            if not message.header.flags.value & 1:
                self.connection.send(reply)
            if self.after is not None:
                after, self.after = self.after, None
                after()

    def _answer(self, message: Message, interface: str, member: str) -> Answer | None:
        if interface == ORDERS:
            return "s", (json.dumps(self._orders[member](**json.loads(message.body[0]))),)
        path = str(message.header.fields[HeaderFields.path])
        if interface == PROPERTIES:
            return self._property(member, path, *message.body)
        method = self._methods.get((interface, member))
        if method is None:
            raise Fault("org.freedesktop.DBus.Error.UnknownMethod", f"{interface}.{member} of {path}")
        return method(message)

    def _property(self, member: str, path: str, interface: str, *words: Any) -> Answer | None:
        values = self._properties.get((path, interface))
        if values is None:
            raise Fault("org.freedesktop.DBus.Error.UnknownObject", f"{interface} of {path}")
        if member == "GetAll":
            return "a{sv}", (values,)
        if words[0] not in values:
            raise Fault("org.freedesktop.DBus.Error.UnknownProperty", f"{interface}.{words[0]}")
        if member == "Set":
            self.change(path, interface, {words[0]: words[1]})
            return None
        return "v", (values[words[0]],)


def sender(message: Message) -> str:
    """Returns the unique name of who sent a message."""
    return str(message.header.fields[HeaderFields.sender])
