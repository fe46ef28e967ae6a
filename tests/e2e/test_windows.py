"""The two windows, one after the other: whatever happens, there is one to go on with."""

from __future__ import annotations

import ipc
import steps
from app import App


def test_the_password_window_turns_from_one_question_to_another(unlocked: App) -> None:
    app = unlocked
    ipc.call(app, "ask_password", mode={"kind": "change-password"})
    app.window("password")
    app.wait_for_text("Change the master password")
    app.window("main")
    ipc.call(app, "ask_password", mode={"kind": "confirm", "action": {"kind": "new-recovery-key"}})
    app.wait_for("the other question", lambda: asked(app, "New recovery key"))
    assert {label for label, _ in app.windows()} == {"main", "password"}


def test_locking_while_the_password_is_asked_again_leaves_the_unlock_window(unlocked: App) -> None:
    app = unlocked
    ipc.call(app, "ask_password", mode={"kind": "confirm", "action": {"kind": "new-vault-key"}})
    app.wait_for("the question", lambda: asked(app, "New vault key"))
    app.window("main")
    steps.lock(app)
    app.wait_for("the unlock window", lambda: asked(app, "Unlock"))
    steps.unlock(app)
    assert app.label() == "main"


def asked(app: App, text: str) -> bool:
    """Says whether the password window shows a text."""
    app.window("password")
    return text in app.text()
