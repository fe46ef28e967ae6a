"""Other programs that ask the app: `undercroft` as scripts, SDKs and people run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import steps
from app import app_binary
from desktop import Desktop
from patience import patient
from stand_in import until

DONE, FAILED, LOCKED = 0, 1, 3


def cli_binary() -> Path:
    """Returns the command line under test: `UNDERCROFT_CLI`, or the one beside the app."""
    return Path(os.environ.get("UNDERCROFT_CLI", app_binary().with_name("undercroft")))


class Running:
    """A program that was started and has not been waited for."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """The process id of the program itself."""
        return self._process.pid

    def has_ended(self) -> bool:
        """Says whether it has ended."""
        return self._process.poll() is not None

    def wait(self, secs: float = 30) -> subprocess.CompletedProcess[str]:
        """Waits until it has ended and returns what it said."""
        out, err = self._process.communicate(timeout=patient(secs))
        return subprocess.CompletedProcess(self._process.args, self._process.returncode, out, err)

    def terminate(self) -> None:
        """Asks it to end."""
        self._process.terminate()

    def suspend(self) -> None:
        """Stops it for good, as if it hung."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """Kills it and what it started, at once."""
        os.killpg(self._process.pid, signal.SIGKILL)

    def interrupt(self) -> None:
        """Interrupts it and what it started, as Ctrl-C in its terminal would."""
        os.killpg(self._process.pid, signal.SIGINT)

    def close(self) -> None:
        """Ends it, if it still runs."""
        if not self.has_ended():
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


class Programs:
    """A terminal of the desktop, with `undercroft` on its path and nothing of AWS in its environment."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        self.home = Path(desktop.env["HOME"])
        self.socket = Path(desktop.env["XDG_RUNTIME_DIR"]) / "undercroft" / "agent.sock"
        self.env = {**desktop.env, "PATH": f"{cli_binary().parent}:{desktop.env['PATH']}"}
        self._running: list[Running] = []

    def start(self, *words: str | Path, stdin: str = "") -> Running:
        """Starts any program, as the leader of a session as in a terminal of its own."""
        process = subprocess.Popen(
            [str(word) for word in words],
            env=self.env,
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdin is not None
        process.stdin.write(stdin)
        process.stdin.close()
        # What is closed need not be flushed when its output is read.
        process.stdin = None
        running = Running(process)
        self._running.append(running)
        return running

    def ask(self, *words: str | Path) -> Running:
        """Starts `undercroft` with these words."""
        return self.start(cli_binary(), *words)

    def agent(self, vault: Path, *words: str | Path) -> Running:
        """Starts an agent that has a vault open with the password of all tests' vaults, and waits until it says so."""
        agent = self.start(
            cli_binary(), "agent", "--password-stdin", "--vault", vault, *words, stdin=f"{steps.MASTER_PASSWORD}\n"
        )
        until("the agent", lambda: self.run("status", "--vault", vault, *words).returncode == DONE, steps.SLOW_SECS)
        return agent

    def run(self, *words: str | Path, secs: float = 30) -> subprocess.CompletedProcess[str]:
        """Runs `undercroft` to its end."""
        return self.ask(*words).wait(secs)

    def answer(self, *words: str | Path) -> Any:
        """Runs `undercroft`, which has to succeed, and reads its JSON."""
        done = self.run(*words)
        assert done.returncode == DONE, done.stderr
        return json.loads(done.stdout)

    def status(self) -> dict[str, Any]:
        """Returns what `undercroft status --json` says, whatever it ends with."""
        said: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return said

    def script(self, name: str, *lines: str) -> Path:
        """Writes a shell script into the home folder."""
        path = self.home / name
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        path.chmod(0o755)
        return path

    def close(self) -> None:
        """Ends everything that was started here."""
        for running in reversed(self._running):
            running.close()
