"""Taking a fact back."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from huiyin.core.errors import Conflict, Invalid, NotFound
from huiyin.ledger.models import Fact
from huiyin.ledger.services import NewFact, record, void
from tests.people import small_firm, target


def _new(now):
    repair = target("repair")
    return NewFact("repair.completed", repair.pk, None, None, happened_at=now, known_at=now)


@pytest.fixture
def fact(db, now):
    return record([_new(now)], now=now)[0]


def test_a_void_names_what_it_voids_by_whom_and_why(fact, now):
    supervisor = small_firm(now).supervisor

    voiding = void(fact.pk, by=supervisor.pk, reason="登记错了", now=now)

    stored = Fact.objects.get(pk=voiding.pk)
    assert (stored.kind, stored.voids_id, stored.by_id) == ("fact.voided", fact.pk, supervisor.pk)
    assert (stored.target_id, stored.note.text) == (fact.target_id, "登记错了")


def test_neither_the_void_nor_the_voided_still_stands(fact, now):
    void(fact.pk, by=None, reason="登记错了", now=now)

    assert not Fact.objects.standing().about([fact.target_id]).exists()


def test_a_void_needs_a_reason(fact, now):
    with pytest.raises(Invalid) as refused:
        void(fact.pk, by=None, reason="  ", now=now)

    assert list(refused.value.errors) == ["reason"]


def test_a_fact_is_voided_once(fact, now):
    void(fact.pk, by=None, reason="登记错了", now=now)

    with pytest.raises(Conflict) as refused:
        void(fact.pk, by=None, reason="再来", now=now)

    assert refused.value.code == "voided_already"


def test_two_voids_of_the_same_fact_in_one_batch_are_refused(fact, now):
    voiding = NewFact(
        "fact.voided", fact.target_id, None, None, now, now, voids_id=fact.pk, note="错"
    )

    with pytest.raises(Conflict):
        record([voiding, voiding], now=now)


def test_a_void_is_not_voided(fact, now):
    voiding = void(fact.pk, by=None, reason="登记错了", now=now)

    with pytest.raises(Conflict) as refused:
        void(voiding.pk, by=None, reason="又错了", now=now)

    assert refused.value.code == "void_of_void"


def test_what_is_not_there_is_not_voided(db, now):
    with pytest.raises(NotFound):
        void(987654321, by=None, reason="登记错了", now=now)


def _row(fact, now, **given):
    return Fact(
        kind="fact.voided", happened_at=now, known_at=now, recorded_at=now,
        **({"target_id": fact.target_id} | given),
    )  # fmt: skip


def test_the_database_refuses_a_second_void_by_itself(fact, now):
    void(fact.pk, by=None, reason="登记错了", now=now)

    with pytest.raises(IntegrityError), transaction.atomic():
        _row(fact, now, voids_id=fact.pk).save()


def test_the_database_refuses_a_void_of_a_void_by_itself(fact, now):
    voiding = void(fact.pk, by=None, reason="登记错了", now=now)

    with pytest.raises(IntegrityError, match="cannot be voided"), transaction.atomic():
        _row(fact, now, voids_id=voiding.pk).save()


def test_the_database_refuses_a_void_about_another_target(fact, now):
    other = target("repair", label="WX-2")

    with pytest.raises(IntegrityError, match="another target"), transaction.atomic():
        _row(fact, now, voids_id=fact.pk, target_id=other.pk).save()


def test_of_two_sessions_that_void_the_same_fact_one_is_told(scratch_db, now):
    """The second waits at the unique index until the first has committed."""
    fact = record([_new(now)], now=now)[0]
    looked, outcomes = threading.Barrier(2, timeout=10), []

    def session(reason):
        try:
            with transaction.atomic():
                looked.wait()
                void(fact.pk, by=None, reason=reason, now=now)
            outcomes.append("voided")
        except Conflict as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=session, args=[f"错{n}"]) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outcomes) == ["voided", "voided_already"]
