"""Moving in from ~/.aws on a machine without a display: import, plain keys out, configure, and the AWS CLI goes on.

Needs the debug build of `undercroft`; its agent is a real one, AWS is moto.
"""

from __future__ import annotations

import hashlib
import json
import os
import pty
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.request import urlopen

import boto3
import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
DEBUG = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target")) / "debug"
UNDERCROFT = DEBUG / "undercroft"
AWS = Path(sys.executable).parent / "aws"
PASSWORD = "mortar-quince-saddle-71"
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
# Whose any session token is, by moto.
SESSION = f"arn:aws:sts::{ACCOUNT}:user/moto"
LIMIT_SECS = 60


def free_port() -> int:
    """Finds a port that nobody uses now."""
    import socket

    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a moto server."""
    folder = tmp_path_factory.mktemp("moto")
    address = f"http://127.0.0.1:{free_port()}"
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", address.rsplit(":", 1)[1]]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(words, env={"PATH": os.environ["PATH"], "HOME": str(folder)}, stdout=log, stderr=log)
    try:
        end = time.monotonic() + LIMIT_SECS
        while True:
            with suppress(OSError), closing(urlopen(f"{address}/moto-api/data.json", timeout=5)):
                break
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


class Home:
    """A home folder with ~/.aws, an unlocked vault behind an agent, and an environment with nothing else."""

    def __init__(self, home: Path, moto: str) -> None:
        self.path = home
        self.moto = moto
        self.folder = home / ".aws"
        self.config = self.folder / "config"
        self.credentials = self.folder / "credentials"
        self.environment = {
            "HOME": str(home),
            "PATH": f"{UNDERCROFT.parent}:{AWS.parent}:{os.environ['PATH']}",
            "UNDERCROFT_VAULT": str(home / "vault.undercroft"),
            "UNDERCROFT_SOCKET": str(home / "run" / "agent.sock"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_DATA_HOME": str(home / "data"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def run(self, *words: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a program to its end."""
        return subprocess.run(
            [str(word) for word in words],
            env=self.environment,
            cwd=self.path,
            input=text or "",
            capture_output=True,
            text=True,
            timeout=LIMIT_SECS,
            check=False,
        )

    def good(self, *words: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a program that has to go well."""
        ran = self.run(*words, text=text)
        assert ran.returncode == 0, ran.stderr
        return ran

    def caller(self, profile: str) -> str:
        """Asks AWS's own program who a profile is."""
        call = ["sts", "get-caller-identity", "--endpoint-url", self.moto, "--output", "json"]
        return str(json.loads(self.good(AWS, *call, "--profile", profile).stdout)["Arn"])

    def everything(self) -> bytes:
        """All that stands below ~/.aws."""
        return b"\n".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def key(moto: str) -> Iterator[tuple[str, str]]:
    """A key that moto knows, for this test alone."""
    iam = boto3.client(
        "iam", endpoint_url=moto, region_name="us-east-1", aws_access_key_id="AKIAX", aws_secret_access_key="x"
    )
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName="ada")
    made = iam.create_access_key(UserName="ada")["AccessKey"]
    yield made["AccessKeyId"], made["SecretAccessKey"]
    iam.delete_access_key(UserName="ada", AccessKeyId=made["AccessKeyId"])


@pytest.fixture
def home(tmp_path: Path, moto: str, key: tuple[str, str]) -> Iterator[Home]:
    """A home folder as somebody has it who never used a vault, with the agent of a new vault running."""
    made = Home(tmp_path, moto)
    made.folder.mkdir()
    made.config.write_text(
        "# keep me\n[profile work]\nregion = eu-west-1\n\n"
        f"[profile deploy]\nrole_arn = {ROLE}\n# chained\nsource_profile = work\nregion = eu-central-1\noutput = json\n"
    )
    lines = ("# my keys", "[work]", f"aws_access_key_id = {key[0]}", f"aws_secret_access_key = {key[1]}")
    real = tmp_path / "dotfiles"
    real.mkdir()
    (real / "credentials").write_bytes("\r\n".join((*lines, "; end", "[empty]", "region = eu-west-1")).encode())
    (real / "credentials").chmod(0o640)
    made.credentials.symlink_to(real / "credentials")
    made.good(UNDERCROFT, "init", "--password-stdin", text=f"{PASSWORD}\n")
    agent = subprocess.Popen(
        [UNDERCROFT, "agent", "--password-stdin"], env=made.environment, stdin=subprocess.PIPE, text=True
    )
    assert agent.stdin is not None
    agent.stdin.write(f"{PASSWORD}\n")
    agent.stdin.close()
    try:
        end = time.monotonic() + LIMIT_SECS
        while made.run(UNDERCROFT, "status").returncode != 0:
            assert time.monotonic() < end, "the agent does not start"
            time.sleep(0.1)
        yield made
    finally:
        agent.terminate()
        agent.wait()


def import_words(home: Home, *options: str) -> list[str]:
    """The words of an import of ~/.aws, which asks moto."""
    return [str(UNDERCROFT), "import", *options, "--endpoint", home.moto, ".aws/config", ".aws/credentials"]


def in_terminal(home: Home, words: list[str], answer: str) -> tuple[int, str]:
    """Runs a program in a terminal, answers its question, and returns its exit code and what was shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(home.path)
        os.execve(words[0], words, home.environment)
    shown = ""
    end = time.monotonic() + LIMIT_SECS
    try:
        while True:
            assert time.monotonic() < end, shown
            try:
                piece = os.read(terminal, 4096).decode()
            except OSError:
                break
            if not piece:
                break
            shown += piece
            if "[y/N] " in piece:
                os.write(terminal, f"{answer}\n".encode())
    finally:
        os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), shown


def test_a_home_folder_moves_in_and_the_aws_cli_goes_on(home: Home, key: tuple[str, str]) -> None:
    assert home.caller("work").endswith(":user/ada")
    before = home.credentials.read_bytes()
    dry = home.good(*import_words(home, "--dry-run"))
    assert "[work] could be taken out" in dry.stderr
    assert home.good(UNDERCROFT, "ls", "--json").stdout == "[]\n"

    # A no, and an empty line, which is one, too.
    for answer in ("n", ""):
        code, shown = in_terminal(home, import_words(home), answer)
        assert code == 0, shown
        assert "[work]" in shown and ".aws/credentials" in shown and "stays as it is" in shown
        assert home.credentials.read_bytes() == before
    code, shown = in_terminal(home, import_words(home), "y")
    assert code == 0, shown
    assert "aws_secret_access_key = ****" in shown and key[1] not in shown
    left = home.credentials.read_bytes()
    assert left == b"# my keys\r\n; end\r\n[empty]\r\nregion = eu-west-1"
    assert home.credentials.is_symlink()
    assert stat.S_IMODE(home.credentials.stat().st_mode) == 0o640
    assert os.listdir(home.credentials.resolve().parent) == ["credentials"]

    refused = home.run(UNDERCROFT, "configure", "work", "deploy")
    assert (refused.returncode, "--replace" in refused.stderr) == (1, True), refused.stderr
    shown = home.good(UNDERCROFT, "configure", "--replace", "work", "deploy").stdout
    assert f"-role_arn = {ROLE}\n" in shown
    config = home.config.read_text()
    assert config.startswith("# keep me\n[profile work]\nregion = eu-west-1\n")
    assert "# chained\n" in config and "source_profile" not in config and "output = json\n" in config
    assert home.caller("work") == SESSION
    assert ":assumed-role/deploy/" in home.caller("deploy")
    assert key[1].encode() not in home.everything()


def test_a_key_in_credentials_keeps_configure_away_until_it_is_taken_out(home: Home, key: tuple[str, str]) -> None:
    said = home.good(*import_words(home)).stderr
    assert "`undercroft import --take-out .aws/credentials`" in said
    for option in ([], ["--replace"]):
        refused = home.run(UNDERCROFT, "configure", *option, "work")
        assert (refused.returncode, "import --take-out" in refused.stderr) == (1, True), refused.stderr
    assert key[1].encode() in home.everything()
    answer = json.loads(home.good(*import_words(home, "--json", "--take-out")).stdout)
    assert [(file["plain_secrets"], file["taken_out"]) for file in answer] == [([], []), (["work"], ["work"])]
    home.good(UNDERCROFT, "configure", "work")
    assert home.caller("work") == SESSION
    assert key[1].encode() not in home.everything()


def test_what_the_vault_has_otherwise_stays(home: Home, key: tuple[str, str]) -> None:
    home.good(*import_words(home, "--leave"))
    text = home.credentials.read_bytes().replace(key[1].encode(), b"a" * len(key[1]))
    home.credentials.write_bytes(text)
    answer = json.loads(home.run(*import_words(home, "--json", "--take-out")).stdout)
    assert answer[1]["plain_secrets"] == answer[1]["taken_out"] == []
    assert home.credentials.read_bytes() == text


def leapp_workspace(sessions: list[dict[str, str]]) -> str:
    """Leapp's workspace as it encrypts one on this machine."""
    machine = Path("/etc/machine-id").read_text().strip()
    words = ["openssl", "enc", "-aes-256-cbc", "-md", "md5", "-salt", "-base64", "-A", "-pass"]
    passphrase = f"pass:{hashlib.sha256(machine.encode()).hexdigest()}"
    document = json.dumps({"_sessions": sessions, "_awsSsoIntegrations": [], "_workspaceVersion": 4})
    ran = subprocess.run([*words, passphrase], input=document, capture_output=True, text=True, check=True)
    return ran.stdout


def test_roles_come_out_of_leapps_workspace(home: Home) -> None:
    user = {"sessionId": "1", "sessionName": "work", "type": "awsIamUser", "region": "eu-west-1"}
    role = {"sessionId": "2", "sessionName": "shop", "type": "awsIamRoleChained", "region": "eu-west-1"}
    role |= {"roleArn": ROLE, "parentSessionId": "1", "roleSessionName": "ada"}
    file = home.path / ".Leapp" / "Leapp-lock.json"
    file.parent.mkdir()
    file.write_text(leapp_workspace([user, role]))
    said = home.run(UNDERCROFT, "import", file).stderr
    assert "1-iam-user-aws-session-secret-access-key" in said and "[shop]: not imported" in said, said

    # The user's key is in the keyring; here it comes from ~/.aws under the same name.
    home.good(*import_words(home, "--leave"))
    home.good(UNDERCROFT, "import", file)
    home.good(UNDERCROFT, "configure", "shop")
    assert home.caller("shop").endswith(":assumed-role/deploy/ada")

    file.write_text(leapp_workspace([user, role])[:-8])
    refused = home.run(UNDERCROFT, "import", file)
    assert refused.returncode == 1 and "of another machine" in refused.stderr, refused.stderr
