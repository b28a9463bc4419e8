"""Obligations change hands: given out by a head, handed over by who leaves, done by a deputy.

Never beyond the rule: whoever gets one holds a role that owes it there, and nobody gets one from
which the policy excludes him. Each change is a fact, ``obligation.assigned``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.accounts.abilities import may_assign
from huiyin.accounts.posts import acting_at
from huiyin.accounts.queries import people_of, viewer_at
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.core.errors import Forbidden, Invalid, NotFound, Refused
from huiyin.core.punctuation import listed
from huiyin.core.transactions import joins
from huiyin.ledger import services as ledger
from huiyin.notices import services as notices
from huiyin.obligations.loading import holders_for
from huiyin.obligations.models import Obligation
from huiyin.obligations.queries import mine

MOST = 50
"""Obligations that are given out at once: a page of them."""

WHOSE = ("owed_by", "share", "each")
"""The places of a duty that say who owes it."""


@transaction.atomic
def assign(ids: Collection[int], *, to: int, by: int, now: datetime) -> int:
    """Give obligations to a person, all or none; returns how many changed hands.

    Raises Invalid for none or too many, NotFound for what ``by`` does not see or what is settled,
    Forbidden for a unit that he does not head, Refused with the clauses where the policy does not
    allow the person.
    """
    if not 0 < len(set(ids)) <= MOST:
        raise Invalid({"": [_("请选中 1 到 %(most)s 项。") % {"most": MOST}]})
    viewer = viewer_at(by, now)
    seen = Obligation.objects.visible_to(viewer).waiting().filter(id__in=ids).values("id")
    rows = _locked(Obligation.objects.filter(id__in=seen))
    if len(rows) != len(set(ids)):
        raise NotFound(_("选中的义务有的已经办结，或不在您的可见范围内，请刷新页面。"))
    if not all(may_assign(viewer, row.target) for row in rows):
        raise Forbidden(_("只能分派本人管辖的单位的义务。"))
    _require_allowed(rows, to=to, viewer=viewer, now=now)
    changed = [row for row in rows if row.holder_id != to]
    _give(changed, {row.id: {} for row in changed}, to=to, by=by, now=now)
    _tell(changed, to=to, now=now)
    return len(changed)


def owed_in_person(person: int) -> QuerySet[Obligation]:
    """What waits for this person and no other: no role says who else might do it."""
    return Obligation.objects.waiting().filter(holder=person, owed_roles=[])


def held_by(person: int) -> QuerySet[Obligation]:
    """All that waits for a person, also what others of his role might do."""
    return Obligation.objects.waiting().filter(holder=person)


@transaction.atomic
def hand_over(person: int, *, to: int, by: int | None, now: datetime) -> int:
    """What a person owes passes to another; returns how many obligations.

    What he owes himself passes in any case; what he owes by a role, where the other holds it too:
    the rest goes to whoever holds the role once he is gone. Raises Refused where the policy
    excludes the other.
    """
    rows = _locked(held_by(person))
    own = [row for row in rows if not row.owed_roles]
    _refuse_excluded(own, to=to)
    allowed = _allowed(rows, to=to, now=now)
    passing = [*own, *(row for row in rows if row.owed_roles and row.id in allowed)]
    return _give(passing, {row.id: {} for row in passing}, to=to, by=by, now=now)


@transaction.atomic
def follow_owner(
    *about: int, former: int | None, to: int | None, by: int | None, now: datetime
) -> int:
    """Targets were entrusted to somebody else: what their owner owes about them passes as well.

    What the policy keeps from the new owner stays where it is. Returns how many obligations.
    """
    if former is None or to is None:
        return 0
    rows = _locked(owed_in_person(former).about(*about))
    passing = [row for row in rows if row.excluded_id != to and _is_owners(row)]
    count = _give(passing, {row.id: {} for row in passing}, to=to, by=by, now=now)
    _tell(passing, to=to, now=now)
    return count


def _is_owners(row: Obligation) -> bool:
    duty = adoptions.pack_of(row.adoption.policy_version_id).policy.duties.get(row.duty)
    return duty is not None and duty.owed_by is not None and duty.owed_by.person == "target.owner"


@joins
def stand_in(about: int, *, absent: Mapping[int, Sequence[int]], now: datetime) -> dict[int, int]:
    """Deputies act on a target: what absent colleagues owe about it is theirs from here on.

    ``absent``: for whom each of them may stand in; returns for whom each does. Called in the
    transaction of the act, so that an act that fails leaves everything where it was.
    """
    stands: dict[int, int] = {}
    for person, colleagues in absent.items():
        lent = _lent_to(person, about, colleagues, locked=True, now=now)
        values = {row.id: {"obligation.stands_for": colleague} for row, colleague in lent}
        _give([row for row, _colleague in lent], values, to=person, by=person, now=now)
        stands.update((person, colleague) for _row, colleague in lent)
    return stands


def lent_to(person: int, about: int, *, now: datetime) -> dict[int, int]:
    """What ``stand_in`` would give a person, by obligation: the colleague for whom he would act."""
    absent = sorted(acting_at(person, now).keys() - {person})
    return {
        row.id: colleague
        for row, colleague in _lent_to(person, about, absent, locked=False, now=now)
    }


def _lent_to(
    person: int, about: int, absent: Sequence[int], *, locked: bool, now: datetime
) -> list[tuple[Obligation, int]]:
    if not absent:
        return []
    asked = mine(person, now=now).about(about).exclude(holder=person)
    rows = _locked(asked) if locked else list(asked.select_related("adoption", "target"))
    lent = [(row, _lent(row, absent, now=now)) for row in rows if row.excluded_id != person]
    return [(row, colleague) for row, colleague in lent if colleague is not None]


def discharged_by(
    person: int, rows: Sequence[Obligation], *, lent: Collection[int], now: datetime
) -> set[int]:
    """Ids of the rows that a person's own record would discharge; ``lent`` those of a colleague.

    As the engine judges a record: by its holder, or by whoever holds a role that owes it there.
    Two statements for each version of a policy. ``rows`` come with their targets.
    """
    found = {row.id for row in rows if row.id in lent or row.holder_id == person}
    for adoption in {row.adoption_id: row.adoption for row in rows}.values():
        here = [row for row in rows if row.adoption_id == adoption.id]
        wanted = {(role, row.target.unit_id) for row in here for role in row.owed_roles}
        held = {
            pair for pair, who in holders_for(adoption, wanted, at=now).items() if person in who
        }
        found |= {
            row.id
            for row in here
            if any((role, row.target.unit_id) in held for role in row.owed_roles)
        }
    return found - {row.id for row in rows if row.excluded_id == person}


def _lent(row: Obligation, absent: Sequence[int], *, now: datetime) -> int | None:
    """The absent colleague whose this is; None for what the deputy owes by a post of his own."""
    if row.holder_id is not None:
        return row.holder_id if row.holder_id in absent else None
    wanted = {(role, row.target.unit_id) for role in row.owed_roles}
    held = holders_for(row.adoption, wanted, at=now)
    holding = {person for people in held.values() for person in people}
    return next((person for person in absent if person in holding), None)


def _locked(rows: QuerySet[Obligation]) -> list[Obligation]:
    found = rows.select_related("adoption", "target").order_by("id")
    return list(found.select_for_update(of=("self",)))


def _give(
    rows: Sequence[Obligation],
    values: Mapping[int, Mapping[str, object]],
    *,
    to: int,
    by: int | None,
    now: datetime,
) -> int:
    facts = [
        ledger.NewFact(
            kind="obligation.assigned",
            target_id=row.target_id,
            by_id=by,
            recorded_by_id=by,
            happened_at=now,
            known_at=now,
            values={"obligation.id": row.id, "obligation.holder": to, **values[row.id]},
        )
        for row in rows
    ]
    ledger.append(facts, now=now)
    return Obligation.objects.filter(id__in=[row.id for row in rows]).update(holder=to)


def _require_allowed(rows: Sequence[Obligation], *, to: int, viewer: Viewer, now: datetime) -> None:
    """Raises Refused naming the role that is needed, who holds it, and the clauses that want it."""
    _refuse_excluded(rows, to=to)
    allowed = _allowed(rows, to=to, now=now)
    if wrong := [row for row in rows if row.id not in allowed]:
        raise Refused(
            list(dict.fromkeys(clause for row in wrong for clause in _saying_whose(row))),
            _who_else(wrong, viewer, now=now),
            rule=wrong[0].line,
        )


def _who_else(rows: Sequence[Obligation], viewer: Viewer, *, now: datetime) -> str:
    """What is needed for rows that somebody may not get, and who of those in sight may."""
    said = {"what": listed(dict.fromkeys(map(_title, rows))), "n": len(rows)}
    needed = roles_needed(rows)
    if not needed:
        return _("%(what)s（%(n)s 项）由承办人本人来做，不能分派。") % said
    people = dict(people_of(viewer, viewer.on).values_list("pk", "name"))
    may = set(people).intersection(*takers(rows, people, now=now).values())
    said["roles"] = listed(needed)
    if not may:
        return _("%(what)s（%(n)s 项）需要%(roles)s，一个人不能都接，请分开分派。") % said
    said["names"] = listed(name for pk, name in people.items() if pk in may)
    return _("%(what)s（%(n)s 项）需要%(roles)s；请选%(names)s。") % said


def roles_needed(rows: Sequence[Obligation]) -> list[str]:
    """The titles of the roles that owe these, of those that may be given to somebody else."""
    language = get_language() or "zh"
    titles = (
        adoptions.role_title(row.adoption, role, language)
        for row in rows
        if not _is_personal(row)
        for role in row.owed_roles
    )
    return list(dict.fromkeys(titles))


def _refuse_excluded(rows: Sequence[Obligation], *, to: int) -> None:
    for row in rows:
        if row.excluded_id == to:
            raise Refused(
                clauses=row.clauses, message=_("制度不允许由这个人来做这一项。"), rule=row.line
            )


def _allowed(rows: Sequence[Obligation], *, to: int, now: datetime) -> set[int]:
    """Ids of the rows that the person may get."""
    return {id for id, people in takers(rows, {to}, now=now).items() if people}


def takers(
    rows: Sequence[Obligation], people: Collection[int], *, now: datetime
) -> dict[int, set[int]]:
    """By id of an obligation who of ``people`` may get it; two statements for each version."""
    found: dict[int, set[int]] = {}
    for adoption in {row.adoption_id: row.adoption for row in rows}.values():
        here = [row for row in rows if row.adoption_id == adoption.id]
        wanted = {(role, row.target.unit_id) for row in here for role in row.owed_roles}
        held = holders_for(adoption, wanted, at=now)
        for row in here:
            pairs = [(role, row.target.unit_id) for role in row.owed_roles]
            holding = {person for pair in pairs for person in held.get(pair, ())}
            may = holding.intersection(people) if pairs else set(people)
            found[row.id] = set() if _is_personal(row) else may - {row.excluded_id}
    return found


def _is_personal(row: Obligation) -> bool:
    each = adoptions.pack_of(row.adoption.policy_version_id).policy.lines[row.duty].each
    return each is not None and each.kind == "person"


def _saying_whose(row: Obligation) -> list[str]:
    """The clauses of a row that say who owes it; else the first."""
    bound = adoptions.pack_of(row.adoption.policy_version_id).policy.lines[row.duty].clauses
    found = [each for each in row.clauses if any(p.startswith(WHOSE) for p in bound.get(each, ()))]
    return found or row.clauses[:1]


def _title(row: Obligation) -> str:
    duty = adoptions.pack_of(row.adoption.policy_version_id).policy.lines[row.duty]
    return duty.title.say(get_language() or "zh") if duty.title else row.duty


def _tell(rows: Sequence[Obligation], *, to: int, now: datetime) -> None:
    """Who got something learns of it, with its deadline where it has one."""
    told = []
    for row in rows:
        duty = adoptions.pack_of(row.adoption.policy_version_id).policy.lines[row.duty]
        if row.due_at is None:
            continue
        params = {
            "place": row.target.label,
            "matter": duty.title.model_dump() if duty.title else row.duty,
            "due": row.due_at.isoformat(),
            "obligation": row.id,
        }
        told.append(
            notices.Message(
                recipient_id=to,
                about_id=row.target_id,
                policy=row.policy,
                clause=row.clauses[0] if row.clauses else "",
                template="handed_over",
                params=params,
                key=f"assigned:{row.id}:{to}:{now.isoformat()}",
            )
        )
    notices.tell(told, now=now)
