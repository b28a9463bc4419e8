"""那么 … : who owes what by when, what became of it, what was refused, who was told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from huiyin.core.errors import HuiyinError, Invalid, Refused
from huiyin.notices.models import Notice
from huiyin.obligations import queries as obligations
from huiyin.obligations.models import Obligation
from huiyin.policy.periods import Period
from huiyin.scenarios.errors import Misused, Unmet
from huiyin.scenarios.moments import read_day, read_moment, write_moment
from huiyin.scenarios.vocabulary import then
from huiyin.scenarios.world import World

SETTLED = ("waived", "voided")


@then(
    "{who} 应在 {moment} 前履行 {clause}[ 对 {target}][ 在 {period}][ 向 {recipient}]",
    "{who} 应在 {moment} 前履行 {clause} 向 {recipient}[ 对 {target}][ 在 {period}]",
)
def somebody_owes(  # noqa: PLR0913 - the parts of one sentence
    world: World,
    who: str,
    moment: str,
    clause: str,
    target: str | None = None,
    recipient: str | None = None,
    period: str | None = None,
) -> None:
    """One obligation waits for them, and its last moment on time is exactly this one."""
    due = read_moment(moment, world.zone)
    waiting = about(world, clause, target, recipient).waiting()
    rows = in_period(world, period, _owed_by(world, who, waiting))
    account(world, rows)
    if not rows:
        raise Unmet(
            _("“%(who)s”应履行“%(clause)s”") % {"who": who, "clause": clause},
            _what_is(world, clause, target),
        )
    if any(row.due_at != due for row in rows):
        raise Unmet(
            write_moment(due, world.zone),
            "、".join(sorted({write_moment(row.due_at, world.zone) for row in rows})),
        )


@then("{who} 无须履行 {clause}[ 对 {target}][ 在 {period}]")
def somebody_does_not_owe(
    world: World, who: str, clause: str, target: str | None, period: str | None
) -> None:
    waiting = about(world, clause, target).waiting()
    rows = in_period(world, period, _owed_by(world, who, waiting))
    if rows:
        raise Unmet(
            _("“%(who)s”无须履行“%(clause)s”") % {"who": who, "clause": clause},
            _listed(world, rows),
        )


@then("无人须履行 {clause}[ 对 {target}][ 在 {period}]")
def nobody_owes(world: World, clause: str, target: str | None, period: str | None) -> None:
    rows = in_period(world, period, list(about(world, clause, target).waiting()))
    if rows:
        raise Unmet(_("无人须履行“%s”") % clause, _listed(world, rows))


@then("{who} 在 {period} 须履行 {clause} 共 {count#} 项")
def somebody_owes_so_many(world: World, who: str, period: str, clause: str, count: str) -> None:
    """How many fell to them in a period, done ones included, withdrawn ones not."""
    rows = _of_role_or_holder(world, who, about(world, clause, None).exclude(state__in=SETTLED))
    rows = in_period(world, period, rows)
    account(world, rows)
    if len(rows) != int(count):
        raise Unmet(_("%s 项") % count, _("%d 项：") % len(rows) + _listed(world, rows))


@then("没有其他义务")
def nothing_else_is_owed(world: World) -> None:
    left = world.unaccounted()
    if left:
        raise Unmet(_("没有其他义务"), _listed(world, left))


@then(
    "[{who} 的 ]{clause}[ 对 {target}][ 在 {period}] 为 {standing}",
    "{clause} 向 {recipient}[ 对 {target}][ 在 {period}] 为 {standing}",
)
def standing_is(  # noqa: PLR0913 - the parts of one sentence
    world: World,
    clause: str,
    standing: str,
    who: str | None = None,
    target: str | None = None,
    period: str | None = None,
    recipient: str | None = None,
) -> None:
    """Every obligation meant stands like this at the clock's moment, and there is one."""
    rows = list(about(world, clause, target, recipient))
    if who is not None:
        rows = _of_role_or_holder(world, who, about(world, clause, target, recipient))
    rows = in_period(world, period, rows)
    account(world, rows)
    expected = world.titles.standing_code(standing)
    found = {row.standing(world.now) for row in rows}
    if found != {expected}:
        actual = "、".join(world.titles.standing(code) for code in sorted(found))
        raise Unmet(standing, f"{actual or _('没有这项义务')}\n  {_listed(world, rows)}")


@then("补建 {clause} {count#} 项")
def so_many_were_caught_up(world: World, clause: str, count: str) -> None:
    """What the planner opened at the clock's very moment, for it could not before."""
    rows = list(about(world, clause, None).filter(opened_at=world.now, opener=None))
    account(world, rows)
    if len(rows) != int(count):
        raise Unmet(_("%s 项") % count, _("%d 项：") % len(rows) + _listed(world, rows))


@then("{clause} 对 {target}[ 在 {period}] 建议于 {day}")
def is_suggested_for(world: World, clause: str, target: str, period: str | None, day: str) -> None:
    """The day on which levelling suggests it."""
    rows = in_period(world, period, list(about(world, clause, target).waiting()))
    account(world, rows)
    found = {row.plan_on for row in rows}
    if found != {read_day(day)}:
        raise Unmet(day, "、".join(sorted(str(each) for each in found)) or _("没有这项义务"))


@then("{who} 的 {clause}[ 在 {period}] 已计 {counted#} 次，须 {needed#} 次")
def quota_stands_at(
    world: World, who: str, clause: str, period: str | None, counted: str, needed: str
) -> None:
    rows = in_period(world, period, _of_role_or_holder(world, who, about(world, clause, None)))
    account(world, rows)
    found = [(row.counted, row.needed) for row in rows]
    if found != [(int(counted), int(needed))]:
        raise Unmet(f"{counted} / {needed}", "、".join(f"{n} / {of}" for n, of in found) or _("无"))


@then("被拒绝，依据 {clause}")
def refused_by(world: World, clause: str) -> None:
    """The last act was refused, and this clause is among those that refused it."""
    error = world.refusal()
    if error is None:
        raise Unmet(_("被拒绝，依据“%s”") % clause, _("没有被拒绝"))
    clauses = clauses_of(world, error)
    if clause not in clauses:
        named = "、".join(clauses) or _("没有条款")
        raise Unmet(_("依据“%s”") % clause, f"{named}：{error}")


@then("被拒绝")
def refused(world: World) -> None:
    """The last act was refused by the product itself, without a clause."""
    error = world.refusal()
    if error is None:
        raise Unmet(_("被拒绝"), _("没有被拒绝"))
    if clauses := clauses_of(world, error):
        raise Unmet(_("被拒绝，不依据条款"), "、".join(clauses))


@then("没有写入[任何记录]")
def nothing_was_written(world: World) -> None:
    written = world.written_since_act()
    if written:
        raise Unmet(_("没有写入"), "、".join(f"{table} {n:+d}" for table, n in written.items()))


@then("{who} 收到 {clause} 的通知[ 共 {count#} 次]")
def was_told(world: World, who: str, clause: str, count: str | None) -> None:
    found = _notices(world, who, clause)
    if (not found and count is None) or (count is not None and found != int(count)):
        raise Unmet(_("收到 %s 次") % (count or _("至少 1")), _("收到 %d 次") % found)


@then("{who} 未收到 {clause} 的通知")
def was_not_told(world: World, who: str, clause: str) -> None:
    found = _notices(world, who, clause)
    if found:
        raise Unmet(_("未收到通知"), _("收到 %d 次") % found)


def clauses_of(world: World, error: HuiyinError) -> list[str]:
    """The clauses behind a refusal: the rule's own, or those of the form's fields left wanting."""
    if isinstance(error, Refused):
        return list(error.clauses)
    if not isinstance(error, Invalid):
        return []
    forms = world.stage.pack.policy.forms.values()
    return [
        clause
        for field in error.errors
        for form in forms
        if field in form.fields and form.key == world.form_filed
        for clause in form.clauses_at(f"{field}.required")
    ]


def about(
    world: World, clause: str, target: str | None, recipient: str | None = None
) -> QuerySet[Obligation]:
    """The obligations that a sentence means by clause, target and recipient."""
    rows = Obligation.objects.filter(adoption=world.adoption, clauses__contains=[clause])
    if clause not in world.stage.pack.clauses:
        raise Misused(_("制度里没有条款“%s”") % clause)
    if target is not None:
        rows = rows.about(world.target(target))
    if recipient is not None:
        rows = rows.filter(_recipient(world, recipient))
    return rows.order_by("id")


def _recipient(world: World, name: str) -> Q:
    """A person, a party by its title, or a role whose line is named after it."""
    if world.titles.is_role(name):
        return Q(line__endswith=f".to.{world.titles.role(name)}")
    return Q(recipient=world.recipient(name))


def in_period(world: World, period: str | None, rows: Sequence[Obligation]) -> list[Obligation]:
    """Those of a period, by its name (2026-Q2, 2026-03, 2026-W10) or its first day."""
    if period is None:
        return list(rows)
    return [row for row in rows if period in _names_of_period(world, row)]


def _names_of_period(world: World, row: Obligation) -> tuple[str, ...]:
    if row.period is None:
        return (f"{row.opened_at.astimezone(world.zone):%Y-%m}",)
    period = Period(row.period.lower, row.period.upper)
    return period.label("zh"), period.first.isoformat()


def _owed_by(world: World, who: str, rows: QuerySet[Obligation]) -> list[Obligation]:
    """Those that fall to a role, to exactly these roles (a、b), or to a person as 今日 shows it."""
    if _names_roles(world, who):
        return [row for row in rows if _fits_roles(world, who, row)]
    mine = obligations.mine(world.person(who), now=world.now).values("pk")
    return list(rows.filter(pk__in=mine))


def _of_role_or_holder(world: World, who: str, rows: QuerySet[Obligation]) -> list[Obligation]:
    if _names_roles(world, who):
        return [row for row in rows if _fits_roles(world, who, row)]
    return list(rows.filter(Q(holder=world.person(who))))


def _names_roles(world: World, who: str) -> bool:
    return all(world.titles.is_role(title) for title in who.split("、"))


def _fits_roles(world: World, who: str, row: Obligation) -> bool:
    wanted = [world.titles.role(title) for title in who.split("、")]
    if len(wanted) == 1:
        return wanted[0] in row.owed_roles
    return sorted(wanted) == sorted(row.owed_roles)


def _notices(world: World, who: str, clause: str) -> int:
    told = Notice.objects.filter(policy=world.stage.pack.id, clause=clause)
    if not _names_roles(world, who):
        return told.filter(recipient=world.person(who)).count()
    people = world.holders(world.titles.role(who))
    return told.filter(recipient__in=people).count()


def account(world: World, rows: Iterable[Obligation]) -> None:
    world.accounted.update(row.id for row in rows)


def _what_is(world: World, clause: str, target: str | None) -> str:
    return _listed(world, list(about(world, clause, target))) or _("没有这项义务")


def _listed(world: World, rows: Sequence[Obligation]) -> str:
    return "\n  ".join(world.describe(row) for row in rows)
