"""QR codes as users meet them: on a page of the console, in a file, on the clipboard, dragged."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from PIL import Image, ImageDraw

from desktop import PROJECT, Desktop
from patience import comes, patient

SCRIPTS = Path(__file__).parent
PYTHON = PROJECT / ".venv" / "bin" / "python"


def otpauth(label: str, seed: str, issuer: str = "Amazon Web Services", kind: str = "totp") -> str:
    """Returns the text of the code that AWS shows for a device."""
    return f"otpauth://{kind}/{quote(issuer)}:{quote(label)}?secret={seed}&issuer={quote(issuer)}"


def qr(path: Path, text: str, *, size: int = 5) -> Path:
    """Draws a QR code with a program that is not ours."""
    subprocess.run(["qrencode", "-o", str(path), "-s", str(size), "-m", "4", text], check=True, timeout=patient(20))
    return path


def page(path: Path, *texts: str, size: int = 4) -> Path:
    """Draws what the console shows when a device is assigned, with a code for each text."""
    codes = [
        Image.open(qr(path.with_suffix(f".{at}.png"), text, size=size)).convert("RGB") for at, text in enumerate(texts)
    ]
    width = max(560, sum(code.width for code in codes) + 40 * (len(codes) + 1))
    sheet = Image.new("RGB", (width, max((code.height for code in codes), default=120) + 150), "#f2f3f3")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((0, 0, width, 44), fill="#232f3e")
    draw.text((16, 15), "IAM > Users > Security credentials", fill="white")
    draw.text((20, 66), "Set up device: scan the QR code with your authenticator app", fill="#16191f")
    left = 40
    for code in codes:
        sheet.paste(code, (left, 96))
        left += code.width + 40
    draw.text((20, sheet.height - 36), "Fill in two consecutive codes from your MFA device.", fill="#16191f")
    sheet.save(path)
    return path


def show(desktop: Desktop, picture: Path, left: int, top: int) -> subprocess.Popen[bytes]:
    """Shows a picture in another program's window, as a browser would."""
    viewer = desktop.start(["display", "-title", picture.stem, "-geometry", f"+{left}+{top}", picture])
    shown = comes(lambda: picture.stem in desktop.window_titles(), 15)
    assert shown, f"{picture.name} was not shown: {desktop.log('display')}"
    time.sleep(0.4)
    return viewer


def copy_picture(desktop: Desktop, picture: Path) -> None:
    """Puts a picture on the clipboard as an image viewer would."""
    _own(desktop, "image/png", str(picture), "-i")


def copy_files(desktop: Desktop, *paths: Path) -> None:
    """Puts files on the clipboard as a file manager would."""
    listing = desktop.folder / "copied-files"
    listing.write_text("".join(f"{path.as_uri()}\r\n" for path in paths))
    _own(desktop, "text/uri-list", str(listing), "-i")


def _own(desktop: Desktop, target: str, path: str, how: str) -> None:
    desktop.start(["xclip", "-selection", "clipboard", "-t", target, "-quiet", how, path])
    owned = comes(lambda: target in desktop.clipboard_formats())
    assert owned, f"xclip did not take the clipboard: {desktop.log('xclip')}"


def drag(desktop: Desktop, path: Path, x: int, y: int, *, leave: bool = False) -> None:
    """Drags a file to a place on the screen and lets it go there, or takes it away again."""
    command = [PYTHON, SCRIPTS / "drag_source.py", path, str(x), str(y), *(["--leave"] if leave else [])]
    done = desktop.run(command, timeout=40)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def script(name: str) -> list[str]:
    """Returns the command of a helper of these tests."""
    return [sys.executable, str(SCRIPTS / name)]
