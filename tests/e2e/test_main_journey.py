"""The main job, whole: from an empty machine to the AWS CLI, and back after a crash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import steps
from app import App
from aws import Moto, caller_in_terminal
from codes import codes_around_now
from desktop import Desktop
from processes import family, name

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def web_processes(app: App) -> set[int]:
    """Lists the processes in which the program's pages run."""
    return {pid for pid in family(app.pid()) if name(pid) == "WebKitWebProcess"}


def until_ended(app: App, processes: set[int], secs: float = 15) -> None:
    """Waits until none of these processes is left."""
    app.wait_for(f"the web processes {processes} to end", lambda: not processes & web_processes(app), secs)


def test_from_nothing_to_the_aws_cli_and_back_after_a_crash(
    start: Callable[..., App], vault_path: Path, moto: Moto, desktop: Desktop, tmp_path: Path
) -> None:
    key = moto.user_with_key("ada", "123456789012")
    env = {"UNDERCROFT_VAULT": str(vault_path)}
    app = start(env=env).window("password")
    first_processes = web_processes(app)
    assert len(first_processes) == 1

    # A weak password is refused beside its field.
    app.click("button", "Make a new vault")
    app.type("Master password", "password1")
    app.type("The same again", "password1")
    app.click("button", "Continue")
    field = app.find("textbox", "Master password")
    app.wait_for("the refusal", lambda: "too easy to guess" in app.field_error(field))
    assert not vault_path.exists()

    # A strong one makes the vault; the kit has to be kept before it opens.
    app.type("Master password", steps.MASTER_PASSWORD)
    app.type("The same again", steps.MASTER_PASSWORD)
    app.click("button", "Continue")
    assert len(steps.shown_recovery_key(app)) > 30
    app.click("button", "Open the vault")
    app.wait_for_text("Print, save or write down the key, then tick this.")
    app.click("checkbox", "I keep it somewhere safe, not beside the vault.")
    app.click("button", "Open the vault")
    app.window("main", steps.SLOW_SECS)
    app.wait_until_gone("password")
    until_ended(app, first_processes)

    steps.add_account(app, "123456789012", "Workshop", endpoint=moto.endpoint, alias="workshop")
    steps.add_identity(app, "root@workshop.example", root=True)
    steps.add_identity(app, "ada")
    steps.add_key(app, key.id, key.secret)
    steps.add_device(app, SEED.lower(), "phone")
    app.wait_for("the present code", lambda: steps.shown_code(app) in codes_around_now(SEED))

    # The key is AWS's, the session is made with the code, and the AWS CLI accepts what was copied.
    app.click("button", "Check")
    app.wait_for_text("AWS knows this key, and it is this identity’s", 20)
    app.click("button", "Get session")
    app.find("article", "Session of ada in Workshop", secs=60)
    app.click("button", "Copy session")
    app.wait_for_text("Session (sh, bash, zsh) copied.")
    lines = desktop.clipboard()
    assert lines.startswith("export AWS_ACCESS_KEY_ID=")
    assert key.secret not in lines
    assert "AWS_SESSION_TOKEN" in lines
    caller = caller_in_terminal(lines, moto.endpoint, tmp_path / "terminal")
    assert caller["Account"] == "123456789012"

    # Locking takes the window, its process and the clipboard's secret away.
    main_processes = web_processes(app)
    app.press("\ue009", "l")
    app.wait_until_gone("main")
    until_ended(app, main_processes)
    app.wait_for("the clipboard to be cleared", lambda: "AWS_SECRET_ACCESS_KEY" not in desktop.clipboard())

    steps.unlock(app)
    assert_all_there(app)
    saved = vault_path.read_bytes()
    app.kill()

    again = start(env=env)
    steps.unlock(again)
    assert_all_there(again)
    assert vault_path.read_bytes()[:8] == saved[:8]


def assert_all_there(app: App) -> None:
    """Finds the account, both identities, the key, the device and the live session again."""
    steps.open_account(app, "Workshop")
    app.find("option", "root@workshop.example")
    steps.open_identity(app, "ada")
    app.find("article", "MFA device phone")
    app.wait_for("the present code", lambda: steps.shown_code(app) in codes_around_now(SEED))
    app.find("article", "Session of ada in Workshop")
