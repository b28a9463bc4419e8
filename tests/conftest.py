"""Every test that asks for a database gets a real one: cloned from a migrated template, on a
throw-away server that does not wait for the disk. Django connects as the application's role, so
what is append-only in a firm is append-only in its tests.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


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


# Before Django's settings are read for the first time.
for name in ("HUIYIN_DATABASE_URL", "HUIYIN_ROLE", "HUIYIN_DEBUG", "HUIYIN_POOL"):
    os.environ.pop(name, None)
os.environ["HUIYIN_DATA"] = str(_test_data())
os.environ["HUIYIN_THROW_AWAY"] = "1"
os.environ["DJANGO_SETTINGS_MODULE"] = "huiyin.config.settings"

import pytest  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from huiyin.config.scratch import Scratch, scratch_database  # noqa: E402

# pytest-django sets Django up only if the settings were read by now.
assert settings.DATABASES


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction"):
            raise pytest.UsageError(f"{item.nodeid}: use the scratch_db fixture for commits")
