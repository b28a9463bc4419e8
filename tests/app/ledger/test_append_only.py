"""Facts are never changed or removed: not by the application, not by the owner."""

from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg import errors

from huiyin.ledger.models import Fact
from huiyin.ledger.services import NewFact, record
from tests.people import target

CHANGES = [
    "UPDATE ledger_fact SET kind = 'repair.other'",
    "UPDATE ledger_fact SET recorded_at = recorded_at",
    "DELETE FROM ledger_fact",
    "TRUNCATE ledger_fact CASCADE",
]


@pytest.fixture
def fact(now):
    repair = target("repair")
    new = NewFact("repair.completed", repair.pk, None, None, happened_at=now, known_at=now)
    return record([new], now=now)[0]


@pytest.fixture
def committed(scratch_db, now):
    """A database with one fact in it."""
    repair = target("repair")
    new = NewFact("repair.completed", repair.pk, None, None, happened_at=now, known_at=now)
    record([new], now=now)
    return scratch_db


@pytest.mark.django_db
@pytest.mark.parametrize("statement", CHANGES)
def test_the_application_may_not_change_a_fact(fact, statement):
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)

    assert isinstance(refused.value.__cause__, errors.InsufficientPrivilege)
    assert "permission denied" in str(refused.value)


@pytest.mark.django_db
def test_the_orm_may_not_either(fact):
    with pytest.raises(DatabaseError), transaction.atomic():
        Fact.objects.filter(pk=fact.pk).update(live=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        Fact.objects.filter(pk=fact.pk).delete()

    assert Fact.objects.get(pk=fact.pk).live is True


@pytest.mark.parametrize("statement", CHANGES)
def test_even_the_owner_is_refused_by_the_table_itself(committed, statement):
    with psycopg.connect(committed.owner) as owner:
        with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
            owner.execute(statement)

    assert Fact.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "completed"},
        {"kind": "Repair.completed"},
        {"kind": ""},
        {"known_at": timedelta(seconds=-1)},
        {"happened_at": timedelta(days=2), "known_at": timedelta(days=2)},
    ],
)
def test_the_database_itself_refuses_impossible_facts(now, wrong):
    moments = {"happened_at": now, "known_at": now}
    values = {key: now + v if isinstance(v, timedelta) else v for key, v in wrong.items()}
    row = {"kind": "repair.completed", **moments, **values}

    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.create(target=target("repair"), recorded_at=now, **row)
