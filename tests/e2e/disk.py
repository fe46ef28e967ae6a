"""Folders with faults that a real kernel makes: full, read-only, gone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from patience import patient


def _privileged(command: list[str]) -> None:
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    subprocess.run([*prefix, *command], check=True, capture_output=True, timeout=patient(20))


class SmallDisk:
    """A file system of its own with `size_kib` of room, mounted at `path`."""

    def __init__(self, path: Path, size_kib: int) -> None:
        self.path = path
        self._is_covered = False
        path.mkdir(parents=True, exist_ok=True)
        options = f"size={size_kib}k,mode=0700,uid={os.getuid()},gid={os.getgid()}"
        try:
            _privileged(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)])
        except (subprocess.CalledProcessError, FileNotFoundError) as fault:
            pytest.skip(f"a small file system needs root or sudo to mount: {fault}")

    def fill(self) -> None:
        """Takes all the room that is left, to the last byte."""
        with (self.path / ".ballast").open("ab", buffering=0) as ballast:
            for chunk in (65536, 4096, 512, 1):
                try:
                    while True:
                        ballast.write(b"\0" * chunk)
                except OSError:
                    continue

    def free(self) -> None:
        """Gives the taken room back."""
        (self.path / ".ballast").unlink(missing_ok=True)

    def make_read_only(self) -> None:
        """Turns the folder read-only, for root too, under programs that have files open there: writes fail with EROFS."""
        _privileged(["mount", "--bind", str(self.path), str(self.path)])
        _privileged(["mount", "-o", "remount,bind,ro", str(self.path)])
        self._is_covered = True

    def make_writable(self) -> None:
        """Undoes `make_read_only`."""
        _privileged(["umount", "--lazy", str(self.path)])
        self._is_covered = False

    def close(self) -> None:
        """Unmounts, even when a program still has files open there."""
        if self._is_covered:
            self.make_writable()
        _privileged(["umount", "--lazy", str(self.path)])
        shutil.rmtree(self.path, ignore_errors=True)
