"""Paints pages like those of the AWS console with QR codes in them, kind by kind, always the same.

`python qr_corpus.py FOLDER [PICTURES_PER_KIND]` writes the pictures and `manifest.json`, which says what stands in
each. Every code holds the address of a made-up device.
"""

from __future__ import annotations

import base64
import io
import json
import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import numpy as np
import qrcode
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SEED = 20240611
HD, UHD = (1920, 1080), (3840, 2160)
WORDS = (
    "Security credentials Assign MFA device Virtual authenticator app Show secret key Scan the QR code with your phone "
    "Enter two consecutive codes Access keys Identity and Access Management Users Roles Policies Account settings "
    "arn:aws:iam::123456789012:user/jane Last activity 3 days ago Created on Never used Active Cancel Next Previous"
).split()
LIGHT = {"page": (242, 243, 243), "card": (255, 255, 255), "text": (22, 25, 31), "line": (210, 214, 220)}
DARK = {"page": (15, 20, 26), "card": (22, 29, 38), "text": (209, 213, 219), "line": (65, 77, 92)}


@dataclass
class Case:
    """A picture, what it is to show, and how it is written."""

    picture: Image.Image
    codes: list[str] = field(default_factory=list)
    jpeg_quality: int | None = None


class Painter:
    """Everything random about one picture."""

    def __init__(self, kind: str, number: int) -> None:
        self.random = random.Random(f"{SEED}/{kind}/{number}")
        self.noise = np.random.default_rng(self.random.getrandbits(64))

    def uri(self) -> str:
        """Makes up a device."""
        seed = base64.b32encode(self.random.randbytes(40)).decode()
        issuer = quote("Amazon Web Services")
        name = self.random.choice(["jane", "root-account-mfa-device", "deploy.bot+ci", "max.mustermann"])
        account = self.random.choice(["acme", "123456789012", "acme-production-eu"])
        return f"otpauth://totp/{issuer}:{name}@{account}?secret={seed}&issuer={issuer}"

    def matrix(self, text: str, level: int | None = None) -> np.ndarray:
        """Returns the modules of a code without its quiet zone, True where dark."""
        levels = [qrcode.ERROR_CORRECT_L, qrcode.ERROR_CORRECT_M, qrcode.ERROR_CORRECT_M, qrcode.ERROR_CORRECT_Q]
        code = qrcode.QRCode(error_correction=level if level is not None else self.random.choice(levels), border=0)
        code.add_data(text)
        code.make()
        return np.array(code.get_matrix(), dtype=bool)

    def page(self, size: tuple[int, int] = HD, dark: bool | None = None) -> Image.Image:
        """Paints a console page with a navigation bar, a menu, a table and a card."""
        pick = self.random
        colours = DARK if (pick.random() < 0.4 if dark is None else dark) else LIGHT
        width, height = size
        zoom = max(1, round(height / 1080))
        page = Image.new("RGB", size, colours["page"])
        draw = ImageDraw.Draw(page)
        draw.rectangle((0, 0, width, 48 * zoom), fill=(35, 47, 62))
        self.words(draw, (20 * zoom, 14 * zoom), 9, (255, 255, 255), 15 * zoom)
        draw.rectangle((0, 48 * zoom, 280 * zoom, height), fill=colours["card"])
        for row in range(14):
            self.words(draw, (24 * zoom, (80 + row * 34) * zoom), 3, colours["text"], 14 * zoom)
        draw.rounded_rectangle((310 * zoom, 80 * zoom, width - 30 * zoom, height - 40 * zoom), 8, fill=colours["card"])
        for row in range((height // zoom - 180) // 40):
            top = (110 + row * 40) * zoom
            draw.line((330 * zoom, top + 30 * zoom, width - 50 * zoom, top + 30 * zoom), fill=colours["line"])
            for column in range(4):
                left = (340 + column * (width // zoom - 400) // 4) * zoom
                self.words(draw, (left, top), pick.randint(1, 3), colours["text"], 14 * zoom)
        for _ in range(3):
            left, top = pick.randint(330, 1500) * zoom, pick.randint(100, 900) * zoom
            draw.rounded_rectangle((left, top, left + 110 * zoom, top + 32 * zoom), 14, fill=(236, 114, 17))
        return page

    def words(self, draw: ImageDraw.ImageDraw, at: tuple[int, int], count: int, fill: tuple[int, ...], size: int) -> None:
        """Writes words of the console."""
        text = " ".join(self.random.choice(WORDS) for _ in range(count))
        draw.text(at, text, fill=fill, font=ImageFont.load_default(size))

    def place(self, page: Image.Image, code: Image.Image, among: list[tuple[int, int, int, int]] | None = None) -> None:
        """Puts a code somewhere on the page, clear of those that are there."""
        taken = among if among is not None else []
        for _ in range(200):
            left = self.random.randint(0, max(0, page.width - code.width))
            top = self.random.randint(0, max(0, page.height - code.height))
            box = (left, top, left + code.width, top + code.height)
            if not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
                break
        else:
            raise ValueError("no room for another code")
        taken.append(box)
        page.paste(code, box[:2], code if code.mode == "RGBA" else None)

    def module(self, low: float = 3, high: float = 6) -> int:
        """Chooses the pixels of a module's side."""
        return self.random.randint(int(low), int(high))


def paint(matrix: np.ndarray, module: int, quiet: int = 4, dark=(0, 0, 0), light=(255, 255, 255)) -> Image.Image:
    """Paints modules as squares."""
    padded = np.pad(matrix, quiet)
    pixels = np.where(padded[..., None], np.array(dark, np.uint8), np.array(light, np.uint8))
    return Image.fromarray(pixels.repeat(module, 0).repeat(module, 1))


def clean(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    p.place(page, paint(p.matrix(text), p.module()))
    return Case(page, [text])


def small(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    p.place(page, paint(p.matrix(text), 2))
    return Case(page, [text])


def fractional(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    code = paint(p.matrix(text), 8)
    side = round(code.width / 8 * p.random.uniform(1.9, 4.6))
    way = p.random.choice([Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.LANCZOS])
    p.place(page, code.resize((side, side), way))
    return Case(page, [text])


def inverted(p: Painter) -> Case:
    text, page = p.uri(), p.page(dark=True)
    ground = p.random.choice([(0, 0, 0), DARK["card"], (30, 30, 30)])
    p.place(page, paint(p.matrix(text), p.module(), p.random.choice([2, 4]), (255, 255, 255), ground))
    return Case(page, [text])


def no_quiet_zone(p: Painter) -> Case:
    text, page = p.uri(), p.page(dark=p.random.random() < 0.6)
    code = paint(p.matrix(text), p.module(), p.random.choice([0, 0, 1]))
    among: list[tuple[int, int, int, int]] = []
    p.place(page, code, among)
    if p.random.random() < 0.5:  # A caption that touches it.
        left, _, _, bottom = among[0]
        p.words(ImageDraw.Draw(page), (left, bottom), 3, (120, 120, 120), 14)
    return Case(page, [text])


def low_contrast(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    ground = p.random.randint(60, 250)
    ink = max(0, ground - p.random.randint(18, 60))
    p.place(page, paint(p.matrix(text), p.module(), 4, (ink,) * 3, (ground,) * 3))
    return Case(page, [text])


def coloured(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    dark, light = p.random.choice(
        [
            ((35, 47, 62), (255, 153, 0)),
            ((255, 153, 0), (255, 255, 255)),
            ((0, 90, 180), (255, 240, 200)),
            ((200, 20, 60), (255, 220, 230)),
            ((0, 120, 60), (200, 255, 200)),
            ((120, 40, 160), (250, 250, 210)),
            ((220, 40, 40), (120, 200, 255)),
        ]
    )
    p.place(page, paint(p.matrix(text), p.module(), 4, dark, light))
    return Case(page, [text])


def blurred(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    module = p.module(3, 7)
    p.place(page, paint(p.matrix(text), module))
    return Case(page.filter(ImageFilter.GaussianBlur(module * p.random.uniform(0.3, 0.75))), [text])


def jpeg(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    p.place(page, paint(p.matrix(text), p.module(2, 5)))
    return Case(page, [text], jpeg_quality=p.random.randint(8, 45))


def noise(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    p.place(page, paint(p.matrix(text), p.module()))
    grain = p.noise.normal(0, p.random.uniform(15, 55), (page.height, page.width, 1))
    return Case(Image.fromarray((np.asarray(page) + grain).clip(0, 255).astype(np.uint8)), [text])


def rotated(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    code = paint(p.matrix(text), p.module()).convert("RGBA")
    angle = p.random.choice([90, 180, 270, *(p.random.uniform(3, 357) for _ in range(6))])
    p.place(page, code.rotate(angle, Image.Resampling.BICUBIC, expand=True))
    return Case(page, [text])


def perspective(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    p.place(page, paint(p.matrix(text), p.module(5, 8)))
    width, height = page.size
    by = p.random.uniform(0.03, 0.14)
    shift = [(p.random.uniform(-by, by) * width, p.random.uniform(-by, by) * height) for _ in range(4)]
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    seen = [(x + abs(dx) * (1 if x == 0 else -1), y + abs(dy) * (1 if y == 0 else -1)) for (x, y), (dx, dy) in zip(corners, shift)]
    rows, wanted = [], []
    for (x, y), (u, v) in zip(seen, corners):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    factors = np.linalg.solve(np.array(rows), np.array(wanted))
    photo = page.transform(page.size, Image.Transform.PERSPECTIVE, factors, Image.Resampling.BICUBIC, fillcolor=(90, 85, 80))
    fall = np.linspace(p.random.uniform(0.6, 0.9), 1, width)[None, :, None]
    pixels = np.asarray(photo.filter(ImageFilter.GaussianBlur(p.random.uniform(0.3, 1.2)))) * fall
    return Case(Image.fromarray(pixels.astype(np.uint8)), [text], jpeg_quality=80)


def terminal(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    matrix = np.pad(p.matrix(text, qrcode.ERROR_CORRECT_L), p.random.choice([1, 2, 4]))
    ink, ground = p.random.choice([((255, 255, 255), (0, 0, 0)), ((204, 204, 204), (12, 12, 12)), ((0, 0, 0), (255, 255, 255))])
    lit = ~matrix if ink > ground else matrix
    if p.random.random() < 0.6:  # Half blocks: two rows of modules in one line of text.
        width, height = p.random.choice([(8, 8), (8, 9), (9, 10), (7, 8)])
        gap, per_line = p.random.choice([0, 0, 1, 2]), 2
    else:  # Two full blocks for each module.
        width, height = p.random.choice([(14, 15), (16, 17), (16, 18)])
        gap, per_line = p.random.choice([0, 0, 1, 2, 3]), 1
    rows = []
    for row in range(0, lit.shape[0], per_line):
        for part in range(per_line):
            line = lit[row + part] if row + part < lit.shape[0] else np.zeros(lit.shape[1], bool)
            rows += [line] * height
        rows += [np.zeros(lit.shape[1], bool)] * gap
    pixels = np.array(rows).repeat(width, 1)
    code = Image.fromarray(np.where(pixels[..., None], np.array(ink, np.uint8), np.array(ground, np.uint8)))
    framed = Image.new("RGB", (code.width + 60, min(code.height + 60, page.height)), ground)
    framed.paste(code, (30, 30))
    if code.height + 30 > page.height:
        page = page.resize((1920, code.height + 80))
        framed = Image.new("RGB", (code.width + 60, code.height + 60), ground)
        framed.paste(code, (30, 30))
    p.place(page, framed)
    return Case(page, [text])


def dotted(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    matrix = np.pad(p.matrix(text, qrcode.ERROR_CORRECT_M), 4)
    module, size = p.module(5, 8), len(matrix)
    big = module * 4
    code = Image.new("RGB", (size * big, size * big), (255, 255, 255))
    draw = ImageDraw.Draw(code)
    radius = p.random.uniform(0.34, 0.5)
    whole_finders = p.random.random() < 0.7
    for y, x in zip(*np.nonzero(matrix)):
        finder = (x < 11 and y < 11) or (x >= size - 11 and y < 11) or (x < 11 and y >= size - 11)
        if finder and whole_finders:
            draw.rectangle((x * big, y * big, (x + 1) * big - 1, (y + 1) * big - 1), fill=(20, 20, 20))
        else:
            middle = ((x + 0.5) * big, (y + 0.5) * big)
            draw.circle(middle, radius * big, fill=(20, 20, 20))
    p.place(page, code.resize((size * module,) * 2, Image.Resampling.LANCZOS))
    return Case(page, [text])


def logo(p: Painter) -> Case:
    text, page = p.uri(), p.page()
    matrix = p.matrix(text, p.random.choice([qrcode.ERROR_CORRECT_Q, qrcode.ERROR_CORRECT_H]))
    code = paint(matrix, p.module(4, 7))
    draw = ImageDraw.Draw(code)
    half = code.width * p.random.uniform(0.08, 0.14)
    middle = code.width / 2
    draw.rounded_rectangle((middle - half,) * 2 + (middle + half,) * 2, half / 4, fill=(255, 255, 255))
    draw.ellipse((middle - half * 0.8,) * 2 + (middle + half * 0.8,) * 2, fill=(236, 114, 17))
    p.place(page, code)
    return Case(page, [text])


def several(p: Painter) -> Case:
    page, texts, among = p.page(), [p.uri() for _ in range(p.random.randint(2, 4))], []
    for text in texts:
        style = p.random.choice(["plain", "plain", "small", "inverted", "pale", "turned"])
        matrix = p.matrix(text)
        if style == "inverted":
            code = paint(matrix, p.module(3, 5), 4, (255, 255, 255), (10, 10, 10))
        elif style == "pale":
            code = paint(matrix, p.module(3, 5), 4, (150, 150, 150), (200, 200, 200))
        elif style == "turned":
            code = paint(matrix, p.module(3, 4)).convert("RGBA").rotate(p.random.uniform(5, 40), Image.Resampling.BICUBIC, expand=True)
        else:
            code = paint(matrix, 2 if style == "small" else p.module(3, 5))
        p.place(page, code, among)
    return Case(page, texts)


def large_screen(p: Painter) -> Case:
    text, page = p.uri(), p.page(UHD)
    code = paint(p.matrix(text), 8)
    side = round(code.width / 8 * p.random.uniform(2.5, 9))
    p.place(page, code.resize((side, side), p.random.choice([Image.Resampling.NEAREST, Image.Resampling.LANCZOS])))
    return Case(page, [text])


def photo(p: Painter) -> Case:
    """A phone's picture of a screen: turned, tilted, uneven light, grain, JPEG."""
    text = p.uri()
    page = p.page((1440, 900))
    p.place(page, paint(p.matrix(text), p.module(5, 7)))
    turned = page.rotate(p.random.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True, fillcolor=(70, 66, 60))
    pixels = np.asarray(turned.filter(ImageFilter.GaussianBlur(p.random.uniform(0.5, 1.4)))).astype(float)
    across = np.linspace(p.random.uniform(0.4, 0.8), 1, pixels.shape[1])[None, :, None]
    moire = 1 + 0.05 * np.sin(np.arange(pixels.shape[0]) * p.random.uniform(0.5, 1.5))[:, None, None]
    pixels = pixels * across * moire + p.noise.normal(0, 6, pixels.shape)
    return Case(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), [text], jpeg_quality=70)


def no_code(p: Painter) -> Case:
    return Case(p.page())


def no_code_large(p: Painter) -> Case:
    return Case(p.page(UHD))


def decoys(p: Painter) -> Case:
    page = p.page()
    draw = ImageDraw.Draw(page)
    among: list[tuple[int, int, int, int]] = []
    for _ in range(5):
        kind = p.random.choice(["barcode", "checkerboard", "random", "finder", "rings", "damaged"])
        if kind == "barcode":
            bars = p.noise.integers(0, 2, 95).astype(bool)
            thing = Image.fromarray(np.where(np.pad(bars, 10), 0, 255).astype(np.uint8)[None].repeat(90, 0).repeat(2, 1))
        elif kind == "checkerboard":
            board = np.indices((24, 24)).sum(0) % 2
            thing = Image.fromarray((board * 255).astype(np.uint8).repeat(8, 0).repeat(8, 1))
        elif kind == "random":
            dots = p.noise.integers(0, 2, (37, 37)) * 255
            thing = Image.fromarray(np.pad(dots, 4, constant_values=255).astype(np.uint8).repeat(5, 0).repeat(5, 1))
        elif kind == "finder":
            thing = paint(np.pad(p.matrix("x")[:7, :7], 2), 6)
        elif kind == "rings":
            thing = Image.new("L", (160, 160), 255)
            for ring, radius in enumerate(range(75, 5, -14)):
                ImageDraw.Draw(thing).circle((80, 80), radius, fill=255 * (ring % 2))
        else:  # A code with most of its data gone, which must not be read as something else.
            matrix = p.matrix(p.uri(), qrcode.ERROR_CORRECT_L)
            matrix[10:-10, 10:] = p.noise.integers(0, 2, matrix[10:-10, 10:].shape).astype(bool)
            thing = paint(matrix, 4)
        p.place(page, thing.convert("RGB"), among)
    draw.text((400, 60), "otpauth://totp/Example:jane?secret=JBSWY3DPEHPK3PXP", fill=(128, 128, 128))
    return Case(page)


KINDS: dict[str, Callable[[Painter], Case]] = {
    "clean": clean,
    "small modules": small,
    "fractional": fractional,
    "inverted": inverted,
    "no quiet zone": no_quiet_zone,
    "low contrast": low_contrast,
    "coloured": coloured,
    "blurred": blurred,
    "JPEG": jpeg,
    "noise": noise,
    "rotated": rotated,
    "perspective": perspective,
    "photo": photo,
    "terminal": terminal,
    "dotted": dotted,
    "logo": logo,
    "several": several,
    "3840 × 2160": large_screen,
    "no code": no_code,
    "no code, 3840 × 2160": no_code_large,
    "decoys": decoys,
}


def write(folder: Path, per_kind: int) -> list[dict]:
    """Paints the corpus into a folder and returns its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = []
    for kind, painted_by in KINDS.items():
        for number in range(per_kind):
            case = painted_by(Painter(kind, number))
            stem = "".join(c if c.isalnum() else "-" for c in kind.replace(" × ", "x"))
            name = f"{stem}-{number:02}." + ("jpg" if case.jpeg_quality else "png")
            if case.jpeg_quality:
                case.picture.save(folder / name, quality=case.jpeg_quality)
            else:
                case.picture.save(folder / name, compress_level=1)
            manifest.append({"file": name, "kind": kind, "size": list(case.picture.size), "codes": case.codes})
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 12)
