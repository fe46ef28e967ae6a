"""AWS's own clients get credentials through `undercroft`, from a scripted agent.

Needs the debug builds of the program, of the example `scripted_agent` (`make tested-app`), and for the slow
tests of tests/rust_sdk (`make rust-sdk-client`).
"""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
DEBUG = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target")) / "debug"
UNDERCROFT = DEBUG / "undercroft"
AGENT = DEBUG / "examples" / "scripted_agent"
AWS = Path(sys.executable).parent / "aws"
RUST = DEBUG.parent / "rust_sdk" / "debug" / "rust-sdk-client"

KEY_ID = "ASIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//+=="
LIMIT_SECS = 30
WHO = b"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/ada</Arn><UserId>AIDA</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""

FROZEN = """
import boto3, json
session = boto3.Session()
frozen = session.get_credentials().get_frozen_credentials()
print(json.dumps([*frozen[:3], session.get_credentials().method, session.region_name]))
"""

COUNTS_INTERRUPTS = """
import signal, sys, time
seen = []
signal.signal(signal.SIGINT, lambda *_: seen.append(1))
print("ready", flush=True)
end = time.monotonic() + 1.5
while time.monotonic() < end:
    time.sleep(0.05)
print("interrupts:", len(seen), flush=True)
"""


class Stage:
    """A home folder, an agent's socket, and an environment with nothing else."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.socket = home / "agent" / "agent.sock"
        self.environment = {
            "HOME": str(home),
            "PATH": f"{UNDERCROFT.parent}:{AWS.parent}:{os.environ['PATH']}",
            "UNDERCROFT_SOCKET": str(self.socket),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def write(self, name: str, text: str) -> None:
        """Writes a file of ~/.aws."""
        folder = self.home / ".aws"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    def run(self, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs a program to its end."""
        return subprocess.run(
            [str(word) for word in words],
            env=self.environment | environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECS,
            check=False,
        )

    def output(self, *words: str | Path, **environment: str) -> str:
        """Runs a program that has to go well, and returns what it prints."""
        ran = self.run(*words, **environment)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


class Sts:
    """A stand-in that answers one call and notes who signed each request."""

    def __init__(self) -> None:
        seen: list[tuple[str, str, str | None]] = []
        self.seen = seen

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802
                self.rfile.read(int(self.headers["Content-Length"]))
                signed = re.search(r"Credential=([^/]+)/[0-9]+/([^/]+)/sts/", self.headers["Authorization"])
                assert signed is not None
                seen.append((signed[1], signed[2], self.headers["X-Amz-Security-Token"]))
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(WHO)))
                self.end_headers()
                self.wfile.write(WHO)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.call = ["sts", "get-caller-identity", "--endpoint-url", f"http://127.0.0.1:{self.port}"]


@pytest.fixture
def sts() -> Iterator[Sts]:
    """A stand-in for STS."""
    made = Sts()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage with a running agent."""
    made = Stage(tmp_path)
    agent = subprocess.Popen([AGENT, made.socket])
    try:
        end = time.monotonic() + LIMIT_SECS
        while not made.socket.exists():
            assert time.monotonic() < end, "the scripted agent does not start"
            time.sleep(0.01)
        yield made
    finally:
        agent.terminate()
        agent.wait()


def test_boto3_through_credential_process(stage: Stage) -> None:
    stage.output(UNDERCROFT, "configure", "prod", "key")
    frozen = json.loads(stage.output(sys.executable, "-c", FROZEN, AWS_PROFILE="prod"))
    assert frozen == [KEY_ID, SECRET, TOKEN, "custom-process", "eu-central-1"]
    frozen = json.loads(stage.output(sys.executable, "-c", FROZEN, AWS_PROFILE="key"))
    assert frozen == [KEY_ID, SECRET, None, "custom-process", None]


def test_the_aws_cli_through_credential_process(stage: Stage, sts: Sts) -> None:
    stage.output(UNDERCROFT, "--socket", stage.socket, "configure", "prod")
    stage.output(AWS, *sts.call, "--profile", "prod", UNDERCROFT_SOCKET="")
    assert sts.seen == [(KEY_ID, "eu-central-1", TOKEN)]


def test_a_refusal_reaches_the_person(stage: Stage, sts: Sts) -> None:
    stage.write("config", "[profile gone]\ncredential_process = undercroft credential-process gone\n")
    ran = stage.run(AWS, *sts.call, "--profile", "gone", AWS_REGION="eu-central-1")
    assert ran.returncode != 0
    assert "undercroft ls" in ran.stderr
    assert sts.seen == []


@pytest.mark.parametrize("server", [True, False])
def test_boto3_inside_exec(stage: Stage, server: bool) -> None:
    # Keys of the default profile would win over an endpoint.
    stage.write("credentials", "[default]\naws_access_key_id = AKIAWRONG\naws_secret_access_key = wrong\n")
    stage.write("config", "[default]\nregion = us-east-1\ncredential_process = false\n")
    options = ["--server"] if server else []
    text = stage.output(UNDERCROFT, "exec", "prod", *options, "--", sys.executable, "-c", FROZEN, AWS_PROFILE="default")
    method = "container-role" if server else "env"
    assert json.loads(text) == [KEY_ID, SECRET, TOKEN, method, "eu-central-1"]


def test_the_aws_cli_inside_exec_with_an_endpoint(stage: Stage, sts: Sts) -> None:
    stage.output(UNDERCROFT, "exec", "--server", "prod", "--", AWS, *sts.call)
    assert sts.seen == [(KEY_ID, "eu-central-1", TOKEN)]
    listed = stage.output(UNDERCROFT, "exec", "--server", "prod", "--", AWS, "configure", "list")
    assert "container-role" in listed
    assert "eu-central-1" in listed


def test_the_aws_cli_with_exported_variables(stage: Stage, sts: Sts) -> None:
    script = f'eval "$(undercroft export prod)"; aws {" ".join(sts.call)}'
    stage.output("sh", "-c", script, AWS_PROFILE="missing")
    assert sts.seen == [(KEY_ID, "eu-central-1", TOKEN)]


@pytest.fixture(scope="module")
def moto_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serves moto, which answers for all of AWS."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = (tmp_path_factory.mktemp("moto") / "log").open("w")
    words = [Path(sys.executable).parent / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    moto = subprocess.Popen(words, stdout=log, stderr=log)
    end = time.monotonic() + LIMIT_SECS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert time.monotonic() < end, "moto does not start"
            time.sleep(0.05)
    yield port
    moto.terminate()
    moto.wait()


@pytest.mark.parametrize("options", [["--server"], []])
def test_the_aws_cli_inside_exec_asks_where_the_account_is(stage: Stage, moto_port: int, options: list[str]) -> None:
    whose = ["sts", "get-caller-identity", "--query", "Account", "--output", "text"]
    inherited = {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    words: list[str | Path] = ["exec", f"at-{moto_port}", *options, "--", AWS, *whose]
    assert stage.output(UNDERCROFT, *words, **inherited) == "123456789012\n"


def test_exported_variables_lead_to_where_the_account_is(stage: Stage, sts: Sts) -> None:
    script = f'eval "$(undercroft export at-{sts.port})"; aws sts get-caller-identity'
    stage.output("sh", "-c", script, AWS_ENDPOINT_URL_STS="http://127.0.0.1:9")
    assert sts.seen == [(KEY_ID, "eu-central-1", TOKEN)]


ADA = "arn:aws:iam::123456789012:user/ada"


@pytest.mark.slow
def test_the_rust_sdk_through_credential_process(stage: Stage, sts: Sts) -> None:
    stage.output(UNDERCROFT, "configure", "prod")
    endpoint = {"AWS_ENDPOINT_URL_STS": f"http://127.0.0.1:{sts.port}"}
    config = {"AWS_CONFIG_FILE": str(stage.home / ".aws" / "config")}
    assert stage.output(RUST, AWS_PROFILE="prod", **endpoint, **config) == f"{KEY_ID} {ADA}\n"
    assert sts.seen == [(KEY_ID, "eu-central-1", TOKEN)]


@pytest.mark.slow
@pytest.mark.parametrize("options", [["--server"], []])
def test_the_rust_sdk_inside_exec(stage: Stage, sts: Sts, options: list[str]) -> None:
    # Keys of the default profile would win over an endpoint.
    stage.write("credentials", "[default]\naws_access_key_id = AKIAWRONG\naws_secret_access_key = wrong\n")
    assert stage.output(UNDERCROFT, "exec", f"at-{sts.port}", *options, "--", RUST) == f"{KEY_ID} {ADA}\n"
    assert sts.seen == [(KEY_ID, "eu-central-1", TOKEN)]


@pytest.mark.slow
def test_a_refusal_reaches_whoever_uses_the_rust_sdk(stage: Stage, sts: Sts) -> None:
    stage.write("config", "[profile gone]\ncredential_process = undercroft credential-process gone\n")
    endpoint = {"AWS_ENDPOINT_URL_STS": f"http://127.0.0.1:{sts.port}"}
    ran = stage.run(RUST, AWS_PROFILE="gone", AWS_REGION="eu-central-1", **endpoint)
    assert (ran.returncode, ran.stdout, sts.seen) == (1, "", [])
    assert "undercroft ls" in ran.stderr


def read_until(terminal: int, word: str) -> str:
    """Reads from a terminal until a word has come."""
    text = ""
    end = time.monotonic() + LIMIT_SECS
    while word not in text:
        assert time.monotonic() < end, text
        try:
            text += os.read(terminal, 1024).decode()
        except OSError:
            break
    return text


@pytest.mark.parametrize("options", [["--server"], []])
def test_ctrl_c_reaches_the_command_once(stage: Stage, options: list[str]) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        words = [str(UNDERCROFT), "exec", "prod", *options, "--", sys.executable, "-c", COUNTS_INTERRUPTS]
        os.execve(UNDERCROFT, words, stage.environment)
    try:
        read_until(terminal, "ready")
        os.write(terminal, b"\x03")
        assert "interrupts: 1" in read_until(terminal, "interrupts: ")
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0
    finally:
        os.close(terminal)


def test_a_signal_to_the_program_alone_is_passed_on(stage: Stage) -> None:
    program = subprocess.Popen(
        [UNDERCROFT, "exec", "prod", "--server", "--", sys.executable, "-c", COUNTS_INTERRUPTS],
        env=stage.environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    program.send_signal(signal.SIGINT)
    assert program.communicate(timeout=LIMIT_SECS)[0] == "interrupts: 1\n"
    assert program.returncode == 0
