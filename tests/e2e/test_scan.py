"""Enrolling a device from a QR code: each source in the real window, with codes that another program drew."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from Xlib import X
from Xlib.display import Display
from Xlib.error import BadDrawable, BadWindow

import ipc
import steps
from app import App
from codes import codes_around_now, oathtool, secs_left, wait_for_room
from codes_shown import PYTHON, SCRIPTS, copy_files, copy_picture, drag, otpauth, page, qr, show
from desktop import Desktop
from patience import comes

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTHER = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ACCOUNT = "123456789012"
LINK = otpauth(f"jane.doe@{ACCOUNT}", SEED)
TITLE = "Add MFA device"


@pytest.fixture
def enrolling(unlocked: App) -> App:
    """The dialog for the devices of an identity, open."""
    app = unlocked
    account = ipc.save_account(app, ACCOUNT, "Workshop")
    ipc.save_identity(app, account, "jane.doe")
    steps.open_account(app, "Workshop")
    steps.open_identity(app, "jane.doe")
    app.click("button", TITLE)
    steps.dialog(app, TITLE)
    return app


def save_and_compare(app: App, seed: str = SEED, name: str = "jane.doe") -> None:
    """Saves what was found, and holds its code against oathtool's."""
    app.find("textbox", "Device name", secs=30)
    assert seed not in app.driver.page_source, "the seed is on the page"
    app.click("button", "Save device")
    app.find("dialog", "Finish at AWS", secs=20)
    app.click("button", "Not now")
    steps.until_closed(app, "Finish at AWS")
    app.find("article", f"MFA device {name}")
    assert steps.shown_code(app) in codes_around_now(seed)


def found_text(app: App, text: str) -> None:
    """Waits for a text in the dialog."""
    app.wait_for(f"{text!r} in the dialog", lambda: text in app.find("dialog").text, 30)


def test_a_code_on_the_screen_is_found_and_saved(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    show(desktop, page(tmp_path / "console.png", LINK), 20, 500)
    app.click("button", "Scan the screen")
    found_text(app, "Code read")
    said = app.find("dialog", TITLE).text
    assert "Workshop" in said and "jane.doe" in said
    assert app.find("textbox", "Serial").get_property("value") == f"arn:aws:iam::{ACCOUNT}:mfa/jane.doe"
    save_and_compare(app)
    # The same code again: it is said before saving, and refused.
    app.click("button", TITLE)
    app.click("button", "Scan the screen")
    found_text(app, "This key is in the vault already")
    assert "jane.doe / jane.doe" in app.find("dialog", TITLE).text


@pytest.mark.slow
def test_a_code_behind_our_window_is_found_too(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    show(desktop, page(tmp_path / "console.png", LINK), 500, 300)
    window = desktop.run(["xdotool", "search", "--onlyvisible", "--name", "^Undercroft$"]).stdout.split()[0]
    place = desktop.run(["xdotool", "getwindowgeometry", window]).stdout
    desktop.run(["xdotool", "windowactivate", "--sync", window])
    time.sleep(0.5)
    app.click("button", "Scan the screen")
    found_text(app, "Code read")
    # The window is back where it was.
    app.wait_for("the window", lambda: "Undercroft" in desktop.window_titles())
    assert desktop.run(["xdotool", "getwindowgeometry", window]).stdout == place
    save_and_compare(app)


def test_several_codes_are_a_list_to_choose_from(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    other = otpauth("ci@acme-tools", OTHER)
    show(desktop, page(tmp_path / "console.png", LINK, other, "https://example.com/"), 20, 480)
    app.click("button", "Scan the screen")
    found_text(app, "Several codes were found")
    assert "A web address of example.com" in app.find("dialog", TITLE).text
    app.click("button", "jane.doe", within=app.find("list", "Found codes"))
    save_and_compare(app)


def begin_drawing(app: App, desktop: Desktop) -> None:
    """Presses the button on the X server's keyboard: the driver's click would wait for a window that is hidden."""
    app.driver.execute_script("arguments[0].focus()", app.find("button", "Draw a region"))
    window = desktop.run(["xdotool", "search", "--onlyvisible", "--name", "^Undercroft$"]).stdout.split()[0]
    desktop.run(["xdotool", "windowactivate", "--sync", window])
    desktop.keys("Return")
    assert comes(lambda: is_drawn_on(desktop), 15), "nothing to draw on came up"
    # It is there before it takes the pointer and the keys.
    time.sleep(0.5)


def is_drawn_on(desktop: Desktop) -> bool:
    """Says whether a window that no window manager cares for lies over the whole screen."""
    with closing(Display(desktop.env["DISPLAY"])) as display:
        for window in display.screen().root.query_tree().children:
            with suppress(BadWindow, BadDrawable):
                place, attributes = window.get_geometry(), window.get_attributes()
                is_whole = (place.width, place.height) == desktop.size
                if is_whole and attributes.override_redirect and attributes.map_state == X.IsViewable:
                    return True
    return False


def draw_around(desktop: Desktop, left: int, top: int, right: int, bottom: int) -> None:
    """Drags a rectangle with the pointer, in the steps of a hand."""
    desktop.run(["xdotool", "mousemove", str(left), str(top), "mousedown", "1"])
    for part in (1, 2, 3, 4):
        x, y = left + (right - left) * part // 4, top + (bottom - top) * part // 4
        desktop.run(["xdotool", "mousemove", str(x), str(y)])
        time.sleep(0.05)
    desktop.run(["xdotool", "mouseup", "1"])


@pytest.mark.slow
def test_a_region_is_drawn_when_several_or_none_were_found(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    app.click("button", "Scan the screen")
    found_text(app, "No QR code on the screen")
    show(desktop, page(tmp_path / "console.png", LINK, otpauth("x@y-z", OTHER)), 100, 420)
    begin_drawing(app, desktop)
    desktop.picture("scan-region")
    draw_around(desktop, 110, 430, 420, 860)
    found_text(app, "Code read")
    save_and_compare(app)


@pytest.mark.slow
def test_drawing_a_region_is_given_up_with_escape(enrolling: App, desktop: Desktop) -> None:
    app = enrolling
    app.click("button", "Scan the screen")
    found_text(app, "No QR code on the screen")
    begin_drawing(app, desktop)
    desktop.keys("Escape")
    app.wait_for("the window", lambda: "Undercroft" in desktop.window_titles())
    app.wait_for("the dialog", lambda: "Draw a region" in app.find("dialog", TITLE).text)
    assert "can’t" not in app.find("dialog", TITLE).text


@pytest.mark.slow
def test_a_region_is_drawn_by_keyboard(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    app.click("button", "Scan the screen")
    found_text(app, "No QR code on the screen")
    show(desktop, page(tmp_path / "console.png", LINK), 420, 160)
    begin_drawing(app, desktop)
    # The first arrow shows a frame in the middle; the others make it large enough.
    desktop.keys("Right", *["Left"] * 8, *["Up"] * 8, *["shift+Right"] * 12, *["shift+Down"] * 12)
    desktop.keys("Return")
    found_text(app, "Code read")
    save_and_compare(app)


def test_a_picture_is_pasted_from_the_clipboard(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    copy_picture(desktop, page(tmp_path / "console.png", LINK))
    app.wait_for("the focus in the dialog", lambda: app.focused()[0] == "button")
    app.press(Keys.CONTROL, "v")
    found_text(app, "Code read")
    save_and_compare(app)


@pytest.mark.slow
def test_a_picture_is_pasted_while_the_field_has_the_focus(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    copy_picture(desktop, qr(tmp_path / "code.png", LINK))
    app.find("textbox", "Secret key or link").click()
    app.press(Keys.CONTROL, "v")
    found_text(app, "Code read")
    save_and_compare(app)


@pytest.mark.slow
def test_copied_files_and_texts_are_pasted_by_the_button(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    note = tmp_path / "note.txt"
    note.write_text("no picture")
    copy_files(desktop, note, qr(tmp_path / "with space.png", LINK))
    app.click("button", "Paste")
    found_text(app, "Code read")
    app.click("button", "Back")
    desktop.copy(LINK)
    app.click("button", "Paste")
    found_text(app, "Code read")
    app.click("button", "Back")
    desktop.copy("just words, no key")
    app.click("button", "Paste")
    app.wait_for("the reason", lambda: app.is_shown("alert"))
    assert "just words" not in app.find("dialog", TITLE).text


def test_a_picture_is_dropped_on_the_window(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    code = qr(tmp_path / "code.png", LINK)
    drag(desktop, code, 700, 450)
    found_text(app, "Code read")
    save_and_compare(app)


@pytest.mark.slow
def test_a_drop_without_a_dialog_begins_one(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    app.press(Keys.ESCAPE)
    steps.until_closed(app, TITLE)
    drag(desktop, qr(tmp_path / "code.png", LINK), 700, 450)
    found_text(app, "Code read")
    save_and_compare(app)


@pytest.mark.slow
def test_a_file_is_chosen_in_the_systems_dialog(enrolling: App, tmp_path: Path) -> None:
    app = enrolling
    code = qr(tmp_path / "code.png", LINK)
    app.click("button", "Choose a file")
    steps.answer_dialog(app, "Choose a picture of the QR code", code)
    found_text(app, "Code read")
    save_and_compare(app)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
        ("words.png", b"this is no picture at all", "not a picture"),
        ("cut.png", None, "damaged"),
        ("bomb.png", "bomb", "too large"),
    ],
    ids=["drawing", "words", "cut", "bomb"],
)
def test_hostile_pictures_are_refused_and_nothing_is_lost(
    enrolling: App, desktop: Desktop, tmp_path: Path, name: str, content: bytes | str | None, said: str
) -> None:
    app = enrolling
    path = tmp_path / name
    if content is None:
        whole = qr(tmp_path / "whole.png", LINK).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif content == "bomb":
        # A header that promises 60,000 by 60,000 pixels.
        header = bytearray(qr(tmp_path / "whole.png", LINK).read_bytes())
        header[16:24] = (60_000).to_bytes(4, "big") * 2
        header[29:33] = zlib.crc32(bytes(header[12:29])).to_bytes(4, "big")
        path.write_bytes(header)
    else:
        path.write_bytes(content)
    app.type("Secret key or link", OTHER)
    app.find("textbox", "Device name", secs=20)
    app.type("Device name", "typed-by-hand")
    drag(desktop, path, 700, 450)
    app.wait_for("the reason", lambda: said in app.find("dialog", TITLE).text, 20)
    assert app.find("textbox", "Device name").get_property("value") == "typed-by-hand"
    save_and_compare(app, OTHER, "typed-by-hand")


def test_what_is_no_device_gets_a_clear_word(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    hotp = otpauth("jane@x", SEED, kind="hotp") + "&counter=1"
    for text, said in (
        ("https://example.com/secret-path", "A web address of example.com"),
        (hotp, "counts codes (HOTP)"),
        ("WIFI:T:WPA;S:home;P:hunter22;;", "A wireless network"),
    ):
        copy_picture(desktop, qr(tmp_path / "code.png", text))
        app.click("button", "Paste")
        found_text(app, said)
        assert "secret-path" not in app.find("dialog", TITLE).text
        app.click("button", "Back")
        app.find("button", "Scan the screen")
    copy_picture(desktop, qr(tmp_path / "code.png", otpauth("jane@example.com", SEED, "AWS SSO")))
    app.click("button", "Paste")
    found_text(app, "Not usable with STS")


@pytest.mark.slow
def test_the_two_codes_by_keyboard(enrolling: App, desktop: Desktop, tmp_path: Path) -> None:
    app = enrolling
    copy_picture(desktop, qr(tmp_path / "code.png", LINK))
    app.press(Keys.CONTROL, "v")
    found_text(app, "Code read")
    app.find("textbox", "Device name").click()
    wait_for_room(18)
    app.press(Keys.ENTER)
    app.find("dialog", "Finish at AWS", secs=20)
    app.wait_for("the default button", lambda: app.focused() == ("button", "Copy code 1"))
    step = time.time() // 30 * 30
    app.press(Keys.ENTER)
    first = oathtool(SEED, at=step)
    app.wait_for("the first code", lambda: desktop.clipboard() == first)
    assert "begins in" in app.find("dialog", "Finish at AWS").text
    app.wait_for("the wait for the second", lambda: app.focused()[1].startswith("Copy code 2 in"))
    # Too early: nothing happens.
    app.press(Keys.ENTER)
    time.sleep(0.5)
    assert desktop.clipboard() == first
    app.wait_for("the second code's time", lambda: app.focused() == ("button", "Copy code 2"), secs_left() + 5)
    app.press(Keys.ENTER)
    second = oathtool(SEED, at=step + 30)
    app.wait_for("the second code", lambda: desktop.clipboard() == second)
    app.wait_for("the end", lambda: app.focused() == ("button", "Done"))
    app.press(Keys.ENTER)
    steps.until_closed(app, "Finish at AWS")
    # Both count as used.
    assert "Used" in app.find("article", "MFA device jane.doe").text


@pytest.fixture
def portal(desktop: Desktop, tmp_path: Path) -> Callable[[str], list[dict[str, object]]]:
    """A stand-in for the desktop's portal; called, it sets how it answers and returns what it was asked so far."""
    folder = tmp_path / "portal"
    folder.mkdir()
    (folder / "answer").write_text("allow")
    desktop.start([PYTHON, SCRIPTS / "portal_stand_in.py", folder])
    steps.wait_for_file(folder / "ready")

    def answer(how: str) -> list[dict[str, object]]:
        (folder / "answer").write_text(how)
        log = folder / "questions"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    return answer


class TestUnderWayland:
    """The same under a desktop that asks its user for each picture of the screen."""

    @pytest.fixture
    def desktop(self, tmp_path: Path) -> Desktop:
        with Desktop(tmp_path / "desktop", extra_env={"XDG_SESSION_TYPE": "wayland"}) as made:
            yield made

    @pytest.mark.slow
    def test_the_portal_is_asked_by_a_process_without_secrets(
        self, portal: Callable[[str], list[dict[str, object]]], enrolling: App, desktop: Desktop, tmp_path: Path
    ) -> None:
        app = enrolling
        show(desktop, page(tmp_path / "console.png", LINK), 20, 500)
        app.click("button", "Scan the screen")
        found_text(app, "Code read")
        [question] = portal("silent-refuse")
        assert question["interactive"] is True
        assert question["command"] == ["--screenshot-portal", "interactive"]
        assert "UNDERCROFT_VAULT" not in question["environment"]
        assert set(question["environment"]) <= {
            "DBUS_SESSION_BUS_ADDRESS",
            "HOME",
            "LANG",
            "LD_LIBRARY_PATH",
            "XDG_CURRENT_DESKTOP",
            "XDG_RUNTIME_DIR",
            "XDG_SESSION_TYPE",
        }
        assert list((tmp_path / "portal").glob("*.png")) == [], "the picture was left behind"
        # Allowed once, it is asked without a dialog first, and with one where that is refused.
        app.click("button", "Back")
        app.click("button", "Scan the screen")
        found_text(app, "Code read")
        assert [question["interactive"] for question in portal("allow")] == [True, False, True]
        save_and_compare(app)

    @pytest.mark.slow
    def test_a_refusal_and_a_cancelled_dialog_are_told_apart(
        self, portal: Callable[[str], list[dict[str, object]]], enrolling: App
    ) -> None:
        app = enrolling
        portal("refuse")
        app.click("button", "Scan the screen")
        found_text(app, "The desktop gave no picture of the screen")
        portal("cancel")
        app.click("button", "Scan the screen")
        app.wait_for("the reason to go", lambda: not app.is_shown("alert"), 20)

    @pytest.mark.slow
    def test_without_a_portal_the_window_says_so(self, enrolling: App) -> None:
        app = enrolling
        app.click("button", "Scan the screen")
        found_text(app, "The screen can’t be read")
