"""MFA devices out of other programs' files and out of the vault, through the system's own file dialog."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

import ipc
import steps
from app import App
from codes import codes_around_now
from desktop import PROJECT
from format_decoder import open_vault
from patience import patient

FILES = PROJECT / "tests" / "vectors" / "import" / "files"
FILE_PASSWORD = "a cellar of räkor"
EXPORT_PASSWORD = "plinth otter vellum 92"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ACCOUNT = "482915736028"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"


def seed_of(name: str) -> str:
    """The seed that the vectors give the device of this name."""
    expected = json.loads((FILES.parent / "expected.json").read_text())
    uri = next(uri for uri in expected["lines.txt"]["entries"] if name in uri)
    return str(uri.split("secret=")[1].split("&")[0])


def begin_import(app: App, path: Path) -> None:
    """Chooses a file in the import dialog."""
    app.click("button", "Choose files")
    steps.answer_dialog(app, "Choose exports or pictures", path)


def type_master_password(app: App) -> None:
    """Types the master password into the window that asks for it again; ends in the main window."""
    app.window("password", steps.SLOW_SECS)
    app.type("Master password", steps.MASTER_PASSWORD)
    app.press(Keys.ENTER)
    app.wait_until_gone("password", steps.SLOW_SECS)
    app.window("main")


def filed_device(app: App) -> None:
    """Files a device and opens its identity."""
    account = ipc.save_account(app, ACCOUNT, "Larkspur")
    identity = ipc.save_identity(app, account, "ines")
    ipc.save_device(app, identity, "phone", SEED, SERIAL)
    steps.open_account(app, "Larkspur")
    steps.open_identity(app, "ines")


@pytest.mark.slow
def test_an_encrypted_aegis_file_is_taken_over(unlocked: App) -> None:
    app = unlocked
    app.click("button", "Import MFA devices")
    steps.dialog(app, "Import MFA devices")
    app.picture("import-choose")
    begin_import(app, FILES / "aegis-encrypted.json")
    app.type("Password of the file", "wrong")
    app.click("button", "Open")
    app.wait_for_text("does not open aegis-encrypted.json", 30)
    app.type("Password of the file", FILE_PASSWORD)
    app.click("button", "Open")
    app.wait_for_text("9 devices found, 3 of them new.", 30)
    app.picture("import-preview")
    assert app.violations() == []
    app.click("button", "Import 1 device")
    app.wait_for_text("1 device was imported", 20)
    app.click("button", "Done")
    steps.until_closed(app, "Import MFA devices")
    steps.open_account(app, "123456789012")
    steps.open_identity(app, "alice")
    assert steps.shown_code(app) in codes_around_now(seed_of("alice"))


def test_a_list_of_addresses_is_taken_over_once(unlocked: App) -> None:
    app = unlocked
    for turn in ("first", "second"):
        app.press(Keys.CONTROL, ",")
        app.click("button", "Import")
        begin_import(app, FILES / "lines.txt")
        if turn == "first":
            app.click("button", "Import 1 device")
            app.wait_for_text("1 device was imported", 20)
            app.click("button", "Done")
        else:
            app.wait_for_text("alice / alice")
            app.click("button", "Cancel")
        steps.until_closed(app, "Import MFA devices")


def test_a_qr_code_is_shown_after_the_password_and_scans(unlocked: App) -> None:
    app = unlocked
    filed_device(app)
    app.click("button", "More for phone")
    app.click("menuitem", "Show QR code")
    type_master_password(app)
    app.wait_for_text("Gone in", 20)
    picture = app.picture("show-qr")
    assert app.violations() == []
    scanned = subprocess.run(
        ["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True, timeout=patient(20)
    )
    assert f"secret={SEED}" in scanned.stdout
    app.click("button", "Close", within=steps.dialog(app, "QR code of phone"))
    steps.until_closed(app, "QR code of phone")
    assert app.driver.execute_script("return document.querySelector('[data-testid=qr]')") is None
    with pytest.raises(ipc.Refused):
        ipc.call(app, "show_qr", device={"identity": "0" * 32, "device": "0" * 32}, reader="")


def open_export(app: App, choice: str) -> None:
    """Opens the export dialog with a format chosen."""
    app.press(Keys.CONTROL, ",")
    app.click("button", "Export")
    steps.dialog(app, "Export MFA devices")
    Select(app.find("combobox", "Format")).select_by_visible_text(choice)


def test_devices_are_exported_after_the_password(unlocked: App, tmp_path: Path) -> None:
    app = unlocked
    filed_device(app)
    open_export(app, "Text with otpauth addresses, one a line")
    app.picture("export")
    assert app.violations() == []
    app.click("button", "Export 1 device")
    type_master_password(app)
    out = tmp_path / "devices.txt"
    steps.answer_dialog(app, "Export MFA devices", out)
    app.wait_for_text("The devices were exported")
    assert out.read_text() == (
        f"otpauth://totp/Amazon%20Web%20Services:phone@{ACCOUNT}?secret={SEED}"
        "&issuer=Amazon%20Web%20Services&algorithm=SHA1&digits=6&period=30\n"
    )
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.slow
def test_an_encrypted_export_opens_in_another_vault(unlocked: App, tmp_path: Path) -> None:
    app = unlocked
    filed_device(app)
    open_export(app, "Encrypted file for Undercroft")
    app.type("Password of the file", EXPORT_PASSWORD)
    app.type("The same again", EXPORT_PASSWORD)
    app.picture("export-encrypted")
    assert app.violations() == []
    app.click("button", "Export 1 device")
    type_master_password(app)
    out = tmp_path / "devices.undercroft"
    steps.answer_dialog(app, "Export MFA devices", out)
    app.wait_for_text("The devices were exported", 30)
    app.click("button", "Done")
    steps.until_closed(app, "Export MFA devices")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert SEED.encode() not in out.read_bytes()

    # The independent decoder finds one user with one device, and nothing else.
    vault = open_vault(out.read_bytes(), password=EXPORT_PASSWORD)
    assert len(vault.body["items"]) == 2

    # The vault here forgets the device, and takes it over again from the file.
    app.press(Keys.ESCAPE)
    steps.open_account(app, "Larkspur")
    steps.open_identity(app, "ines")
    app.click("button", "More for phone")
    app.click("menuitem", "Remove")
    app.click("button", "Remove device")
    steps.until_closed(app, "Remove phone?")
    app.wait_for_text("No MFA device.")
    app.press(Keys.CONTROL, ",")
    app.click("button", "Import")
    begin_import(app, out)
    app.type("Password of the file", EXPORT_PASSWORD)
    app.click("button", "Open")
    app.wait_for_text("To ines in Larkspur.", 30)
    app.click("button", "Import 1 device")
    app.wait_for_text("1 device was imported", 20)
    app.click("button", "Done")
    steps.until_closed(app, "Import MFA devices")
    steps.open_account(app, "Larkspur")
    steps.open_identity(app, "ines")
    assert steps.shown_code(app) in codes_around_now(SEED)
