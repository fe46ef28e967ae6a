"""logind as the app sees it, on a system bus of its own."""

from __future__ import annotations

from dataclasses import dataclass

from desktop import Desktop, DesktopError
from logind_stand_in import NAME
from patience import comes
from stand_in import StandIn, until

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@dataclass(frozen=True)
class Inhibitor:
    """A lock on sleeping or shutting down, and whether its holder still holds it."""

    what: str
    who: str
    why: str
    mode: str
    pid: int
    held: bool
    released_at: float | None


class Logind(StandIn):
    """A logind with one session. The app finds it when it is started with `env=logind.env`."""

    def __init__(self, desktop: Desktop, *, no_session_for_pid: bool = False) -> None:
        socket = desktop.folder / "system-bus"
        self.address = f"unix:path={socket}"
        config = desktop.folder / "system-bus.conf"
        config.write_text(CONFIG.format(socket=socket))
        desktop.start(["dbus-daemon", f"--config-file={config}", "--nofork"])
        if not comes(socket.exists, 20):
            raise DesktopError(f"the system bus did not start: {desktop.log('dbus-daemon')}")
        super().__init__(desktop, "logind_stand_in.py", NAME, address=self.address)
        self._words = [self.address, *(["no-session"] if no_session_for_pid else [])]
        # What leads a program to this bus and, where the desktop starts programs itself, to the session.
        self.env = {"DBUS_SYSTEM_BUS_ADDRESS": self.address}
        if not no_session_for_pid:
            self.env["XDG_SESSION_ID"] = "1"
        self.start()

    def start(self) -> None:
        """Comes up on its bus, which is there already; after a restart it knows of no lock given out before."""
        self.start_process(*self._words)

    def lock_session(self) -> None:
        """Asks the session to lock its screen, as `loginctl lock-session` does."""
        self.tell("signal", member="Lock")

    def unlock_session(self) -> None:
        """Asks the session to unlock its screen."""
        self.tell("signal", member="Unlock")

    def locked_hint(self, locked: bool) -> None:
        """Says that the desktop shows its lock screen, or no longer."""
        self.tell("set", LockedHint=locked)

    def prepare_for_sleep(self, begins: bool) -> None:
        """Says that the machine goes to sleep, or that it woke up."""
        self.tell("sleep", begins=begins)

    def deactivate(self) -> None:
        """Turns the seat to another user."""
        self.tell("set", Active=False, State="online")

    def activate(self) -> None:
        """Turns the seat back."""
        self.tell("set", Active=True, State="active")

    def inhibitors(self) -> list[Inhibitor]:
        """Lists every lock that was given out, the oldest first, those that are held no longer too."""
        return [Inhibitor(**one) for one in self.tell("inhibitors")]

    def held(self) -> list[Inhibitor]:
        """Lists the locks that are held now."""
        return [one for one in self.inhibitors() if one.held]

    def wait_until_held(self, held: bool, secs: float = 10) -> None:
        """Waits until anyone holds a lock, or nobody does."""
        until(f"an inhibitor to be {'held' if held else 'released'}", lambda: bool(self.held()) is held, secs)
