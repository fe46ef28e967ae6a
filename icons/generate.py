"""Draws every generated icon from the four SVG sources beside this file.

Run it after changing a source: `.venv/bin/python icons/generate.py` (needs rsvg-convert and Pillow).
Up to 32 pixels the small drawing is used, whose edges lie on the pixel grid; from 48 on the full one.
"""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
FULL = HERE / "undercroft.svg"
SMALL = HERE / "undercroft-small.svg"
LARGEST_SMALL = 32

PNG_NAMES = {
    16: "16x16.png",
    24: "24x24.png",
    32: "32x32.png",
    48: "48x48.png",
    64: "64x64.png",
    128: "128x128.png",
    256: "128x128@2x.png",
    512: "icon.png",
    1024: "1024x1024.png",
}
ICO_SIZES = (16, 24, 32, 48, 64, 256)
ICNS_SIZES = (16, 32, 64, 128, 256, 512, 1024)

# No program knows the colour of the panel that it is shown on: one drawing serves light and dark ones.
TRAY_SIZES = (16, 22, 32, 44)


def draw(svg: bytes, size: int) -> Image.Image:
    """Renders an SVG text at `size` by `size` pixels."""
    command = ["rsvg-convert", "--width", str(size), "--height", str(size)]
    png = subprocess.run(command, input=svg, capture_output=True, check=True).stdout
    return Image.open(io.BytesIO(png)).convert("RGBA")


def app_icon(size: int) -> Image.Image:
    """Renders the app icon from the drawing meant for this size."""
    source = SMALL if size <= LARGEST_SMALL else FULL
    return draw(source.read_bytes(), size)


def main() -> None:
    """Writes the PNG, ICO, ICNS and tray pictures."""
    for size, name in PNG_NAMES.items():
        app_icon(size).save(HERE / name, optimize=True)

    ico = [app_icon(size) for size in ICO_SIZES]
    ico[-1].save(HERE / "icon.ico", sizes=[(size, size) for size in ICO_SIZES], append_images=ico[:-1])

    icns = [app_icon(size) for size in ICNS_SIZES]
    icns[-1].save(HERE / "icon.icns", append_images=icns[:-1])

    tray = HERE / "tray"
    tray.mkdir(exist_ok=True)
    for state in ("locked", "unlocked"):
        svg = (HERE / f"undercroft-tray-{state}.svg").read_bytes()
        for size in TRAY_SIZES:
            draw(svg, size).save(tray / f"{state}-{size}.png", optimize=True)


if __name__ == "__main__":
    main()
