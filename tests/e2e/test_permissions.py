"""Each window's page may call its own commands and no other's."""

from __future__ import annotations

import re

import pytest

import ipc
from app import App
from desktop import PROJECT

pytestmark = pytest.mark.slow

LISTED = (PROJECT / "src-tauri" / "src" / "commands" / "list.rs").read_text()
FOREIGN = (
    "plugin:shell|execute",
    "plugin:fs|read_file",
    "plugin:event|emit",
    "plugin:webview|create_webview_window",
    "no_such_command",
)


def commands_of(name: str) -> list[str]:
    """Reads the list of commands of one window out of the source."""
    found = re.search(rf"const {name}: &\[&str\] = &\[(.*?)\];", LISTED, re.DOTALL)
    assert found
    return re.findall(r'"([a-z_]+)"', found[1])


def assert_refused(app: App, command: str) -> None:
    """Calls a command without its arguments and asserts that access control, not its code, answers."""
    with pytest.raises(ipc.Refused) as told:
        ipc.call(app, command)
    said = str(told.value.problem)
    assert "not allowed" in said or "not found" in said, f"{command}: {said}"


def test_no_page_can_call_the_commands_of_the_other(unlocked: App) -> None:
    app = unlocked
    assert commands_of("MAIN") and commands_of("PASSWORD")
    assert "vault" in ipc.call(app, "overview")
    assert isinstance(ipc.call(app, "sealing_key"), str)
    for command in [*commands_of("PASSWORD"), *FOREIGN]:
        assert_refused(app, command)


def test_the_password_window_can_call_nothing_of_the_vault(locked: App) -> None:
    app = locked
    assert "vault" in ipc.call(app, "password_window")
    for command in [*commands_of("MAIN"), *FOREIGN]:
        assert_refused(app, command)
