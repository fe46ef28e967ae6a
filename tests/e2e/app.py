"""The application under test, driven as a user drives it: by what is on the screen and what it is called.

WebKitWebDriver starts the program itself, so the window under test is the one that users get. Elements are
found by role and accessible name first, by test id where a thing has no name.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from selenium import webdriver
from selenium.common.exceptions import (
    JavascriptException,
    NoSuchElementException,
    NoSuchWindowException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webelement import WebElement
from urllib3.exceptions import HTTPError

from desktop import PROJECT, Desktop, stop
from patience import comes, patient
from processes import children, family

AXE = PROJECT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
BROWSER_SCRIPTS = Path(__file__).with_name("find.js")
PASSING_FAULTS = (
    JavascriptException,
    NoSuchElementException,
    NoSuchWindowException,
    StaleElementReferenceException,
)
# What the driver answers when the page goes while it is asked.
PASSING_WORDS = ("Could not parse script result", "Could not parse title from browsing context")

T = TypeVar("T")


def app_binary() -> Path:
    """Returns the program under test: `UNDERCROFT_APP`, or the development build."""
    return Path(os.environ.get("UNDERCROFT_APP", PROJECT / "target" / "debug" / "undercroft-app"))


# Ends when an element was in the same place three times in a row, or after two seconds.
AT_REST = """
const [element, done] = arguments;
const place = () => { const { x, y } = element.getBoundingClientRect(); return `${x} ${y}`; };
element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
let before = place();
let same = 0;
const until = Date.now() + 2000;
const look = () => {
  const now = place();
  same = now === before ? same + 1 : 0;
  before = now;
  if (same >= 2 || Date.now() > until) done(true);
  else setTimeout(look, 40);
};
setTimeout(look, 40);
"""


class WaitedInVain(AssertionError):
    """Says what did not happen in time, with what the window showed instead."""


def is_passing(fault: WebDriverException) -> bool:
    """Says whether a fault only tells that windows, pages or elements come and go just now."""
    return isinstance(fault, PASSING_FAULTS) or any(words in str(fault.msg) for words in PASSING_WORDS)


@contextmanager
def passing() -> Iterator[None]:
    """Goes on after a passing fault."""
    try:
        yield
    except WebDriverException as fault:
        if not is_passing(fault):
            raise


def free_port() -> int:
    """Returns a loopback port that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class AnyWebKitProgram(webdriver.WebKitGTKOptions):
    """Asks for whatever the program calls itself: a browser's name would have to match."""

    @property
    def default_capabilities(self) -> dict[str, str]:
        """Names no browser."""
        return {}


class App:
    """One run of the program with a WebDriver session on it."""

    def __init__(
        self,
        desktop: Desktop,
        *,
        binary: Path | None = None,
        args: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.desktop = desktop
        port = free_port()
        self._driver_process = desktop.start(
            ["WebKitWebDriver", f"--port={port}"],
            env={"TAURI_AUTOMATION": "true", "TAURI_WEBVIEW_AUTOMATION": "true", **(env or {})},
        )
        self._wait_for_port(port)
        command_secs, script_secs = patient(30), patient(20)
        options = AnyWebKitProgram()
        options.binary_location = str(binary or app_binary())
        for word in args:
            options.add_argument(word)
        url = f"http://127.0.0.1:{port}"
        self.driver = webdriver.Remote(
            command_executor=RemoteConnection(client_config=ClientConfig(remote_server_addr=url, timeout=command_secs)),
            options=options,
        )
        self.driver.set_script_timeout(script_secs)
        self._find_script = BROWSER_SCRIPTS.read_text()
        self._keys_held = False

    def _wait_for_port(self, port: int) -> None:
        def listens() -> bool:
            with closing(socket.socket()) as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        if not comes(listens, 15):
            raise WaitedInVain(f"WebKitWebDriver does not listen: {self.desktop.log('WebKitWebDriver')}")

    # Waiting

    def wait_for(self, what: str, probe: Callable[[], T], secs: float = 10) -> T:
        """Asks `probe` until it answers with something true; passing faults of a changing page are asked again."""
        secs = patient(secs)
        deadline = time.monotonic() + secs
        last: BaseException | None = None
        while True:
            try:
                answer = probe()
                if answer:
                    return answer
                last = None
            except WebDriverException as fault:
                if not is_passing(fault):
                    raise
                last = fault
            if time.monotonic() > deadline:
                raise WaitedInVain(f"waited {secs:g} s in vain for {what}\n{self.whereabouts()}") from last
            time.sleep(0.05)

    def whereabouts(self) -> str:
        """Describes what the windows show, for the message of a failed test."""
        lines = [f"windows on the screen: {self.desktop.window_titles()}"]
        with suppress(WebDriverException, HTTPError):
            lines.append(f"in front of the driver: {self.driver.title!r}, label {self.label()!r}")
            lines.append(self.text()[:2000])
        lines.append(self.desktop.log("WebKitWebDriver")[-2000:])
        return "\n".join(lines)

    # Windows

    def label(self) -> str:
        """Returns the Tauri label of the window that the driver looks at; empty in other programs."""
        return str(
            self.driver.execute_script("return window.__TAURI_INTERNALS__?.metadata?.currentWindow?.label ?? ''")
        )

    def windows(self) -> list[tuple[str, str]]:
        """Lists label and title of every web window, leaving the driver where it was if that window is still there."""
        before = None
        with passing():
            before = self.driver.current_window_handle
        found = []
        for handle in self.driver.window_handles:
            with passing():
                self.driver.switch_to.window(handle)
                found.append((self.label(), self.driver.title))
        if before in self.driver.window_handles:
            with passing():
                self.driver.switch_to.window(before)
        return found

    def window(self, wanted: str, secs: float = 15) -> App:
        """Turns the driver to the window whose label, or else title, is `wanted`, waiting for it to come up."""

        def turn() -> bool:
            for handle in self.driver.window_handles:
                with passing():
                    self.driver.switch_to.window(handle)
                    if wanted in (self.label(), self.driver.title):
                        return True
            return False

        self.wait_for(f"the window {wanted!r}", turn, secs)
        if self._keys_held:
            webdriver.ActionChains(self.driver).reset_actions()
            self._keys_held = False
        return self

    def wait_until_gone(self, label: str, secs: float = 15) -> None:
        """Waits until no web window has the label or title `label`."""
        self.wait_for(
            f"the window {label!r} to close",
            lambda: all(label not in names for names in self.windows()),
            secs,
        )

    # Finding

    def all(self, role: str, name: str | None = None, *, within: WebElement | None = None) -> list[WebElement]:
        """Lists the shown elements of a role, all of them or those whose accessible name is `name` or contains it.

        An exact match wins: containing elements are listed only when no name is equal.
        """
        return list(self.driver.execute_script(self._find_script + "return byRole(...arguments);", role, name, within))

    def find(
        self, role: str, name: str | None = None, *, within: WebElement | None = None, secs: float = 10
    ) -> WebElement:
        """Waits for the first shown element of a role and accessible name."""
        return self.wait_for(f"{role} {name!r}", lambda: self.all(role, name, within=within), secs)[0]

    def test_id(self, value: str, secs: float = 10) -> WebElement:
        """Waits for the shown element with this `data-testid`."""
        return self.wait_for(
            f"[data-testid={value}]",
            lambda: self.driver.execute_script(self._find_script + "return byTestId(...arguments);", value),
            secs,
        )

    def is_shown(self, role: str, name: str | None = None) -> bool:
        """Says whether such an element is shown right now, without waiting."""
        return bool(self.all(role, name))

    def text(self) -> str:
        """Returns the visible text of the window."""
        return str(self.driver.execute_script("return document.body.innerText"))

    def wait_for_text(self, text: str, secs: float = 10) -> None:
        """Waits until the window's visible text contains `text`."""
        self.wait_for(f"the text {text!r}", lambda: text in self.text(), secs)

    def field_error(self, field: WebElement) -> str:
        """Returns the message beside a field: what its `aria-errormessage` or `aria-describedby` points to."""
        return str(self.driver.execute_script(self._find_script + "return describedBy(...arguments);", field))

    # Acting

    def click(
        self, role: str, name: str | None = None, *, within: WebElement | None = None, secs: float = 10
    ) -> WebElement:
        """Clicks an element with a real pointer event, once it is there, enabled and not moving away."""

        def click() -> WebElement | None:
            found = self.all(role, name, within=within)
            if not found or not found[0].is_enabled():
                return None
            self._wait_until_at_rest(found[0])
            return found[0] if self._clicked(found[0]) else None

        return self.wait_for(f"clicking {role} {name!r}", click, secs)

    def _clicked(self, element: WebElement) -> bool:
        """Clicks an element, unless something lies over it just now."""
        try:
            element.click()
        except NoSuchWindowException:
            # The click was to close the window.
            return True
        except WebDriverException as fault:
            if "intercept" in str(fault).lower() or "interactable" in str(fault).lower():
                return False
            raise
        return True

    def _wait_until_at_rest(self, element: WebElement) -> None:
        """Waits until an element stays where it is: what comes in above it would make the pointer miss it."""
        self.driver.execute_async_script(AT_REST, element)

    def click_test_id(self, value: str, secs: float = 10) -> WebElement:
        """Clicks the shown element with this `data-testid`."""

        def click() -> WebElement | None:
            element = self.test_id(value, secs)
            return element if self._clicked(element) else None

        return self.wait_for(f"clicking [data-testid={value}]", click, secs)

    def type(self, name: str, text: str, *, role: str = "textbox", secs: float = 10) -> WebElement:
        """Empties the named field and types `text` into it, key by key."""

        def click() -> WebElement | None:
            field = self.find(role, name, secs=secs)
            return field if self._clicked(field) else None

        field = self.wait_for(f"clicking {role} {name!r}", click, secs)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.DELETE)
        if text:
            field.send_keys(text)
        return field

    def choose(self, name: str, option: str) -> None:
        """Chooses an option of a native drop-down list by its text."""
        field = self.find("combobox", name)
        self.driver.execute_script(self._find_script + "choose(...arguments);", field, option)

    def press(self, *keys: str) -> None:
        """Presses keys in the focused element; modifiers first: `press(Keys.CONTROL, "k")`."""
        chain = webdriver.ActionChains(self.driver)
        for key in keys[:-1]:
            chain.key_down(key)
        chain.send_keys(keys[-1])
        for key in reversed(keys[:-1]):
            chain.key_up(key)
        # They may close the window before the last of them is let go; the next window starts with none held.
        self._keys_held = len(keys) > 1
        with suppress(NoSuchWindowException):
            chain.perform()

    def focused(self) -> tuple[str, str]:
        """Returns role and accessible name of the focused element."""
        role, name = self.driver.execute_script(self._find_script + "return focused();")
        return str(role), str(name)

    def violations(self, *ignoring: str) -> list[str]:
        """Runs axe-core's WCAG 2.2 AA rules over the window and describes each violation with its places."""
        result: dict[str, Any] = self.driver.execute_async_script(
            AXE.read_text()
            + """
            const [ignored, done] = arguments;
            const rules = Object.fromEntries(ignored.map((rule) => [rule, { enabled: false }]));
            window.axe.run(document, {
              runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
              resultTypes: ['violations'],
              rules,
            }).then((found) => done({ violations: found.violations, passes: found.passes.length }),
                    (fault) => done({ fault: String(fault) }));
            """,
            list(ignoring),
        )
        if "fault" in result:
            raise AssertionError(f"axe-core could not look at the window: {result['fault']}")
        if not result["passes"]:
            raise AssertionError("axe-core found nothing to look at")
        return [
            f"{found['id']} ({found['impact']}): {found['help']}: "
            + "; ".join(node["html"][:160] for node in found["nodes"])
            for found in result["violations"]
        ]

    def picture(self, name: str) -> Path:
        """Writes a picture of the screen to target/pictures/NAME.png, after the fonts and two frames are there."""
        self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 150))))"
        )
        return self.desktop.picture(name)

    # Ending

    def pid(self) -> int:
        """Returns the process id of the program itself."""
        started = list(children(self._driver_process.pid))
        if not started:
            raise AssertionError("the program has ended")
        return started[0]

    def is_running(self) -> bool:
        """Says whether the program still runs."""
        return any(family(child) for child in children(self._driver_process.pid))

    def kill(self) -> None:
        """Ends the program at once, as a power cut would: no clean-up of its own runs."""
        for pid in reversed(family(self.pid())):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        stop(self._driver_process)

    def close(self) -> None:
        """Ends the session and the program."""
        with suppress(Exception):
            self.driver.quit()
        stop(self._driver_process)
