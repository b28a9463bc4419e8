"""Points: found at a period's end, confirmed, contested, taken back. One function, one use case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from huiyin.accounts.queries import heads_of, in_post, zone
from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption
from huiyin.core import acts
from huiyin.core.errors import Conflict, Refused
from huiyin.core.words import require_reason
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Target
from huiyin.obligations import booking, populations, stated
from huiyin.obligations.loading import holders_for
from huiyin.obligations.models import Obligation, ScoreEntry
from huiyin.policy.calendar import DAY
from huiyin.policy.clocks import TICK
from huiyin.policy.conditions import Items, Total, leaves_of
from huiyin.policy.effects import Reverse, Why
from huiyin.policy.matching import Around, matches
from huiyin.policy.periods import Period
from huiyin.policy.planning import periods_of
from huiyin.policy.rules import Score
from huiyin.policy.scoring import counts_at, points_of
from huiyin.policy.state import InForce


@dataclass(frozen=True, slots=True)
class Balance:
    """Points that count at a moment, and those that may still come to count."""

    points: int
    pending: int


def balance(person: int, account: str, period: date, *, at: datetime) -> Balance:
    """What a person's account of a month stands at; contested and unconfirmed ones are pending."""
    entries = ScoreEntry.objects.filter(person=person, account=account, period=period)
    counting = Q(counts_at__lte=at, contested_at=None)
    sums = entries.aggregate(
        counted=Sum("points", filter=counting), waiting=Sum("points", filter=~counting)
    )
    return Balance(sums["counted"] or 0, sums["waiting"] or 0)


def book_periods(adoption: Adoption, in_force: InForce, *, now: datetime) -> int:
    """Book what a period brought each holder of a role, once the period is over.

    Idempotent: an occurrence is booked once. Returns how many entries there are more.
    """
    scores = in_force.policy.periodic_scores
    if not scores:
        return 0
    before = ScoreEntry.objects.filter(adoption=adoption).count()
    last = stated.last(in_force.policy.policy, [score.key for score in scores])
    for score in scores:
        for period in _over(adoption, in_force, score, last.get(score.key), now=now):
            _book_period(adoption, in_force, score, period, now=now)
            stated.state(in_force.policy.policy, [stated.Planned(score.key, period)], now=now)
    return ScoreEntry.objects.filter(adoption=adoption).count() - before


def _over(
    adoption: Adoption, in_force: InForce, score: Score, last: Period | None, *, now: datetime
) -> Iterator[Period]:
    """The periods that began in force, are over, and were not booked yet."""
    assert score.every is not None
    approved = adoption.approved_at or now
    since = last.first + DAY if last else None
    today = now.astimezone(in_force.zone).date()
    for period in periods_of(in_force, score.every, since=since, today=today):
        if approved < period.ends(in_force.zone) <= now:
            yield period


def _book_period(
    adoption: Adoption, in_force: InForce, score: Score, period: Period, *, now: datetime
) -> None:
    assert score.each is not None
    role = score.each
    end = period.ends(in_force.zone)
    persons = holders_for(adoption, {(role, None)}, at=end - TICK).get((role, None), ())
    things = _things(score, persons, period, in_force.policy.policy)
    points = points_of(in_force, score)
    for person in persons:
        around = Around(
            zone=in_force.zone,
            items=lambda kind, person=person: _in_period(
                things[kind].get(person, []), period, in_force.zone
            ),
        )
        if points is None or not _holds(score, around):
            continue
        _entry(adoption, in_force, score, period, person, points, now=now)


def _entry(  # noqa: PLR0913 - the parts of one row
    adoption: Adoption,
    in_force: InForce,
    score: Score,
    period: Period,
    person: int,
    points: int,
    *,
    now: datetime,
) -> None:
    receivers = [person]
    if score.to is not None and score.to.role is not None:
        held = holders_for(adoption, {(score.to.role, None)}, at=now)
        receivers = list(held.get((score.to.role, None), ()))
    for receiver in receivers:
        ScoreEntry.objects.bulk_create(
            [
                ScoreEntry(
                    adoption=adoption,
                    policy=in_force.policy.policy,
                    rule=score.key,
                    clauses=list(score.clauses_at("points")),
                    account=score.account,
                    person_id=receiver,
                    points=points,
                    period=period.first,
                    occurrence=f"{period.first.isoformat()}|{person}",
                    counts_at=counts_at(in_force, score, period.ends(in_force.zone)),
                    confirm=score.confirm or "",
                    booked_at=now,
                )
            ],
            ignore_conflicts=True,
        )


def _holds(score: Score, around: Around) -> bool:
    return score.where is None or matches(score.where, {}, around) is True


Things = Mapping[str, Mapping[int, list[Mapping[str, Any]]]]


def _things(score: Score, persons: Collection[int], period: Period, policy: str) -> Things:
    """What the condition looks at of each person, by kind."""
    leaves = leaves_of(score.where) if score.where is not None else ()
    kinds = {leaf.of for leaf in leaves if isinstance(leaf, (Items, Total))}
    return {
        kind: staff(persons, period, policy)
        if kind == "staff"
        else populations.belonging(kind, persons)
        for kind in kinds
    }


LEFT_OPEN = (Obligation.State.OPEN, Obligation.State.BLOCKED)


def _in_period(rows: list[Mapping[str, Any]], period: Period, zone: Any) -> list[Mapping[str, Any]]:
    """Those that belong to the period: by when points were earned, or work was due.

    The period is over: what is still open is late, whether the sweep has come by or not.
    """
    return [
        {**row, "obligation.late": True} if row.get("obligation.state") in LEFT_OPEN else row
        for row in rows
        if _lies_in(row, period, zone)
    ]


def _lies_in(row: Mapping[str, Any], period: Period, zone: Any) -> bool:
    if "score.period" in row:
        return period.holds(date.fromisoformat(row["score.period"]))
    if "obligation.due" in row:
        due = datetime.fromisoformat(row["obligation.due"])
        return period.starts(zone) < due <= period.ends(zone)
    return True


def staff(
    heads: Collection[int], period: Period, policy: str
) -> dict[int, list[Mapping[str, Any]]]:
    """The people below each head, each with the scores that the period brought him."""
    at = period.ends(zone()) - TICK
    people = heads_of(in_post(at=at), at=at)
    booked: dict[int, list[str]] = defaultdict(list)
    rows = ScoreEntry.objects.filter(
        policy=policy, person__in=people, reverses=None, reversed=False,
        period__gte=period.first, period__lt=period.after,
    )  # fmt: skip
    for person, rule in rows.values_list("person_id", "rule"):
        booked[person].append(rule)
    return {
        head: [
            {"staff.booked": booked[person]} for person, above in people.items() if head in above
        ]
        for head in heads
    }


@transaction.atomic
def confirm_breach(  # noqa: PLR0913 - who broke which clause, by what, who says so and why
    policy: str,
    *,
    person: int,
    clause: str,
    occurrence: str,
    reason: str,
    by: int,
    now: datetime,
) -> int:
    """Find that a person broke a clause; states ``breach.confirmed`` about him. Its fact's id.

    ``occurrence`` names what it is about (an obligation, a finding), so that one is counted once.
    Raises Invalid without a reason, Refused by a policy or for oneself.
    """
    reason = require_reason(reason, missing=_("请写明认定的事实。"))
    if person == by:
        raise Refused([clause], _("不能认定自己违反；请由上级认定。"), rule="breach")
    adoption, pack = adoptions.policy_in_force(policy)
    if clause not in pack.clauses:
        raise Refused([clause], _("制度里没有条款“%s”。") % clause, rule="breach")
    values = {
        "breach.person": person,
        "breach.clause": clause,
        "breach.occurrence": occurrence,
        "breach.policy": policy,
    }
    unit = Target.objects.values_list("unit_id", flat=True).get(pk=person)
    acts.check(
        "breach.confirm",
        acts.ActContext(
            act="breach.confirm", target=person, by=by, unit=unit, values=values, at=now
        ),
    )
    [fact] = ledger.record(
        [
            ledger.NewFact(
                kind="breach.confirmed",
                target_id=person,
                by_id=by,
                recorded_by_id=by,
                happened_at=now,
                known_at=now,
                values=values,
                note=reason,
            )
        ],
        now=now,
    )
    return fact.pk


@transaction.atomic
def confirm(entry: ScoreEntry, *, by: int, now: datetime) -> None:
    """Somebody of the role confirms points; from now on they count. Raises Refused, Conflict."""
    _require_role(entry, entry.confirm, by, now=now)
    changed = ScoreEntry.objects.filter(
        pk=entry.pk, counts_at=None, reversed=False, reverses=None
    ).update(counts_at=now)
    if not changed:
        raise Conflict(_("这笔积分已经有了结果，请刷新页面。"), code="score_settled")
    _tell("score.confirmed", entry, by=by, now=now)


@transaction.atomic
def contest(entry: ScoreEntry, *, reason: str, by: int, now: datetime) -> None:
    """The person objects before the points count; they wait until somebody decides.

    Raises Invalid without a reason, Refused for somebody else's points or too late, Conflict.
    """
    reason = require_reason(reason, missing=_("请写明异议的理由。"))
    if entry.person_id != by:
        raise Refused(entry.clauses, _("只能对自己的积分提出异议。"), rule=entry.rule)
    if entry.counts_at is not None and entry.counts_at <= now:
        raise Refused(entry.clauses, _("异议期已过。"), rule=entry.rule)
    changed = ScoreEntry.objects.filter(
        pk=entry.pk, contested_at=None, reversed=False, reverses=None
    ).update(contested_at=now)
    if not changed:
        raise Conflict(_("这笔积分已经有了结果，请刷新页面。"), code="score_settled")
    _tell("score.contested", entry, by=by, now=now, note=reason)


@transaction.atomic
def decide_contest(entry: ScoreEntry, *, upheld: bool, reason: str, by: int, now: datetime) -> None:
    """Decide an objection: upheld, the points are taken back; else they count from now on.

    Raises Invalid without a reason, Refused for one's own points, Conflict when none waits.
    """
    reason = require_reason(reason, missing=_("请写明决定的理由。"))
    if entry.person_id == by:
        raise Refused(entry.clauses, _("不能裁决自己的异议。"), rule=entry.rule)
    waiting = ScoreEntry.objects.filter(pk=entry.pk, reversed=False).exclude(contested_at=None)
    if not waiting.update(contested_at=None, counts_at=max(now, entry.counts_at or now)):
        raise Conflict(_("这笔积分没有待裁决的异议。"), code="score_settled")
    if upheld:
        why = Why(tuple(entry.clauses))
        booking.reverse([Reverse(booking=entry.pk, fact=0, why=why)], now=now)
    kind = "score.contest_upheld" if upheld else "score.contest_dismissed"
    _tell(kind, entry, by=by, now=now, note=reason)


def _require_role(entry: ScoreEntry, role: str, by: int, *, now: datetime) -> None:
    held = holders_for(entry.adoption, {(role, None)}, at=now).get((role, None), ())
    if by not in held or by == entry.person_id:
        raise Refused(
            entry.clauses, _("这笔积分须由规定的角色确认，且不能是本人。"), rule=entry.rule
        )


def _tell(kind: str, entry: ScoreEntry, *, by: int, now: datetime, note: str = "") -> None:
    ledger.record(
        [
            ledger.NewFact(
                kind=kind,
                target_id=entry.person_id,
                by_id=by,
                recorded_by_id=by,
                happened_at=now,
                known_at=now,
                values={"score.entry": entry.pk, "score.rule": entry.rule},
                note=note,
            )
        ],
        now=now,
    )
