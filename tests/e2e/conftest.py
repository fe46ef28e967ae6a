"""Fixtures of the window's tests: a desktop for each test, the app on it, moto beside it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

import steps
from app import App, app_binary
from aws import Moto, StrictSts
from bare_app import BareApp
from demo import SAMPLE_VAULT
from desktop import PICTURES, Desktop, missing_programs
from disk import SmallDisk
from logind import Logind
from notifications import Notifications
from planted import Planted, make_planted_vault
from programs import Programs, cli_binary
from quick_use import Browser, OtherProgram, Quick
from stocked import StockedVault, make_stocked_vault
from tray import Tray


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Keeps a picture of the screen of every failed test."""
    report = yield
    desktop = getattr(item, "funcargs", {}).get("desktop")
    if report.when != "teardown" and report.failed and isinstance(desktop, Desktop):
        with suppress(Exception):
            # ImageMagick takes brackets for a pattern once the file is there.
            name = item.name.replace("[", "-").replace("]", "")
            path = desktop.picture(PICTURES / "failed" / f"{name}.png")
            report.sections.append(("picture of the screen", str(path)))
    return report


@pytest.fixture
def desktop(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desktop]:
    """A fresh desktop. `@pytest.mark.parametrize("desktop", [{"dark": True}], indirect=True)` changes it."""
    missing = missing_programs()
    if missing:
        pytest.fail(f"not installed: {', '.join(missing)}; `make test` installs them")
    options = getattr(request, "param", {})
    with Desktop(tmp_path / "desktop", few_fonts=True, **options) as made:
        yield made


@pytest.fixture
def start(desktop: Desktop) -> Iterator[Callable[..., App]]:
    """Starts the app, as often as a test calls it, with `binary`, `args` and `env` when wanted."""
    with ExitStack() as running:

        def start_app(**options: object) -> App:
            if "binary" not in options and not app_binary().exists():
                pytest.fail(f"{app_binary()} is not built; `make test` builds it")
            app = App(desktop, **options)  # type: ignore[arg-type]
            running.callback(app.close)
            return app

        yield start_app


@pytest.fixture
def app(start: Callable[..., App], vault_path: Path) -> App:
    """The app, just started, pointed at a vault that is not there yet."""
    return start(env={"UNDERCROFT_VAULT": str(vault_path)})


@pytest.fixture
def vault_path(tmp_path: Path) -> Path:
    """Where this test's vault goes."""
    folder = tmp_path / "vault"
    folder.mkdir()
    return folder / "test.undercroft"


@dataclass(frozen=True)
class MadeVault:
    """An empty vault for tests that begin after the first run."""

    content: bytes
    recovery_key: str


@pytest.fixture(scope="session")
def made_vault(tmp_path_factory: pytest.TempPathFactory) -> MadeVault:
    """Makes one with the least cost of an attempt at the password, since every test unlocks it."""
    path = tmp_path_factory.mktemp("made") / "made.undercroft"
    made = subprocess.run(
        [SAMPLE_VAULT, "--path", path, "--password-stdin", "--show-recovery-key"],
        input=steps.MASTER_PASSWORD,
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    )
    return MadeVault(path.read_bytes(), made.stdout.strip())


@pytest.fixture
def locked(start: Callable[..., App], vault_path: Path, made_vault: MadeVault) -> App:
    """The app in front of an empty vault of this test's own."""
    vault_path.write_bytes(made_vault.content)
    return start(env={"UNDERCROFT_VAULT": str(vault_path)}).window("password", steps.SLOW_SECS)


@pytest.fixture
def unlocked(locked: App) -> App:
    """The app with an empty vault of this test's own, open."""
    steps.unlock(locked)
    return locked


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moto]:
    """One moto server for all tests; each makes its own users."""
    server = Moto(tmp_path_factory.mktemp("moto"))
    yield server
    server.close()


@pytest.fixture
def strict_sts(tmp_path: Path) -> Iterator[Callable[[Mapping[str, object]], StrictSts]]:
    """Starts stand-ins for STS that refuse what AWS refuses, each with its own identities."""
    with ExitStack() as running:

        def start_sts(config: Mapping[str, object]) -> StrictSts:
            server = StrictSts(tmp_path / "sts", config)
            running.callback(server.close)
            return server

        yield start_sts


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], SmallDisk]]:
    """Mounts small file systems of so many KiB."""
    with ExitStack() as mounted:

        def mount(size_kib: int) -> SmallDisk:
            disk = SmallDisk(tmp_path / f"disk-{size_kib}", size_kib)
            mounted.callback(disk.close)
            return disk

        yield mount


@pytest.fixture(scope="session")
def stocked_vault(tmp_path_factory: pytest.TempPathFactory, made_vault: MadeVault, moto: Moto) -> StockedVault:
    """Fills a vault once for all tests that begin with one."""
    return make_stocked_vault(tmp_path_factory.mktemp("stocked"), made_vault.content, moto)


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory, made_vault: MadeVault) -> Iterator[Planted]:
    """A vault with one secret of each kind, filed once for all tests that look for them."""
    made = make_planted_vault(tmp_path_factory.mktemp("planted"), made_vault.content, made_vault.recovery_key)
    yield made
    made.sts.close()


@pytest.fixture
def tray(desktop: Desktop) -> Tray:
    """A panel that is not up yet: `tray.start()`."""
    return Tray(desktop)


@pytest.fixture
def programs(desktop: Desktop) -> Iterator[Programs]:
    """A terminal on the desktop."""
    if not cli_binary().exists():
        pytest.fail(f"{cli_binary()} is not built; `make test` builds it")
    made = Programs(desktop)
    yield made
    made.close()


@pytest.fixture
def notifications(desktop: Desktop) -> Notifications:
    """A desktop that shows notifications, without buttons."""
    return Notifications(desktop).start()


@pytest.fixture
def logind(desktop: Desktop) -> Logind:
    """A logind on a bus of its own, for programs that are started with its `env`."""
    return Logind(desktop)


@pytest.fixture
def run_bare(desktop: Desktop, vault_path: Path, stocked_vault: StockedVault) -> Callable[..., BareApp]:
    """Starts the program without a driver, locked, on the stocked vault with the settings of `variant`."""

    def run(variant: str = "usual", **options: object) -> BareApp:
        if not app_binary().exists():
            pytest.fail(f"{app_binary()} is not built; `make test` builds it")
        vault_path.write_bytes(stocked_vault.files[variant])
        return BareApp(desktop, vault_path, **options)  # type: ignore[arg-type]

    return run


@pytest.fixture
def browser(desktop: Desktop, tmp_path: Path) -> Browser:
    """What opens instead of a browser."""
    return Browser(desktop, tmp_path / "browser")


@pytest.fixture
def quick(
    start: Callable[..., App],
    vault_path: Path,
    stocked_vault: StockedVault,
    notifications: Notifications,
    browser: Browser,
) -> Quick:
    """The stocked vault, open in the main window."""
    vault_path.write_bytes(stocked_vault.files["stays"])
    app = start(env={"UNDERCROFT_VAULT": str(vault_path), **browser.env})
    steps.unlock(app)
    return Quick(app, notifications)


@pytest.fixture
def other(quick: Quick) -> OtherProgram:
    """Another program, which has the focus."""
    return OtherProgram(quick.desktop)
