"""Scratch databases come and go; the application may only add to append-only tables."""

import subprocess
import sys

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from huiyin.config import database
from huiyin.config.grants import append_only_tables
from huiyin.config.scratch import Scratch, django_uses, scratch_database

KEEP = """
import sys, django
django.setup()
from huiyin.config.scratch import scratch_database
with scratch_database(template=False) as scratch:
    print(scratch.name, flush=True)
    sys.stdin.read()
"""


def databases() -> set[str]:
    with psycopg.connect(database.address("owner")) as session:
        return {name for (name,) in session.execute("SELECT datname FROM pg_database")}


def keep_scratch() -> tuple[subprocess.Popen[str], str]:
    """Another process and the name of the scratch database that it holds."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_scratch_database_is_gone_afterwards(scratch_db: Scratch) -> None:
    with scratch_database(use=False) as other:
        assert other.name in databases()

    assert other.name not in databases()
    assert scratch_db.name in databases()


def test_what_a_killed_process_left_is_dropped_by_the_next(scratch_db: Scratch) -> None:
    living, kept = keep_scratch()
    killed, left = keep_scratch()
    killed.kill()
    killed.wait()

    with scratch_database(template=False, use=False):
        assert left not in databases()
        assert kept in databases()
    living.communicate("")
    assert living.returncode == 0


@pytest.mark.django_db
def test_the_application_can_only_add_to_append_only_tables() -> None:
    tables = append_only_tables()
    assert "ledger_fact" in tables

    assert connection.settings_dict["USER"] == "huiyin_app"
    for table in tables:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


@pytest.mark.long
def test_every_migration_can_be_taken_back(scratch_db: Scratch) -> None:
    with django_uses(scratch_db.owner):
        ours = [a for a in MigrationLoader(connection).migrated_apps if _is_ours(a)]
        for label in sorted(ours):
            call_command("migrate", label, "zero", verbosity=0, interactive=False)
        call_command("migrate", verbosity=0, interactive=False)


def _is_ours(label: str) -> bool:
    return apps.get_app_config(label).name.startswith("huiyin.")
