"""What is done with the tray's menu in the tests: an unlocked app beside a panel, and clicks on an identity's entries."""

from __future__ import annotations

from dataclasses import dataclass

from bare_app import BareApp
from desktop import Desktop
from notifications import Notification, Notifications
from stand_in import until
from tray import Entry, Tray, under

# What this name is called in the menu, with its account's label.
ADA = ("ada", "Workshop")
BOB = ("bob", "Workshop")
ROOT = ("root user", "Payments (production)")
GRACE = ("grace", "Payments (production)")

PASSWORD_HINT = "x-kde-passwordManagerHint"


@dataclass(frozen=True)
class Panel:
    """An app in its tray, and all around it that shows what it does."""

    desktop: Desktop
    app: BareApp
    tray: Tray
    notifications: Notifications

    def path(self, identity: tuple[str, str]) -> tuple[str, ...]:
        """Returns the way to an identity's submenu: on the first level when it is pinned or recent."""
        name, account = identity
        first, nested = (f"{name} · {account}",), (account, name)

        def look() -> tuple[str, ...] | None:
            menu = self.tray.menu()
            return next((way for way in (first, nested) if _exact(menu, way)), None)

        return until(f"{identity} in the menu", look) or ()

    def entries(self, identity: tuple[str, str]) -> list[str]:
        """Lists what an identity's submenu offers."""
        return [entry.label for entry in self.tray.find(*self.path(identity)).children]

    def click(self, identity: tuple[str, str], entry: str) -> None:
        """Clicks an entry of an identity."""
        self.tray.click(*self.path(identity), entry)

    def copy(self, identity: tuple[str, str], entry: str, *, secs: float = 10) -> Notification:
        """Clicks an entry of an identity and returns the notification that says what was copied."""
        before = len(self.notifications.all())
        self.click(identity, entry)
        return self.notifications.wait_for(
            lambda one: "copied" in one.summary.lower(), after=before, secs=secs, what=f"{entry} to be answered"
        )

    def wait_for_clipboard(self, *texts: str, secs: float = 10) -> None:
        """Waits until the clipboard holds one of `texts`, without showing them where it does not."""
        until("the copied text on the clipboard", lambda: self.desktop.clipboard() in texts, secs)

    def is_marked_secret(self) -> bool:
        """Says whether a clipboard's history is asked to leave out what is on it."""
        return PASSWORD_HINT in self.desktop.clipboard_formats()


def _exact(menu: tuple[Entry, ...], way: tuple[str, ...]) -> bool:
    """Says whether a way of whole labels is there."""
    found = under(menu, *[lambda label, step=step: label == step for step in way])
    return found is not None
