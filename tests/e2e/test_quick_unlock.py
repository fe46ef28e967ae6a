"""Quick unlock: the key in the kernel's keyring, the other half in its file, and both gone when they should be."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

import steps
from app import App
from conftest import MadeVault
from memory_search import occurrences
from processes import family

pytestmark = pytest.mark.slow

NEW_PASSWORD = "copper lantern orbit walnut 37"
# The numbers of keyctl(2): its operations, its names for keyrings, and the call itself on each architecture.
GET_KEYRING_ID, JOIN_SESSION_KEYRING, DESCRIBE, READ = 0, 1, 6, 11
SESSION_KEYRING, USER_SESSION_KEYRING = -3, -5
KEYCTL_CALL = {"x86_64": 250, "aarch64": 219}


def keyctl(operation: int, *arguments: object) -> int:
    """Calls keyctl(2)."""
    library = ctypes.CDLL(None, use_errno=True)
    number = KEYCTL_CALL[os.uname().machine]
    answer = int(library.syscall(ctypes.c_long(number), ctypes.c_long(operation), *arguments))
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def keys() -> list[tuple[str, int]]:
    """Lists description and number of every key in the session's keyring."""
    buffer = (ctypes.c_int32 * 256)()
    size = keyctl(READ, ctypes.c_long(SESSION_KEYRING), buffer, ctypes.c_size_t(ctypes.sizeof(buffer)))
    found = []
    for key in buffer[: size // ctypes.sizeof(ctypes.c_int32)]:
        text = ctypes.create_string_buffer(512)
        keyctl(DESCRIBE, ctypes.c_long(key), text, ctypes.c_size_t(len(text)))
        found.append((text.value.decode().split(";")[-1], key))
    return found


def quick_keys() -> dict[str, bytes]:
    """Returns the quick keys that the kernel holds, by vault id."""
    found = {}
    for description, key in keys():
        if description.startswith("undercroft quick key "):
            content = ctypes.create_string_buffer(64)
            size = keyctl(READ, ctypes.c_long(key), content, ctypes.c_size_t(len(content)))
            found[description.split()[-1]] = content.raw[:size]
    return found


@pytest.fixture
def login_session() -> Iterator[None]:
    """A session keyring of this test's own, which the programs that it starts inherit, as a login gives one."""
    if os.uname().machine not in KEYCTL_CALL:
        pytest.skip("the number of keyctl(2) is not known here")
    try:
        keyctl(JOIN_SESSION_KEYRING, None)
    except OSError as fault:
        pytest.skip(f"this kernel or sandbox has no keyrings: {fault}")
    assert keyctl(GET_KEYRING_ID, ctypes.c_long(SESSION_KEYRING), 0) != keyctl(
        GET_KEYRING_ID, ctypes.c_long(USER_SESSION_KEYRING), 0
    )
    yield
    # The next one joins another; the keyring of this test goes with its last process.
    keyctl(JOIN_SESSION_KEYRING, None)


@pytest.fixture
def started(login_session: None, start: Callable[..., App], vault_path: Path, made_vault: MadeVault) -> App:
    """The app in front of its open vault, in a login session of its own."""
    vault_path.write_bytes(made_vault.content)
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    steps.unlock(app)
    return app


def quick_files(app: App) -> list[Path]:
    """Lists the files of quick unlock."""
    return list(Path(app.desktop.env["XDG_STATE_HOME"]).rglob("*.quick"))


def switch(app: App) -> None:
    """Opens the settings and clicks the switch."""
    app.window("main")
    if not app.is_shown("switch", "Quick unlock until I log out"):
        app.press(Keys.CONTROL, ",")
    app.click("switch", "Quick unlock until I log out")


def switch_on(app: App, password: str = steps.MASTER_PASSWORD) -> None:
    """Switches quick unlock on, with the password that it asks for; ends in the main window."""
    switch(app)
    app.window("password", steps.SLOW_SECS)
    app.wait_for_text("any program that runs as you")
    app.type("Master password", password)
    app.click("button", "Switch quick unlock on")
    app.wait_until_gone("password", steps.SLOW_SECS)
    app.window("main")
    app.wait_for("quick unlock to be on", lambda: is_on(app))


def is_on(app: App) -> bool:
    """Says whether the switch is on."""
    shown = app.all("switch", "Quick unlock until I log out")
    return bool(shown) and shown[0].get_attribute("aria-checked") == "true"


def unlock_quickly(app: App) -> None:
    """Unlocks by the one key that is asked for; ends in the main window."""
    app.window("password", steps.SLOW_SECS)
    app.find("button", "Quick unlock")
    assert app.focused() == ("button", "Quick unlock")
    app.press(Keys.ENTER)
    app.window("main", steps.SLOW_SECS)
    app.wait_until_gone("password")


def asks_for_the_password(app: App) -> bool:
    """Says whether the unlock window offers nothing but the password and the recovery key."""
    app.window("password", steps.SLOW_SECS)
    app.find("textbox", "Master password")
    return not app.is_shown("button", "Quick unlock")


def test_one_key_unlocks_after_the_password_switched_it_on(
    started: App, start: Callable[..., App], vault_path: Path
) -> None:
    app = started
    assert quick_keys() == {} and quick_files(app) == []
    steps.lock(app)
    assert asks_for_the_password(app)
    steps.unlock(app)

    switch_on(app)
    (vault, key), *others = quick_keys().items()
    assert others == [] and len(key) == 32
    (sealed,) = quick_files(app)
    assert sealed.name == f"{vault}.quick"
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert key not in sealed.read_bytes()

    steps.lock(app)
    app.wait_for_text("Anyone at this desktop can do that")
    assert app.violations() == []
    unlock_quickly(app)
    assert quick_keys() == {vault: key}, "only a password makes a new key"
    steps.lock(app)
    steps.unlock(app)
    assert quick_keys()[vault] != key

    # Also after a new start of the program in the same login session.
    app.close()
    again = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    unlock_quickly(again)


def test_switching_it_off_leaves_neither_half(started: App) -> None:
    app = started
    switch_on(app)
    assert quick_keys() and quick_files(app)
    switch(app)
    app.wait_for("quick unlock to be off", lambda: not is_on(app))
    app.wait_for("both halves to be gone", lambda: not quick_keys() and not quick_files(app))
    assert [label for label, _ in app.windows()] == ["main"], "no password is asked for"
    steps.lock(app)
    assert asks_for_the_password(app)


def test_a_new_password_forgets_it_until_that_is_typed(started: App) -> None:
    app = started
    switch_on(app)
    app.click("button", "Change password")
    app.window("password", steps.SLOW_SECS)
    app.type("Present master password", steps.MASTER_PASSWORD)
    app.type("New master password", NEW_PASSWORD)
    app.type("The same again", NEW_PASSWORD)
    app.click("button", "Change the password")
    app.wait_until_gone("password", steps.SLOW_SECS)
    app.window("main")
    assert not quick_keys() and not quick_files(app)
    steps.lock(app)
    assert asks_for_the_password(app)
    steps.unlock(app, NEW_PASSWORD)
    steps.lock(app)
    unlock_quickly(app)


def test_logging_out_ends_it(started: App, start: Callable[..., App], vault_path: Path) -> None:
    app = started
    switch_on(app)
    app.close()
    # The next program is started in another login session.
    keyctl(JOIN_SESSION_KEYRING, None)
    again = start(env={"UNDERCROFT_VAULT": str(vault_path)})
    assert asks_for_the_password(again)
    steps.unlock(again)
    steps.lock(again)
    unlock_quickly(again)


def test_it_stands_for_no_password(started: App) -> None:
    app = started
    switch_on(app)
    steps.lock(app)
    unlock_quickly(app)
    app.press(Keys.CONTROL, ",")
    app.click("button", "New recovery key")
    app.window("password", steps.SLOW_SECS)
    app.type("Master password", "not the password")
    app.click("button", "Make a new recovery key")
    field = app.find("textbox", "Master password")
    message = app.wait_for("the message", lambda: app.field_error(field), steps.SLOW_SECS)
    assert "not the master password" in message


@pytest.mark.skipif(os.geteuid() != 0, reason="another process's memory is read by root alone")
def test_the_key_is_in_the_kernel_and_in_no_process(started: App) -> None:
    app = started
    switch_on(app)
    steps.lock(app)
    unlock_quickly(app)
    (key,) = quick_keys().values()
    assert occurrences(os.getpid(), {key}) > 0, "the search does not find what is there"

    def is_nowhere() -> bool:
        return not any(occurrences(pid, {key}) for pid in family(app.pid()))

    app.wait_for("the key to be in no process while unlocked", is_nowhere, 20)
    steps.lock(app)
    app.wait_for("the key to be in no process after locking", is_nowhere, 20)
