"""Taking back what was told of subjects, by an import or by hand; see ``obligations.retracting``."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction

from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.obligations import retracting
from huiyin.subjects import declared
from huiyin.subjects.models import Subject


@transaction.atomic
def take_back_events(
    subjects: Collection[int], source: str, *, by: int | None, reason: str, now: datetime
) -> None:
    """Void the events of a source; the fields are again what the rest of the facts state."""
    if not subjects:
        return
    retracting.void_facts(subjects, source, by=by, reason=reason, now=now)
    kinds = {kind.key: kind for kind in declared.kinds()}
    rows = list(Subject.objects.filter(pk__in=subjects).order_by("pk").select_for_update())
    standing = Fact.objects.standing().filter(
        target__in=subjects, kind__regex=rf"^({'|'.join(kinds)})\."
    )
    last = dict(standing.order_by("id").values_list("target_id", "values"))
    fields = [
        kinds[row.kind].written(row.fields)
        | {
            name.removeprefix(f"{row.kind}."): value
            for name, value in (last.get(row.pk) or {}).items()
            if name.startswith(f"{row.kind}.")
        }
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE subjects_subject s SET fields = given.fields"
            " FROM unnest(%s::bigint[], %s::jsonb[]) AS given (id, fields)"
            " WHERE s.target_id = given.id",
            [[row.pk for row in rows], [json.dumps(each) for each in fields]],
        )


@transaction.atomic
def retract(
    subjects: Collection[int], source: str, *, by: int | None, reason: str, now: datetime
) -> None:
    """Subjects of an import that was undone leave every list."""
    retracting.void_facts(subjects, source, by=by, reason=reason, now=now)
    retracting.cancel_owed(subjects, by=by, reason=reason, now=now)
    Subject.objects.filter(pk__in=subjects).update(retracted_at=now)


@transaction.atomic
def take_back_registration(fact: Fact, *, by: int, reason: str, now: datetime) -> None:
    """A subject that was registered by hand wrongly leaves every list; its number is free again.

    Raises Invalid without a reason, Conflict for what is voided already.
    """
    subject = Subject.objects.select_for_update().get(pk=fact.target_id)
    ledger.void_together([(fact.pk, subject.pk)], by=by, reason=reason, now=now)
    retracting.cancel_owed([subject.pk], by=by, reason=reason, now=now)
    subject.links_up.all().delete()
    Subject.objects.filter(pk=subject.pk).update(retracted_at=now)
