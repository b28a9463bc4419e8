"""Changes of the firm and its people; each is also a fact in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from huiyin.accounts import calendar_services, owned, queries
from huiyin.accounts.acted import refuse_before_acts
from huiyin.accounts.models import Firm, Leave, Person, Position, Post, Unit, User
from huiyin.core import acts
from huiyin.core.errors import Conflict, Forbidden, Invalid, NotFound
from huiyin.core.punctuation import listed
from huiyin.ledger.models import Target
from huiyin.ledger.services import NewFact, NewTarget, create_targets, record


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to be added; `unit_id` is where he belongs until a post says otherwise."""

    name: str
    number: str
    unit_id: int | None = None
    user_id: int | None = None


@transaction.atomic
def create_firm(
    name: str,
    *,
    time_zone: str = "Asia/Shanghai",
    calendar: str = "cn",
    demo: bool = False,
    trial: bool = False,
) -> Firm:
    """The firm itself, with the work calendar as far as it is published; there is one.

    Raises Conflict for a second, Invalid for an unknown zone.
    """
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError) as error:
        raise Invalid({"time_zone": [_("没有这个时区：%s") % time_zone]}) from error
    if Firm.objects.exists():
        raise Conflict(_("公司已经建立。"), code="firm_exists")
    calendar_services.seed(calendar)
    return Firm.objects.create(
        name=name, time_zone=time_zone, calendar=calendar, demo=demo, trial=trial
    )


BEAT_HOLDS = timedelta(minutes=2)


def beat(*, now: datetime) -> None:
    """Planner and sweep have gone through; a worker that was paused does not put it back.

    One that lies ahead by more than it holds came from a clock that was wrong, and is put right.
    """
    stale = Q(beat_at=None) | Q(beat_at__lt=now) | Q(beat_at__gt=now + BEAT_HOLDS)
    Firm.objects.filter(stale).update(beat_at=now)


@transaction.atomic
def create_unit(
    name: str, *, kind: str = "zone", parent: Unit | None = None, by: int | None, now: datetime
) -> Unit:
    """A part of the firm below `parent` (None: the root).

    Raises Conflict when a sibling has the name.
    """
    if Unit.objects.filter(parent=parent, name=name).exists():
        raise Conflict(_("同级下已有名为“%s”的单位。") % name, code="unit_exists")
    [id] = create_targets([NewTarget("unit", label=name, unit_is_self=True)])
    path = f"{parent.path if parent else '/'}{id}/"
    unit = Unit.objects.create(target_id=id, name=name, kind=kind, parent=parent, path=path)
    values = {"unit.kind": kind, "unit.parent": None if parent is None else parent.pk}
    state("unit.created", id, values, by=by, now=now)
    return unit


@transaction.atomic
def create_positions(
    rows: Sequence[tuple[str, str, str]],
    *,
    governing: Collection[str] | None = None,
    overlooking: Collection[str] = (),
    english: Mapping[str, str] | None = None,
) -> list[Position]:
    """Positions as (code, title, scope); one that exists under its code is left as it is.

    ``governing``: the codes of those that give the firm its rules; if not said, every one that
    sees a whole tree. ``overlooking``: of those that see units and do not lead them. ``english``:
    titles in English by code.
    """
    positions = [
        Position(
            code=code,
            title=title,
            title_en=(english or {}).get(code, ""),
            scope=scope,
            leads=code not in overlooking,
            governs=scope == Position.Scope.TREE
            and code not in overlooking
            and (governing is None or code in governing),
        )
        for code, title, scope in rows
    ]
    Position.objects.bulk_create(positions, ignore_conflicts=True)
    found = Position.objects.in_bulk([position.code for position in positions])
    return [found[position.code] for position in positions]


@transaction.atomic
def create_people(rows: Sequence[NewPerson], *, by: int | None, now: datetime) -> list[Person]:
    """Add people at once. Raises Conflict when a number is taken."""
    taken = Person.objects.filter(number__in=[row.number for row in rows])
    if numbers := sorted(taken.values_list("number", flat=True)):
        raise Conflict(_("工号已被使用：%s") % listed(numbers), code="number_taken")
    ids = create_targets(
        [
            NewTarget("person", label=row.number, unit_id=row.unit_id, owner_is_self=True)
            for row in rows
        ]
    )
    people = Person.objects.bulk_create(
        Person(target_id=id, name=row.name, number=row.number, user_id=row.user_id)
        for id, row in zip(ids, rows, strict=True)
    )
    record([_fact("person.created", id, {}, by=by, now=now) for id in ids], now=now)
    return people


@transaction.atomic
def create_person(
    name: str,
    *,
    number: str,
    unit: Unit | None = None,
    user: User | None = None,
    by: int | None,
    now: datetime,
) -> Person:
    """Add one person; see `create_people`."""
    row = NewPerson(
        name, number, unit_id=unit.pk if unit else None, user_id=user.pk if user else None
    )
    return create_people([row], by=by, now=now)[0]


@transaction.atomic
def appoint(
    person: Person,
    position: Position | str,
    unit: Unit,
    from_on: date,
    *,
    by: int | None,
    now: datetime,
) -> Post:
    """Put a person into a position from a day on; both days count, in the firm's zone.

    The person then belongs to that unit. Raises Conflict when he holds the post then already,
    Invalid when he will have left.
    """
    code = position if isinstance(position, str) else position.code
    if person.left_on is not None and person.left_on < from_on:
        raise Invalid({"person": [_("此人届时已离职。")]})
    try:
        with transaction.atomic():
            post = Post.objects.create(person=person, position_id=code, unit=unit, from_on=from_on)
    except IntegrityError as error:
        raise Conflict(_("此人在该期间已担任同一岗位。"), code="post_overlaps") from error
    Target.objects.filter(pk=person.pk).update(unit_id=unit.pk)
    values = {"post.position": code, "post.unit": unit.pk, "post.from": from_on.isoformat()}
    state("post.started", person.pk, values, by=by, now=now)
    return post


@transaction.atomic
def end_post(post: Post, last_on: date, *, by: int | None, now: datetime) -> None:
    """The post is held up to and including `last_on`; what was to end later ends earlier.

    Raises Invalid for a day before it began, Conflict when it has ended by then already.
    """
    if last_on < post.from_on:
        raise Invalid({"to_on": [_("结束日期不能早于开始日期。")]})
    later = Q(to_on=None) | Q(to_on__gt=last_on)
    ended = Post.objects.filter(later, pk=post.pk).update(to_on=last_on)
    if not ended:
        raise Conflict(_("该任职已经结束。"), code="post_ended")
    post.to_on = last_on
    state("post.ended", post.person_id, _post_values(post, last_on), by=by, now=now)


@transaction.atomic
def take_leave(
    person: Person,
    from_on: date,
    to_on: date,
    *,
    deputy: Person | None = None,
    by: int | None,
    now: datetime,
) -> Leave:
    """The person is away on these days, both included; `deputy` stands in for him.

    Raises Invalid for days in the wrong order or a deputy who is the person himself, Conflict
    when he is away then already.
    """
    if to_on < from_on:
        raise Invalid({"to_on": [_("结束日期不能早于开始日期。")]})
    if deputy is not None and deputy.pk == person.pk:
        raise Invalid({"deputy": [_("不能由本人代理自己。")]})
    try:
        with transaction.atomic():
            leave = Leave.objects.create(person=person, from_on=from_on, to_on=to_on, deputy=deputy)
    except IntegrityError as error:
        raise Conflict(_("此人在该期间已登记休假。"), code="leave_overlaps") from error
    state("person.on_leave", person.pk, _leave_values(leave), by=by, now=now)
    return leave


@transaction.atomic
def give_login(
    person: Person, username: str, *, password: str, by: int | None, now: datetime
) -> User:
    """Let a person sign in from now on.

    Raises Invalid for a taken name or a weak password, Conflict when he has a login.
    """
    if person.user_id is not None:
        raise Conflict(_("此人已有登录账号。"), code="login_exists")
    if User.objects.filter(username__iexact=username).exists():
        raise Invalid({"username": [_("用户名已被使用。")]})
    try:
        validate_password(password)
    except ValidationError as error:
        raise Invalid({"password": error.messages}) from error
    user = User.objects.create_user(username, password)
    Person.objects.filter(pk=person.pk).update(user=user)
    person.user = user
    state("person.login_given", person.pk, {}, by=by, now=now)
    return user


@transaction.atomic
def leave(
    person: Person,
    last_on: date,
    *,
    hand_over_to: Person | None = None,
    by: int | None,
    now: datetime,
) -> list[Leave]:
    """The person leaves the firm after `last_on`; posts that would run on end with that day.

    What he owns passes to `hand_over_to`. For whom he stands in does not: a deputy sees what the
    absent sees, so heads name another; returned are the leaves that go on without a deputy.
    Raises Refused by a policy, Invalid for a day before the last on which he did something,
    Conflict when he owns something and nobody is to take it, when he has left already, or holds
    a post that begins later.
    """
    refuse_before_acts(person.pk, last_on)
    if hand_over_to is not None:
        owned.hand_over_all(person.pk, to=hand_over_to.pk, by=by, now=now)
    unit = Target.objects.values_list("unit_id", flat=True).get(pk=person.pk)
    acts.check("person.leave", acts.ActContext("person.leave", person.pk, by, now, unit))
    if still_his := owned.counts(person.pk):
        what = listed(f"{owned.title(kind)} {n}" for kind, n in still_his.items())
        raise Conflict(_("此人名下还有：%s，请先指定接手的人。") % what, code="owns_something")
    if person.posts.filter(from_on__gt=last_on).exists():
        raise Conflict(_("此人有离职日之后才开始的任职，请先处理。"), code="post_begins_later")
    if not Person.objects.filter(pk=person.pk, left_on=None).update(left_on=last_on):
        raise Conflict(_("此人已离职。"), code="left_already")
    person.left_on = last_on
    running = list(person.posts.filter(Q(to_on=None) | Q(to_on__gt=last_on)))
    person.posts.filter(pk__in=[post.pk for post in running]).update(to_on=last_on)
    facts = [
        _fact("post.ended", person.pk, _post_values(post, last_on), by=by, now=now)
        for post in running
    ]
    left = _fact("person.left", person.pk, {"person.left_on": last_on.isoformat()}, by=by, now=now)
    bereft = _stand_in_no_more(person, last_on)
    facts += [
        _fact("person.on_leave", each.person_id, _leave_values(each), by=by, now=now)
        for each in bereft
    ]
    record([*facts, left], now=now)
    return bereft


def _stand_in_no_more(deputy: Person, last_on: date) -> list[Leave]:
    """Leaves keep their deputy up to and including a day; what is left of them has none."""
    there = Q(person__left_on=None) | Q(person__left_on__gt=last_on)
    leaves = Leave.objects.filter(there, deputy=deputy, to_on__gt=last_on)
    running = leaves.filter(from_on__lte=last_on)
    day_after = last_on + timedelta(days=1)
    rest = [
        Leave(person_id=p, from_on=day_after, to_on=to_on)
        for p, to_on in running.values_list("person", "to_on")
    ]
    ahead = list(leaves.filter(from_on__gt=last_on))
    for each in ahead:
        each.deputy = None
    Leave.objects.bulk_update(ahead, ["deputy"])
    running.update(to_on=last_on)
    return [*Leave.objects.bulk_create(rest), *ahead]


def switch(person_id: int, *, on: date) -> Person:
    """The person that a visitor of a demo or trial looks through from now on.

    Raises Forbidden where people have to sign in, NotFound for nobody of the firm.
    """
    firm = queries.firm()
    if firm is None or not firm.open_house:
        raise Forbidden(_("只有演示和试用时可以切换人员。"))
    person: Person | None = Person.objects.in_firm(on).filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return person


def _post_values(post: Post, last_on: date) -> dict[str, Any]:
    return {
        "post.position": post.position_id,
        "post.unit": post.unit_id,
        "post.to": last_on.isoformat(),
    }


def _leave_values(leave: Leave) -> dict[str, Any]:
    return {
        "leave.from": leave.from_on.isoformat(),
        "leave.to": leave.to_on.isoformat(),
        "leave.deputy": leave.deputy_id,
    }


def state(
    kind: str, target_id: int, values: dict[str, Any], *, by: int | None, now: datetime
) -> None:
    """Write one fact about the firm or a person of it."""
    record([_fact(kind, target_id, values, by=by, now=now)], now=now)


def _fact(
    kind: str, target_id: int, values: dict[str, Any], *, by: int | None, now: datetime
) -> NewFact:
    return NewFact(kind, target_id, by, by, happened_at=now, known_at=now, values=values)
