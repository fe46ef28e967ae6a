"""The stand-ins for the desktop's services, tried on programs that are not the app."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jeepney import DBusAddress, HeaderFields, MatchRule, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

from bus_service import PROPERTIES
from desktop import Desktop
from logind import Logind
from logind_stand_in import AUTO_PATH, MANAGER, SESSION, SESSION_PATH
from logind_stand_in import NAME as LOGIND
from logind_stand_in import PATH as LOGIND_PATH
from notification_daemon import NAME as NOTIFICATIONS
from notification_daemon import PATH as NOTIFICATIONS_PATH
from notifications import Notifications
from screen_saver import FREEDESKTOP, GNOME, ScreenSaver
from screen_saver_stand_in import PATHS
from stand_in import PYTHON, SCRIPTS, Bus, BusFault, until
from steps import wait_for_file
from tray import SEPARATOR, Entry, Tray, under


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """One desktop for all tests here that leave nothing on it."""
    with Desktop(tmp_path_factory.mktemp("stand-ins") / "desktop") as made:
        yield made


@pytest.fixture
def item_folder(tmp_path: Path) -> Path:
    """Where the example item writes."""
    folder = tmp_path / "item"
    folder.mkdir()
    return folder


def start_item(desktop: Desktop, folder: Path) -> None:
    """Starts the example item."""
    desktop.start([PYTHON, SCRIPTS / "example_item.py", folder])
    wait_for_file(folder / "ready")


def done(folder: Path) -> list[str]:
    """Lists what was done to the example item."""
    return (folder / "done").read_text().splitlines()


def test_a_menu_is_read_and_clicked(desktop: Desktop, item_folder: Path) -> None:
    tray = Tray(desktop).start()
    start_item(desktop, item_folder)
    assert tray.title == "Example 0"
    assert tray.tooltip == "Example\nlocked"
    before = tray.icon()
    assert (before.width, before.height, len(before.argb)) == (2, 2, 16)
    tray.activate()
    assert tray.outline() == ["Change", SEPARATOR, ("a_b & c", ["Copy this", "Copy that"])]
    assert tray.labels() == ["Change", "a_b & c", "Copy this", "Copy that"]
    tray.click("a_b", "Copy this")
    tray.click(lambda label: label.endswith("& c"), "Copy this")
    with pytest.raises(AssertionError, match="greyed out"):
        tray.click("a_b", "Copy that")
    with pytest.raises(AssertionError, match="is any of"):
        tray.click("a_b", "Copy")
    with pytest.raises(AssertionError, match="hidden"):
        tray.click("hidden", secs=0.2)
    stale = tray.menu()
    tray.click("Change")
    assert tray.icon() != before
    assert tray.title == "Example 1"
    assert [entry.id for entry in tray.menu()] != [entry.id for entry in stale]
    until("the signals", lambda: tray.signals() == ["NewIcon", "LayoutUpdated"])
    assert done(item_folder) == ["activate", "clicked 3", "clicked 3", "clicked 1"]


def test_a_click_on_a_menu_that_changed_meanwhile_is_counted(
    desktop: Desktop, item_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tray = Tray(desktop).start()
    start_item(desktop, item_folder)
    stale = under(tray.menu(), "a_b", "Copy this")
    assert stale
    tray.click("Change")
    found = [stale]

    def find(*steps: str, secs: float = 10) -> Entry:
        fresh = under(tray.menu(), *steps)
        assert fresh
        return found.pop() if found else fresh

    monkeypatch.setattr(tray, "find", find)
    tray.click("a_b", "Copy this")
    assert tray.lost_clicks == 1
    assert done(item_folder) == ["clicked 1", "clicked 13"]


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_the_tray_comes_later_and_again(desktop: Desktop, item_folder: Path, how: str) -> None:
    tray = Tray(desktop)
    start_item(desktop, item_folder)
    assert not tray.bus.has_owner(tray.name)
    tray.start()
    owner, _ = tray.item()
    getattr(tray, how)()
    assert not tray.bus.has_owner(tray.name)
    tray.start()
    assert tray.item() == (owner, "/StatusNotifierItem")


def test_an_item_that_ends_leaves_the_tray(desktop: Desktop, item_folder: Path) -> None:
    tray = Tray(desktop).start()
    item = desktop.start([PYTHON, SCRIPTS / "example_item.py", item_folder])
    tray.item()
    item.kill()
    tray.wait_until_gone()
    item.wait()


def test_a_slow_tray_answers_late(desktop: Desktop) -> None:
    tray = Tray(desktop).start(slow_secs=0.5)
    before = time.monotonic()
    assert tray.items() == []
    assert 0.5 <= time.monotonic() - before < 5


def test_an_item_may_name_its_path_alone(desktop: Desktop) -> None:
    tray = Tray(desktop).start()
    panel = Bus(desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    panel.call(tray.name, "/StatusNotifierWatcher", tray.name, "RegisterStatusNotifierItem", "s", ("/an/item",))
    [(owner, path)] = tray.items()
    assert (owner[0], path) == (":", "/an/item")
    panel.close()
    tray.wait_until_gone()


def test_notifications_are_written_down(shared: Desktop) -> None:
    notifications = Notifications(shared).start(actions=True)
    bus = Bus(shared.env["DBUS_SESSION_BUS_ADDRESS"])
    owner = (NOTIFICATIONS, NOTIFICATIONS_PATH, NOTIFICATIONS)
    assert bus.call(*owner, "GetCapabilities") == (["body", "actions"],)
    assert bus.call(*owner, "GetServerInformation")[0] == "stand-in"
    hints = {
        "urgency": ("y", 1),
        "transient": ("b", True),
        "image-data": ("(iiibiiay)", (1, 1, 4, True, 8, 4, b"abcd")),
    }
    first = ("Undercroft", 0, "", "Copied", "of ada", ["lock", "Lock"], hints, 5000)
    assert bus.call(*owner, "Notify", "susssasa{sv}i", first) == (1,)
    second = ("Undercroft", 1, "", "Copied", "of grace", [], {}, -1)
    assert bus.call(*owner, "Notify", "susssasa{sv}i", second) == (1,)
    bus.call(*owner, "CloseNotification", "u", (1,))
    shown, changed = notifications.all()
    assert (shown.summary, shown.actions, shown.timeout_ms) == ("Copied", ["lock", "Lock"], 5000)
    assert shown.hints == {"urgency": 1, "transient": True, "image-data": None}
    assert notifications.wait_for(lambda one: "grace" in one.body) == changed
    assert changed.replaces_id == 1
    assert notifications.closed() == [1]
    with pytest.raises(AssertionError, match="of grace"):
        notifications.wait_for(lambda one: "nobody" in one.body, secs=0.1)


def test_an_inhibitor_is_held_until_its_descriptor_is_closed(desktop: Desktop) -> None:
    logind = Logind(desktop)
    assert logind.inhibitors() == []
    holder = open_dbus_connection(logind.address, enable_fds=True)
    manager = DBusAddress(LOGIND_PATH, LOGIND, MANAGER)
    ask = new_method_call(manager, "Inhibit", "ssss", ("sleep", "Undercroft", "to lock", "delay"))
    [lock] = holder.send_and_get_reply(ask, timeout=10).body
    [held] = logind.held()
    assert (held.what, held.who, held.mode, held.pid) == ("sleep", "Undercroft", "delay", os.getpid())
    lock.close()
    logind.wait_until_held(False)
    assert logind.inhibitors()[0].released_at
    holder.close()


def test_the_session_is_found_and_says_what_happens(desktop: Desktop) -> None:
    logind = Logind(desktop)
    bus = Bus(logind.address)
    manager = (LOGIND, LOGIND_PATH, MANAGER)
    assert bus.call(*manager, "GetSessionByPID", "u", (os.getpid(),)) == (SESSION_PATH,)
    assert bus.call(*manager, "GetSession", "s", ("1",)) == (SESSION_PATH,)
    assert bus.call(*manager, "ListSessions")[0][0][4] == SESSION_PATH
    listener = open_dbus_connection(logind.address)
    listener.send_and_get_reply(message_bus.AddMatch(MatchRule(type="signal", sender=LOGIND)), timeout=10)
    logind.lock_session()
    logind.locked_hint(True)
    logind.prepare_for_sleep(True)
    logind.deactivate()
    wanted = ("Lock", "PropertiesChanged", "PrepareForSleep")
    got = []
    while len(got) < 4:
        message = listener.receive(timeout=10)
        if message.header.fields.get(HeaderFields.member) in wanted:
            got.append((message.header.fields[HeaderFields.path], message.body))
    listener.close()
    assert got == [
        (SESSION_PATH, ()),
        (SESSION_PATH, (SESSION, {"LockedHint": ("b", True)}, [])),
        (LOGIND_PATH, (True,)),
        (SESSION_PATH, (SESSION, {"Active": ("b", False), "State": ("s", "online")}, [])),
    ]
    for path in (SESSION_PATH, AUTO_PATH):
        assert bus.property(LOGIND, path, SESSION, "Active") is False
        [values] = bus.call(LOGIND, path, PROPERTIES, "GetAll", "s", (SESSION,))
        assert values["LockedHint"] == ("b", True)


def test_a_process_may_belong_to_no_session(desktop: Desktop) -> None:
    logind = Logind(desktop, no_session_for_pid=True)
    with pytest.raises(BusFault, match="NoSessionForPID"):
        logind.bus.call(LOGIND, LOGIND_PATH, MANAGER, "GetSessionByPID", "u", (os.getpid(),))
    [user] = logind.bus.call(LOGIND, LOGIND_PATH, MANAGER, "GetUser", "u", (os.getuid(),))
    display = logind.bus.property(LOGIND, user, "org.freedesktop.login1.User", "Display")
    assert display == ("1", SESSION_PATH)


@pytest.mark.parametrize("name", [FREEDESKTOP, GNOME])
def test_the_screen_saver_says_that_it_is_active(desktop: Desktop, name: str) -> None:
    saver = ScreenSaver(desktop)
    listener = open_dbus_connection(desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    rule = MatchRule(type="signal", interface=name, member="ActiveChanged", path=PATHS[name])
    listener.send_and_get_reply(message_bus.AddMatch(rule), timeout=10)
    assert saver.bus.call(name, PATHS[name], name, "GetActive") == (False,)
    saver.active(True, name)
    while True:
        message = listener.receive(timeout=10)
        if message.header.fields.get(HeaderFields.member) == "ActiveChanged":
            break
    assert message.body == (True,)
    assert saver.bus.call(name, PATHS[name], name, "GetActive") == (True,)
    listener.close()
