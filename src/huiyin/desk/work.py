"""Obligations as rows of somebody's day: what, where, which clause, until when, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.accounts.models import Person
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.adoption.calendars import provisional_words
from huiyin.adoption.packs import Pack
from huiyin.cases.places import Place, places_of
from huiyin.core.punctuation import bracketed, explained, sentences
from huiyin.customers.queries import visited_at_home
from huiyin.desk.doing import action_for
from huiyin.followups.queries import takes_part
from huiyin.notices.messages import copy_text
from huiyin.obligations.models import Obligation
from huiyin.obligations.reasons import moment
from huiyin.obligations.recipients import recipient_words
from huiyin.subjects.listing import FOLLOWUP, FOR
from huiyin.ui.moments import day_words, due_tone, due_words
from huiyin.ui.templatetags.ui import STANDINGS


@dataclass(frozen=True)
class Row:
    """One obligation as 今日 shows it."""

    obligation: Obligation
    title: str
    policy: str
    place: Place
    clause_id: str
    clause: str
    extra_clauses: tuple[str, ...]
    clause_url: str
    when: str
    due: str
    provisional: str
    tone: str
    url: str
    action: str
    action_url: str
    copy_text: str
    note: str = ""

    @property
    def key(self) -> str:
        return str(self.obligation.id)


def rows(
    obligations: Sequence[Obligation], *, now: datetime, zone: ZoneInfo, language: str
) -> list[Row]:
    """Rows in the given order; a fixed number of statements for all of them."""
    places = places_of({each.target_id: each.target for each in obligations}, language)
    packs = {
        each.adoption_id: adoptions.pack_of(each.adoption.policy_version_id) for each in obligations
    }
    return [
        _row(each, packs[each.adoption_id], places[each.target_id], now, zone, language)
        for each in obligations
    ]


def _row(
    obligation: Obligation, pack: Pack, place: Place, now: datetime, zone: ZoneInfo, language: str
) -> Row:
    duty = pack.policy.lines[obligation.duty]
    title = duty.title.say(language) if duty.title else obligation.duty
    if recipient := recipient_words(obligation):
        title = explained(title, recipient)
    deciding = clock_clause(pack, obligation)
    clause = pack.clauses[deciding].say(language) if deciding else ""
    standing = obligation.standing(now)
    settled = standing not in ("due", "overdue", "blocked")
    due = moment(obligation.due_at, zone)
    when = due_words(obligation.due_at, now=now, zone=zone)
    url = reverse("desk:obligation", args=[obligation.id])
    idle = settled or bool(obligation.obstructed_by)
    action, action_url = ("", "") if idle else action_for(obligation)
    return Row(
        obligation=obligation,
        title=title,
        policy=pack.policy.title.say(language),
        place=place,
        clause_id=deciding,
        clause=clause,
        extra_clauses=tuple(each for each in obligation.clauses if each != deciding),
        clause_url=reverse("desk:clause", args=[pack.id, deciding]) if deciding else "",
        note=obligation_note(obligation),
        when=str(STANDINGS[standing][1]) if settled or standing == "blocked" else when,
        tone=""
        if settled or standing == "blocked"
        else due_tone(obligation.due_at, now=now, zone=zone),
        url=url,
        action=action,
        action_url=action_url or url,
        due=due,
        provisional=provisional_words(obligation.due_at, zone)
        if obligation.provisional and obligation.due_at and not settled
        else "",
        copy_text=""
        if settled
        else copy_text(
            place=place.place,
            matter=f"{place.matter} {title}".strip(),
            due=due,
            clause=bracketed(clause, deciding) if deciding else "",
            number=place.number,
        ),
    )


def obligation_note(obligation: Obligation) -> str:
    """Of a quota how far it is; of what returns, the day that is suggested."""
    if obligation.needed is not None:
        return _("已计 %(counted)s 次，共须 %(needed)s 次") % {
            "counted": obligation.counted,
            "needed": obligation.needed,
        }
    if obligation.plan_on is not None:
        return _("建议 %(day)s") % {"day": day_words(obligation.plan_on)}
    return ""


def absent(viewer: Viewer) -> dict[int, str]:
    """For whom the viewer stands in today, by name; no statement for nearly everybody."""
    if not viewer.stands_for:
        return {}
    return dict(Person.objects.filter(pk__in=viewer.stands_for).values_list("pk", "name"))


def lent(shown: Sequence[Row], absent: Mapping[int, str]) -> list[Row]:
    """The rows, saying of an absent colleague's whose they are: 代 A."""
    return [
        replace(
            row,
            note=sentences(filter(None, [row.note, _("代 %s") % absent[row.obligation.holder_id]])),
        )
        if row.obligation.holder_id in absent
        else row
        for row in shown
    ]


def clock_clause(pack: Pack, obligation: Obligation) -> str:
    """The clause that set the deadline, which tells most; else the first that decided."""
    bound = pack.policy.lines[obligation.duty].clauses
    for clause in obligation.clauses:
        if any(place.startswith(CLOCKS) for place in bound.get(clause, ())):
            return clause
    return obligation.clauses[0] if obligation.clauses else ""


CLOCKS = ("within", "at", "by", "lead", "every")
"""The places of a duty that set its deadline."""


def start_url(viewer: Viewer) -> str:
    """Where a follow-up that nobody asked for begins: one of the first tracked kind is picked.

    Its list leads on to the customers where there is none yet. Empty: nothing is followed up, or
    not by the viewer.
    """
    if not takes_part(viewer):
        return ""
    kind = next(
        (key for _adoption, pack in adoptions.current() for key in pack.policy.subjects), ""
    )
    if kind:
        return f"{reverse('subjects:list', args=[kind])}?{urlencode({FOR: FOLLOWUP})}"
    return reverse("customers:list") if visited_at_home() else ""
