"""Breaches that are found, points that are booked, contested, confirmed, and where they stand."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huiyin.ledger import services as ledger
from huiyin.obligations import scores
from huiyin.obligations.models import ScoreEntry
from huiyin.scenarios.errors import Misused, Unmet
from huiyin.scenarios.moments import read_month
from huiyin.scenarios.vocabulary import then, when
from huiyin.scenarios.world import World


@when("{head} 对 {person} 认定违反 {clause}[ 事由 {occurrence}]")
def breach_is_confirmed(
    world: World, head: str, person: str, clause: str, occurrence: str | None
) -> None:
    """A finding; the same occurrence counts once, and one that is not named is one of its own."""
    world.breaches += 1
    world.last_breach = scores.confirm_breach(
        world.stage.pack.id,
        person=world.person(person),
        clause=clause,
        occurrence=occurrence or f"finding-{world.breaches}",
        reason=_("场景认定"),
        by=world.person(head),
        now=world.now,
    )


@when("撤销上一认定 原因 {reason}")
def last_breach_is_voided(world: World, reason: str) -> None:
    if world.last_breach is None:
        raise Misused(_("还没有可以撤销的认定"))
    ledger.void(world.last_breach, by=world.stage.proposer, reason=reason, now=world.now)


@when("{person} 对 {clause} 的积分提出异议 理由 {reason}")
def points_are_contested(world: World, person: str, clause: str, reason: str) -> None:
    entry = _entry(world, person, clause)
    scores.contest(entry, reason=reason, by=world.person(person), now=world.now)


@when("{head} 对 {person} 的 {clause} 异议裁决 {decision} 理由 {reason}")
def contest_is_decided(
    world: World, head: str, person: str, clause: str, decision: str, reason: str
) -> None:
    """``成立`` takes the points back, ``不成立`` lets them count."""
    if decision not in ("成立", "不成立"):
        raise Misused(_("裁决写“成立”或“不成立”，不是“%s”") % decision)
    entry = _entry(world, person, clause)
    upheld = decision == "成立"
    by = world.person(head)
    scores.decide_contest(entry, upheld=upheld, reason=reason, by=by, now=world.now)


@when("{head} 确认 {person} 的 {clause} 积分")
def points_are_confirmed(world: World, head: str, person: str, clause: str) -> None:
    scores.confirm(_entry(world, person, clause), by=world.person(head), now=world.now)


@then("{person} 在 {period} 的 {account} 为 {points}[ 待生效 {pending}][，依据 {clause}]")
def points_stand_at(  # noqa: PLR0913 - the parts of one sentence
    world: World,
    person: str,
    period: str,
    account: str,
    points: str,
    pending: str | None,
    clause: str | None,
) -> None:
    """``B分`` is the account B of a month; the clause is one that booked some of it."""
    month, id = read_month(period), world.person(person)
    found = scores.balance(id, account.removesuffix("分"), month, at=world.now)
    if clause is not None:
        booked = ScoreEntry.objects.filter(person=id, period=month, clauses__contains=[clause])
        if not booked.exists():
            raise Unmet(_("依据“%s”记分") % clause, _("没有"))
    expected = (int(points), int(pending or 0))
    if (found.points, found.pending) != expected:
        raise Unmet(
            _("%d，待生效 %d") % expected, _("%d，待生效 %d") % (found.points, found.pending)
        )


def _entry(world: World, person: str, clause: str) -> ScoreEntry:
    """The newest entry of a person that stands, by a clause of its rule."""
    entries = ScoreEntry.objects.filter(
        person=world.person(person), clauses__contains=[clause], reverses=None, reversed=False
    )
    found = entries.select_related("adoption").order_by("-id").first()
    if found is None:
        raise Misused(
            _("“%(person)s”没有“%(clause)s”的积分") % {"person": person, "clause": clause}
        )
    return found
