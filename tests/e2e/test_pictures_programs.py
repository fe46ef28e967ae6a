"""What the window shows of other programs: the question, the log of who asked, and an agent that has the vault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

import steps
from album import Album
from app import App
from aws import Moto
from conftest import MadeVault
from desktop import Desktop
from programs import DONE, Programs
from test_programs import PRODUCTION, QUESTION, ask_from_script, file_production

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(params=["light", "dark", "small"])
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desktop(tmp_path: Path, look: str) -> Iterator[Desktop]:
    with Desktop(tmp_path / "desktop", size=(1220, 820), dark=look == "dark") as made:
        yield made


def test_places_of_programs(unlocked: App, programs: Programs, moto: Moto, look: str) -> None:
    app = unlocked
    file_production(app, moto.user_with_key(f"ines.programs.{look}", PRODUCTION), moto)
    album = Album(app, look)
    if look == "small":
        app.driver.set_window_size(720, 480)
        app.wait_for("the small window", lambda: app.driver.execute_script("return innerWidth") <= 740)
    steps.open_account(app, "Larkspur Production")
    denied = ask_from_script(programs)
    steps.dialog(app, QUESTION)
    album.take("approval")
    app.click("button", "Deny")
    steps.until_closed(app, QUESTION)
    denied.wait()
    app.wait_for("the message to go", lambda: "was denied" not in app.text(), 30)
    allowed = ask_from_script(programs)
    steps.dialog(app, QUESTION)
    app.click("button", "Once")
    steps.until_closed(app, QUESTION)
    assert allowed.wait().returncode == DONE
    assert programs.run("credential-process", "nobody").returncode == 4
    app.click("button", "Activity")
    app.click("option", "deploy.sh")
    app.wait_for("the message to go", lambda: "this once" not in app.text(), 30)
    album.take("activity")
    album.close()


def test_taking_over(
    start: Callable[..., App], programs: Programs, vault_path: Path, made_vault: MadeVault, look: str
) -> None:
    vault_path.write_bytes(made_vault.content)
    programs.agent(vault_path)
    app = start(env={"UNDERCROFT_VAULT": str(vault_path)}).window("password", steps.SLOW_SECS)
    album = Album(app, look)
    if look == "small":
        app.driver.set_window_size(400, 420)
    app.type("Master password", steps.MASTER_PASSWORD)
    app.press(Keys.ENTER)
    app.find("button", "Take over from the agent", secs=steps.SLOW_SECS)
    album.take("agent-has-the-vault")
    album.close()
