"""How heads of the firm change its units, its people and their posts; each change is a fact.

`services` writes for whoever was let in already (the command line, the first run, a scenario);
here it is asked who does it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from huiyin.accounts import services
from huiyin.accounts.abilities import may_note_leave, may_settle
from huiyin.accounts.acted import refuse_before_acts
from huiyin.accounts.models import Leave, Person, Position, Post, Unit
from huiyin.accounts.queries import viewer_at, zone
from huiyin.accounts.services import NewPerson
from huiyin.core.errors import Conflict, Forbidden, Invalid
from huiyin.core.locks import lock
from huiyin.core.words import NAME, wrong_name
from huiyin.ledger.models import Target

UNIT_NAME, PERSON_NAME, NUMBER, TITLE, TITLE_EN = NAME, NAME, 20, NAME, 80
"""Characters that each of them may have."""


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be given; both days count, without the last it runs on."""

    position: str
    unit: Unit
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class Away:
    """Days on which somebody is away, both included, and who stands in for him."""

    from_on: date
    to_on: date
    deputy: Person | None = None


@transaction.atomic
def add_unit(name: str, *, parent: Unit | None, by: int, now: datetime) -> Unit:
    """A new part of the firm below `parent`. Raises Forbidden, Invalid, Conflict for a name twice."""
    require_settling(by, now=now)
    if parent is None and Unit.objects.exists():
        raise Invalid({"parent": [_("请选择上级单位；公司只有一个最上级。")]})
    name = _worded("name", name, UNIT_NAME)
    return services.create_unit(name, parent=parent, by=by, now=now)


@transaction.atomic
def change_unit(unit: Unit, *, name: str, parent: Unit | None, by: int, now: datetime) -> None:
    """Rename a unit, and move it with all below it. What belongs to it stays with it.

    Raises Forbidden, Invalid for a place below itself, Conflict for a name that a sibling has.
    """
    require_settling(by, now=now)
    name = _worded("name", name, UNIT_NAME)
    lock("units")
    unit.refresh_from_db()
    if parent is not None and parent.path.startswith(unit.path):
        raise Invalid({"parent": [_("单位不能移到自己或自己的下级之下。")]})
    if (parent is None) != (unit.parent_id is None):
        raise Invalid({"parent": [_("请选择上级单位；公司只有一个最上级。")]})
    if Unit.objects.filter(parent=parent, name=name).exclude(pk=unit.pk).exists():
        raise Conflict(_("同级下已有名为“%s”的单位。") % name, code="unit_exists")
    if name != unit.name:
        Unit.objects.filter(pk=unit.pk).update(name=name)
        Target.objects.filter(pk=unit.pk).update(label=name)
        services.state("unit.renamed", unit.pk, {}, by=by, now=now)
    if parent is not None and parent.pk != unit.parent_id:
        _move(unit, parent)
        services.state("unit.moved", unit.pk, {"unit.parent": parent.pk}, by=by, now=now)


def _move(unit: Unit, parent: Unit) -> None:
    """The unit and all below it, whose paths begin with its own, in one statement each."""
    path = f"{parent.path}{unit.pk}/"
    rest = Substr("path", len(unit.path) + 1)
    Unit.objects.filter(path__startswith=unit.path).update(path=Concat(Value(path), rest))
    Unit.objects.filter(pk=unit.pk).update(parent=parent)


@transaction.atomic
def add_person(new: NewPerson, post: NewPost | None, *, by: int, now: datetime) -> Person:
    """Somebody new, with his first post. Raises Forbidden, Invalid, Conflict for a taken number."""
    require_settling(by, now=now)
    row = NewPerson(
        _worded("name", new.name, PERSON_NAME),
        _worded("number", new.number, NUMBER),
        unit_id=new.unit_id if post is None else post.unit.pk,
    )
    [person] = services.create_people([row], by=by, now=now)
    if post is not None:
        add_post(person, post, by=by, now=now)
    return person


@transaction.atomic
def change_person(person: Person, *, name: str, number: str, by: int, now: datetime) -> None:
    """Another name or number. Raises Forbidden, Invalid, Conflict for a taken number."""
    require_settling(by, now=now)
    name, number = _worded("name", name, PERSON_NAME), _worded("number", number, NUMBER)
    if Person.objects.filter(number=number).exclude(pk=person.pk).exists():
        raise Conflict(_("工号已被使用：%s") % number, code="number_taken")
    Person.objects.filter(pk=person.pk).update(name=name, number=number)
    Target.objects.filter(pk=person.pk).update(label=number)
    # What he was called is no business of the ledger, which never forgets.
    services.state("person.changed", person.pk, {}, by=by, now=now)


@transaction.atomic
def add_post(person: Person, new: NewPost, *, by: int, now: datetime) -> Post:
    """Put a person into a post. Raises Forbidden, Invalid, Conflict when he holds it then."""
    require_settling(by, now=now)
    if new.to_on is not None and new.to_on < new.from_on:
        raise Invalid({"to_on": [_("结束日期不能早于开始日期。")]})
    post = services.appoint(person, new.position, new.unit, new.from_on, by=by, now=now)
    if new.to_on is not None:
        services.end_post(post, new.to_on, by=by, now=now)
    return post


@transaction.atomic
def end_post(post: Post, last_on: date, *, by: int, now: datetime) -> None:
    """The post is held up to and including a day.

    Raises Forbidden, Conflict, Invalid, also for a day before the last on which he acted by it.
    """
    require_settling(by, now=now)
    others = Post.objects.filter(person=post.person_id).exclude(pk=post.pk)
    refuse_before_acts(post.person_id, last_on, others=others)
    services.end_post(post, last_on, by=by, now=now)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a position is called, in English if it is said, how far its holders see, and what they
    may there."""

    title: str
    title_en: str
    scope: str
    leads: bool
    governs: bool

    def checked(self) -> Terms:
        """Raises Invalid."""
        title = _worded("title", self.title, TITLE)
        english = _worded("title_en", self.title_en, TITLE_EN) if self.title_en.strip() else ""
        if self.scope not in Position.Scope.values:
            raise Invalid({"scope": [_("请选择范围。")]})
        if self.governs and not (self.scope == Position.Scope.TREE and self.leads):
            raise Invalid(
                {"governs": [_("管辖整个公司的岗位，须能看到本单位及下级，并管辖所看到的单位。")]}
            )
        return replace(self, title=title, title_en=english)


def _refuse_same(others: QuerySet[Position], terms: Terms) -> None:
    """Two of one name could not be told apart, in neither language."""
    if others.filter(title=terms.title).exists():
        raise Conflict(_("已有这个岗位：%s") % terms.title, code="position_exists")
    if terms.title_en and others.filter(title_en__iexact=terms.title_en).exists():
        raise Conflict(_("已有这个岗位：%s") % terms.title_en, code="position_exists")


@transaction.atomic
def add_position(terms: Terms, *, code: str, by: int, now: datetime) -> Position:
    """A position of the firm; `code` is the role of a pack that it fills, or empty.

    Raises Forbidden, Invalid, Conflict for a title or role that has its position.
    """
    require_settling(by, now=now)
    terms = terms.checked()
    lock("positions")
    rows = Position.objects
    _refuse_same(rows.all(), terms)
    if rows.filter(pk=code).exists():
        raise Conflict(_("已有这个岗位：%s") % terms.title, code="position_exists")
    code = code or f"position_{rows.count() + 1}"
    return rows.create(code=code, **asdict(terms))


@transaction.atomic
def change_position(position: Position, terms: Terms, *, by: int, now: datetime) -> None:
    """Its title, how far its holders see, and whether they lead there or give the firm its rules.

    Raises Forbidden, Invalid, Conflict for a title that is taken, or where nobody would be left
    who may change the firm's rules.
    """
    require_settling(by, now=now)
    terms = terms.checked()
    lock("positions")
    _refuse_same(Position.objects.exclude(pk=position.pk), terms)
    after = asdict(terms)
    before = Position.objects.filter(pk=position.pk).values(*after).get()
    if before == after:
        return
    Position.objects.filter(pk=position.pk).update(**after)
    if not may_settle(viewer_at(by, now)):
        raise Conflict(
            _("这样一改，您自己就不再管辖整个公司了；请由另一位管辖整个公司的人来改。"),
            code="nobody_left",
        )
    values = {"position": position.pk} | {
        f"position.{name}": value for name, value in after.items() if before[name] != value
    }
    root = Unit.objects.get(parent=None)
    services.state("unit.position_changed", root.pk, values, by=by, now=now)


@transaction.atomic
def note_leave(person: Person, away: Away, *, by: int, now: datetime) -> Leave:
    """Somebody is away; who heads his unit notes it.

    Raises Forbidden, Invalid for days or a deputy that cannot be, Conflict when he is away then.
    """
    require_heading(person, by=by, now=now)
    _refuse_odd_days(person, away, today=now.astimezone(zone()).date())
    deputy = away.deputy
    if deputy is not None and deputy.left_on is not None and deputy.left_on < away.to_on:
        raise Invalid({"deputy": [_("代理人届时已离职。")]})
    days = Leave.objects.filter(from_on__lte=away.to_on, to_on__gte=away.from_on)
    if deputy is not None and days.filter(person=deputy).exists():
        raise Invalid({"deputy": [_("代理人这几天自己也休假，请另选一位。")]})
    return services.take_leave(person, away.from_on, away.to_on, deputy=deputy, by=by, now=now)


LONGEST_AGO = timedelta(days=366)
"""A leave that was over longer ago is a slip of the finger."""
REACH = timedelta(days=731)
"""So is one that began longer ago; and one that lasts until later would let a deputy do what
another may, long after anybody remembers why."""


def _refuse_odd_days(person: Person, away: Away, *, today: date) -> None:
    """Days on which nobody can have been away, or of which nobody knows yet. Raises Invalid."""
    if away.to_on < away.from_on:
        raise Invalid({"to_on": [_("结束日期不能早于开始日期。")]})
    if away.to_on < today - LONGEST_AGO:
        raise Invalid({"to_on": [_("休假在一年多以前就结束了，请核对年份。")]})
    if away.from_on < (earliest := today - REACH):
        said = _(
            "休假从两年多以前就开始了，请核对年份；最早从 %(day)s 起登记，更早的已不影响要办的事。"
        )
        raise Invalid({"from_on": [said % {"day": earliest.isoformat()}]})
    if away.to_on > (latest := today + REACH):
        said = _(
            "休假最多登记到两年以后（%(day)s），请核对年份；更久的到时再接着登记，免得代理一直有效而没有人过问。"
        )
        raise Invalid({"to_on": [said % {"day": latest.isoformat()}]})
    first = person.posts.order_by("from_on").values_list("from_on", flat=True).first()
    if first is not None and away.from_on < first:
        said = _("不能早于此人第一次任职的那天（%s）。") % first.isoformat()
        raise Invalid({"from_on": [said]})


@transaction.atomic
def end_leave(leave: Leave, last_on: date, *, by: int, now: datetime) -> None:
    """He is back after `last_on`; before the first day: he does not go at all.

    Raises Forbidden, Invalid for a day that is not earlier than planned, Conflict.
    """
    require_heading(leave.person, by=by, now=now)
    if last_on >= leave.to_on:
        raise Invalid({"to_on": [_("只能提前结束休假；要延长，请另登记一次。")]})
    today = now.astimezone(zone()).date()
    if leave.from_on <= today and last_on < today:
        # What a deputy did on these days stays told as done by a deputy.
        raise Invalid({"to_on": [_("休假已经开始，最早到今天结束。")]})
    same = Leave.objects.filter(pk=leave.pk, to_on=leave.to_on)
    goes = last_on >= leave.from_on
    if not (same.update(to_on=last_on) if goes else same.delete()[0]):
        raise Conflict
    values = {"leave.from": leave.from_on.isoformat(), "leave.to": last_on.isoformat()}
    services.state("person.back", leave.person_id, values if goes else {}, by=by, now=now)


def require_settling(by: int, *, now: datetime) -> None:
    """Raises Forbidden for whoever does not give the firm its rules."""
    if not may_settle(viewer_at(by, now)):
        raise Forbidden(_("只有管辖整个公司的人可以更改单位、人员和任职。"))


def require_heading(person: Person, *, by: int, now: datetime) -> None:
    """Raises Forbidden for whoever does not head the unit of the person."""
    if not may_note_leave(viewer_at(by, now), Target.objects.get(pk=person.pk)):
        raise Forbidden(_("休假由此人所在单位的负责人登记。"))


def _worded(field: str, text: str, most: int) -> str:
    """An ordinary name without the blanks around it. Raises Invalid under the field's name."""
    if wrong := wrong_name(text, most=most):
        raise Invalid({field: [wrong]})
    return text.strip()
