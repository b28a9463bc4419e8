"""Taking back what was entered or brought in: facts are voided, and what hangs on them follows.

A customer, a subject or a case cannot be removed, since the ledger only grows. It is *retracted*:
its facts are voided with a reason, it leaves every list, and its number is free again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from huiyin.core.errors import Conflict
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact, Note, Target
from huiyin.obligations.models import Obligation

TRACES = ("phone.revealed",)
"""Facts that say who looked at something: nothing is built on a look."""


def stated_since(targets: Collection[int], source: str) -> dict[int, list[Fact]]:
    """What people, or other imports, stated about the targets beside this source; newest first.

    What the engine states by itself is not somebody's work and does not count.
    """
    rows = (
        Fact.objects.standing()
        .filter(target__in=targets)
        .filter(Q(recorded_by__isnull=False) | Q(source__isnull=False))
        .exclude(kind__in=TRACES)
        .exclude(source__startswith=f"{source}:")
        .select_related("target", "note", "voided_by")
        .order_by("-happened_at", "-id")
    )
    found: dict[int, list[Fact]] = defaultdict(list)
    for fact in rows:
        found[fact.target_id].append(fact)
    return found


def fulfilled(targets: Collection[int], source: str) -> dict[int, list[Obligation]]:
    """What the source's facts opened and somebody has done since, by what the facts are about."""
    rows = Obligation.objects.filter(
        state=Obligation.State.DONE,
        opener__target__in=targets,
        opener__source__startswith=f"{source}:",
    ).select_related("opener", "target")
    found: dict[int, list[Obligation]] = defaultdict(list)
    for row in rows:
        found[row.opener.target_id].append(row)
    return found


def hanging_on(targets: Collection[int]) -> dict[int, list[Target]]:
    """Other things with a target of their own that point at these: a case about a customer.

    Found by the foreign keys of every room, so that none above needs to be known here.
    """
    found: dict[int, dict[int, Target]] = defaultdict(dict)
    for model, name in _pointing():
        rows = model._default_manager.filter(**{f"{name}__in": targets})
        pairs = list(rows.values_list(f"{name}_id", "pk"))
        others = Target.objects.in_bulk({pk for _target, pk in pairs})
        for target, pk in pairs:
            found[target][pk] = others[pk]
    return {target: list(others.values()) for target, others in found.items()}


def _pointing() -> Iterator[tuple[type[models.Model], str]]:
    """Models that own a target, with their keys to targets or to others that own one."""
    owning = [model for model in apps.get_models() if _owns_target(model)]
    for model in owning:
        for field in model._meta.concrete_fields:
            to = field.related_model
            if field.name != "target" and (to is Target or to in owning):
                yield model, field.name


def _owns_target(model: type[models.Model]) -> bool:
    key = model._meta.pk
    return key is not None and key.name == "target" and key.related_model is Target


def void_facts(
    targets: Collection[int], source: str, *, by: int | None, reason: str, now: datetime
) -> None:
    """Void what the source stated about the targets; its notes are erased, their digests stay."""
    rows = Fact.objects.standing().filter(target__in=targets, source__startswith=f"{source}:")
    pairs = list(rows.order_by("id").values_list("id", "target_id"))
    ledger.void_together(pairs, by=by, reason=reason, now=now)
    Note.objects.filter(fact__in=[fact for fact, _target in pairs]).delete()


def cancel_owed(targets: Collection[int], *, by: int | None, reason: str, now: datetime) -> int:
    """Whatever is still owed about the targets becomes 撤销, overdue or not; returns how many.

    Facts of the engine that say it was missed no longer hold either. Call it after the facts of
    the targets are voided: what those opened is cancelled by then.
    """
    rows = (
        Obligation.objects.filter(target__in=targets)
        .exclude(state__in=[Obligation.State.DONE, Obligation.State.VOIDED])
        .order_by("id")
        .select_for_update(of=("self",))
    )
    owed = list(rows.values_list("id", "target_id", "missed_fact_id"))
    missed = [(fact, target) for _id, target, fact in owed if fact is not None]
    standing = set(
        Fact.objects.standing()
        .filter(pk__in=[fact for fact, _target in missed])
        .values_list("pk", flat=True)
    )
    ledger.void_together(
        [pair for pair in missed if pair[0] in standing], by=by, reason=reason, now=now
    )
    facts = ledger.append(
        [
            ledger.NewFact(
                kind="obligation.released",
                target_id=target,
                by_id=by,
                recorded_by_id=None,
                happened_at=now,
                known_at=now,
                values={"obligation.id": id, "obligation.reason": "retracted"},
            )
            for id, target, _missed in owed
        ],
        now=now,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE obligations_obligation o SET state = 'voided', settled_by_id = given.fact,"
            " next_look_at = NULL FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, fact)"
            " WHERE o.id = given.id AND o.state <> 'voided'",
            [[id for id, _target, _missed in owed], [fact.id for fact in facts]],
        )
    return len(owed)


@transaction.atomic
def take_back_waiver(waiver: Fact, *, by: int, reason: str, now: datetime) -> None:
    """A release was a mistake: the obligation is owed again, with the deadline that it had.

    Raises Invalid without a reason, Conflict when it no longer is what the release made of it.
    """
    row = Obligation.objects.filter(settled_by=waiver.pk).select_for_update().first()
    if row is None or row.state != Obligation.State.WAIVED:
        raise Conflict(_("这项义务已经有了别的结果，请刷新页面。"), code="obligation_settled")
    ledger.void_together([(waiver.pk, waiver.target_id)], by=by, reason=reason, now=now)
    if not Obligation.objects.waiting().filter(pk=row.pk).exists():
        raise Conflict(_("这项义务不能恢复，它的制度已经不再执行。"), code="obligation_settled")
