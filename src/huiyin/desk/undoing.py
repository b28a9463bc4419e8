"""Taking back one's own last act, as long as nothing has been built on it.

What an act is, and what its facts left beside them, the rooms know; here it is found, and refused
where something came after it about the same thing or met what it opened. What cannot be taken back
whole is not offered: it is mended in another way, which the page leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.cases import undoing as cases
from huiyin.core.errors import Conflict
from huiyin.core.locks import lock
from huiyin.core.punctuation import listed
from huiyin.core.words import require_reason
from huiyin.customers import consent, consenting
from huiyin.followups import undoing as followups
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from huiyin.obligations import retracting
from huiyin.obligations.models import Obligation
from huiyin.records.links import amendment_url, target_url
from huiyin.records.models import Record
from huiyin.records.timeline import titled
from huiyin.subjects import retracting as registering
from huiyin.subjects import services as subjects
from huiyin.subjects.declared import REGISTERED
from huiyin.subjects.models import Subject, SubjectLink

OWN = (
    "person.", "post.", "unit.", "policy.", "setting.", "list.", "firm.", "phone.", "message.",
    "calendar.", "mail_channel.",
)  # fmt: skip
"""About people and the firm itself: corrected in 设置, and no part of anybody's day."""

TRACES = ("record.printed", "form.printed", "customer.handed_over", "followup.handed_over")
"""What was put on paper, or passed on when somebody left: no act of its own."""

Undo = Callable[..., Any]


@dataclass(frozen=True)
class Act:
    """One thing that a person did: the fact that was stated last, and all facts of it.

    ``facts`` is empty where it cannot be taken back whole; ``takes_back`` does it.
    """

    fact: Fact
    facts: tuple[Fact, ...] = ()
    takes_back: Undo | None = None

    @cached_property
    def leading(self) -> Fact:
        """The fact that names it; the others follow from it, or were stated on the way."""
        by_kind = {each.kind: each for each in self.facts}
        named = next((by_kind[kind] for kind in NAMING if kind in by_kind), None)
        rest = (each for each in self.facts if each.kind not in FOLLOWING)
        return named or next(rest, self.fact)

    def title(self, language: str) -> str:
        """What the act is called, and about what."""
        return f"{titled([self.leading], language)[self.leading.pk]} · {self.leading.target.label}"

    def built(self, language: str) -> list[str]:
        """What rests on it: later acts about the same things, and what it opened that is met."""
        return _built_on(self.facts, language) if self.facts else []


NAMING = (followups.HELD, cases.RAISED)
FOLLOWING = (cases.SORTED, cases.WAIVED)


def last_act(person: int, *, since: datetime | None = None) -> Act | None:
    """The newest thing that a person entered and that stands; what rules concluded is no act.

    What an import brought is taken back where it was imported. ``since``: not looked for beyond.
    """
    rows = _acts().filter(recorded_by=person, source=None)
    if since is not None:
        rows = rows.filter(recorded_at__gte=since)
    fact = rows.order_by("-id").first()
    return _read(fact) if fact else None


def _acts() -> QuerySet[Fact]:
    rows = Fact.objects.filter(voided_by=None, voids=None).select_related("target")
    concluded = Q(kind__endswith=".met") | Q(kind__endswith=".missed") | Q(kind__in=TRACES)
    for start in OWN:
        concluded |= Q(kind__startswith=start)
    return rows.exclude(concluded)


def _read(fact: Fact) -> Act:
    """What the act was, by the room that its fact speaks of."""
    room = fact.kind.partition(".")[0]
    if room == "case" or fact.kind == cases.WAIVED:
        if found := cases.facts_of(fact):
            return Act(fact, tuple(found), cases.take_back)
    if fact.kind == cases.WAIVED:
        return Act(fact, (fact,), _one(retracting.take_back_waiver))
    if room == "followup":
        return Act(fact, tuple(followups.facts_of(fact)), followups.take_back)
    if fact.kind in consent.KINDS:
        return Act(fact, (fact,), _one(consenting.take_back))
    if Subject.objects.filter(pk=fact.target_id, kind=room).exists():
        registered = fact.kind.endswith(f".{REGISTERED}")
        return Act(
            fact, (fact,), _one(registering.take_back_registration if registered else _void_event)
        )
    return Act(fact)


def _one(takes_back: Undo) -> Undo:
    """A room that takes back one fact, asked with all facts of an act, which are one."""
    return lambda facts, **given: takes_back(facts[0], **given)


def _void_event(fact: Fact, *, by: int, reason: str, now: datetime) -> None:
    subjects.void_event(fact, by=by, reason=reason, now=now)


def _built_on(facts: Sequence[Fact], language: str) -> list[str]:
    mine = [fact.pk for fact in facts]
    targets = {fact.target_id for fact in facts}
    later = _acts().filter(id__gt=min(mine), target__in=targets).exclude(id__in=mine)
    found = list(titled(later.order_by("id")[:10], language).values())
    opened = Obligation.objects.filter(opener__in=mine)
    met = opened.filter(state__in=["done", "waived"]).exclude(settled_by__in=mine).count()
    planned = Followup.objects.planned().filter(obligation__opener__in=mine).count()
    if met:
        found.append(_("已办结的义务 %s 项") % met)
    if planned:
        found.append(_("约好的回访 %s 次") % planned)
    return [*dict.fromkeys(found), *_hanging(facts)]


def _hanging(facts: Sequence[Fact]) -> list[str]:
    """What points at a thing that would be gone."""
    made = {fact.target_id for fact in facts if fact.kind.endswith((REGISTERED, ".raised"))}
    gone = made - {None}
    if not gone:
        return []
    labels = [other.label for each in retracting.hanging_on(gone).values() for other in each]
    children = SubjectLink.objects.filter(parent__in=gone).exclude(child__in=gone)
    return labels + list(children.values_list("child__number", flat=True))


@transaction.atomic
def undo(person: int, *, reason: str, now: datetime, language: str, act: int | None = None) -> Fact:
    """Take back the last act of a person, with a reason; returns the fact that named it.

    ``act`` is the fact that the page showed: sent twice, it is taken back once. Raises Invalid
    without a reason, Conflict naming why it cannot be.
    """
    reason = require_reason(reason, missing=_("请写明撤销的原因。"))
    lock(f"undo:{person}")
    if act is not None and (taken := _taken_back(act, person)):
        return taken
    last = last_act(person)
    if last is None or (act is not None and last.fact.pk != act):
        raise Conflict(_("没有可以撤销的登记。"), code="nothing_to_undo")
    if not last.facts or last.takes_back is None:
        raise Conflict(
            _("“%s”不能撤销；记录可以更改，件可以改类或撤回。") % last.title(language),
            code="not_undoable",
        )
    _refuse_built(last, language)
    last.takes_back(last.facts, by=person, reason=reason, now=now)
    # Whoever went on from it meanwhile held the rows that we had to wait for.
    _refuse_built(last, language)
    _require_whole(last)
    return last.fact


def _refuse_built(act: Act, language: str) -> None:
    if built := act.built(language):
        raise Conflict(
            _("不能撤销“%(what)s”：之后已有 %(built)s。")
            % {"what": act.title(language), "built": listed(built)},
            code="built_on",
        )


def _require_whole(act: Act) -> None:
    """Nothing is half undone: no obligation still rests on what was taken back. Raises Conflict."""
    mine = [fact.pk for fact in act.facts]
    resting = Q(opener__in=mine) | Q(settled_by__in=mine)
    if Obligation.objects.exclude(state=Obligation.State.VOIDED).filter(resting).exists():
        raise Conflict(
            _("有的义务属于已经停用的制度，不能恢复；这次登记不能撤销。"), code="built_on"
        )


def _taken_back(act: int, person: int) -> Fact | None:
    rows = Fact.objects.filter(pk=act, recorded_by=person, voided_by__recorded_by=person)
    return rows.first()


@dataclass(frozen=True, slots=True)
class Instead:
    """How something that cannot be taken back is mended: in words, and where."""

    words: str
    label: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What 今日 offers about what somebody has just entered: taking it back, or mending it."""

    label: str
    url: str


def offer(person: int, *, now: datetime, zone: ZoneInfo, language: str) -> Offer:
    """Taking back the last act of the day; where that cannot be, what to do instead."""
    midnight = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    page, last = reverse("desk:undo"), last_act(person, since=midnight)
    if last is None:
        return Offer(_("最近的登记"), page)
    if last.facts and not last.built(language):
        return Offer(_("撤销最近的登记"), page)
    instead = instead_of(last)
    return Offer(instead.label, instead.url) if instead.url else Offer(_("最近的登记"), page)


def instead_of(act: Act) -> Instead:
    """What to do about an act that stands, by what it was."""
    fact = act.leading
    room, number = fact.kind.partition(".")[0], _record_of(fact)
    if number is not None:
        newest = Record.objects.versions_of(Record.objects.get(pk=number)).last()
        return Instead(
            _("记录可以更改：出一个新版本，原来的照样留存。"),
            _("更改记录 %s") % newest.number,
            amendment_url(newest.pk),
        )
    url, which = target_url(fact.target), fact.target.label
    if room == "case":
        return Instead(_("件可以补充、改类，或由客户撤回。"), _("打开事项 %s") % which, url)
    if room == "consent":
        return Instead(_("同意可以再登记一次，以最近的为准。"), _("打开客户 %s") % which, url)
    return Instead(
        _("请到它的页面上更正，或与负责人商量。"), _("打开 %s") % which if url else "", url
    )


def _record_of(fact: Fact) -> int | None:
    """The record that the act filed, mended or handed over."""
    if fact.kind.startswith("record."):
        number = fact.values.get("record.id")
        return number if isinstance(number, int) else None
    if fact.kind != followups.HELD:
        return None
    held = Followup.objects.held().filter(about=fact.target_id, held_at=fact.happened_at)
    return held.order_by("-pk").values_list("record_id", flat=True).first()
