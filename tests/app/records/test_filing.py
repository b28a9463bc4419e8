"""Filing a form: what is kept, what the ledger states, what is refused."""

from datetime import datetime, timedelta

import pytest

from huiyin.core.errors import Conflict, Invalid, NotFound, Refused
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.records.models import NumberBook, Record, RecordText, Signature
from huiyin.records.queries import sheet
from huiyin.records.services import file_record
from tests.app.records.drawing import photograph, refused, signed
from tests.app.records.visits import SATISFIED, repaired, visit

pytestmark = pytest.mark.django_db


def test_a_filed_record_is_numbered_and_states_its_typed_values(now: datetime) -> None:
    made = repaired(now)

    record = visit(made, now=now, photos={"photo": [photograph(), photograph(80)]})

    fact = Fact.objects.get(kind="record.filed")
    assert (record.number, record.version) == ("WXHF-2026-0001", 1)
    assert record.customer_id == made.customer
    assert fact.target_id == made.repair.pk
    assert fact.happened_at == now + timedelta(days=1)
    assert fact.values["record.form"] == "repair_visit"
    assert fact.values["record.present"] == [made.firm.repair_lead.pk]
    assert fact.values["record.id"] == record.pk
    assert fact.values["repair_visit.onsite_check"] == "fixed"
    assert fact.values["repair_visit.visited"] == "signed"
    assert fact.values["repair_visit.photo"] == 2
    assert record.photos.count() == 2


def test_free_text_is_kept_apart_and_only_its_digest_is_stated(now: datetime) -> None:
    words = "楼道灯太暗，请换亮一点"
    given = SATISFIED | {"suggestions": "some", "suggestion_text": words}

    record = visit(repaired(now), now=now, given=given)

    fact = Fact.objects.get(kind="record.filed")
    assert RecordText.objects.get(record=record, field="suggestion_text").text == words
    assert words not in str(fact.values)
    assert "suggestion_text" not in str(record.values)
    assert len(fact.values["record.digest"]) == 64


def test_the_same_words_have_another_digest_in_another_record(now: datetime) -> None:
    made = repaired(now)
    given = SATISFIED | {"suggestions": "some", "suggestion_text": "无"}

    visit(made, now=now, given=given)
    visit(made, now=now, given=given)

    digests = [f.values["record.digest"] for f in Fact.objects.filter(kind="record.filed")]
    assert len(set(digests)) == 2


def test_filing_fulfils_the_duty_that_asked_for_it(now: datetime) -> None:
    made = repaired(now)
    owed = Obligation.objects.open().about(made.repair.pk)
    assert owed.exists()

    lead, supervisor, manager = (
        p.pk for p in (made.firm.repair_lead, made.firm.supervisor, made.firm.manager)
    )
    record = visit(made, now=now, present=(lead, supervisor, manager))

    assert not owed.exists()
    assert sorted(record.presences.values_list("person_id", flat=True)) == sorted(
        (lead, supervisor, manager)
    )


def test_a_refused_signature_needs_its_reason(now: datetime) -> None:
    made = repaired(now)

    with pytest.raises(Invalid) as error:
        visit(made, now=now, signatures={"visited": refused("")})
    record = visit(made, now=now, signatures={"visited": refused("住户赶时间")})

    assert list(error.value.errors) == ["visited"]
    signature = Signature.objects.get(record=record)
    assert signature.refused and signature.blob_id is None
    assert record.texts.get(field="visited").text == "住户赶时间"
    assert Fact.objects.get(kind="record.filed").values["repair_visit.visited"] == "refused"


def test_every_wrong_field_is_named_at_once_and_nothing_is_written(now: datetime) -> None:
    made = repaired(now)

    with pytest.raises(Invalid) as error:
        visit(
            made,
            now=now,
            given={"onsite_check": "perhaps", "suggestions": "some", "respondent": "absent"},
            signatures={},
            photos={"photo": [b"not a picture"]},
        )

    assert set(error.value.errors) == {
        "onsite_check", "suggestion_text", "fees", "visited", "photo",
    }  # fmt: skip
    assert not Record.objects.exists()
    assert not NumberBook.objects.exists()


def test_the_repairer_may_not_visit_his_own_repair(now: datetime) -> None:
    made = repaired(now)
    repairer = made.firm.repairer.pk

    with pytest.raises(Refused) as error:
        visit(made, now=now, by=repairer, present=(repairer,))

    assert "B.1.a" in error.value.clauses
    assert not Record.objects.exists()


def test_the_same_key_returns_the_same_record(now: datetime) -> None:
    made = repaired(now)

    first = visit(made, now=now, key="phone-1")
    again = visit(made, now=now, key="phone-1", happened_at=now + timedelta(days=1, minutes=5))

    assert first.pk == again.pk
    assert Record.objects.count() == 1
    assert Fact.objects.filter(kind="record.filed").count() == 1


def test_a_key_is_not_used_for_another_body(now: datetime) -> None:
    made = repaired(now)
    visit(made, now=now, key="phone-1")

    with pytest.raises(Conflict):
        visit(made, now=now, key="phone-1", given=SATISFIED | {"fees": "free"})

    assert Record.objects.count() == 1


def test_what_has_not_happened_yet_cannot_be_filed(now: datetime) -> None:
    made = repaired(now)
    recorded = now + timedelta(days=1, hours=1)

    with pytest.raises(Invalid) as error:
        visit(made, now=now, happened_at=recorded + timedelta(minutes=10, seconds=1))
    record = visit(made, now=now, happened_at=recorded + timedelta(minutes=10))

    assert list(error.value.errors) == ["happened_at"]
    assert record.happened_at == recorded + timedelta(minutes=10)


def test_a_form_is_about_its_own_kind_of_target(now: datetime) -> None:
    made = repaired(now)

    with pytest.raises(Invalid):
        visit(made, now=now, about=made.customer)
    with pytest.raises(NotFound):
        file_record("unknown_form", now=now, **_filling(made, now))


def _filling(made, now):  # type: ignore[no-untyped-def]
    lead = made.firm.repair_lead.pk
    return {
        "about": made.repair.pk, "by": lead, "recorded_by": lead, "present": (),
        "given": {}, "signatures": {"visited": signed()}, "photos": {}, "happened_at": now,
    }  # fmt: skip


DAY, SECOND = timedelta(hours=24), timedelta(seconds=1)


@pytest.mark.parametrize(("before", "asked"), [(DAY - SECOND, 0), (DAY, 0), (DAY + SECOND, 1)])
def test_what_is_entered_more_than_a_day_later_says_why(
    now: datetime, before: timedelta, asked: int
) -> None:
    made, entered = repaired(now), now + timedelta(days=1, hours=1)
    done = entered - before

    if asked:
        with pytest.raises(Invalid) as error:
            visit(made, now=now, happened_at=done, given={**SATISFIED, "service": ""})
        assert list(error.value.errors) == ["service", "late_reason"]
        assert "2026" in str(error.value.errors["late_reason"])
    record = visit(made, now=now, happened_at=done, late_reason="手机没电" * asked)

    assert sheet(record).late_reason == "手机没电" * asked
    assert "手机没电" not in str(Fact.objects.get(kind="record.filed").values)


@pytest.mark.parametrize(("after", "asked"), [(-SECOND, 0), (SECOND * 0, 0), (SECOND, 1)])
def test_what_a_due_moment_lies_between_says_why(
    now: datetime, after: timedelta, asked: int
) -> None:
    made = repaired(now)
    due = Obligation.objects.open().about(made.repair.pk).latest("due_at").due_at
    start = due + after - timedelta(days=1, hours=1)

    if asked:
        with pytest.raises(Invalid) as error:
            visit(made, now=start)
        assert list(error.value.errors) == ["late_reason"]
    record = visit(made, now=start, late_reason="手机没电" * asked)

    settled = Obligation.objects.filter(target=made.repair.pk, state="done").first()
    assert settled is not None and settled.settled_by.values["record.id"] == record.pk
    assert settled.standing(record.recorded_at) == ("entered_late" if asked else "met")
