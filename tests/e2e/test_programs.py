"""Other programs beside the app: they learn that it is locked, import, get credentials, are asked about and turned away."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import boto3
import pytest

import ipc
import steps
from app import App
from aws import Key, Moto, StrictSts, aws_cli
from bare_app import BareApp
from desktop import Desktop
from patience import comes_within
from programs import DONE, FAILED, LOCKED, Programs, Running
from stand_in import until
from tray import Tray

ACCOUNT = "123456789012"
PRODUCTION = "999988887777"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
QUESTION = "deploy.sh asks for release"
AWS = Path(sys.executable).with_name("aws")


def caller(credentials: Mapping[str, str], aws: Moto | StrictSts) -> str:
    """Asks AWS's stand-in who holds credentials in the shape of `credential_process`."""
    sts = boto3.client(
        "sts",
        endpoint_url=aws.endpoint,
        region_name="eu-west-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
    )
    return str(sts.get_caller_identity()["Arn"])


# A locked vault


def test_a_locked_vault_says_so_at_once_and_is_unlocked_and_locked_from_a_terminal(
    locked: App, programs: Programs
) -> None:
    status = programs.run("status")
    assert status.returncode == LOCKED
    assert status.stdout.startswith("locked"), status.stdout
    began = time.monotonic()
    asked = programs.run("credential-process", "x", secs=10)
    assert time.monotonic() - began < 10, "it is to fail at once"
    assert (asked.returncode, asked.stdout) == (LOCKED, ""), asked.stderr
    assert "locked" in asked.stderr

    unlocking = programs.ask("unlock")
    time.sleep(1)
    assert not unlocking.has_ended(), unlocking.wait().stderr
    steps.unlock(locked)
    done = unlocking.wait()
    assert (done.returncode, done.stdout) == (DONE, ""), done.stderr
    assert programs.run("status").returncode == DONE
    # Nothing was filed, so the vault knows no such profile: another number than a locked one's.
    assert programs.run("credential-process", "x").returncode == 4

    assert programs.run("lock").returncode == DONE
    locked.wait_until_gone("main")
    locked.window("password", steps.SLOW_SECS)
    assert programs.status()["state"] == "locked"


def test_unlocking_from_a_terminal_brings_the_password_window_out_of_the_tray(
    run_bare: Callable[..., BareApp], tray: Tray, programs: Programs
) -> None:
    tray.start()
    app = run_bare(args=["--background"])
    tray.wait_until_locked()
    assert app.password_window() is None
    unlocking = programs.ask("unlock")
    app.wait_for_password_window()
    app.unlock()
    assert unlocking.wait().returncode == DONE


# Import and use


@pytest.fixture
def aws_files(programs: Programs, moto: Moto) -> tuple[Path, Path]:
    """The pair of files in ~/.aws as somebody has them who never used a vault: a user's key, a role reached by it."""
    key = moto.user_with_key("ada-of-programs", ACCOUNT)
    folder = programs.home / ".aws"
    folder.mkdir()
    credentials, config = folder / "credentials", folder / "config"
    credentials.write_text(f"# my keys\n[work]\naws_access_key_id = {key.id}\naws_secret_access_key = {key.secret}\n")
    config.write_text(
        "# keep me\n[profile work]\nregion = eu-west-1\n\n"
        f"[profile deploy]\nrole_arn = {ROLE}\nsource_profile = work\nregion = eu-central-1\n"
    )
    return credentials, config


def test_files_are_imported_and_their_profiles_used_by_aws_clients(
    unlocked: App, programs: Programs, moto: Moto, aws_files: tuple[Path, Path]
) -> None:
    app = unlocked
    credentials, config = aws_files
    done = programs.answer("import", "--json", "--endpoint", moto.endpoint, credentials, config)
    new = [(item["kind"], item["name"]) for source in done for item in source["found"] if item["status"] == "new"]
    assert {kind for kind, _ in new} == {"account", "identity", "access-key", "profile"}, done
    assert [name for kind, name in new if kind == "profile"] == ["work", "deploy"], done
    assert [problem for source in done for problem in source["problems"]] == []

    # The window shows them without being asked to look again.
    app.click("option", ACCOUNT, secs=20)
    app.find("option", "ada-of-programs")
    for name in ("work", "deploy"):
        app.find("option", name)

    listed = {profile["name"]: profile for profile in programs.answer("ls", "--json")}
    assert {name: profile["kind"] for name, profile in listed.items()} == {"work": "session", "deploy": "role"}
    assert listed["deploy"]["account"]["id"] == ACCOUNT
    assert listed["deploy"]["session"] is None

    process = programs.answer("credential-process", "deploy")
    assert process["Version"] == 1
    assert caller(process, moto).startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/")

    # What would win over the app is named and left alone, until the vault's profile is to be in its place.
    refused = programs.run("configure", "deploy")
    assert (refused.returncode, "role_arn" in refused.stderr) == (FAILED, True), refused.stderr
    assert "--replace" in refused.stderr
    configured = programs.run("configure", "--replace", "deploy")
    assert configured.returncode == DONE, configured.stderr
    assert config.read_text().startswith("# keep me\n[profile work]\nregion = eu-west-1\n")
    assert config.read_text().count("region = eu-central-1") == 1, "the vault knew the profile's region"
    words = ["--endpoint-url", moto.endpoint, "sts", "get-caller-identity", "--output", "json"]
    env = {name: programs.env[name] for name in ("PATH", "XDG_RUNTIME_DIR")}
    through_profile = aws_cli(["--profile", "deploy", *words], env, programs.home)
    assert through_profile.returncode == 0, through_profile.stderr
    assert "assumed-role/deploy/" in json.loads(through_profile.stdout)["Arn"]

    # A server for the command's credentials, which it fetches while it runs.
    served = programs.run("exec", "--server", "deploy", "--", AWS, *words, secs=60)
    assert served.returncode == DONE, served.stderr
    assert "assumed-role/deploy/" in json.loads(served.stdout)["Arn"]

    app.click("button", "Sessions")
    app.find("article", "Session of deploy in")
    app.click("button", "Activity")
    # The newest first; a terminal's own `undercroft` was started by nobody.
    expected = [
        ("undercroft", "deploy", "From cache"),
        ("aws", "deploy", "From cache"),
        ("undercroft", "deploy", "Fetched"),
        ("undercroft", "credentials, config", "Given"),
    ]
    app.wait_for("who asked", lambda: activity(app) == expected, 20)


def activity(app: App) -> list[tuple[str, str, str]]:
    """Reads the place of activity: which program asked for what, and what came of it."""
    texts = [str(line.get_property("innerText")) for line in app.all("option", within=app.find("listbox", "Activity"))]
    lines = [[part.strip() for part in text.split("\n") if part.strip()] for text in texts]
    return [(who.partition(" · ")[0], of, outcome) for _, who, of, outcome in lines]


# Approval


@pytest.fixture
def production(unlocked: App, moto: Moto, tmp_path: Path) -> App:
    """A production account with a role profile, in the window."""
    # AWS allows a user two keys, so each test has a user of its own.
    file_production(unlocked, moto.user_with_key(tmp_path.name, PRODUCTION), moto)
    return unlocked


def file_production(app: App, key: Key, aws: Moto | StrictSts) -> str:
    """Files a production account with a user, her key, and a role; returns the user's item id."""
    endpoints = {"sts": aws.endpoint, "iam": None, "sign_in": None}
    changes = {"alias": "larkspur-prod", "colour": "red", "production": True, "endpoints": endpoints}
    account = ipc.save_account(app, PRODUCTION, "Larkspur Production", **changes)
    identity = ipc.save_identity(app, account, key.user)
    ipc.save_key(app, identity, key.id, key.secret)
    role = f"arn:aws:iam::{PRODUCTION}:role/release"
    ipc.save_profile(app, "release", "role", identity=identity, role=role)
    return identity


def ask_from_script(programs: Programs) -> Running:
    """Starts a script that asks for the profile, such as a deployment is."""
    lines = ("undercroft credential-process release", "exit $?")
    return programs.start(programs.script("deploy.sh", *lines))


def answer(app: App, button: str) -> None:
    """Answers the dialog, and waits until it is gone."""
    steps.dialog(app, QUESTION)
    app.click("button", button)
    steps.until_closed(app, QUESTION)


def test_a_question_names_who_asks_and_a_no_gives_nothing(production: App, programs: Programs) -> None:
    app = production
    asking = ask_from_script(programs)
    shown = steps.dialog(app, QUESTION).get_property("innerText")
    folder = str(programs.home)
    for text in ("PRODUCTION", "Larkspur Production", "role/release", f"{folder}/deploy.sh", f"\n{folder}\n"):
        assert text in shown, (text, shown)
    # Programs stand in the order in which one started the other.
    chain = steps.dialog(app, QUESTION).find_elements("css selector", "ol li")
    assert [one.text for one in chain] == ["deploy.sh", "undercroft"]
    assert not asking.has_ended()
    answer(app, "Deny")
    denied = asking.wait()
    assert (denied.returncode, denied.stdout) == (FAILED, "")
    assert "denied" in denied.stderr
    app.click("button", "Activity")
    app.wait_for("the log", lambda: activity(app) == [("deploy.sh", "release", "Denied")], 20)


@pytest.mark.slow
def test_a_question_shows_how_long_it_waits(production: App, programs: Programs) -> None:
    ask_from_script(programs)
    shown = steps.dialog(production, QUESTION)
    counted = production.wait_for("the seconds left", lambda: shown.find_elements("css selector", "svg .seen"), 3)
    assert 0 < int(str(counted[0].get_property("textContent"))) <= 45


@pytest.mark.parametrize("end", [Running.interrupt, pytest.param(Running.kill, marks=pytest.mark.slow)])
def test_a_question_goes_with_who_asked_it(production: App, programs: Programs, end: Callable[[Running], None]) -> None:
    asking = ask_from_script(programs)
    steps.dialog(production, QUESTION)
    end(asking)
    # Sooner than its time is up, on any machine.
    gone = comes_within(lambda: not production.is_shown("dialog", QUESTION), 20)
    assert gone, "nobody waits for an answer any more"


IS_IN_REACH = """
const { x, y, width, height } = arguments[0].getBoundingClientRect();
return arguments[0].contains(document.elementFromPoint(x + width / 2, y + height / 2));
"""


@pytest.mark.slow
def test_no_message_covers_the_answers_of_the_next_question(production: App, programs: Programs) -> None:
    app = production
    app.driver.set_window_size(720, 480)
    app.wait_for("the small window", lambda: app.driver.execute_script("return innerWidth") <= 740)
    ask_from_script(programs)
    answer(app, "Deny")
    ask_from_script(programs)
    steps.dialog(app, QUESTION)
    app.wait_for_text("deploy.sh was denied")
    for button in ("Until lock", "10 minutes", "Once", "Deny"):
        assert app.driver.execute_script(IS_IN_REACH, app.find("button", button)), button


@pytest.mark.slow
def test_once_is_once_and_until_lock_is_until_it_locks(production: App, programs: Programs, moto: Moto) -> None:
    app = production
    for button in ("Once", "Until lock"):
        asking = ask_from_script(programs)
        answer(app, button)
        done = asking.wait()
        assert done.returncode == DONE, done.stderr
        assert "assumed-role/release/" in caller(json.loads(done.stdout), moto)

    unasked = ask_from_script(programs).wait()
    assert unasked.returncode == DONE, unasked.stderr
    assert not app.is_shown("dialog")

    steps.lock(app)
    steps.unlock(app)
    asking = ask_from_script(programs)
    answer(app, "Deny")
    assert asking.wait().returncode == FAILED


def test_nothing_is_asked_of_aws_before_a_person_allows_it(
    unlocked: App, programs: Programs, strict_sts: Callable[[Mapping[str, object]], StrictSts]
) -> None:
    app = unlocked
    key = Key(PRODUCTION, "ann", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
    seed, serial = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", f"arn:aws:iam::{PRODUCTION}:mfa/phone"
    user = {
        "account": PRODUCTION,
        "user": key.user,
        "keys": [{"id": key.id, "secret": key.secret}],
        "devices": [{"serial": serial, "seed": seed}],
    }
    role = {"arn": f"arn:aws:iam::{PRODUCTION}:role/release", "trusts": [PRODUCTION], "needs_mfa": True}
    sts = strict_sts({"identities": [user], "roles": [role]})
    ipc.save_device(app, file_production(app, key, sts), "phone", seed, serial)

    denied = ask_from_script(programs)
    answer(app, "Deny")
    done = denied.wait()
    assert (done.returncode, done.stdout) == (FAILED, "")
    assert sts.log() == []

    allowed = ask_from_script(programs)
    answer(app, "Once")
    done = allowed.wait()
    assert done.returncode == DONE, done.stderr
    calls = [(call["action"], call["role"], call["serial"], call["with_code"], call["status"]) for call in sts.log()]
    assert calls == [("AssumeRole", role["arn"], serial, True, 200)]
    # It verifies the signature, so the credentials arrived whole.
    assert "assumed-role/release/" in caller(json.loads(done.stdout), sts)

    # Once was once: the session is at hand, and whether the script gets it is a question again.
    asking = ask_from_script(programs)
    answer(app, "Once")
    again = asking.wait()
    assert json.loads(again.stdout)["AccessKeyId"] == json.loads(done.stdout)["AccessKeyId"]
    assert [call["action"] for call in sts.log()] == ["AssumeRole", "GetCallerIdentity"]


def test_a_question_brings_the_window_out_of_the_tray(
    run_bare: Callable[..., BareApp], tray: Tray, programs: Programs, desktop: Desktop
) -> None:
    tray.start()
    app = run_bare("stays")
    app.unlock()
    tray.wait_until_unlocked()
    app.close_main_window()
    asking = programs.ask("code", "safe")
    app.focus(app.wait_for_main_window())

    def ended() -> bool:
        # Deny has the focus once the page is there.
        desktop.keys("Return")
        time.sleep(0.5)
        return asking.has_ended()

    until("the answer", ended, 30)
    denied = asking.wait()
    assert (denied.returncode, denied.stdout) == (FAILED, "")
    assert "denied in Undercroft" in denied.stderr


# The socket


def test_the_socket_goes_with_the_app(run_bare: Callable[..., BareApp], programs: Programs) -> None:
    app = run_bare()
    app.wait_for_password_window()
    until("the socket", programs.socket.exists)
    assert programs.status()["state"] == "locked"
    assert programs.socket.stat().st_mode & 0o077 == 0
    app.unlock()
    app.close_main_window()
    app.wait_until_ended()
    assert not programs.socket.exists()
    assert programs.status()["state"] == "not running"


@pytest.mark.slow
def test_a_dead_socket_is_replaced(run_bare: Callable[..., BareApp], programs: Programs) -> None:
    app = run_bare()
    app.wait_for_password_window()
    until("the socket", programs.socket.exists)
    app.kill()
    assert programs.socket.exists()
    assert programs.status()["state"] == "not running"
    assert programs.run("credential-process", "x").returncode == LOCKED
    run_bare().wait_for_password_window()
    until("the new app's answer", lambda: programs.status()["state"] == "locked", 20)


@pytest.mark.slow
def test_an_agent_that_answers_keeps_the_socket_until_it_ends(
    run_bare: Callable[..., BareApp], programs: Programs, vault_path: Path, tmp_path: Path
) -> None:
    agents_vault = tmp_path / "agent.undercroft"
    agent = programs.ask("agent", "--locked", "--vault", agents_vault)
    until("the agent", lambda: programs.status()["state"] == "locked", 20)
    place = programs.socket.stat().st_ino
    app = run_bare()
    app.wait_for_password_window()
    # Longer than it takes the app to try again.
    time.sleep(5)
    assert programs.status()["vault"] == str(agents_vault)
    assert programs.socket.stat().st_ino == place
    agent.terminate()
    assert agent.wait().returncode == DONE
    until("the app's answer", lambda: programs.status().get("vault") == str(vault_path), 20)
    assert app.is_running()
