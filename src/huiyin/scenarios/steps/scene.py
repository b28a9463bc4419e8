"""假如 … : the firm, its people, its customers and what is tracked."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _

from huiyin.accounts import calendar_services as calendar
from huiyin.accounts import services as accounts
from huiyin.accounts.models import Person, Post, Unit
from huiyin.adoption import services as adoption
from huiyin.adoption.models import Adoption
from huiyin.customers import services as customers
from huiyin.customers.models import Customer
from huiyin.ledger.models import Target
from huiyin.scenarios.errors import Misused
from huiyin.scenarios.features import Table
from huiyin.scenarios.moments import read_day, read_moment
from huiyin.scenarios.vocabulary import given
from huiyin.scenarios.world import World
from huiyin.subjects import services as subjects
from huiyin.subjects.services import NewSubject

NUMBER, BELONGS_TO, REGISTERED, OWNER, MADE_FROM = "编号", "属于", "登记时间", "负责人", "来自"
OWN = (NUMBER, BELONGS_TO, REGISTERED, OWNER, MADE_FROM)
CONTACTS = "联系人"
WORKED = {"工作日": True, "休息日": False}


@given("启用制度 {policy}[ 自 {day}]")
def policy_is_in_force(world: World, policy: str, day: str | None) -> None:
    """The pack under test is in force: since ever, or from a day on."""
    world.enable(policy)
    if day is not None:
        starts = datetime.combine(read_day(day), time.min, world.zone)
        Adoption.objects.filter(pk=world.adoption).update(starts_at=starts)


@given("参数 {setting} 为 {value}[ 原因 {reason}]")
def setting_is(world: World, setting: str, value: str, reason: str | None) -> None:
    adoption.change_setting(
        world.stage.pack.id,
        key=world.titles.setting(setting),
        value=value,
        reason=reason or _("场景设定"),
        by=world.stage.proposer,
        now=world.now,
    )


@given("{person} 担任 {role}[ 在 {unit}]")
def person_holds_role(world: World, person: str, role: str, unit: str | None) -> None:
    accounts.appoint(
        Person.objects.get(pk=bring_in(world, person)),
        world.titles.role(role),
        Unit.objects.get(pk=_unit(world, unit)),
        world.now.astimezone(world.zone).date(),
        by=world.stage.proposer,
        now=world.now,
    )


@given("{person} 不再担任 {role}")
def person_gives_role_up(world: World, person: str, role: str) -> None:
    """The last day of the post is yesterday: from now on the person does not hold it."""
    today = world.now.astimezone(world.zone).date()
    posts = Post.objects.filter(
        person=world.person(person), position=world.titles.role(role), to_on=None
    )
    if not posts:
        raise Misused(_("“%(person)s”没有担任“%(role)s”") % {"person": person, "role": role})
    for post in posts:
        accounts.end_post(post, today - timedelta(days=1), by=world.stage.proposer, now=world.now)


@given("日历 {day} 为 {kind}")
def day_is_worked(world: World, day: str, kind: str) -> None:
    """The firm works on a day of its own, or does not."""
    if kind not in WORKED:
        raise Misused(_("日历只能为“工作日”或“休息日”，不是“%s”") % kind)
    with world.stage.in_charge(at=world.now) as founder:
        calendar.add_day(
            read_day(day), worked=WORKED[kind], reason=_("场景设定"), by=founder, now=world.now
        )


@given("有客户 {number} 类别 {kind}[ 在 {unit}][ 自 {day}]")
def there_is_a_customer(
    world: World,
    number: str,
    kind: str,
    unit: str | None,
    day: str | None,
    table: Table | None = None,
) -> None:
    """A customer since now, or since the beginning of a day; rows are his fields, 负责人 and 联系人."""
    written = dict(table.pairs()) if table else {}
    owner = written.pop(OWNER, None)
    functions = [each for each in written.pop(CONTACTS, "").split("、") if each]
    since = datetime.combine(read_day(day), time.min, world.zone) if day else None
    made = customers.register_customers(
        [
            customers.NewCustomer(
                number=number,
                customer_class=world.titles.customer_class(kind),
                unit_id=_unit(world, unit),
                owner_id=bring_in(world, owner) if owner else None,
                contacts=[
                    customers.NewContact(f"1380000{place:04}", relation)
                    for place, relation in enumerate(functions, 1)
                ],
                fields=world.titles.customer_values(written, world.zone, world.person),
                registered_at=since,
            )
        ],
        by=world.stage.proposer,
        now=world.now,
    )
    world.name_target(number, made[number])


@given("有客户 {number} 属于别的制度")
def there_is_a_customer_of_another_policy(world: World, number: str) -> None:
    """A customer of a class that another policy of the same firm brought in."""
    kind = next(iter(world.policy.customers.classes))
    [(_number, made)] = customers.register_customers(
        [customers.NewCustomer(number=number, customer_class=kind, unit_id=world.stage.root.pk)],
        by=world.stage.proposer,
        now=world.now,
    ).items()
    # On this stage no second policy is in force, by which it could be registered.
    Customer.objects.filter(pk=made).update(customer_class="of_another_policy")
    world.name_target(number, made)


@given("有客户 {prefix} 类别 {kind} 共 {count#} 户")
def there_are_many_customers(world: World, prefix: str, kind: str, count: str) -> None:
    """So many customers of the firm, numbered from 1 behind the prefix."""
    rows = [
        customers.NewCustomer(
            number=f"{prefix}{place}",
            customer_class=world.titles.customer_class(kind),
            unit_id=world.stage.root.pk,
        )
        for place in range(1, int(count) + 1)
    ]
    customers.register_customers(rows, by=world.stage.proposer, now=world.now)


@given("有 {kind} {number}[ 属于 {customer}]")
def there_is_a_subject(
    world: World, kind: str, number: str, customer: str | None, table: Table | None = None
) -> None:
    fields = dict(table.pairs()) if table else {}
    _register(world, kind, [{NUMBER: number, BELONGS_TO: customer or "", **fields}])


@given("有下列 {kind}：")
def there_are_subjects(world: World, kind: str, table: Table | None = None) -> None:
    if table is None:
        raise Misused(_("“有下列 …：”下面要有表格"))
    _register(world, kind, table.records())


def bring_in(world: World, name: str) -> int:
    """The person of that name, who joins the firm now if nobody has the name yet."""
    if not world.knows_person(name):
        made = accounts.create_person(
            name,
            number=f"P{Person.objects.count() + 1}",
            unit=world.stage.root,
            by=None,
            now=world.now,
        )
        world.name_person(name, made.pk)
    return world.person(name)


def _register(world: World, kind: str, rows: list[dict[str, str]]) -> None:
    key = world.titles.subject_kind(kind)
    new = [_new_subject(world, key, row) for row in rows]
    made = subjects.register(key, new, by=world.stage.proposer, now=world.now)
    for subject, target in zip(new, made, strict=True):
        world.name_target(subject.number, target)


def _new_subject(world: World, kind: str, row: dict[str, str]) -> NewSubject:
    """编号, 属于, 登记时间, 负责人 and 来自 are every subject's own, other columns its fields."""
    if NUMBER not in row:
        raise Misused(_("表格里缺“%s”一列") % NUMBER)
    fields = {title: text for title, text in row.items() if title not in OWN}
    customer = world.target(row[BELONGS_TO]) if row.get(BELONGS_TO) else None
    parents = [name for name in row.get(MADE_FROM, "").split("、") if name]
    return NewSubject(
        number=row[NUMBER],
        fields=world.titles.subject_values(
            kind, fields, world.zone, lambda name: bring_in(world, name)
        ),
        customer_id=customer,
        parents=[world.target(name) for name in parents],
        owner_id=bring_in(world, row[OWNER]) if row.get(OWNER) else None,
        unit_id=_unit_of(world, customer),
        created_at=read_moment(row[REGISTERED], world.zone) if REGISTERED in row else None,
    )


def _unit(world: World, name: str | None) -> int:
    """The unit of that name below the firm, made now if nobody spoke of it before."""
    if name is None:
        return world.stage.root.pk
    if not world.knows_target(name):
        made = accounts.create_unit(name, parent=world.stage.root, by=None, now=world.now)
        world.name_target(name, made.pk)
    return world.target(name)


def _unit_of(world: World, customer: int | None) -> int:
    unit = Target.objects.filter(pk=customer).values_list("unit", flat=True).first()
    return unit or world.stage.root.pk
