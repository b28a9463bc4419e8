"""Writing facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from huiyin.core.errors import Invalid
from huiyin.ledger import services
from huiyin.ledger.models import Fact, Note, Target
from huiyin.ledger.services import NewFact, NewTarget, create_targets, record
from tests.people import target

SECOND = timedelta(seconds=1)


@pytest.fixture
def repair(db):
    return target("repair")


@pytest.fixture
def completed(repair, now):
    return NewFact(
        "repair.completed",
        repair.pk,
        None,
        None,
        happened_at=now - timedelta(hours=2),
        known_at=now - timedelta(hours=1),
        values={"repair.category": "leak", "repair.repairer": 7, "repair.title": "漏水㐂𠮷"},
    )


@pytest.fixture
def alone(monkeypatch):
    """The ledger without the rooms above it."""
    monkeypatch.setattr(services, "_subscribers", [])


@pytest.fixture
def seen(monkeypatch):
    """What a subscriber was shown."""
    calls = []
    monkeypatch.setattr(services, "_subscribers", [lambda facts, now: calls.append((facts, now))])
    return calls


def test_a_fact_keeps_its_three_times_and_its_typed_values(completed, now):
    [written] = record([completed], now=now)

    fact = Fact.objects.get(pk=written.pk)
    assert fact.happened_at == now - timedelta(hours=2)
    assert fact.known_at == now - timedelta(hours=1)
    assert fact.recorded_at == now
    assert fact.values == completed.values
    assert (fact.live, fact.source, fact.voids_id) == (True, None, None)


def test_a_fact_written_by_copy_knows_its_transaction(completed, now):
    first, second = record([completed, completed], now=now)

    stored = Fact.objects.in_bulk([first.pk, second.pk])
    assert stored[first.pk].xact == stored[second.pk].xact > 0


def test_many_facts_keep_their_order(completed, now):
    facts = [replace(completed, values={"n": n}) for n in range(500)]

    written = record(facts, now=now)

    ids = [fact.pk for fact in written]
    assert ids == sorted(ids)
    assert [f.values["n"] for f in Fact.objects.filter(pk__in=ids).order_by("pk")] == [*range(500)]


@pytest.mark.parametrize("count", [1, 100])
def test_recording_costs_the_same_statements_for_one_and_for_many(
    completed, now, count, alone, django_assert_num_queries
):
    # Savepoints of the two services (open and release each), ids, rows.
    with django_assert_num_queries(4):
        record([completed] * count, now=now)


def test_no_facts_are_no_work(db, now, alone, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert record([], now=now) == []


@pytest.mark.parametrize(
    ("ahead", "fits"),
    [
        (services.SKEW - SECOND, True),
        (services.SKEW, True),
        (services.SKEW + SECOND, False),
    ],
)
def test_the_future_has_not_happened_beyond_ten_minutes(completed, now, ahead, fits):
    fact = replace(completed, happened_at=now + ahead, known_at=now + ahead)

    if fits:
        assert record([fact], now=now)
    else:
        with pytest.raises(Invalid) as refused:
            record([fact], now=now)
        assert list(refused.value.errors) == ["0"]


@pytest.mark.parametrize(
    ("after", "fits"), [(-SECOND, False), (timedelta(0), True), (SECOND, True)]
)
def test_nothing_is_known_before_it_happened(completed, now, after, fits):
    fact = replace(completed, known_at=completed.happened_at + after)

    if fits:
        assert record([fact], now=now)
    else:
        with pytest.raises(Invalid):
            record([fact], now=now)


@pytest.mark.parametrize(
    ("back", "fits"),
    [
        (timedelta(days=3) - SECOND, True),
        (timedelta(days=3), True),
        (timedelta(days=3) + SECOND, False),
    ],
)
def test_back_dating_ends_at_its_limit_if_there_is_one(completed, now, back, fits):
    fact = replace(completed, happened_at=now - back, known_at=now)

    assert record([fact], now=now)
    if fits:
        assert record([fact], now=now, not_before=timedelta(days=3))
    else:
        with pytest.raises(Invalid):
            record([fact], now=now, not_before=timedelta(days=3))


def test_moments_are_compared_across_time_zones(completed, now):
    from zoneinfo import ZoneInfo

    in_new_york = datetime(2026, 3, 1, 20, 0, tzinfo=ZoneInfo("America/New_York"))
    assert in_new_york.astimezone(UTC) == now

    [written] = record([replace(completed, happened_at=in_new_york, known_at=now)], now=now)

    assert Fact.objects.get(pk=written.pk).happened_at == now


def test_one_impossible_fact_stops_the_whole_batch(completed, now):
    future = replace(completed, happened_at=now + timedelta(days=1), known_at=now)

    with pytest.raises(Invalid) as refused:
        record([completed, completed, future], now=now)

    assert list(refused.value.errors) == ["2"]
    assert not Fact.objects.filter(kind="repair.completed").exists()


def test_subscribers_see_what_was_written_and_when(completed, now, seen):
    written = record([completed], now=now)

    assert seen == [(written, now)]


def test_what_the_engine_states_goes_past_the_subscribers(completed, now, seen):
    services.append([completed], now=now)

    assert seen == []


def test_a_failing_subscriber_leaves_no_fact(completed, now, monkeypatch):
    def fail(facts, now):
        raise Invalid({"": ["no"]})

    monkeypatch.setattr(services, "_subscribers", [fail])

    with pytest.raises(Invalid), transaction.atomic():
        record([completed], now=now)

    assert not Fact.objects.filter(kind="repair.completed").exists()


def test_a_function_subscribes_once(monkeypatch):
    monkeypatch.setattr(services, "_subscribers", [])

    services.subscribe(len)
    services.subscribe(len)

    assert services._subscribers == [len]


def test_free_text_lies_apart_and_the_fact_carries_its_salted_digest(completed, now):
    [written] = record([replace(completed, note="张女士说还在漏")], now=now)

    fact = Fact.objects.get(pk=written.pk)
    assert "张女士" not in str(fact.values)
    assert fact.note.text == "张女士说还在漏"
    assert fact.values["note"] == services.note_digest(fact.note.salt, fact.note.text)


def test_the_same_text_twice_has_two_digests(completed, now):
    one, two = record([replace(completed, note="同样")] * 2, now=now)

    assert one.values["note"] != two.values["note"]


def test_erased_text_is_gone_and_the_fact_stays(completed, now):
    [written] = record([replace(completed, note="张女士说还在漏")], now=now)

    assert services.erase_note(written.pk) is True

    assert not Note.objects.filter(pk=written.pk).exists()
    assert Fact.objects.get(pk=written.pk).values["note"] == written.values["note"]
    assert services.erase_note(written.pk) is False


def test_targets_are_made_at_once_in_their_order(db, django_assert_num_queries):
    rows = [NewTarget("customer", f"3栋{n}") for n in range(200)]

    with django_assert_num_queries(4):
        ids = create_targets(rows)

    assert [Target.objects.in_bulk(ids)[id].label for id in ids] == [row.label for row in rows]


def test_a_unit_belongs_to_itself(db):
    [id] = create_targets([NewTarget("unit", "一区", unit_is_self=True)])

    assert Target.objects.get(pk=id).unit_id == id


@pytest.mark.slow
def test_a_hundred_thousand_facts_take_one_path(completed, now, alone, django_assert_num_queries):
    with django_assert_num_queries(4):
        record([completed] * 100_000, now=now)

    assert Fact.objects.filter(kind="repair.completed").count() == 100_000
