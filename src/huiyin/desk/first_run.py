"""From an empty database to the first follow-up: what is done, what comes next, and the doing of it.

Nothing of the way is stored but its first step, which pack was chosen by whom in which role: every
other step is read from what is there, so that it can be left, resumed, and done elsewhere in 设置.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import cycle
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from huiyin.accounts import services as accounts
from huiyin.accounts import staff_services as staff
from huiyin.accounts.models import Firm, Person, Position, Post, Unit
from huiyin.accounts.queries import zone
from huiyin.accounts.services import NewPerson
from huiyin.adoption import packs
from huiyin.adoption import services as adoptions
from huiyin.adoption.demands import asked_per_unit, required_roles
from huiyin.adoption.models import Adoption
from huiyin.adoption.packs import Pack
from huiyin.core.errors import Conflict, Invalid, NotFound
from huiyin.core.punctuation import explained
from huiyin.core.words import wrong_name
from huiyin.customers import services as customers
from huiyin.customers.models import Customer
from huiyin.customers.services import NewContact, NewCustomer
from huiyin.desk.demo.sample import Sample, load_sample, names
from huiyin.desk.positions import create_positions_of
from huiyin.desk.seats import Seat, unspaced, wrong_person
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from huiyin.subjects import services as subjects
from huiyin.subjects.declared import kind_of
from huiyin.subjects.holders import offered
from huiyin.subjects.services import NewEvent, NewSubject

CHOSEN = "firm.pack_chosen"
ADMINISTRATOR = "system_administrator"
"""The position of who sets the firm up. No role of a pack: those keep the scope that is theirs."""
NONE_OF_THEM = "-"
"""The answer of who sets the firm up and has no role in its policy."""
FOUNDED = 2
"""Posts that somebody has who has only founded the firm: its administrator and his role."""
SAMPLES = 10
"""Households with a repair each: so many, that a tenth of the follow-ups is one."""


@dataclass(frozen=True, slots=True)
class Founding:
    """The firm, its industry's pack, whoever sets it up, and his role there or `NONE_OF_THEM`."""

    firm: str
    person: str
    pack: str
    role: str


class Start:
    """How far the firm has come, as of a day; each question is asked once."""

    def __init__(self, on: date, language: str) -> None:
        self.on, self.language = on, language

    @cached_property
    def _chosen(self) -> Fact | None:
        return Fact.objects.filter(kind=CHOSEN).order_by("-id").first()

    @cached_property
    def pack(self) -> Pack:
        """The pack that was chosen; raises NotFound before."""
        return pack_named(self._chosen.values["policy.id"] if self._chosen else "")

    @cached_property
    def proposed(self) -> dict[str, str]:
        """The name of who set the firm up, in the boxes of the role that he said is his."""
        chosen = self._chosen
        role = chosen.values.get("post.position") if chosen else None
        own = [seat for seat in self.seats if seat.role == role]
        if chosen is None or not own or any(seat.people for seat in own):
            return {}
        name = Person.objects.get(pk=chosen.by_id).name
        return {seat.name: name for seat in own}

    @cached_property
    def units(self) -> list[Unit]:
        return list(Unit.objects.order_by("path"))

    @cached_property
    def seats(self) -> list[Seat]:
        """Every role of the pack, where its sample firm has it; the needed ones must be held."""
        sample, held = sample_of(self.pack.id), self._held
        root, *below = self.units
        policy = self.pack.policy
        needed = required_roles(policy)
        return [
            Seat(
                key,
                role.title.say(self.language),
                unit,
                tuple(held.get((key, unit.pk), ())),
                required=key in needed
                and unit is places[0]
                and not any(code == key for code, _unit in held),
                asked_by=() if unit is root else asked_per_unit(policy, unit.kind).get(key, ()),
            )
            for key, role in policy.roles.items()
            for places in [(below or [root]) if _in_zone(sample, key) else [root]]
            for unit in places
        ]

    @cached_property
    def _held(self) -> dict[tuple[str, int], list[Person]]:
        found: dict[tuple[str, int], list[Person]] = {}
        rows = Post.objects.held(self.on).select_related("person").order_by("pk")
        for post in rows:
            found.setdefault((post.position_id, post.unit_id), []).append(post.person)
        return found

    @property
    def unheld(self) -> list[str]:
        """Titles of the roles that the pack needs and nobody has."""
        return list(dict.fromkeys(seat.title for seat in self.seats if seat.required))

    @cached_property
    def adoption(self) -> Adoption | None:
        return Adoption.objects.filter(state=Adoption.State.IN_FORCE).order_by("-id").first()

    @cached_property
    def done(self) -> dict[str, bool]:
        """What is done, in the order of the way."""
        runs = self.adoption is not None
        staffed = runs or not self.unheld
        return {
            "firm": True,
            "units": staffed or len(self.units) > 1 or len(self._held) > FOUNDED,
            "people": staffed,
            "adoption": runs,
            "customers": runs and Customer.objects.exists(),
            "followup": runs and Followup.objects.held().exists(),
        }

    @property
    def next(self) -> str:
        """The first step that is left; empty when all is done."""
        return next((key for key, is_done in self.done.items() if not is_done), "")


def pack_named(name: str) -> Pack:
    """An installed pack; raises NotFound."""
    found = next((pack for pack in packs.installed() if pack.id == name), None)
    if found is None:
        raise NotFound
    return found


def sample_of(pack: str) -> Sample | None:
    """The sample firm of a pack, if it has one."""
    folder: Path = settings.HUIYIN_PACKS / pack
    return load_sample(folder) if (folder / "sample.yaml").is_file() else None


def _in_zone(sample: Sample | None, role: str) -> bool:
    placed = sample.positions.get(role) if sample else None
    return placed is not None and placed.place != "firm"


@transaction.atomic
def found(founding: Founding, *, now: datetime) -> Person:
    """The firm on trial, with positions for the pack's roles and the one who sets it up.

    He heads the whole firm as its administrator, whatever his role is. One that is held in the
    parts of the firm is his once they are there. Raises Invalid by field, NotFound for a pack that
    is not installed, Conflict when the firm is there already.
    """
    pack, firm = pack_named(founding.pack), founding.firm.strip()
    wrong = {
        field: [said]
        for field, said in (("firm", wrong_name(firm)), ("person", wrong_person(founding.person)))
        if said
    }
    if founding.role not in (*pack.policy.roles, NONE_OF_THEM):
        wrong["role"] = [_("请选择您的角色。")]
    if wrong:
        raise Invalid(wrong)
    accounts.create_firm(firm, trial=True)
    sample = sample_of(pack.id)
    create_positions_of(pack, sample)
    _create_administrator()
    root = accounts.create_unit(firm, kind="firm", by=None, now=now)
    person = accounts.create_person(
        founding.person.strip(), number="E01", unit=root, by=None, now=now
    )
    today, chosen = now.astimezone(zone()).date(), {"policy.id": pack.id}
    accounts.appoint(person, ADMINISTRATOR, root, today, by=None, now=now)
    if founding.role != NONE_OF_THEM:
        chosen["post.position"] = founding.role
        if not _in_zone(sample, founding.role):
            accounts.appoint(person, founding.role, root, today, by=None, now=now)
    accounts.state(CHOSEN, root.pk, chosen, by=person.pk, now=now)
    return person


def _create_administrator() -> None:
    """The position of who administers the firm, called so in both languages."""
    with override("zh-hans"):
        title = _("系统管理员")
    with override("en"):
        english = _("系统管理员")
    accounts.create_positions(
        [(ADMINISTRATOR, title, Position.Scope.TREE)], english={ADMINISTRATOR: english}
    )


@transaction.atomic
def add_units(text: str, *, by: int, now: datetime) -> int:
    """Units below the firm, one a line; those that are there stay. Returns how many are new."""
    root = Unit.objects.get(parent=None)
    known = set(root.children.values_list("name", flat=True))
    wanted = dict.fromkeys(line.strip() for line in text.splitlines() if line.strip())
    new = [name for name in wanted if name not in known]
    if not wanted:
        raise Invalid({"units": [_("请至少写一个单位；只有一个单位的，可以跳过这一步。")]})
    if len(new) > 50:
        raise Invalid({"units": [_("一次最多新建 50 个单位。")]})
    if wrong := [explained(name[:20], said) for name in new if (said := wrong_name(name))]:
        raise Invalid({"units": wrong})
    for name in new:
        staff.add_unit(name, parent=root, by=by, now=now)
    return len(new)


@transaction.atomic
def name_people(
    start: Start, given: Mapping[str, str], *, made_up: bool, by: int, now: datetime
) -> int:
    """Put people into the seats that have a name; ``made_up`` fills the empty ones with samples.

    A name that is known already is the same person, whatever blanks are in it. Returns how many
    posts are new; seats without a name stay open. Raises Invalid by seat.
    """
    staff.require_settling(by, now=now)
    wanted = {seat: given.get(seat.name, "").strip() for seat in start.seats}
    if wrong := {
        seat.name: [said] for seat, name in wanted.items() if name and (said := wrong_person(name))
    }:
        raise Invalid(wrong)
    people = {unspaced(person.name): person for person in Person.objects.in_firm(start.on)}
    dice = names(random.Random("sample people"))
    appointed = 0
    for seat, name in wanted.items():
        if not name and made_up and not seat.people:
            name = next(each for each in dice if each not in people)
        key = unspaced(name)
        if not key or key in {unspaced(person.name) for person in seat.people}:
            continue
        if key not in people:
            new = NewPerson(name, _number(len(people) + 1), unit_id=seat.unit.pk)
            [people[key]] = accounts.create_people([new], by=by, now=now)
        accounts.appoint(people[key], seat.role, seat.unit, start.on, by=by, now=now)
        appointed += 1
    return appointed


def _number(wanted: int) -> str:
    """The next free number of a person: E07."""
    taken = set(Person.objects.values_list("number", flat=True))
    return next(f"E{n:02d}" for n in range(wanted, 100_000) if f"E{n:02d}" not in taken)


@transaction.atomic
def adopt(start: Start, *, by: int, now: datetime) -> Adoption:
    """Put the chosen pack into force on trial from today on. Raises Refused naming what is missing."""
    if start.adoption is not None:
        raise Conflict(_("制度已经启用了。"), code="adopted_already")
    proposed = adoptions.propose(
        packs.sources(start.pack.id),
        starts_on=start.on,
        mode=Adoption.Mode.TRIAL,
        start=Adoption.Start.LIVE,
        by=by,
        now=now,
    )
    return adoptions.approve(proposed, by=by, now=now)


@transaction.atomic
def add_samples(start: Start, *, by: int, now: datetime) -> int:
    """Made-up households, each with a repair that was just completed.

    They stay in the ledger like everything else, which is why the page says so first.
    Returns how many households; raises Conflict when there are customers, NotFound for a pack
    without samples.
    """
    staff.require_settling(by, now=now)
    sample = sample_of(start.pack.id)
    if sample is None:
        raise NotFound
    if Customer.objects.exists():
        raise Conflict(_("已经有客户了，不再登记示例住户。"), code="customers_exist")
    unit = start.units[min(1, len(start.units) - 1)]
    officer = Post.objects.held(start.on).filter(unit=unit).order_by("position", "pk").first()
    rows = [
        NewCustomer(
            number=_("示例1栋%02d01") % floor,
            customer_class=sample.households.customer_class,
            unit_id=unit.pk,
            owner_id=officer.person_id if officer else by,
            contacts=[NewContact(f"1380000{floor:04d}", relation=_("业主"), name=_("示例住户"))],
        )
        for floor in range(1, SAMPLES + 1)
    ]
    places = list(customers.register_customers(rows, by=by, now=now).values())
    _repairs(sample, places, unit, by=by, now=now)
    return len(places)


def _repairs(sample: Sample, places: Sequence[int], unit: Unit, *, by: int, now: datetime) -> None:
    """One repair for each of the places, of every category in turn, completed within the last hours.

    The first is of the urgent one: each role with a share of the follow-ups owes that. None where
    nobody of the unit or above it holds the role of who repairs.
    """
    kind = kind_of(sample.subject)
    fit = [person for person, _name in offered(kind, unit.pk, at=now).people["repairer"]]
    if not fit:
        return
    # Who repaired it is excluded from its visit, so it is not who tries the product.
    done_by = next((person for person in fit if person != by), by)
    local = now.astimezone(zone())
    midnight = datetime.combine(local.date(), time.min, local.tzinfo)
    at = max(midnight, now - timedelta(hours=2))
    categories = sorted(sample.repairs.category, key=lambda each: each != sample.repairs.urgent)
    rows = [
        NewSubject(
            number=_("示例-%02d") % number,
            fields={
                "category": category,
                "description": sample.repairs.description[category][0],
                "repairer": done_by,
            },
            customer_id=place,
            unit_id=unit.pk,
            created_at=at,
        )
        for number, (place, category) in enumerate(zip(places, cycle(categories), strict=False), 1)
    ]
    ids = subjects.register(sample.subject, rows, by=by, now=now)
    events = [NewEvent(id, "completed", at, done_by, by) for id in ids]
    subjects.record_events(events, now=now)


@transaction.atomic
def end_open_house(*, by: int, now: datetime) -> None:
    """From now on everybody signs in; before that two heads of the firm can.

    Raises Forbidden, Conflict when it is over already or while fewer than two could sign in.
    """
    staff.require_settling(by, now=now)
    if len(heads_with_login(now.astimezone(zone()).date())) < 2:
        raise Conflict(
            _("结束免登录之前，请先给至少两位管辖全公司的人开通登录，并让他们设好密码。"),
            code="nobody_could_sign_in",
            onwards=(_("登录账号"), reverse("signin:logins")),
        )
    if not Firm.objects.filter(trial=True).update(trial=False):
        raise Conflict(_("已经需要登录了。"), code="closed_already")
    root = Unit.objects.get(parent=None)
    accounts.state("firm.sign_in_required", root.pk, {}, by=by, now=now)


def heads_with_login(on: date) -> list[Person]:
    """Who heads the whole firm and has a password to sign in with; one statement."""
    held = Post.objects.held(on).filter(
        unit__parent=None, position__governs=True, person__user__is_active=True
    )
    posts = held.select_related("person__user").order_by("person_id").distinct("person_id")
    return [post.person for post in posts if post.person.user.has_usable_password()]
