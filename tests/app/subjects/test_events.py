"""What is tracked and what happens to it: one path for one and for thousands."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huiyin.core.errors import Conflict, Invalid, NotFound
from huiyin.ledger.models import Fact, Target
from huiyin.obligations.models import Obligation
from huiyin.subjects.models import Subject
from huiyin.subjects.services import (
    NewEvent,
    NewSubject,
    correct_event,
    record_event,
    record_events,
    register,
    values_of,
    void_event,
)  # fmt: skip
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(adopted: SmallFirm) -> SmallFirm:
    return adopted


def repair(firm: SmallFirm, number: str = "WX-1", **fields: object) -> NewSubject:
    given = {"category": "leak", "repairer": firm.repairer.pk} | fields
    return NewSubject(number, given, unit_id=firm.zone_one.pk)


def made(
    firm: SmallFirm, now: datetime, number: str = "WX-1", *, reported: datetime | None = None
) -> Subject:
    row = replace(repair(firm, number), created_at=reported or now - timedelta(days=1))
    [id] = register("repair", [row], by=firm.manager.pk, now=now)
    return Subject.objects.get(pk=id)


def complete(subject: Subject, firm: SmallFirm, now: datetime, **changed: object) -> Fact:
    happened = {"happened_at": now, "by": firm.repairer.pk, "recorded_by": firm.officer.pk}
    return record_event(subject, "completed", now=now, **happened | changed)  # type: ignore[arg-type]


def test_a_subject_states_its_typed_fields_when_registered(firm: SmallFirm, now: datetime) -> None:
    reported = now - timedelta(days=1)
    row = NewSubject("WX-1", {"category": "leak", "repairer": str(firm.repairer.pk)},
                     unit_id=firm.zone_one.pk, created_at=reported)  # fmt: skip

    [id] = register("repair", [row], by=None, now=now)

    subject, target = Subject.objects.get(pk=id), Target.objects.get(pk=id)
    stated = {"repair.category": "leak", "repair.repairer": firm.repairer.pk}
    assert (target.kind, target.label) == ("repair", "WX-1")
    assert values_of(subject) == stated
    fact = Fact.objects.get(target=id)
    assert (fact.kind, fact.values, fact.happened_at) == ("repair.registered", stated, reported)


def test_an_event_states_all_fields_and_opens_what_the_policy_asks(
    firm: SmallFirm, now: datetime
) -> None:
    subject = made(firm, now)

    fact = complete(subject, firm, now, happened_at=now - timedelta(hours=2), known_at=now)

    assert (fact.kind, fact.by_id, fact.recorded_by_id) == (
        "repair.completed", firm.repairer.pk, firm.officer.pk,
    )  # fmt: skip
    assert (fact.happened_at, fact.known_at) == (now - timedelta(hours=2), now)
    assert fact.values == {"repair.category": "leak", "repair.repairer": firm.repairer.pk}
    owed = Obligation.objects.open().about(subject.pk)
    assert {clause for each in owed for clause in each.clauses} >= {"B.2.c"}
    assert {each.excluded_id for each in owed} == {firm.repairer.pk}


def test_what_becomes_known_with_an_event_changes_the_subject(
    firm: SmallFirm, now: datetime
) -> None:
    subject = made(firm, now)

    fact = complete(subject, firm, now, values={"repairer": firm.second_repairer.pk})

    assert fact.values["repair.repairer"] == firm.second_repairer.pk
    subject.refresh_from_db()
    assert subject.fields == {"category": "leak", "repairer": firm.second_repairer.pk}


@pytest.mark.parametrize(
    "changed",
    [
        {"happened_at": timedelta(minutes=11)},
        {"values": {"category": "roof"}},
        {"values": {"colour": "red"}},
        {"values": {"repairer": 10**9}},
        {"values": {"repairer": ""}},
    ],
)
def test_a_wrong_event_writes_nothing(
    firm: SmallFirm, now: datetime, changed: dict[str, object]
) -> None:
    subject = made(firm, now)
    if "happened_at" in changed:
        changed = {"happened_at": now + timedelta(minutes=11)}

    with pytest.raises(Invalid):
        complete(subject, firm, now, **changed)
    with pytest.raises(Invalid, match="completed"):
        record_event(subject, "demolished", happened_at=now, by=None, recorded_by=None, now=now)

    assert [fact.kind for fact in Fact.objects.filter(target=subject.pk)] == ["repair.registered"]


def test_an_event_names_no_one_but_a_holder(firm: SmallFirm, now: datetime) -> None:
    subject = made(firm, now)

    for who in (firm.officer, firm.far_repairer):
        with pytest.raises(Invalid, match=f"维修人员：{who.name}没有在这个单位或上级单位担任过"):
            complete(subject, firm, now, values={"repairer": who.pk})
    complete(subject, firm, now, values={"repairer": firm.repair_lead.pk})

    assert subject.fields["repairer"] == firm.repair_lead.pk


@pytest.mark.parametrize(
    ("number", "fields"),
    [
        ("WX-2", {"category": "roof"}),
        ("WX-2", {"category": ""}),
        ("WX-2", {"repairer": 10**9}),
        ("WX-2", {"colour": "red"}),
        ("", {}),
        ("WX-0", {}),
        ("W" * 81, {}),
    ],
)
def test_a_wrong_row_is_named_by_its_position(
    firm: SmallFirm, now: datetime, number: str, fields: dict[str, object]
) -> None:
    made(firm, now, "WX-0")
    rows = [repair(firm, "WX-1"), repair(firm, number, **fields)]

    with pytest.raises(Invalid) as error:
        register("repair", rows, by=None, now=now)

    assert list(error.value.errors) == ["1"]
    assert Subject.objects.count() == 1


def test_a_kind_that_no_policy_tracks_is_unknown(firm: SmallFirm, now: datetime) -> None:
    with pytest.raises(NotFound):
        register("reel", [NewSubject("1")], by=None, now=now)


def test_two_thousand_take_as_many_statements_as_two(firm: SmallFirm, now: datetime) -> None:
    def statements(prefix: str, count: int) -> tuple[int, list[int]]:
        with CaptureQueriesContext(connection) as queries:
            rows = [repair(firm, f"{prefix}{n}") for n in range(count)]
            ids = register("repair", rows, by=None, now=now, live=False)
        return len(queries), ids

    (few, _ids), (many, ids) = statements("A", 2), statements("B", 2_000)
    assert few == many

    me = firm.manager.pk
    events = [NewEvent(id, "completed", now, me, me, live=False) for id in ids]
    with CaptureQueriesContext(connection) as queries:
        facts = record_events(events, now=now)
    assert len(facts) == 2_000
    assert len(queries) < 30


def test_events_are_all_recorded_or_none(firm: SmallFirm, now: datetime) -> None:
    subject, me = made(firm, now), firm.manager.pk
    good = NewEvent(subject.pk, "completed", now, me, me)

    with pytest.raises(Invalid) as error:
        record_events([good, NewEvent(subject.pk, "demolished", now, me, me)], now=now)
    with pytest.raises(NotFound):
        record_events([good, NewEvent(10**9, "completed", now, me, me)], now=now)

    assert list(error.value.errors) == ["1"]
    assert not Fact.objects.filter(kind="repair.completed").exists()


def test_a_voided_event_takes_its_fields_and_duties_back(firm: SmallFirm, now: datetime) -> None:
    subject = made(firm, now)
    fact = complete(subject, firm, now, values={"category": "safety"})
    assert Obligation.objects.open().about(subject.pk).exists()

    void_event(fact, by=firm.manager.pk, reason="登记错了", now=now)

    subject.refresh_from_db()
    assert subject.fields["category"] == "leak"
    assert not Obligation.objects.open().about(subject.pk).exists()
    with pytest.raises(Conflict):
        void_event(fact, by=firm.manager.pk, reason="再次", now=now)
    with pytest.raises(Invalid):
        void_event(complete(subject, firm, now), by=firm.manager.pk, reason=" ", now=now)


def test_a_correction_is_a_void_and_a_new_fact(firm: SmallFirm, now: datetime) -> None:
    subject = made(firm, now)
    wrong = complete(subject, firm, now)
    earlier = now - timedelta(days=1)

    right = correct_event(
        wrong, reason="完工是前一天", now=now, happened_at=earlier, known_at=now,
        by=firm.repairer.pk, recorded_by=firm.officer.pk,
    )  # fmt: skip

    kinds = Fact.objects.filter(target=subject.pk).order_by("id").values_list("kind", flat=True)
    engine = [kind for kind in kinds if not kind.endswith((".met", ".missed"))]
    assert engine == ["repair.registered", "repair.completed", "fact.voided", "repair.completed"]
    assert right.happened_at == earlier
    assert Fact.objects.standing().filter(kind="repair.completed").get() == right


def test_a_number_is_unique_within_its_kind_in_the_database(firm: SmallFirm, now: datetime) -> None:
    made(firm, now)

    viewer = firm.viewer(firm.manager)
    found = Subject.objects.all().matching("wx-1", viewer).with_last_event().get()

    assert found.event == "repair.registered"
    assert not Subject.objects.all().matching("WX_1", viewer).exists()


@pytest.mark.parametrize(("minutes", "refused"), [(-1, True), (0, False), (1, False)])
def test_nothing_happens_to_a_thing_before_it_was_reported(
    firm: SmallFirm, now: datetime, minutes: int, refused: bool
) -> None:
    reported = now - timedelta(hours=3)
    subject = made(firm, now, reported=reported + timedelta(seconds=40))
    at = reported + timedelta(minutes=minutes)

    if refused:
        with pytest.raises(Invalid, match="登记时间（2026-03-02 06:00）") as error:
            complete(subject, firm, now, happened_at=at)
        assert list(error.value.errors) == ["happened_at"]
    else:
        complete(subject, firm, now, happened_at=at)

    assert Fact.objects.filter(kind="repair.completed").exists() != refused


def test_nothing_comes_before_a_report_by_thousands_either(firm: SmallFirm, now: datetime) -> None:
    subject, me = made(firm, now), firm.manager.pk
    early = NewEvent(subject.pk, "completed", now - timedelta(days=2), me, me, live=False)

    with pytest.raises(Invalid) as error:
        record_events([early], now=now)

    assert list(error.value.errors) == ["0"]


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_what_happened_once_does_not_happen_again_before_or_after(
    firm: SmallFirm, now: datetime, days: int
) -> None:
    subject = made(firm, now, reported=now - timedelta(days=9))
    complete(subject, firm, now, happened_at=now - timedelta(days=4))

    with pytest.raises(Conflict, match="“完工”已经登记过了"):
        complete(subject, firm, now, happened_at=now + timedelta(days=days - 4))

    assert Fact.objects.filter(kind="repair.completed").count() == 1


def test_an_import_that_did_not_tell_when_it_was_reported_refuses_no_moment(
    firm: SmallFirm, now: datetime
) -> None:
    [id] = register(
        "repair", [replace(repair(firm), source="import:1")], by=None, now=now, live=False
    )

    fact = complete(Subject.objects.get(pk=id), firm, now, happened_at=now - timedelta(days=3))

    assert fact.happened_at == now - timedelta(days=3)
