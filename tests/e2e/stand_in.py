"""Stand-ins for the desktop's D-Bus services, as the tests hold them: a process each, and a client of its bus."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

from bus_service import ORDERS, ORDERS_PATH, PROPERTIES, SLOW_SECS
from desktop import PROJECT, Desktop, DesktopError, stop
from patience import comes, patient

PYTHON = PROJECT / ".venv" / "bin" / "python"
SCRIPTS = Path(__file__).parent

T = TypeVar("T")


def until(what: str, probe: Callable[[], T], secs: float = 10) -> T:
    """Asks `probe` until it answers with something true; what the bus refuses meanwhile is asked again."""
    secs = patient(secs)
    deadline = time.monotonic() + secs
    last: BaseException | None = None
    answer: T | None = None
    while True:
        try:
            if answer := probe():
                return answer
            last = None
        except BusFault as fault:
            last = fault
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {secs:g} s in vain for {what}; last: {last or answer!r}") from last
        time.sleep(0.05)


class BusFault(RuntimeError):
    """A call that was answered with an error; `name` is the error's D-Bus name."""

    def __init__(self, call: str, name: str, text: str) -> None:
        super().__init__(f"{call}: {name}: {text}")
        self.name = name


@dataclass(frozen=True)
class Call:
    """A call that is under way."""

    serial: int
    member: str


class Bus:
    """A client of a bus, such as a panel or another program is one."""

    def __init__(self, address: str) -> None:
        self._connection = open_dbus_connection(address, auth_timeout=SLOW_SECS)

    def call(
        self,
        owner: str,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        body: tuple[Any, ...] = (),
        timeout: float = SLOW_SECS,
    ) -> tuple[Any, ...]:
        """Calls a method and returns the body of its answer."""
        return self.answer(self.send(owner, path, interface, member, signature, body), timeout)

    def send(
        self, owner: str, path: str, interface: str, member: str, signature: str = "", body: tuple[Any, ...] = ()
    ) -> Call:
        """Calls a method and does not wait: `answer` does."""
        serial = next(self._connection.outgoing_serial)
        message = new_method_call(DBusAddress(path, owner, interface), member, signature or None, body)
        self._connection.send(message, serial=serial)
        return Call(serial, f"{interface}.{member}")

    def answer(self, call: Call, timeout: float = SLOW_SECS) -> tuple[Any, ...]:
        """Waits for the answer to a call and returns its body."""
        deadline = time.monotonic() + timeout
        while True:
            answer = self._connection.receive(timeout=max(0.0, deadline - time.monotonic()))
            if answer.header.fields.get(HeaderFields.reply_serial) == call.serial:
                break
        if answer.header.message_type is MessageType.error:
            name = str(answer.header.fields[HeaderFields.error_name])
            raise BusFault(call.member, name, " ".join(map(str, answer.body)))
        return tuple(answer.body)

    def property(self, owner: str, path: str, interface: str, name: str) -> Any:
        """Reads a property."""
        [(_, value)] = self.call(owner, path, PROPERTIES, "Get", "ss", (interface, name))
        return value

    def has_owner(self, name: str) -> bool:
        """Says whether anyone owns a name."""
        return bool(self._connection.send_and_get_reply(message_bus.NameHasOwner(name), timeout=SLOW_SECS).body[0])

    def close(self) -> None:
        """Leaves the bus."""
        self._connection.close()


class StandIn:
    """A process that owns names on a bus and does as the tests tell it.

    It belongs to the desktop and ends with it. `folder` is its own, in the desktop's.
    """

    def __init__(self, desktop: Desktop, script: str, name: str, *, address: str | None = None) -> None:
        self.desktop = desktop
        self.name = name
        self.folder = desktop.folder / Path(script).stem
        self.folder.mkdir(exist_ok=True)
        self.bus = Bus(address or desktop.env["DBUS_SESSION_BUS_ADDRESS"])
        self._script = script
        self._process: subprocess.Popen[bytes] | None = None

    def start_process(self, *words: str) -> None:
        """Starts it and waits until it owns its names."""
        assert self._process is None, f"{self._script} runs already"
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        self._process = self.desktop.start([PYTHON, SCRIPTS / self._script, self.folder, *words])
        process = self._process
        comes(lambda: ready.exists() or process.poll() is not None, 20)
        if not ready.exists():
            raise DesktopError(f"{self._script} did not start: {self.desktop.log('python')}")

    def tell(self, order: str, **arguments: Any) -> Any:
        """Gives it an order and returns its answer, once the order is carried out."""
        [answer] = self.bus.call(self.name, ORDERS_PATH, ORDERS, order, "s", (json.dumps(arguments),))
        return json.loads(answer)

    def stop(self) -> None:
        """Ends it, as when a panel is closed."""
        process, self._process = self._process, None
        if process is not None:
            stop(process)

    def kill(self) -> None:
        """Ends it at once, as when a panel crashes."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
