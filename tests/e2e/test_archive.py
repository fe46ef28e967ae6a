"""Everything out of the vault into one file, and into an empty vault, through the window."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

import ipc
import steps
from app import App
from codes import codes_around_now
from conftest import MadeVault
from format_decoder import open_vault

FILE_PASSWORD = "plinth otter vellum 92"
ACCOUNT = "482915736028"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "Sesame-Opens-Nothing-4711"
KEY_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
LABELS = {"encrypted": "Encrypted file for Undercroft", "json": "JSON, readable by anybody"}


def stock(app: App) -> None:
    """Files something of each kind."""
    account = ipc.save_account(app, ACCOUNT, "Larkspur", production=True)
    ines = ipc.save_identity(app, account, "ines", notes="night shift")
    ipc.call(app, "set_password", identity=ines, password=ipc.secret("the one before"))
    ipc.call(app, "set_password", identity=ines, password=ipc.secret(PASSWORD))
    ipc.save_device(app, ines, "phone", SEED, f"arn:aws:iam::{ACCOUNT}:mfa/phone")
    ipc.save_key(app, ines, "AKIAIOSFODNN7EXAMPLE", KEY_SECRET)
    ipc.save_profile(app, "nightly", "session", identity=ines)
    ipc.call(app, "save_settings", settings={**ipc.call(app, "overview")["settings"], "theme": "dark"})


def told(app: App) -> dict[str, Any]:
    """What the window learns of the vault, without what is reckoned anew each time."""
    accounts = ipc.call(app, "accounts")
    details = [ipc.call(app, "account", id=row["id"]) for row in accounts]
    identities = [ipc.call(app, "identity", id=row["id"]) for one in details for row in one["identities"]]
    profiles = ipc.call(app, "profiles")
    history = [ipc.call(app, "history", item=one["id"]) for one in identities]
    settings = ipc.call(app, "overview")["settings"]
    return {
        "accounts": details,
        "identities": identities,
        "profiles": profiles,
        "history": history,
        "settings": settings,
    }


def leaves(value: Any) -> int:
    """How many single values there are."""
    if isinstance(value, dict):
        return sum(leaves(one) for one in value.values())
    if isinstance(value, list):
        return sum(leaves(one) for one in value)
    return 1


def type_master_password(app: App) -> None:
    """Types the master password into the window that asks for it again; ends in the main window."""
    app.window("password", steps.SLOW_SECS)
    app.type("Master password", steps.MASTER_PASSWORD)
    app.press(Keys.ENTER)
    app.wait_until_gone("password", steps.SLOW_SECS)
    app.window("main")


def export(app: App, kind: str, out: Path) -> None:
    """Exports everything by way of the settings."""
    app.press(Keys.CONTROL, ",")
    app.click("button", "Export everything")
    dialog = steps.dialog(app, "Export everything")
    Select(app.find("combobox", "Format")).select_by_visible_text(LABELS[kind])
    if kind == "encrypted":
        app.type("Password of the file", FILE_PASSWORD)
        app.type("The same again", FILE_PASSWORD)
    else:
        app.wait_for_text("Nothing in this file is encrypted")
    app.picture(f"export-everything-{kind}")
    assert app.violations() == []
    app.click("button", "Export everything", within=dialog)
    type_master_password(app)
    steps.answer_dialog(app, "Export everything", out)
    app.wait_for_text("Everything was exported", 30)
    app.wait_for_text("It holds 1 account, 1 identity, 2 passwords, 1 MFA device, 1 access key, 1 profile")
    app.click("button", "Done")
    steps.until_closed(app, "Export everything")


def choose(app: App, kind: str, path: Path) -> None:
    """Chooses the file in the import dialog and opens it."""
    app.press(Keys.CONTROL, ",")
    app.click("button", "Import everything")
    dialog = steps.dialog(app, "Import everything")
    app.click("button", "Choose a file", within=dialog)
    steps.answer_dialog(app, "Choose an archive", path)
    if kind == "encrypted":
        app.type("Password of the file", FILE_PASSWORD)
        app.click("button", "Open")
    app.wait_for_text("The file holds 1 account", 30)


@pytest.mark.slow
@pytest.mark.parametrize("desktop", [{"dark": False}, {"dark": True}], indirect=True, ids=["light", "dark"])
@pytest.mark.parametrize("kind", ["encrypted", "json"])
def test_an_empty_vault_gets_everything(
    start: Callable[..., App], made_vault: MadeVault, tmp_path: Path, kind: str
) -> None:
    paths = {name: tmp_path / name / "test.undercroft" for name in ("old", "new")}
    for path in paths.values():
        path.parent.mkdir()
    paths["old"].write_bytes(made_vault.content)
    out = tmp_path / ("everything.undercroft" if kind == "encrypted" else "everything.json")
    app = start(env={"UNDERCROFT_VAULT": str(paths["old"])})
    steps.unlock(app)
    stock(app)
    expected = told(app)
    export(app, kind, out)
    app.close()

    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    content = out.read_bytes()
    for secret in (SEED, PASSWORD, KEY_SECRET):
        assert (secret.encode() in content) == (kind == "json")
    if kind == "encrypted":
        # The independent decoder: account, identity, profile, settings.
        assert len(open_vault(content, password=FILE_PASSWORD).body["items"]) == 4
    else:
        read = json.loads(content)
        assert (read["format"], read["version"], len(read["items"])) == ("undercroft-archive", 1, 4)

    # Another machine: a new vault with a password and ids of its own, made in the first-run window.
    app = start(env={"UNDERCROFT_VAULT": str(paths["new"])})
    steps.make_vault(app)
    choose(app, kind, out)
    app.picture(f"import-everything-{kind}")
    assert app.violations() == []
    assert ipc.call(app, "accounts") == []
    app.click("button", "Import everything", within=steps.dialog(app, "Import everything"))
    app.wait_for_text("3 items were added", 30)
    app.wait_for_text("The settings of the file are in force.")
    app.click("button", "Done")
    steps.until_closed(app, "Import everything")
    found = told(app)
    assert found == expected
    print(f"{kind}: 4 items, {leaves(expected)} values compared through the window; lost: 0")

    # Secrets by their use: the code on the screen, and the file once more.
    steps.open_account(app, "Larkspur")
    steps.open_identity(app, "ines")
    assert steps.shown_code(app) in codes_around_now(SEED)
    choose(app, kind, out)
    app.wait_for_text("Everything in the file is in this vault.")
    again = tmp_path / "again.json"
    app.click("button", "Cancel")
    steps.until_closed(app, "Import everything")
    export(app, "json", again)
    secrets = again.read_text()
    assert all(secret in secrets for secret in (SEED, PASSWORD, "the one before", KEY_SECRET))


@pytest.mark.slow
def test_what_both_have_is_shown_before_anything_changes(unlocked: App, tmp_path: Path) -> None:
    app = unlocked
    stock(app)
    out = tmp_path / "everything.json"
    export(app, "json", out)
    account = ipc.call(app, "accounts")[0]["id"]
    ipc.call(app, "bin_item", item=account)
    ipc.call(app, "delete_item", item=account)
    other = ipc.save_account(app, ACCOUNT, "Made anew")
    choose(app, "json", out)
    app.wait_for_text("Made here separately. The vault’s version stays")
    app.picture("import-everything-conflict")
    assert app.violations() == []
    app.click("button", "Import everything", within=steps.dialog(app, "Import everything"))
    app.wait_for_text("was there in another version", 30)
    app.click("button", "Done")
    rows = ipc.call(app, "accounts")
    assert [(row["id"], row["name"]) for row in rows] == [(other, "Made anew")]
    assert [row["name"] for row in ipc.call(app, "history", item=other)] == ["Larkspur"]
    assert [row["name"] for row in ipc.call(app, "account", id=other)["identities"]] == ["ines"]
