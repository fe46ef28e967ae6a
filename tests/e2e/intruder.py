"""Tries what a program of another user, or of the same one, could try; run as that user, by the system's own Python.

    python3 intruder.py < targets.json > outcomes.json

Targets: {"read": [PATH], "list": [FOLDER], "socket": [PATH], "http": [{"url", "token"}], "process": [PID], "bus": [PATH], "hello": the bus's first call in hex}.
Outcomes: [[CASE, TARGET, ""|WHAT WAS GOT]], one for each attempt; an empty text means that nothing was got.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

PTRACE_ATTACH, PTRACE_DETACH = 16, 17
OF_A_PROCESS = (
    "environ",
    "mem",
    "maps",
    "smaps",
    "pagemap",
    "auxv",
    "io",
    "stack",
    "syscall",
    "personality",
    "exe",
    "cwd",
    "root",
    "fd",
)
# The kernel has other ways to refuse than by permission: what is not there, or is nothing.
Attempt = Callable[[], object]

libc = ctypes.CDLL(None, use_errno=True)
outcomes: list[tuple[str, str, str]] = []


def attempt(case: str, target: object, run: Attempt) -> None:
    """Runs one attempt and notes what was got by it."""
    try:
        got = run()
    except OSError:
        got = None
    outcomes.append((case, str(target), "" if not got else str(got)[:60]))


def checked(answer: int) -> int:
    """Raises what a call of the C library failed with."""
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def read(path: Path) -> str:
    with path.open("rb") as file:
        return f"{len(file.read(4096))} bytes"


def overwrite(path: Path) -> str:
    with path.open("r+b"):
        return "opened for writing"


def plant(folder: Path) -> str:
    planted = folder / "planted-by-an-intruder"
    planted.write_text("x")
    planted.unlink()
    return "a file was made"


def take_away(path: Path) -> str:
    # A name in the same folder: nothing is lost where it succeeds, as it is put back.
    away = path.with_name(f"{path.name}.away")
    path.rename(away)
    away.rename(path)
    return "renamed"


def speak(path: str) -> str:
    with socket.socket(socket.AF_UNIX) as channel:
        channel.settimeout(5)
        channel.connect(path)
        channel.sendall(b'{"protocol":1,"verb":"status"}\n')
        answer = channel.recv(4096)
        return f"answered {len(answer)} bytes" if answer else ""


def join_bus(path: str, hello: bytes) -> str:
    with socket.socket(socket.AF_UNIX) as channel:
        channel.settimeout(5)
        channel.connect(path)
        channel.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        if not channel.recv(4096).startswith(b"OK"):
            return ""
        # Anybody may say who they are; whether that is enough shows afterwards.
        channel.sendall(b"BEGIN\r\n" + hello)
        return "answered" if channel.recv(1, socket.MSG_PEEK) else ""


class Unmoved(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: where it leads is what is looked for."""

    def redirect_request(self, *_: object) -> None:
        return None


def fetch(url: str, token: str) -> str:
    asked = urllib.request.Request(url, headers={"Authorization": token} if token else {})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({}), Unmoved).open(asked, timeout=5) as answer:
            return f"status {answer.status}"
    except urllib.error.HTTPError as refused:
        return f"led to {refused.headers['Location']}" if refused.headers.get("Location") else ""


def of_process(pid: int, name: str) -> str:
    path = Path(f"/proc/{pid}/{name}")
    if name in ("exe", "cwd", "root"):
        return os.readlink(path)
    if name == "fd":
        return ", ".join(os.readlink(entry) for entry in path.iterdir())
    with path.open("rb") as file:
        if name != "mem":
            return f"{len(file.read(64))} bytes"
        # Opening it is what is refused; the address is any that is there.
        return "opened"


def trace(pid: int) -> str:
    checked(libc.ptrace(PTRACE_ATTACH, pid, None, None))
    os.waitpid(pid, 0)
    libc.ptrace(PTRACE_DETACH, pid, None, None)
    return "attached"


class Vector(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("len", ctypes.c_size_t))


def read_from_afar(pid: int) -> str:
    here = ctypes.create_string_buffer(16)
    ours, theirs = Vector(ctypes.addressof(here), 16), Vector(0x1000, 16)
    try:
        checked(libc.process_vm_readv(pid, ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0))
    except OSError as refused:
        # Allowed, but nothing is at that address.
        if refused.errno != errno.EFAULT:
            raise
    return "allowed"


def provoke(pid: int, number: int) -> str:
    os.kill(pid, number)
    return "delivered"


def main() -> None:
    targets = json.load(sys.stdin)
    harmless = targets.get("harmless", False)
    for path in map(Path, targets.get("read", [])):
        attempt("read a file", path, lambda path=path: read(path))
        attempt("write a file", path, lambda path=path: overwrite(path))
        if not harmless:
            attempt("take a file away", path, lambda path=path: take_away(path))
    for folder in map(Path, targets.get("list", [])):
        attempt("list a folder", folder, lambda folder=folder: os.listdir(folder) or "empty")
        attempt("put a file into a folder", folder, lambda folder=folder: plant(folder))
    for path in targets.get("socket", []):
        attempt("ask a socket", path, lambda path=path: speak(path))
    for path in targets.get("bus", []):
        attempt("join the session bus", path, lambda path=path: join_bus(path, bytes.fromhex(targets["hello"])))
    for page in targets.get("http", []):
        attempt("ask a page on loopback", page["url"], lambda page=page: fetch(page["url"], page["token"]))
    for pid in targets.get("process", []):
        for name in OF_A_PROCESS:
            attempt(f"/proc/PID/{name}", pid, lambda pid=pid, name=name: of_process(pid, name))
        attempt("ptrace", pid, lambda pid=pid: trace(pid))
        attempt("process_vm_readv", pid, lambda pid=pid: read_from_afar(pid))
        if not harmless:
            for number in (signal.SIGABRT, signal.SIGQUIT, signal.SIGSEGV, signal.SIGSTOP, signal.SIGTERM):
                attempt(f"send {number.name}", pid, lambda pid=pid, number=number: provoke(pid, number))
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
