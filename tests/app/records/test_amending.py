"""A filed record never changes: it is mended by a new version."""

from datetime import datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models import Model

from huiyin.core.errors import Conflict, Invalid
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.records.answers import Sent
from huiyin.records.models import Blob, Photo, Record, RecordPresence, Signature
from huiyin.records.services import amend_record
from tests.app.records.drawing import photograph, signed
from tests.app.records.visits import SATISFIED, repaired, visit

pytestmark = pytest.mark.django_db
LATER = timedelta(days=2)


def test_an_amendment_is_a_new_version_of_the_same_number(now: datetime) -> None:
    made = repaired(now)
    record = visit(made, now=now, photos={"photo": [photograph()]})
    owed = set(Obligation.objects.values_list("pk", "state"))
    by = made.firm.supervisor.pk

    newer = amend_record(
        record, Sent(SATISFIED | {"fees": "free"}), reason="收费记错", by=by, now=now + LATER
    )

    record.refresh_from_db()
    assert (newer.number, newer.version, newer.amends_id) == (record.number, 2, record.pk)
    assert record.values["repair_visit.fees"] == "match"
    assert newer.values["repair_visit.fees"] == "free"
    assert newer.texts.get(field="").text == "收费记错"
    assert newer.happened_at == record.happened_at
    assert newer.photos.count() == 1
    assert list(Record.objects.current()) == [newer]
    assert set(Obligation.objects.values_list("pk", "state")) == owed
    assert Fact.objects.get(kind="record.amended").values["record.version"] == 2


def test_a_signature_is_not_carried_over_to_other_words(now: datetime) -> None:
    record = visit(repaired(now), now=now)

    newer = amend_record(record, Sent(SATISFIED), reason="更正", by=record.by_id, now=now + LATER)
    newest = amend_record(
        newer, Sent(SATISFIED, {"visited": signed()}), reason="补签", by=record.by_id,
        now=now + LATER,
    )  # fmt: skip

    assert not newer.signatures.exists()
    assert newest.signatures.get().blob_id == record.signatures.get().blob_id


def test_an_amendment_needs_a_reason_and_whole_answers(now: datetime) -> None:
    record = visit(repaired(now), now=now)

    with pytest.raises(Invalid):
        amend_record(record, Sent(SATISFIED), reason=" ", by=record.by_id, now=now + LATER)
    with pytest.raises(Invalid) as error:
        amend_record(record, Sent({}), reason="更正", by=record.by_id, now=now + LATER)

    assert "fees" in error.value.errors and "visited" not in error.value.errors


def test_of_two_amendments_of_one_version_the_second_is_told_so(now: datetime) -> None:
    record = visit(repaired(now), now=now)
    amend_record(record, Sent(SATISFIED), reason="一", by=record.by_id, now=now + LATER)

    with pytest.raises(Conflict):
        amend_record(record, Sent(SATISFIED), reason="二", by=record.by_id, now=now + LATER)

    assert Record.objects.count() == 2


@pytest.mark.parametrize("model", [Record, RecordPresence, Signature, Photo, Blob])
def test_the_database_refuses_to_change_what_was_filed(now: datetime, model: type[Model]) -> None:
    visit(repaired(now), now=now, photos={"photo": [photograph()]})
    table, key = model._meta.db_table, model._meta.pk.column
    assert model.objects.exists()

    for statement in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
        with pytest.raises(ProgrammingError), transaction.atomic():
            connection.cursor().execute(statement)
