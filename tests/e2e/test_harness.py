"""The harness itself, on WebKitGTK's own little browser: what it reports must be what is on the screen."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app import App, WaitedInVain
from aws import Moto, StrictSts, aws_cli, caller_in_terminal, parse_env_lines
from codes import oathtool
from desktop import Desktop
from disk import SmallDisk
from patience import comes

pytestmark = pytest.mark.slow

MINI_BROWSERS = list(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"))
PAGE = """<!doctype html><html lang="en"><head><title>Harness</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; script-src 'self'">
</head><body><main><h1>Harness</h1>
<label>Name <input id="name" aria-describedby="hint"></label><p id="hint">Letters only.</p>
<button>Save</button><button hidden>Save</button><button>Save as a copy</button>
<div><input id="bare" data-testid="bare"></div></main></body></html>"""


@pytest.fixture
def browser(start: Callable[..., App], tmp_path: Path) -> App:
    assert MINI_BROWSERS, "WebKitGTK's MiniBrowser is not installed; it comes with libwebkit2gtk-4.1-0"
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    app = start(binary=MINI_BROWSERS[0], args=["--automation"])
    app.driver.get(page.as_uri())
    return app


def test_elements_are_found_by_role_and_name_under_a_strict_policy(browser: App) -> None:
    assert len(browser.all("button", "Save")) == 1
    assert len(browser.all("button", "save as")) == 1
    assert len(browser.all("button")) == 2
    assert browser.type("Name", "Grace").get_property("value") == "Grace"
    assert browser.type("Name", "Ada").get_property("value") == "Ada"
    assert browser.focused() == ("textbox", "Name")
    assert browser.field_error(browser.find("textbox", "Name")) == "Letters only."
    assert browser.test_id("bare").get_attribute("id") == "bare"
    browser.window("Harness", secs=2)


def test_a_thing_that_never_comes_is_reported_with_what_was_there(browser: App) -> None:
    with pytest.raises(WaitedInVain, match="button 'Delete'") as told:
        browser.find("button", "Delete", secs=0.3)
    assert "Save as a copy" in str(told.value)


def test_axe_finds_the_field_without_a_label(browser: App) -> None:
    found = browser.violations()
    assert any(line.startswith("label (") and "bare" in line for line in found), found
    assert not any("image-alt" in line for line in found)


def test_the_picture_and_the_clipboard_are_the_desktops(browser: App, desktop: Desktop, tmp_path: Path) -> None:
    from PIL import Image

    picture = Image.open(desktop.picture(tmp_path / "screen.png"))
    assert picture.size == desktop.size
    assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 1
    assert any("Harness" in title for title in desktop.window_titles())
    desktop.copy("one two")
    assert desktop.clipboard() == "one two"


def test_a_killed_program_is_gone_with_its_web_processes(browser: App) -> None:
    pid = browser.pid()
    browser.kill()
    assert comes(lambda: not Path(f"/proc/{pid}").exists())
    assert not browser.is_running()


def test_moto_knows_the_keys_it_made_and_the_cli_speaks_to_it(moto: Moto, tmp_path: Path) -> None:
    key = moto.user_with_key("ines.okafor", "210987654321")
    lines = f"export AWS_ACCESS_KEY_ID={key.id}\nexport AWS_SECRET_ACCESS_KEY='{key.secret}'\nexport AWS_DEFAULT_REGION=us-east-1\n"
    caller = caller_in_terminal(lines, moto.endpoint, tmp_path)
    assert caller["Arn"] == "arn:aws:iam::210987654321:user/ines.okafor"
    env = parse_env_lines(lines)
    done = aws_cli(["sts", "get-caller-identity", "--endpoint-url", moto.endpoint], env, tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_strict_sts_refuses_a_wrong_secret(
    strict_sts: Callable[[dict[str, object]], StrictSts], tmp_path: Path
) -> None:
    key = {"id": "AKIAIOSFODNN7EXAMPLE", "secret": "right"}
    sts = strict_sts({"identities": [{"account": "123456789012", "user": "ann", "keys": [key]}]})
    for secret, status in (("wrong", 403), ("right", 200)):
        env = {"AWS_ACCESS_KEY_ID": key["id"], "AWS_SECRET_ACCESS_KEY": secret, "AWS_DEFAULT_REGION": "us-east-1"}
        done = aws_cli(["sts", "get-caller-identity", "--endpoint-url", sts.endpoint], env, tmp_path)
        assert (done.returncode == 0) == (status == 200), done.stderr
        assert sts.log()[-1]["status"] == status


def test_oathtool_agrees_with_rfc_6238() -> None:
    # Appendix B: the ASCII key "12345678901234567890" at 59 s.
    assert oathtool("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at=59, digits=8) == "94287082"


def test_a_small_disk_fills_and_turns_read_only(small_disk: Callable[[int], SmallDisk]) -> None:
    disk = small_disk(256)
    (disk.path / "before").write_bytes(b"x" * 4096)
    disk.fill()
    with pytest.raises(OSError) as full:
        (disk.path / "after").write_bytes(os.urandom(8192))
    assert full.value.errno == errno.ENOSPC
    disk.free()
    (disk.path / "after").write_bytes(b"y" * 8192)
    disk.make_read_only()
    with pytest.raises(OSError) as refused:
        (disk.path / "later").write_bytes(b"z")
    assert refused.value.errno == errno.EROFS
