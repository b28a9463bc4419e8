"""Who does what in the firm, beside what the policies in force demand: reads of 设置 → 人员.

The two use cases at the end end a post or a person's time in the firm. They warn of roles that
would stay unheld, which `accounts` cannot know: the packs stand above it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.accounts import owned, services, staff_services
from huiyin.accounts.models import Leave, Person, Position, Post, Unit
from huiyin.accounts.queries import heads_of
from huiyin.adoption import queries as adoptions
from huiyin.adoption.demands import required_roles
from huiyin.adoption.models import Adoption
from huiyin.adoption.packs import Pack, installed
from huiyin.core.errors import Conflict
from huiyin.core.punctuation import bracketed, listed
from huiyin.notices import services as notices
from huiyin.obligations.assigning import held_by


@dataclass(frozen=True)
class RoleRow:
    """A role of a pack: the position that fills it, who holds that where, what asks for it."""

    key: str
    title: str
    position: str
    policy: str
    policy_id: str
    clauses: tuple[str, ...]
    in_force: bool
    posts: tuple[Post, ...]


def roles(on: date, language: str) -> list[RoleRow]:
    """The roles of the packs in force, or of the installed ones before the first; two statements."""
    running = [(pack, adoption.role_map, True) for adoption, pack in adoptions.current()]
    packs: list[tuple[Pack, dict[str, str], bool]] = running or [
        (pack, {}, False) for pack in installed()
    ]
    held = _held_by_position(on)
    return [
        RoleRow(
            key=key,
            title=pack.policy.roles[key].title.say(language),
            position=role_map.get(key, key),
            policy=pack.policy.title.say(language),
            policy_id=pack.id,
            clauses=_in_order(pack, clauses),
            in_force=in_force,
            posts=tuple(held.get(role_map.get(key, key), ())),
        )
        for pack, role_map, in_force in packs
        for key, clauses in required_roles(pack.policy).items()
    ]


@dataclass(frozen=True)
class Unheld:
    """A role that a clause is bound to and nobody holds: its words, its position, and where."""

    words: str
    position: str
    unit: int | None


def unheld_for(
    adoption: Adoption, pack: Pack, clause: str, on: date, language: str
) -> list[Unheld]:
    """The roles that a clause is bound to, where nobody holds them on a day; two statements."""
    bound = {key: role for key, role in pack.policy.roles.items() if clause in role.clauses}
    if not bound:
        return []
    held = set(Post.objects.held(on).values_list("position", "unit"))
    units = list(Unit.objects.exclude(parent=None).order_by("path"))
    found = []
    for key, role in bound.items():
        position, title = adoption.role_map.get(key, key), role.title.say(language)
        if "one_per" in role.clauses[clause]:
            found += [
                Unheld(bracketed(title, unit.name), position, unit.pk)
                for unit in units
                if role.one_per in ("unit", unit.kind) and (position, unit.pk) not in held
            ]
        elif all(code != position for code, _unit in held):
            found.append(Unheld(title, position, None))
    return found


def missing_positions(language: str) -> list[tuple[str, str]]:
    """Roles of the packs that no position fills yet, as (code, title)."""
    known = set(Position.objects.values_list("code", flat=True))
    running = [(pack, adoption.role_map) for adoption, pack in adoptions.current()]
    packs: list[tuple[Pack, dict[str, str]]] = running or [(pack, {}) for pack in installed()]
    return [
        (role_map.get(key, key), role.title.say(language))
        for pack, role_map in packs
        for key, role in pack.policy.roles.items()
        if role_map.get(key, key) not in known
    ]


def _held_by_position(on: date) -> dict[str, list[Post]]:
    found: dict[str, list[Post]] = {}
    rows = Post.objects.held(on).select_related("person", "unit").order_by("unit__path", "pk")
    for post in rows:
        found.setdefault(post.position_id, []).append(post)
    return found


@dataclass(frozen=True)
class UnitRow:
    """A unit in the tree, how deep it lies, and how many people belong to it."""

    unit: Unit
    depth: int
    people: int


def units(on: date) -> list[UnitRow]:
    """The whole tree, from the root down; two statements."""
    counts: dict[int, int] = {}
    homes = Person.objects.in_firm(on).values_list("target__unit", flat=True)
    for home in homes:
        counts[home] = counts.get(home, 0) + 1
    return [
        UnitRow(unit, unit.path.count("/") - 2, counts.get(unit.pk, 0))
        for unit in Unit.objects.order_by("path")
    ]


def burden(person: Person) -> list[tuple[str, int]]:
    """What would have to be handed over if the person left: words and how many."""
    found = [(owned.title(kind), n) for kind, n in owned.counts(person.pk).items()]
    by_role = held_by(person.pk).exclude(owed_roles=[]).count()
    return [*found, *([(_("按角色承办的义务"), by_role)] if by_role else [])]


def unheld_without(posts: Iterable[Post], on: date, language: str) -> list[str]:
    """Roles of the packs in force that nobody would hold on a day, were it not for these posts.

    A role that every unit of a kind needs (`one_per`) is asked unit by unit.
    """
    ending = list(posts)
    still = set(
        Post.objects.held(on)
        .filter(position__in={post.position_id for post in ending})
        .exclude(pk__in=[post.pk for post in ending])
        .values_list("position", "unit")
    )
    gone = {post.position_id for post in ending} - {position for position, _unit in still}
    found: list[str] = []
    for adoption, pack in adoptions.current():
        for key, clauses in required_roles(pack.policy).items():
            position, words = (
                adoption.role_map.get(key, key),
                _role_words(pack, key, clauses, language),
            )
            if position in gone:
                found.append(words)
            elif pack.policy.roles[key].one_per:
                found += [
                    f"{post.unit.name} {words}"
                    for post in ending
                    if post.position_id == position and (position, post.unit_id) not in still
                ]
    return found


def _role_words(pack: Pack, key: str, clauses: Collection[str], language: str) -> str:
    title = pack.policy.roles[key].title.say(language)
    told = listed(_in_order(pack, clauses))
    return _("%(role)s（条款 %(clauses)s）") % {"role": title, "clauses": told}


def _in_order(pack: Pack, clauses: Collection[str]) -> tuple[str, ...]:
    """Clauses as they follow one another in the policy."""
    return tuple(clause for clause in pack.clauses if clause in clauses)


@transaction.atomic
def end_post(
    post: Post, last_on: date, *, accepted: bool, by: int, now: datetime, language: str
) -> None:
    """End a post; a role of a pack in force that nobody would hold then is warned of first.

    Raises Conflict ``role_unheld`` unless ``accepted``, and what `staff_services.end_post` raises.
    """
    staff_services.require_settling(by, now=now)
    _warn([post], last_on, accepted=accepted, language=language)
    staff_services.end_post(post, last_on, by=by, now=now)


@dataclass(frozen=True)
class Departure:
    """The last day of somebody, who takes over, and that the warning was read."""

    last_on: date
    successor: Person | None
    accepted: bool


@transaction.atomic
def dismiss(
    person: Person, going: Departure, *, by: int, now: datetime, language: str
) -> list[Leave]:
    """A person leaves the firm; open obligations and appointments pass to a successor at once.

    Leaves in which he stands in go on without a deputy: whoever heads the absent is told, and
    they are returned.
    Raises Forbidden, Conflict while he holds any and nobody is named, or ``role_unheld`` unless
    the warning is accepted, and what `accounts.services.leave` raises.
    """
    staff_services.require_settling(by, now=now)
    if going.successor is None and (left := burden(person)):
        what = listed(f"{word} {n}" for word, n in left)
        raise Conflict(_("此人名下还有：%s，请先指定接手的人。") % what, code="owns_something")
    running = person.posts.held(going.last_on + timedelta(days=1))
    _warn(running, going.last_on, accepted=going.accepted, language=language)
    bereft = services.leave(person, going.last_on, hand_over_to=going.successor, by=by, now=now)
    _tell_heads(person, bereft, now=now)
    return bereft


def _tell_heads(deputy: Person, leaves: Collection[Leave], *, now: datetime) -> None:
    """The nearest head of each absent person, other than who leaves, is to name another deputy."""
    above = heads_of({each.person_id for each in leaves}, now)
    numbers = dict(
        Person.objects.filter(leaves__in=[each.pk for each in leaves]).values_list("pk", "number")
    )
    told = []
    for each in leaves:
        head = next((one for one in above.get(each.person_id, ()) if one != deputy.pk), None)
        if head is None:
            continue
        params = {
            "number": numbers[each.person_id],
            "day": each.from_on.isoformat(),
            "deputy": deputy.number,
        }
        key = f"deputy_left:{each.pk}:{deputy.pk}"
        told.append(notices.Message(head, each.person_id, "deputy_left", key, params))
    notices.tell(told, now=now)


def _warn(posts: Iterable[Post], last_on: date, *, accepted: bool, language: str) -> None:
    gaps: list[Any] = unheld_without(posts, last_on + timedelta(days=1), language)
    if gaps and not accepted:
        raise Conflict(
            _("此后没有人担任：%s。请先指定接任的人，或勾选“仍然这样做”。") % listed(gaps),
            code="role_unheld",
        )
