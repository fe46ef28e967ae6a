"""Moving in from ~/.aws, light and dark, large and small."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import ipc
import steps
from album import Album
from app import App
from aws import Moto
from desktop import Desktop
from programs import Programs
from test_move_in import ACCOUNT, QUESTION, TITLE, write_files

pytestmark = [pytest.mark.pictures, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(params=["light", "dark", "small"])
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desktop(tmp_path: Path, look: str) -> Iterator[Desktop]:
    with Desktop(tmp_path / "desktop", size=(1220, 820), dark=look == "dark") as made:
        yield made


def test_moving_in(unlocked: App, desktop: Desktop, moto: Moto, look: str) -> None:
    app, programs = unlocked, Programs(desktop)
    album = Album(app, look)
    if look == "small":
        app.driver.set_window_size(720, 480)
        app.wait_for("the small window", lambda: app.driver.execute_script("return innerWidth") <= 740)
    album.take("beginning")
    endpoints = {"sts": moto.endpoint, "iam": None, "sign_in": None}
    ipc.save_account(app, ACCOUNT, "Larkspur Staging", endpoints=endpoints, colour="orange")
    files = write_files(programs.home, moto.user_with_key(f"ines.{look}.files", ACCOUNT))
    app.press("\ue009", ",")
    app.click("button", "Move in")
    steps.dialog(app, TITLE)
    album.take("aws-files-choose")
    app.click("button", "Look into ~/.aws")
    app.wait_for_text("~/.aws/credentials", 60)
    album.take("aws-files-preview")
    app.click("button", "Import")
    app.find("list", "Files with keys in plain text", secs=60)
    album.take("aws-files-offer")
    asking = programs.start(
        programs.script("move-in.sh", f"undercroft import --take-out {files.credentials}", "exit $?")
    )
    steps.dialog(app, QUESTION)
    album.take("approval-take-out")
    app.click("button", "Deny")
    steps.until_closed(app, QUESTION)
    asking.wait()
    app.wait_for("the message to go", lambda: "was denied" not in app.text(), 30)
    app.click("button", "Take the keys out")
    app.wait_for_text("Out of ~/.aws/credentials", 20)
    album.take("aws-files-done")
    programs.close()
    album.close()
