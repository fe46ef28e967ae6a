"""The app takes a vault over from `undercroft agent`, or finds it free once the agent was killed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

import steps
from app import App
from conftest import MadeVault
from patience import comes_within
from programs import DONE, LOCKED, Programs, Running
from stand_in import until

pytestmark = pytest.mark.slow

OFFER = "Take over from the agent"


@pytest.fixture
def agent(programs: Programs, vault_path: Path, made_vault: MadeVault) -> Running:
    """An agent at the usual socket that has this test's vault open."""
    vault_path.write_bytes(made_vault.content)
    return programs.agent(vault_path)


@pytest.fixture
def waiting(agent: Running, start: Callable[..., App], vault_path: Path) -> App:
    """The app's password window, in front of a vault that the agent has."""
    return start(env={"UNDERCROFT_VAULT": str(vault_path)}).window("password", steps.SLOW_SECS)


def type_password(app: App) -> None:
    """Types the master password and Enter."""
    app.type("Master password", steps.MASTER_PASSWORD)
    app.press(Keys.ENTER)


def wait_for_offer(app: App) -> None:
    """Waits until the window offers to take over, with the keyboard on it."""
    app.find("button", OFFER, secs=steps.SLOW_SECS)
    app.wait_for("the keyboard on the offer", lambda: app.focused() == ("button", OFFER))


def is_served_by_app(programs: Programs) -> bool:
    """Says whether the app answers, and has the vault open. An agent says of itself that it hands over."""
    status = programs.status()
    return status["state"] == "unlocked" and "hands_over" not in status


def test_a_vault_is_taken_over_by_keyboard(waiting: App, agent: Running, programs: Programs) -> None:
    app = waiting
    type_password(app)
    wait_for_offer(app)
    app.find("alert")
    assert "next answers from here" in app.text()
    assert app.violations() == []
    # Nothing has happened to the agent yet. An empty vault has no profile.
    assert not agent.has_ended()
    assert programs.run("credential-process", "x").returncode == 4

    app.press(Keys.ENTER)
    app.window("main", steps.SLOW_SECS)
    # Sooner than the app looks for a free socket otherwise.
    began = time.monotonic()
    until("the app's answer", lambda: is_served_by_app(programs), 20)
    took = time.monotonic() - began
    assert took < 10, took
    ended = agent.wait()
    assert (ended.returncode, ended.stdout) == (DONE, "")
    assert ended.stderr.splitlines()[-1] == "handed over to the app"
    assert programs.run("credential-process", "x").returncode == 4


def test_programs_that_ask_meanwhile_never_hang(waiting: App, agent: Running, programs: Programs) -> None:
    app = waiting
    type_password(app)
    wait_for_offer(app)
    app.press(Keys.ENTER)
    codes = set()
    while not is_served_by_app(programs):
        asked = programs.run("credential-process", "x", secs=10)
        assert asked.stdout == ""
        codes.add(asked.returncode)
    # No such profile, from either; locked, or nobody there, in between.
    assert codes <= {4, LOCKED}, codes
    assert agent.wait().returncode == DONE
    app.window("main", steps.SLOW_SECS)


def test_a_recovery_key_takes_over_too(waiting: App, agent: Running, made_vault: MadeVault) -> None:
    app = waiting
    app.click("button", "Use recovery key")
    app.type("Recovery key", made_vault.recovery_key)
    app.press(Keys.ENTER)
    wait_for_offer(app)
    app.press(Keys.ENTER)
    app.find("textbox", "New master password", secs=steps.SLOW_SECS)
    assert agent.wait().returncode == DONE


def test_a_wrong_password_leaves_a_free_vault(waiting: App, agent: Running, programs: Programs) -> None:
    app = waiting
    app.type("Master password", "not the password at all 4")
    app.press(Keys.ENTER)
    wait_for_offer(app)
    app.press(Keys.ENTER)
    app.wait_for_text("does not open the vault", steps.SLOW_SECS)
    assert not app.is_shown("button", OFFER)
    assert agent.wait().returncode == DONE
    until("the app's answer", lambda: programs.status()["state"] == "locked", 20)
    type_password(app)
    app.window("main", steps.SLOW_SECS)


@pytest.mark.parametrize("is_offered", [True, False])
def test_a_killed_agent_leaves_a_free_vault(waiting: App, agent: Running, programs: Programs, is_offered: bool) -> None:
    app = waiting
    if is_offered:
        type_password(app)
        wait_for_offer(app)
    agent.kill()
    assert agent.wait().returncode < 0
    if is_offered:
        app.click("button", "Unlock")
    else:
        type_password(app)
    app.window("main", steps.SLOW_SECS)
    until("the app's answer", lambda: is_served_by_app(programs), 20)


def test_an_agent_at_another_socket_is_left_alone(
    start: Callable[..., App], programs: Programs, vault_path: Path, made_vault: MadeVault, tmp_path: Path
) -> None:
    vault_path.write_bytes(made_vault.content)
    # Short, since a socket's path has at most 107 bytes.
    elsewhere = programs.home / "a.sock"
    holder = programs.agent(vault_path, "--socket", elsewhere)
    other = tmp_path / "other.undercroft"
    other.write_bytes(made_vault.content)
    programs.agent(other)
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)}).window("password", steps.SLOW_SECS)
    type_password(app)
    app.wait_for_text("Another program has the vault open", steps.SLOW_SECS)
    assert not comes_within(lambda: app.is_shown("button", OFFER), 1)
    assert app.focused()[1] == "Master password"
    assert not holder.has_ended()


def test_an_agent_that_hangs_is_told_of(waiting: App, agent: Running) -> None:
    app = waiting
    type_password(app)
    wait_for_offer(app)
    agent.suspend()
    app.press(Keys.ENTER)
    app.wait_for_text("The agent did not let the vault go", 60)
    assert app.focused() == ("button", OFFER)
    assert not app.is_shown("button", "Waiting for the agent…")
    agent.kill()
    app.click("button", OFFER)
    app.window("main", steps.SLOW_SECS)
