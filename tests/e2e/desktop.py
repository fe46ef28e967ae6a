"""A desktop of its own: an X server, a session bus, a window manager and fresh XDG folders.

Every test gets one, so that no test sees another's windows, clipboard, single-instance lock or vault.
`make run` uses the same class where there is no display. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from patience import comes, comes_within, patient

PROJECT = Path(__file__).resolve().parents[2]
PICTURES = PROJECT / "target" / "pictures"

# What a program needs from outside to start at all. Nothing that could redirect it: the rest is set here.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "RUST_BACKTRACE", "LD_LIBRARY_PATH", "RUSTUP_HOME", "CARGO_HOME")
NOTIFICATIONS = "org.freedesktop.Notifications"
NEEDED = ("Xvfb", "openbox", "dbus-daemon", "fc-match", "import", "xclip", "xdotool")


class DesktopError(RuntimeError):
    """Says which part of the desktop did not come up, and why."""


def missing_programs(names: Sequence[str] = NEEDED) -> list[str]:
    """Lists which of `names` are not installed."""
    return [name for name in names if shutil.which(name) is None]


class Desktop:
    """An X server, a session bus and a window manager that end together.

    `folder` holds the XDG folders and the logs; without one, a temporary folder is made and removed again. `user`, a pair
    of user and group, has the desktop and its programs, where root runs the tests. With `few_fonts` programs find DejaVu
    alone and start sooner.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        size: tuple[int, int] = (1440, 900),
        dark: bool = False,
        window_manager: bool = True,
        extra_env: Mapping[str, str] | None = None,
        user: tuple[int, int] | None = None,
        few_fonts: bool = False,
    ) -> None:
        self._own_folder = folder is None
        self.folder = Path(tempfile.mkdtemp(prefix="undercroft-")) if folder is None else folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.size = size
        self._has_window_manager = window_manager
        self._parts: list[subprocess.Popen[bytes]] = []
        # A socket's path has at most 107 bytes, and folders of tests have long names.
        self._runtime = tempfile.TemporaryDirectory(prefix="undercroft-run-", ignore_cleanup_errors=True)
        self.env = self._environment(dark, extra_env or {})
        if few_fonts:
            self.env["FONTCONFIG_FILE"] = str(self._few_fonts())
        self._become: list[str] = []
        if user is not None:
            self._belong_to(*user)

    def _environment(self, dark: bool, extra: Mapping[str, str]) -> dict[str, str]:
        env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        for name, part in {
            "HOME": "home",
            "XDG_DATA_HOME": "data",
            "XDG_STATE_HOME": "state",
            "XDG_CONFIG_HOME": "config",
            "XDG_CACHE_HOME": "cache",
        }.items():
            path = self.folder / part
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.chmod(0o700)
            env[name] = str(path)
        env["XDG_RUNTIME_DIR"] = self._runtime.name
        env.setdefault("LANG", "C.UTF-8")
        env |= {
            "GDK_BACKEND": "x11",
            "GTK_THEME": "Adwaita:dark" if dark else "Adwaita",
            "GSETTINGS_BACKEND": "memory",
            "NO_AT_BRIDGE": "1",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "XDG_SESSION_TYPE": "x11",
            # Whoever works at this machine may lock its screen; no test is to notice.
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/no-system-bus",
        }
        return env | dict(extra)

    def _few_fonts(self) -> Path:
        """Writes a choice of fonts: WebKit looks through all that are installed, which takes a quarter of its time."""
        sans = subprocess.run(
            ["fc-match", "--format=%{file}", "DejaVu Sans"], stdout=subprocess.PIPE, text=True, check=True
        ).stdout
        aliases = {
            "sans-serif": "DejaVu Sans",
            "system-ui": "DejaVu Sans",
            "serif": "DejaVu Serif",
            "monospace": "DejaVu Sans Mono",
        }
        rules = "".join(
            f"<alias><family>{family}</family><prefer><family>{font}</family></prefer></alias>"
            for family, font in aliases.items()
        )
        path = self.folder / "fonts.conf"
        path.write_text(
            f'<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
            f"<fontconfig><dir>{Path(sans).parent}</dir>{rules}<cachedir>/var/cache/fontconfig</cachedir></fontconfig>\n"
        )
        return path

    def _belong_to(self, uid: int, gid: int) -> None:
        """Gives the desktop to another user, who runs what is started here; for root alone."""
        self._become = become(uid, gid)
        for folder in (self.folder, Path(self._runtime.name)):
            for path in (folder, *folder.rglob("*")):
                os.chown(path, uid, gid)

    def __enter__(self) -> Desktop:
        try:
            self._start_screen()
            self._start_bus()
            if self._has_window_manager:
                self._start_window_manager()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start_screen(self) -> None:
        width, height = self.size
        reader, writer = os.pipe()
        try:
            self.start(
                [
                    "Xvfb",
                    "-displayfd",
                    str(writer),
                    "-screen",
                    "0",
                    f"{width}x{height}x24",
                    "-nolisten",
                    "tcp",
                    "-noreset",
                    "-fbdir",
                    str(self.folder),
                ],
                pass_fds=(writer,),
            )
        finally:
            os.close(writer)
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()
        if not number:
            raise DesktopError(f"Xvfb did not start: {self.log('Xvfb')}")
        self.env["DISPLAY"] = f":{number}"

    def _start_bus(self) -> None:
        # Where a daemon for notifications is installed, the bus would start it for whoever shows one.
        services = Path(self.env["XDG_RUNTIME_DIR"]) / "dbus-1" / "services"
        services.mkdir(parents=True, exist_ok=True)
        (services / f"{NOTIFICATIONS}.service").write_text(f"[D-BUS Service]\nName={NOTIFICATIONS}\nExec=/bin/false\n")
        reader, writer = os.pipe()
        try:
            self.start(["dbus-daemon", "--session", "--nofork", f"--print-address={writer}"], pass_fds=(writer,))
        finally:
            os.close(writer)
        with os.fdopen(reader) as answer:
            address = answer.readline().strip()
        if not address:
            raise DesktopError(f"the session bus did not start: {self.log('dbus-daemon')}")
        self.env["DBUS_SESSION_BUS_ADDRESS"] = address

    def _start_window_manager(self) -> None:
        self.start(["openbox", "--sm-disable"])
        if not comes(lambda: self.run(["xdotool", "get_desktop"]).returncode == 0):
            raise DesktopError(f"openbox did not start: {self.log('openbox')}")

    def start(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> subprocess.Popen[bytes]:
        """Starts a program of this desktop, in a process group that ends with the desktop."""
        name = Path(command[0]).name
        with (self.folder / f"{name}.log").open("ab") as log:
            part = subprocess.Popen(
                [*self._become, *map(str, command)],
                env={**self.env, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=pass_fds,
                start_new_session=True,
            )
        self._parts.append(part)
        return part

    def run(
        self, command: Sequence[str | Path], *, text_in: str | None = None, timeout: float = 30
    ) -> subprocess.CompletedProcess[str]:
        """Runs a short program on this desktop and returns what it said."""
        return subprocess.run(
            [str(word) for word in command],
            env=self.env,
            input=text_in if text_in is not None else "",
            capture_output=True,
            text=True,
            # A clipboard may hold a picture.
            errors="replace",
            timeout=patient(timeout),
            check=False,
        )

    def log(self, name: str) -> str:
        """Returns what the program `name` printed so far."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def picture(self, path: Path | str) -> Path:
        """Writes a picture of the whole screen; a bare name goes to target/pictures/NAME.png."""
        if isinstance(path, str):
            path = PICTURES / f"{path}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        done = self.run(["import", "-window", "root", path])
        if done.returncode != 0:
            raise DesktopError(f"no picture of the screen: {done.stderr.strip()}")
        return path

    @property
    def frame_buffer(self) -> Path:
        """The file through which Xvfb shares its pixels, in the XWD format."""
        return self.folder / "Xvfb_screen0"

    def window_titles(self) -> list[str]:
        """Lists the titles of the windows that are shown."""
        found = self.run(["xdotool", "search", "--onlyvisible", "--name", "."]).stdout.split()
        titles = (self.run(["xdotool", "getwindowname", number]).stdout.strip() for number in found)
        return [title for title in titles if title and title.lower() != "openbox"]

    def clipboard(self, selection: str = "clipboard") -> str:
        """Reads the clipboard as another program would; empty when nothing owns it."""
        try:
            return self.run(["xclip", "-o", "-selection", selection], timeout=5).stdout
        except subprocess.TimeoutExpired:
            return ""

    def clipboard_formats(self) -> list[str]:
        """Lists the formats that the clipboard's owner offers, such as a password manager's hint."""
        return self.run(["xclip", "-o", "-selection", "clipboard", "-t", "TARGETS"], timeout=5).stdout.split()

    def copy(self, text: str) -> None:
        """Puts `text` on the clipboard as another program would."""
        owner = subprocess.Popen(
            ["xclip", "-i", "-selection", "clipboard", "-quiet"],
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._parts.append(owner)
        assert owner.stdin is not None
        owner.stdin.write(text.encode())
        owner.stdin.close()
        if not comes(lambda: self.clipboard() == text):
            raise DesktopError("xclip did not take the clipboard")

    def activate(self, title: str) -> None:
        """Brings the window with this title to the front, with the keyboard in it, as a click on it does."""

        def is_active() -> bool:
            self.run(["xdotool", "search", "--onlyvisible", "--name", f"^{title}$", "windowactivate", "--sync"])
            return self.run(["xdotool", "getactivewindow", "getwindowname"]).stdout.strip() == title

        if not comes(is_active):
            raise DesktopError(f"the window {title!r} does not get the keyboard")

    def close_window(self, title: str) -> None:
        """Closes the window with this title by Alt+F4, again where the key was lost while the keyboard changed hands."""
        for _ in range(3):
            self.activate(title)
            self.keys("alt+F4")
            if comes_within(lambda: title not in self.window_titles(), 8):
                return
        raise DesktopError(f"the window {title!r} does not close")

    def keys(self, *combinations: str) -> None:
        """Presses key combinations in the focused window, named as xdotool does: `ctrl+k`, `Return`."""
        self.run(["xdotool", "key", "--clearmodifiers", *combinations])

    def close(self) -> None:
        """Ends every program that was started here, the last first, and waits for it."""
        for part in reversed(self._parts):
            stop(part)
        self._parts.clear()
        self._runtime.cleanup()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def become(uid: int, gid: int) -> list[str]:
    """The words before a command that make root run it as another user, without a privilege left."""
    return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--inh-caps=-all", "--no-new-privs", "--"]


def stop(part: subprocess.Popen[bytes], patience_secs: float = 3) -> None:
    """Ends a program and its whole process group: asks first, insists after `patience_secs`."""
    for number, wait_secs in ((signal.SIGTERM, patience_secs), (signal.SIGKILL, 10.0)):
        with suppress(ProcessLookupError):
            os.killpg(part.pid, number)
        with suppress(subprocess.TimeoutExpired):
            part.wait(wait_secs)
    with suppress(ProcessLookupError):
        os.killpg(part.pid, signal.SIGKILL)
