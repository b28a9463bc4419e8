"""Taking a fact back."""

import pytest
from django.db import IntegrityError, transaction

from huiyin.core.errors import Conflict, Invalid, NotFound
from huiyin.ledger.models import Fact
from huiyin.ledger.services import NewFact, record, void
from tests.people import small_firm, target

pytestmark = pytest.mark.django_db


@pytest.fixture
def fact(now):
    new = NewFact(
        "repair.completed", target("repair").pk, None, None, happened_at=now, known_at=now
    )
    return record([new], now=now)[0]


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


def test_what_is_not_there_is_not_voided(now):
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
