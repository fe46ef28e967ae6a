"""A second user of the machine tries everything on a running app, agent and endpoint; so does a program of the same user."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jeepney.bus_messages import message_bus

import steps
from app import app_binary
from bare_app import BareApp
from desktop import Desktop, become
from patience import comes
from planted import PROFILE, ROLE_PROFILE, Planted
from processes import family, name
from programs import DONE, Programs, cli_binary
from stand_in import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root runs programs as two other users"),
]

INTRUDER = Path(__file__).with_name("intruder.py").read_text()
PYTHON = "/usr/bin/python3"
# Accounts that every system has and that nobody uses: the owner of the vault, and somebody else.
OWNER, OTHER = "daemon", "nobody"


def words_of(user: str) -> list[str]:
    """The words before a command that make it this user's."""
    entry = pwd.getpwnam(user)
    return become(entry.pw_uid, entry.pw_gid)


def tries(user: str, targets: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Has a program of this user try everything, and returns case, target and what was got."""
    done = subprocess.run(
        [*words_of(user), PYTHON, "-c", INTRUDER],
        input=json.dumps(targets),
        capture_output=True,
        text=True,
        timeout=180,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(case, target, got) for case, target, got in json.loads(done.stdout)]


def got(outcomes: list[tuple[str, str, str]]) -> dict[str, list[str]]:
    """Lists what was got, by case."""
    found: dict[str, list[str]] = {}
    for case, target, what in outcomes:
        if what:
            found.setdefault(case, []).append(f"{target}: {what}")
    return found


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user can look into, so that the program's own modes are all that keeps others out."""
    missing = [one for one in (PYTHON, "setpriv") if shutil.which(one) is None]
    missing += [user for user in (OWNER, OTHER) if user not in {entry.pw_name for entry in pwd.getpwall()}]
    if missing:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    for program in (app_binary(), cli_binary()):
        if subprocess.run([*words_of(OWNER), "test", "-x", program], check=False).returncode != 0:
            pytest.skip(f"other users can't run {program}: it is in a folder of root's alone")
    folder = Path(tempfile.mkdtemp(prefix="undercroft-users-"))
    entry = pwd.getpwnam(OWNER)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class Household:
    """The owner's desktop with the app and what else holds secrets, on a machine where folders are open to all."""

    def __init__(self, desktop: Desktop, shared: Path, planted: Planted) -> None:
        self.desktop = desktop
        self.shared = shared
        entry = pwd.getpwnam(OWNER)
        self.vault = shared / "vault.undercroft"
        self.agents_vault = shared / "agents.undercroft"
        for path in (self.vault, self.agents_vault):
            path.write_bytes(planted.content)
            path.chmod(0o600)
            os.chown(path, entry.pw_uid, entry.pw_gid)
        for folder in (desktop.folder, desktop.env["XDG_RUNTIME_DIR"], *desktop.folder.iterdir()):
            Path(folder).chmod(0o755)
        self.programs = Programs(desktop)
        self.limits = ["prlimit", "--core=unlimited", "--"]

    def cli(self, *words: str | Path) -> list[str | Path]:
        """The words that run `undercroft` as the owner, who has core dumps on."""
        return [*words_of(OWNER), *self.limits, cli_binary(), *words]

    def files(self) -> tuple[list[Path], list[Path]]:
        """Lists every file and folder that the owner's programs made, wherever they were let."""
        uid = pwd.getpwnam(OWNER).pw_uid
        files, folders = [], []
        for place in (self.shared, Path(self.desktop.env["XDG_RUNTIME_DIR"]), Path("/tmp"), Path("/dev/shm")):
            for path in place.rglob("*") if place not in (Path("/tmp"),) else place.glob("*"):
                try:
                    about = path.lstat()
                except FileNotFoundError:
                    continue
                if about.st_uid == uid and path != self.shared:
                    (folders if path.is_dir() else files if path.is_file() else []).append(path)
        return files, folders

    def close(self) -> None:
        """Ends what was started."""
        self.programs.close()


# What all programs of a desktop share, in modes that each of their libraries chooses: compiled shaders, and the window
# manager's log.
SHARED_BY_ALL = ("mesa_shader_cache", "openbox", "fontconfig")


def is_the_desktops(path: Path, household: Household) -> bool:
    """Says whether a file or folder is the desktop's or the test's and none of the program's."""
    desktop = household.desktop
    runtime = Path(desktop.env["XDG_RUNTIME_DIR"])
    own = {desktop.folder, runtime, *desktop.folder.iterdir(), household.shared / "opened"}
    foreign = (
        runtime / "dbus-1",
        household.shared / "browser",
        *(desktop.folder / "cache" / name for name in SHARED_BY_ALL),
    )
    return path in own or any(path.is_relative_to(one) for one in foreign)


def test_a_second_user_gets_nothing_and_the_same_user_no_memory(shared: Path, planted: Planted) -> None:
    entry = pwd.getpwnam(OWNER)
    with Desktop(shared / "desktop", user=(entry.pw_uid, entry.pw_gid)) as desktop:
        household = Household(desktop, shared, planted)
        try:
            attack(household, desktop)
        finally:
            household.close()


def attack(household: Household, desktop: Desktop) -> None:
    """Starts everything as the owner, and lets the others try."""
    programs, shared = household.programs, household.shared
    app = BareApp(
        desktop, household.vault, binary=Path("/usr/bin/prlimit"), args=["--core=unlimited", "--", str(app_binary())]
    )
    app.unlock()
    status = household.cli("status")
    until("the app's socket", lambda: programs.start(*status).wait().returncode == DONE, 20)
    agent_socket = shared / "agent" / "agent.sock"
    agent = programs.start(
        *household.cli("agent", "--password-stdin", "--vault", household.agents_vault, "--socket", agent_socket),
        stdin=f"{steps.MASTER_PASSWORD}\n",
    )
    until("the agent", agent_socket.exists, steps.SLOW_SECS)

    shown = shared / "shown"
    server = programs.start(
        *household.cli("exec", PROFILE, "--wait", "--server", "--", "sh", "-c", f"umask 077; env >{shown}; sleep 600")
    )
    until("the endpoint", lambda: shown.exists() and "AUTHORIZATION_TOKEN" in shown.read_text(), 90)
    variables = dict(line.split("=", 1) for line in shown.read_text().splitlines() if "=" in line)
    endpoint = {
        "url": variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
        "token": variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"],
    }
    page = {"url": page_of_the_console(household, shared), "token": ""}

    files, folders = household.files()
    files = [path for path in files if not is_the_desktops(path, household)]
    folders = [path for path in folders if not is_the_desktops(path, household)]
    assert {household.vault, shown} < set(files), files
    members = {
        *family(app.pid),
        *family(agent.pid),
        *family(server.pid),
    }
    holders = {pid for pid in members if name(pid) in ("undercroft-app", "undercroft")}
    web = {pid for pid in members if name(pid) == "WebKitWebProcess"}
    assert len(holders) >= 3 and web, [name(pid) for pid in members]
    for pid in members - set(family(server.pid)[1:]):
        limit = next(line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "core file" in line)
        # `exec` keeps the hard limit: its command gets back what the terminal had.
        limits = limit.split()[4:5] if pid == server.pid else limit.split()[4:6]
        assert set(limits) == {"0"}, f"{name(pid)}: {limit}"
    sockets = [str(programs.socket), str(agent_socket)]
    bus = desktop.env["DBUS_SESSION_BUS_ADDRESS"].partition("path=")[2].partition(",")[0]
    targets = {
        "read": [str(path) for path in files],
        "list": [str(path) for path in folders],
        "socket": sockets,
        "bus": [bus] if bus else [],
        "hello": message_bus.Hello().serialise(serial=1).hex(),
        "http": [endpoint, page],
        "process": sorted(members),
    }

    outcomes = tries(OTHER, targets)
    for case, count in sorted(Counter(case for case, _, _ in outcomes).items()):
        print(f"{OTHER}: {case}: {count} tried, {len(got(outcomes).get(case, []))} got through")
    print(f"figure: another user: {len(outcomes)} attempts, {sum(map(len, got(outcomes).values()))} got through")
    for case, found in got(outcomes).items():
        print(case, *found, sep="\n    ")
    assert got(outcomes) == {}
    assert len(outcomes) > 150

    # The same attempts by a program of the owner: it reads files and asks sockets, since they are the owner's, and that
    # shows that the attempts are real ones. The memory of what holds secrets it does not get.
    same = tries(OWNER, targets | {"harmless": True, "http": [endpoint]})
    reached = got(same)
    assert any(str(household.vault) in one for one in reached["read a file"])
    assert len(reached["ask a socket"]) == len(sockets), same
    assert len(reached["ask a page on loopback"]) == 1
    hardened = {pid for pid in holders if pid in (app.pid, agent.pid)}
    memory = ("/proc/PID/mem", "/proc/PID/environ", "/proc/PID/maps", "ptrace", "process_vm_readv")
    lost = [(case, target) for case, target, what in same if case in memory and what and int(target) in hardened]
    print(
        f"figure: a program of the same user, memory of app and agent: {len(memory) * len(hardened)} attempts, {len(lost)} got through"
    )
    assert lost == [] and len(hardened) == 2
    traced = sorted({name(int(target)) for case, target, what in same if case == "ptrace" and what})
    print(f"figure: what a program of the same user can trace: {traced}")

    # Nothing that holds secrets leaves a core file, though its owner wants them.
    for pid in (app.pid, agent.pid, server.pid):
        os.kill(pid, signal.SIGABRT)
        assert comes(lambda pid=pid: name(pid) not in ("undercroft-app", "undercroft"), 20), "it did not end"
    # What the endpoint was for outlives it here, and holds its output open.
    server.kill()
    cores = core_files(shared)
    print(f"figure: core files of 3 aborted processes: {len(cores)}")
    assert cores == []
    if not Path("/proc/sys/kernel/core_pattern").read_text().startswith("|"):
        abort = [*words_of(OWNER), *household.limits, "sh", "-c", "kill -ABRT $$"]
        subprocess.run(abort, cwd=desktop.env["HOME"], check=False)
        assert core_files(shared), "core dumps are off on this machine: this shows nothing"


def core_files(shared: Path) -> list[Path]:
    """Lists the core files below a folder and where the tests run."""
    return [path for path in (*shared.rglob("core*"), *Path.cwd().glob("core*")) if path.is_file()]


def page_of_the_console(household: Household, shared: Path) -> str:
    """Has a browser opened that comes for nothing, and returns the page that waits for it."""
    browser = shared / "browser"
    browser.mkdir()
    browser.chmod(0o755)
    program = browser / "browser"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" >{shared}/opened\n')
    program.chmod(0o755)
    household.programs.env["UNDERCROFT_BROWSER"] = str(program)
    household.programs.start(*household.cli("console", ROLE_PROFILE, "--wait"))
    opened = shared / "opened"
    until("the browser", lambda: opened.exists() and opened.read_text(), 90)
    return opened.read_text()
