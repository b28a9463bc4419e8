"""Which database: the embedded server, or the one that two URLs name.

HUIYIN_DATABASE_URL  the application's role: may not change or delete append-only rows
HUIYIN_OWNER_URL     the owner's role: runs migrations, may create databases
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from psycopg.conninfo import conninfo_to_dict

from huiyin.config.environment import BadEnvironment, data_home, flag, number, text
from huiyin.config.postgres import Cluster
from huiyin.config.postgres.cluster import APPLICATION, OWNER
from huiyin.config.postgres.programs import OLDEST_MAJOR

Role = Literal["application", "owner"]
VARIABLES: dict[Role, str] = {
    "application": "HUIYIN_DATABASE_URL",
    "owner": "HUIYIN_OWNER_URL",
}


def cluster(at_least: int = OLDEST_MAJOR) -> Cluster:
    """The embedded server of this data folder; HUIYIN_THROW_AWAY=1 is for tests."""
    return Cluster(
        home=data_home(),
        throw_away=flag("HUIYIN_THROW_AWAY"),
        connections=number("HUIYIN_MAX_CONNECTIONS", default=60),
        at_least=at_least,
    )


def is_embedded() -> bool:
    named = [name for name in VARIABLES.values() if text(name)]
    if len(named) == 1:
        missing = (set(VARIABLES.values()) - set(named)).pop()
        raise BadEnvironment(f"{named[0]} is set, so {missing} must be too")
    return not named


def address(role: Role) -> str:
    """The libpq connection string or URL of `role`."""
    if is_embedded():
        return cluster().address(role=APPLICATION if role == "application" else OWNER)
    return text(VARIABLES[role])


@contextmanager
def server(at_least: int = OLDEST_MAJOR) -> Iterator[None]:
    """The database server runs within this block (nothing to do when a URL names it).

    `at_least`: the major version that new data is made with, if there are none yet.
    """
    if not is_embedded():
        yield
        return
    with cluster(at_least).running():
        yield


def mind() -> bool:
    """Start the embedded server again if it was killed; whether it was. For who is in `server()`."""
    return is_embedded() and cluster().mind()


def django_settings(connection_string: str) -> dict[str, Any]:
    """A connection string as an entry of Django's DATABASES."""
    parts = {key: str(value) for key, value in conninfo_to_dict(connection_string).items()}
    patience = _patience(parts.get("host", ""))
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**patience, **parts, **_pool()},
    }
    if settings["OPTIONS"].get("pool"):
        # Django refuses both: the pool keeps and checks the connections itself.
        settings |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    return settings


def configured() -> dict[str, Any]:
    """Django's DATABASES entry for this process: the application, unless it is a migration."""
    role: Role = "owner" if text("HUIYIN_ROLE") == "owner" else "application"
    return django_settings(address(role))


def environment(*, application: str, owner: str, role: Role = "application") -> dict[str, str]:
    """The environment of a child process that works on this database."""
    return {
        **os.environ,
        "HUIYIN_DATABASE_URL": application,
        "HUIYIN_OWNER_URL": owner,
        "HUIYIN_ROLE": role,
    }


# A machine that was cut off says no goodbye: after a minute both ends take the other for gone, and
# the server lets go of what it had locked. The systems' own patience is two hours.
IDLE, BETWEEN, TRIES, UNANSWERED = 30, 10, 3, 60  # seconds, but for the tries


def _patience(host: str) -> dict[str, Any]:
    """How long a connection over a network may be silent, for this end and for the server's."""
    if not host or host.startswith("/"):
        return {}
    there = {
        "tcp_keepalives_idle": IDLE,
        "tcp_keepalives_interval": BETWEEN,
        "tcp_keepalives_count": TRIES,
        "tcp_user_timeout": UNANSWERED * 1000,
    }
    return {
        "connect_timeout": 10,
        "keepalives_idle": IDLE,
        "keepalives_interval": BETWEEN,
        "keepalives_count": TRIES,
        "tcp_user_timeout": UNANSWERED * 1000,
        "options": " ".join(f"-c {name}={value}" for name, value in there.items()),
    }


def _pool() -> dict[str, Any]:
    if not flag("HUIYIN_POOL"):
        return {}
    size = number("HUIYIN_POOL_SIZE", default=8)
    return {"pool": {"min_size": 1, "max_size": size, "timeout": 20, "max_idle": 300}}
