"""The way to AWS as the settings have it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

import ipc
import steps
from app import App

pytestmark = pytest.mark.slow


class NotingProxy:
    """Notes the first line of each request and answers that it has no way on."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.lines: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection:
                    self.lines.append(connection.recv(4096).split(b"\r\n")[0].decode())
                    connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def proxy() -> Iterator[NotingProxy]:
    made = NotingProxy()
    yield made
    made.close()


def test_calls_go_through_the_proxy_of_the_settings_and_directly_without_one(unlocked: App, proxy: NotingProxy) -> None:
    app = unlocked
    endpoint = "https://sts.example.invalid"
    endpoints = {"sts": endpoint, "iam": None, "sign_in": None}
    account = ipc.save_account(app, "123456789012", "Proxied", endpoints=endpoints)
    identity = ipc.save_identity(app, account, "ines")
    ipc.save_key(app, identity, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

    def check() -> None:
        with pytest.raises(ipc.Refused):
            ipc.call(app, "check_access_key", identity=identity, key="AKIAIOSFODNN7EXAMPLE")

    app.press(steps.Keys.CONTROL, ",")
    app.type("Proxy", "socks5://127.0.0.1:1")
    app.click("button", "Save proxy")
    app.wait_for_text("starts with http:// or https://")
    app.type("Proxy", proxy.address)
    app.click("button", "Save proxy")
    app.wait_for_text("Calls to AWS go through the proxy now")
    app.picture("settings-network")
    assert app.violations() == []
    check()
    assert proxy.lines
    assert all(line.startswith("CONNECT sts.example.invalid:443 ") for line in proxy.lines)

    steps.lock(app)
    steps.unlock(app)
    seen = len(proxy.lines)
    check()
    assert len(proxy.lines) > seen, "the proxy is part of the vault"

    app.press(steps.Keys.CONTROL, ",")
    field = app.find("textbox", "Proxy")
    assert field.get_property("value") == proxy.address
    app.type("Proxy", "")
    app.click("button", "Save proxy")
    app.wait_for_text("Calls to AWS go directly now")
    seen = len(proxy.lines)
    check()
    assert len(proxy.lines) == seen
