"""AWS as the tests meet it: moto on the loopback interface, and the AWS CLI as a terminal's client."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from app import free_port
from desktop import PROJECT, stop
from patience import patient

# moto's own account: what a caller belongs to whose key nobody made.
DEFAULT_ACCOUNT = "123456789012"
PARTITION_REGIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
}


@dataclass(frozen=True)
class Key:
    """A long-term access key that moto knows, with the user that it belongs to."""

    account: str
    user: str
    id: str
    secret: str
    region: str


class Moto:
    """A running moto server."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.port = port or free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.log_file = folder / "moto.log"
        folder.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
                env={"PATH": os.environ["PATH"], "HOME": str(folder), "MOTO_ALLOW_NONEXISTENT_REGION": "true"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + patient(30)
        while True:
            try:
                with closing(urlopen(f"{self.endpoint}/moto-api/data.json", timeout=5)):
                    return
            except (URLError, ConnectionError, TimeoutError) as fault:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"moto did not start: {self.log_file.read_text()[-2000:]}") from fault
                time.sleep(0.1)

    def client(self, service: str, region: str = "us-east-1", key: Key | None = None, token: str | None = None) -> Any:
        """Returns a boto3 client of `service`, with nothing taken from the environment but the endpoint given."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=key.id if key else "AKIAIOSFODNN7EXAMPLE",
            aws_secret_access_key=key.secret if key else "unchecked",
            aws_session_token=token,
            config=Config(retries={"max_attempts": 0}, connect_timeout=patient(5), read_timeout=patient(20)),
        )

    def _iam_of(self, account: str, partition: str) -> Any:
        region = PARTITION_REGIONS[partition]
        if account == DEFAULT_ACCOUNT:
            return self.client("iam", region)
        role = f"arn:{partition}:iam::{account}:role/undercroft-set-up"
        answer = self.client("sts", region).assume_role(RoleArn=role, RoleSessionName="undercroft-set-up")[
            "Credentials"
        ]
        key = Key(account, "", answer["AccessKeyId"], answer["SecretAccessKey"], region)
        return self.client("iam", region, key, answer["SessionToken"])

    def user_with_key(self, user: str, account: str = DEFAULT_ACCOUNT, partition: str = "aws") -> Key:
        """Creates an IAM user with one access key in `account`."""
        iam = self._iam_of(account, partition)
        if user not in {found["UserName"] for found in iam.list_users()["Users"]}:
            iam.create_user(UserName=user)
        made = iam.create_access_key(UserName=user)["AccessKey"]
        return Key(account, user, made["AccessKeyId"], made["SecretAccessKey"], PARTITION_REGIONS[partition])

    def deactivate(self, key: Key, partition: str = "aws") -> None:
        """Makes an access key inactive, as its owner would in the console."""
        self._iam_of(key.account, partition).update_access_key(UserName=key.user, AccessKeyId=key.id, Status="Inactive")

    def requests(self) -> str:
        """Returns the server's log of requests so far."""
        return self.log_file.read_text(errors="replace")

    def close(self) -> None:
        """Ends the server."""
        stop(self._process)


class StrictSts:
    """A running strict STS, which refuses what AWS refuses; its configuration is described in tests/sts."""

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        described = folder / "identities.json"
        described.write_text(json.dumps(config))
        program = PROJECT / "tests" / "sts" / "strict_sts.py"
        self._process = subprocess.Popen(
            [sys.executable, "-u", str(program), "--port", "0", "--config", str(described)],
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said.startswith("listening on "):
            raise RuntimeError(f"the strict STS did not start: {said!r}")
        self.endpoint = said.removeprefix("listening on ").strip()
        self._ahead_secs = 0

    def _set(self, path: str, value: object) -> None:
        request = Request(f"{self.endpoint}/-/{path}", data=json.dumps(value).encode(), method="POST")
        with closing(urlopen(request, timeout=patient(10))):
            pass

    def log(self) -> list[dict[str, Any]]:
        """Lists the calls so far: action, key, serial, status and error code."""
        calls: list[dict[str, Any]] = self._ask("log")
        return calls

    def sessions(self) -> list[tuple[str, str, str]]:
        """Lists the sessions given out so far: access key id, secret access key, session token."""
        return [(key_id, secret, token) for key_id, secret, token in self._ask("sessions")]

    def devices(self) -> list[str]:
        """Lists the serials of the MFA devices that users have."""
        return [serial for serial, is_somebodys in self._ask("devices") if is_somebodys]

    def unassigned(self) -> list[str]:
        """Lists the serials of the MFA devices that belong to nobody."""
        return [serial for serial, is_somebodys in self._ask("devices") if not is_somebodys]

    def _ask(self, path: str) -> Any:
        with closing(urlopen(f"{self.endpoint}/-/{path}", timeout=patient(10))) as answer:
            return json.load(answer)

    def set_clock_ahead(self, secs: int) -> None:
        """Sets how far this service's clock is ahead of the machine's."""
        self._ahead_secs = secs
        self._set("clock", {"offset_secs": secs})

    def let_a_step_end_in(self, secs: int) -> None:
        """Sets the clock ahead, past every code so far, so that a time step ends in so many seconds."""
        ahead = self._ahead_secs + 90
        self.set_clock_ahead(ahead + (30 - secs - int(time.time() + ahead)) % 30)

    def befall(self, action: str, kind: str) -> None:
        """Lets a fault befall the next call of an action; tests/sts describes their kinds."""
        self._set("fault", {"action": action, "kind": kind})

    def release(self) -> None:
        """Lets go the calls that are held."""
        self._set("release", None)

    def held(self) -> list[str]:
        """Lists the actions of the calls that are held."""
        actions: list[str] = self._ask("held")
        return actions

    def answer_next_with(self, *answers: Mapping[str, Any]) -> None:
        """Fixes the answers of the next calls, whatever they are."""
        self._set("script", list(answers))

    def close(self) -> None:
        """Ends the service."""
        stop(self._process)


def parse_env_lines(text: str) -> dict[str, str]:
    """Reads `export NAME=VALUE` lines with the quoting of sh, and nothing else."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        words = shlex.split(line)
        if not words:
            continue
        if words[0] != "export" or len(words) != 2 or "=" not in words[1]:
            raise AssertionError(f"not an export line: {words[0]} with {len(words)} words")
        name, _, value = words[1].partition("=")
        found[name] = value
    return found


def aws_cli(words: list[str], env: Mapping[str, str], home: Path) -> subprocess.CompletedProcess[str]:
    """Runs the AWS CLI with only `env` and an empty home, as in a fresh terminal."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("aws")), *words],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            **env,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patient(40),
        check=False,
    )


def caller_in_terminal(export_lines: str, endpoint: str, folder: Path) -> dict[str, str]:
    """Pastes `export_lines` into a fresh sh and returns whom the AWS CLI there says it is.

    The lines are run by a real shell, as a user would, so wrong quoting shows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cli = Path(sys.executable).with_name("aws")
    script = f"{export_lines}\nexec {shlex.quote(str(cli))} sts get-caller-identity --output json --endpoint-url {endpoint}\n"
    done = subprocess.run(
        ["sh", "-eu"],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""},
        input=script,
        capture_output=True,
        text=True,
        timeout=patient(40),
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"the AWS CLI refused: {done.stderr.strip()}")
    answer: dict[str, str] = json.loads(done.stdout)
    return answer
