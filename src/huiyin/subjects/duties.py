"""What is owed about a subject, as lines of its page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huiyin.adoption.queries import current, pack_of
from huiyin.core.punctuation import listed
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.obligations.proofs import way_to
from huiyin.records.links import obligation_url, workbench_url
from huiyin.records.queries import names
from huiyin.subjects.declared import language
from huiyin.ui.moments import due_words

SHOWN = 30


@dataclass(frozen=True)
class Line:
    """One obligation: which duty, by which clauses, until when, how it stands, whose it is."""

    title: str
    clauses: str
    due: str
    when: str
    standing: str
    holder: str
    url: str
    action_url: str


def lines(found: Iterable[Obligation], *, now: datetime) -> list[Line]:
    """The newest obligations about a target; the names of all holders in one statement."""
    owed = list(found[:SHOWN])  # type: ignore[index]
    people = names([each.holder_id for each in owed])
    return [_line(each, people, now) for each in owed]


def nothing_opened(fact: Fact, *, zone: tzinfo) -> str:
    """Why an event that policies wait for opened nothing; empty where it did, or none waits."""
    waiting = [
        adopted
        for adopted, pack in current()
        if any(fact.kind in duty.facts for duty in pack.policy.duties.values())
    ]
    if not waiting or Obligation.objects.filter(opener=fact).exists():
        return ""
    starts = min(adopted.starts_at for adopted in waiting)
    if fact.happened_at < starts:
        day = starts.astimezone(zone).strftime("%Y-%m-%d")
        return _("没有因此开出要办的事：它发生在制度启用（%s）之前。") % day
    return _("没有因此开出要办的事：按启用的制度，这一件不需要。")


def _line(obligation: Obligation, people: dict[int, str], now: datetime) -> Line:
    policy = pack_of(obligation.adoption.policy_version_id).policy
    duty = policy.lines[obligation.duty]
    standing = obligation.standing(now)
    waits = obligation.state == Obligation.State.OPEN
    zone = ZoneInfo(obligation.adoption.time_zone)
    proved_here = bool(way_to(policy, duty).followup_form)
    return Line(
        title=duty.title.say(language()) if duty.title else obligation.duty,
        clauses=" ".join(obligation.clauses),
        due=_deadline(obligation.due_at, zone),
        when=due_words(obligation.due_at, now=now, zone=zone) if waits else "",
        standing=standing,
        holder=people.get(obligation.holder_id or 0) or _roles(policy, obligation),
        url=obligation_url(obligation.pk),
        action_url=workbench_url(obligation.target_id) if waits and proved_here else "",
    )


def _deadline(due: datetime | None, zone: ZoneInfo) -> str:
    """A day that ends at 24:00 is stored as the next day's 00:00 and shown as itself."""
    if due is None:
        return ""
    local = due.astimezone(zone)
    if local.time() == time.min:
        return f"{local.date() - timedelta(days=1)} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def _roles(policy: object, obligation: Obligation) -> str:
    roles = getattr(policy, "roles", {})
    return listed(
        roles[role].title.say(language()) for role in obligation.owed_roles if role in roles
    )
