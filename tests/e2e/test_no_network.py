"""Without AWS calls nothing is sent anywhere: real runs in a network namespace without routes, each call watched."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest

import steps
from app import app_binary
from bare_app import BareApp
from desktop import Desktop
from notifications import Notifications
from planted import PROFILE, SIGN_ON, Planted
from processes import family
from programs import DONE, FAILED, Programs, cli_binary
from stand_in import until
from tray import Tray

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace is made by root"),
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

# What stays on the machine: other programs by a path or a name, and the kernel itself.
LOCAL = {"AF_UNIX", "AF_NETLINK", "AF_LOCAL", "AF_UNSPEC"}
FAMILY = re.compile(r"\b(?:socket\(|sa_family=)(\w+)")


class Watched:
    """A way to start programs that have no network, with each of their calls for one written down."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "calls"
        calls = ["--trace=socket,connect,sendto", "--signal=none", "--quiet=all"]
        options = ["--follow-forks", "--seccomp-bpf", *calls, "--output-append-mode", f"--output={self.log}"]
        self.words = ["--net", "--", "strace", *options, "--"]

    def lines(self) -> list[str]:
        """Lists the calls so far."""
        return self.log.read_text(errors="replace").splitlines() if self.log.exists() else []

    def families(self) -> Counter[str]:
        """Counts the calls so far by the kind of network."""
        return Counter(family for line in self.lines() for family in FAMILY.findall(line))

    def outward(self) -> list[str]:
        """Lists the calls that were for another machine, or for a network at all."""
        return [line for line in self.lines() if any(family not in LOCAL for family in FAMILY.findall(line))]


def test_the_app_and_the_command_line_need_and_try_no_network(
    desktop: Desktop,
    vault_path: Path,
    planted: Planted,
    tray: Tray,
    notifications: Notifications,
    programs: Programs,
    tmp_path: Path,
) -> None:
    tray.start()
    vault_path.write_bytes(planted.content)
    watched = Watched(tmp_path)
    app = BareApp(desktop, vault_path, binary=Path("/usr/bin/unshare"), args=[*watched.words, str(app_binary())])
    app.unlock()
    tray.wait_until_unlocked()
    tray.click("ann · States", "Copy password")
    until("the password on the clipboard", lambda: desktop.clipboard() == SIGN_ON)
    tray.click("ann · States", "Copy MFA code")
    until("a code on the clipboard", lambda: re.fullmatch("[0-9]{6}", desktop.clipboard()))
    tray.click("Search…")
    app.wait_for_quick_window()

    asked = Watched(tmp_path / "programs")
    asked.log.parent.mkdir()
    for words in (["status"], ["ls", "--json"], ["code", "phone", "--wait"], ["completions", "bash"]):
        done = programs.start("unshare", *asked.words, cli_binary(), *words).wait(90)
        assert done.returncode == DONE, (words, done.stderr)
    app.close_main_window()
    app.wait_until_no_page()
    tray.click("Lock")
    tray.wait_until_locked()
    tray.click("Unlock…")
    app.unlock()
    tray.wait_until_unlocked()

    for name, calls in (("the app", watched), ("the command line", asked)):
        assert calls.families()["AF_UNIX"] > 0, f"{name} was not watched"
        print(f"figure: {name}: calls by kind of network {dict(calls.families())}, outward {len(calls.outward())}")
        assert calls.outward() == []

    # Now AWS is asked for, which is the positive control.
    refused = programs.run("credential-process", PROFILE, "--wait", secs=90)
    assert refused.returncode not in (DONE, FAILED), refused.stderr
    tried = watched.outward()
    print(f"figure: control, one call of AWS: outward {len(tried)}: {tried[:2]}")
    port = planted.sts.endpoint.rpartition(":")[2]
    assert any(f"htons({port})" in line and "ENETUNREACH" in line for line in tried), tried
    tray.click("Lock")
    tray.wait_until_locked()
    tray.click("Quit")
    app.wait_until_ended()
    assert {re.search(r"htons\((\d+)\)", line)[1] for line in watched.outward() if "htons" in line} == {port}


def test_an_agent_without_a_window_needs_and_tries_no_network(
    desktop: Desktop, vault_path: Path, planted: Planted, programs: Programs, tmp_path: Path
) -> None:
    vault_path.write_bytes(planted.content)
    watched = Watched(tmp_path)
    words = [*watched.words, cli_binary(), "agent", "--password-stdin", "--vault", vault_path]
    agent = programs.start("unshare", *words, stdin=f"{steps.MASTER_PASSWORD}\n")
    until("the agent", lambda: programs.run("status").returncode == DONE, steps.SLOW_SECS)
    assert programs.run("code", "phone", "--wait", secs=90).returncode == DONE
    assert PROFILE in programs.run("ls").stdout
    print(f"figure: the agent: calls by kind of network {dict(watched.families())}, outward {len(watched.outward())}")
    assert watched.outward() == []
    assert programs.run("credential-process", PROFILE, "--wait", secs=90).returncode != DONE
    assert watched.outward(), "the control was not seen"
    assert programs.run("lock").returncode == DONE
    # What watches it passes on no signal.
    os.kill(family(agent.pid)[-1], signal.SIGTERM)
    assert agent.wait().returncode == DONE
