"""A stand-in for logind: owns org.freedesktop.login1 on a bus of the tests' own, with one session.

usage: logind_stand_in.py FOLDER ADDRESS [no-session]

With `no-session`, no process belongs to a session by its number, as where the desktop starts programs as services of
the user: then only the user's display, and the session called `auto`, lead to it.
"""

from __future__ import annotations

import os
import select
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jeepney import Message
from jeepney.bus_messages import message_bus

from bus_service import Answer, Fault, Service, Variant, sender

NAME = "org.freedesktop.login1"
PATH = "/org/freedesktop/login1"
MANAGER = "org.freedesktop.login1.Manager"
SESSION = "org.freedesktop.login1.Session"
USER = "org.freedesktop.login1.User"
SESSION_PATH = "/org/freedesktop/login1/session/_31"
AUTO_PATH = "/org/freedesktop/login1/session/auto"
USER_PATH = f"/org/freedesktop/login1/user/_{os.getuid()}"


@dataclass
class Inhibitor:
    """A lock that was given out. `end` is this side's end of its pipe, which closes when the holder lets go."""

    what: str
    who: str
    why: str
    mode: str
    pid: int
    end: int
    released_at: float | None = None

    def look(self) -> None:
        """Notes whether the holder has let go."""
        if self.released_at is None and select.select([self.end], [], [], 0)[0]:
            self.released_at = time.time()
            os.close(self.end)

    def told(self) -> dict[str, Any]:
        """Describes it to the tests."""
        self.look()
        return {
            "what": self.what,
            "who": self.who,
            "why": self.why,
            "mode": self.mode,
            "pid": self.pid,
            "held": self.released_at is None,
            "released_at": self.released_at,
        }


class Logind:
    """One seat, one user, one session."""

    def __init__(self, address: str, no_session: bool) -> None:
        self.no_session = no_session
        self.inhibitors: list[Inhibitor] = []
        self.service = Service(NAME, bus=address, fds=True)
        manager = {
            "GetSession": self.get_session,
            "GetSessionByPID": self.get_session_by_pid,
            "ListSessions": lambda _: ("a(susso)", ([("1", os.getuid(), "tester", "seat0", SESSION_PATH)],)),
            "GetUser": lambda _: ("o", (USER_PATH,)),
            "GetUserByPID": lambda _: ("o", (USER_PATH,)),
            "Inhibit": self.inhibit,
            "ListInhibitors": self.list_inhibitors,
        }
        for member, answer in manager.items():
            self.service.method(MANAGER, member, answer)
        self.service.properties(
            PATH, MANAGER, {"PreparingForSleep": ("b", False), "InhibitDelayMaxUSec": ("t", 5_000_000)}
        )
        for path in (SESSION_PATH, AUTO_PATH):
            self.service.properties(
                path,
                SESSION,
                {
                    "Id": ("s", "1"),
                    "User": ("(uo)", (os.getuid(), USER_PATH)),
                    "Name": ("s", "tester"),
                    "Seat": ("(so)", ("seat0", "/org/freedesktop/login1/seat/seat0")),
                    "Type": ("s", "x11"),
                    "Class": ("s", "user"),
                    "Active": ("b", True),
                    "State": ("s", "active"),
                    "LockedHint": ("b", False),
                    "IdleHint": ("b", False),
                    "Remote": ("b", False),
                },
            )
        self.service.properties(
            USER_PATH,
            USER,
            {
                "UID": ("u", os.getuid()),
                "Display": ("(so)", ("1", SESSION_PATH)),
                "Sessions": ("a(so)", [("1", SESSION_PATH)]),
                "State": ("s", "active"),
            },
        )
        self.service.order("signal", self.signal)
        self.service.order("set", self.set)
        self.service.order("sleep", self.sleep)
        self.service.order("inhibitors", lambda: [one.told() for one in self.inhibitors])

    def get_session(self, message: Message) -> Answer:
        """Finds a session by its name."""
        [name] = message.body
        if name not in ("1", "auto", "self") or (name == "self" and self.no_session):
            raise Fault("org.freedesktop.login1.NoSuchSession", f"No session '{name}' known")
        return "o", (SESSION_PATH,)

    def get_session_by_pid(self, _: Message) -> Answer:
        """Finds the session of a process."""
        if self.no_session:
            raise Fault("org.freedesktop.login1.NoSessionForPID", "PID does not belong to any known session")
        return "o", (SESSION_PATH,)

    def inhibit(self, message: Message) -> Answer:
        """Gives out one end of a pipe; closing it lets go."""
        what, who, why, mode = message.body
        pid = int(self.service.ask(message_bus.GetConnectionUnixProcessID(sender(message)))[0])
        ours, theirs = os.pipe()
        self.inhibitors.append(Inhibitor(what, who, why, mode, pid, ours))
        # Our copy of their end is closed as soon as it is on its way.
        self.service.after = lambda: os.close(theirs)
        return "h", (theirs,)

    def list_inhibitors(self, _: Message) -> Answer:
        """Lists those that are held."""
        for one in self.inhibitors:
            one.look()
        held = [one for one in self.inhibitors if one.released_at is None]
        return "a(ssssuu)", ([(one.what, one.who, one.why, one.mode, os.getuid(), one.pid) for one in held],)

    def signal(self, member: str) -> None:
        """Sends Lock or Unlock to the session."""
        self.service.signal(SESSION_PATH, SESSION, member)

    def set(self, **values: bool | str) -> None:
        """Changes properties of the session and tells everyone, under its own path alone, as logind does."""
        changed: dict[str, Variant] = {
            name: ("b" if isinstance(value, bool) else "s", value) for name, value in values.items()
        }
        self.service.properties(AUTO_PATH, SESSION, changed)
        self.service.change(SESSION_PATH, SESSION, changed)

    def sleep(self, begins: bool) -> None:
        """Says that the machine goes to sleep, or that it woke up."""
        self.service.properties(PATH, MANAGER, {"PreparingForSleep": ("b", begins)})
        self.service.signal(PATH, MANAGER, "PrepareForSleep", "b", (begins,))


if __name__ == "__main__":
    Logind(sys.argv[2], "no-session" in sys.argv[3:]).service.serve(Path(sys.argv[1]))
