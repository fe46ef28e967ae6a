"""Moving in from ~/.aws: looked at and taken over in the window, and the plain keys taken out of the files."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

import ipc
import steps
from app import App
from aws import Key, Moto, aws_cli
from desktop import Desktop
from programs import DONE, FAILED, Programs, cli_binary

ACCOUNT = "310594827163"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
TITLE = "Move in from AWS files"
QUESTION = "move-in.sh wants keys out of a file"


@dataclass(frozen=True)
class AwsFiles:
    """The two files of ~/.aws, and the key in them."""

    config: Path
    credentials: Path
    key: Key


@pytest.fixture
def programs(desktop: Desktop) -> Iterator[Programs]:
    """A terminal on the desktop."""
    if not cli_binary().exists():
        pytest.fail(f"{cli_binary()} is not built; `make test` builds it")
    made = Programs(desktop)
    yield made
    made.close()


def write_files(home: Path, key: Key) -> AwsFiles:
    """Writes ~/.aws as somebody has it who never used a vault: with comments, and with line ends of Windows."""
    folder = home / ".aws"
    folder.mkdir()
    files = AwsFiles(folder / "config", folder / "credentials", key)
    files.config.write_text(
        "# keep me\n[profile work]\nregion = eu-west-1\n\n"
        f"[profile deploy]\nrole_arn = {ROLE}\nsource_profile = work\nregion = eu-central-1\n"
    )
    lines = ("# my keys", "[work]", f"aws_access_key_id = {key.id}", f"aws_secret_access_key = {key.secret}")
    other = ("; of nobody", "[other]", "aws_access_key_id = AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key = short")
    files.credentials.write_bytes("\r\n".join((*lines, *other, "")).encode())
    files.credentials.chmod(0o640)
    return files


@pytest.fixture
def files(unlocked: App, programs: Programs, moto: Moto, tmp_path: Path) -> AwsFiles:
    """The files of a user of an account that the vault has, so that moto is asked whose the key is."""
    endpoints = {"sts": moto.endpoint, "iam": None, "sign_in": None}
    ipc.save_account(unlocked, ACCOUNT, "Larkspur Staging", endpoints=endpoints)
    return write_files(programs.home, moto.user_with_key(tmp_path.name[:60], ACCOUNT))


def below(folder: Path) -> bytes:
    """Returns all that stands in the files of a folder."""
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def open_from_settings(app: App) -> None:
    """Opens the dialog from the settings."""
    app.press(Keys.CONTROL, ",")
    app.click("button", "Move in")
    steps.dialog(app, TITLE)


def test_the_home_folder_moves_in_and_its_keys_leave_the_file(unlocked: App, files: AwsFiles) -> None:
    app = unlocked
    before = files.config.read_bytes()
    open_from_settings(app)
    app.click("button", "Look into ~/.aws")
    app.wait_for_text("~/.aws/credentials", 60)
    shown = steps.dialog(app, TITLE).get_property("innerText")
    for text in (files.key.id, "deploy", "[work]"):
        assert text in shown, (text, shown)
    assert files.key.secret not in app.driver.page_source
    assert app.violations() == []
    app.click("button", "Import")
    app.find("list", "Files with keys in plain text", secs=60)
    assert files.key.secret.encode() in files.credentials.read_bytes(), "nothing leaves before somebody says so"
    app.click("button", "Take the keys out")
    app.wait_for_text("Out of ~/.aws/credentials", 20)
    app.wait_for_text("undercroft configure work")
    app.click("button", "Done")
    steps.until_closed(app, TITLE)

    left = files.credentials.read_bytes()
    assert left.startswith(b"# my keys\r\n") and files.key.id.encode() not in left
    assert b"; of nobody\r\n[other]\r\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\r\n" in left
    assert stat.S_IMODE(files.credentials.stat().st_mode) == 0o640
    assert files.config.read_bytes() == before
    assert files.key.secret.encode() not in below(files.config.parent)
    steps.open_account(app, "Larkspur Staging")
    for name in ("work", "deploy"):
        app.find("option", name)


def test_a_console_csv_is_chosen_and_taken_over(unlocked: App, moto: Moto, tmp_path: Path) -> None:
    app = unlocked
    key = moto.user_with_key(tmp_path.name[:60], ACCOUNT)
    endpoints = {"sts": moto.endpoint, "iam": None, "sign_in": None}
    ipc.save_account(app, ACCOUNT, "Larkspur Staging", alias="larkspur", endpoints=endpoints)
    table = tmp_path / "ada_accessKeys.csv"
    columns = "User name,Access key ID,Secret access key,Console login link"
    link = "https://larkspur.signin.aws.amazon.com/console"
    table.write_text(f"{columns}\n{key.user},{key.id},{key.secret},{link}\n")
    open_from_settings(app)
    app.click("button", "Choose files")
    steps.answer_dialog(app, "Choose AWS files", table)
    app.wait_for_text(key.id, 60)
    app.click("button", "Import")
    app.wait_for_text("were imported", 60)
    assert not app.is_shown("button", "Take the keys out"), "a CSV is no file of ~/.aws"
    app.click("button", "Done")
    steps.until_closed(app, TITLE)
    steps.open_account(app, "Larkspur Staging")
    app.find("option", key.user)


def test_a_program_takes_keys_out_only_after_a_yes_in_the_window(
    unlocked: App, programs: Programs, files: AwsFiles, moto: Moto
) -> None:
    app = unlocked
    words = f"undercroft import --take-out {files.config} {files.credentials}"
    script = programs.script("move-in.sh", words, "exit $?")
    before = files.credentials.read_bytes()
    asking = programs.start(script)
    shown = steps.dialog(app, QUESTION).get_property("innerText")
    for text in (str(files.credentials), "[work]", "move-in.sh"):
        assert text in shown, (text, shown)
    assert app.violations() == []
    for button in ("Until lock", "10 minutes", "Once"):
        assert not app.is_shown("button", button)
    app.click("button", "Deny")
    steps.until_closed(app, QUESTION)
    denied = asking.wait()
    assert (denied.returncode, "denied" in denied.stderr) == (FAILED, True), denied.stderr
    assert files.credentials.read_bytes() == before

    asking = programs.start(script)
    steps.dialog(app, QUESTION)
    app.click("button", "Take out")
    steps.until_closed(app, QUESTION)
    done = asking.wait()
    assert done.returncode == DONE, done.stderr
    assert "-aws_secret_access_key = ****" in done.stdout
    assert files.key.secret not in done.stdout + done.stderr

    # AWS's own program goes on with both profiles, and the secret is nowhere below ~/.aws.
    configured = programs.run("configure", "--replace", "work", "deploy")
    assert configured.returncode == DONE, configured.stderr
    env = {name: programs.env[name] for name in ("PATH", "XDG_RUNTIME_DIR")} | {"HOME": str(programs.home)}
    call = ["--endpoint-url", moto.endpoint, "sts", "get-caller-identity", "--output", "json"]
    # To moto any session token is a user's.
    for profile, arn in (("work", "arn:aws:sts::"), ("deploy", ":assumed-role/deploy/")):
        ran = aws_cli(["--profile", profile, *call], env, programs.home)
        assert ran.returncode == 0, ran.stderr
        assert arn in json.loads(ran.stdout)["Arn"]
    assert files.key.secret.encode() not in below(files.config.parent)
    assert len(os.listdir(files.config.parent)) == 3, "the two files, and the backup of config"
