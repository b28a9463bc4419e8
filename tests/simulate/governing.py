"""Rules of the simulated firm: what people decide, who comes and goes, days, settings, versions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from random import Random
from typing import TYPE_CHECKING

from huiyin.accounts import calendar_services as calendar
from huiyin.accounts import services as accounts
from huiyin.accounts.models import CalendarDay
from huiyin.accounts.posts import acting_at
from huiyin.accounts.queries import viewer_at
from huiyin.adoption import services as adoption
from huiyin.customers import changing
from huiyin.ledger.models import Fact
from huiyin.obligations import assigning, extending, retracting
from huiyin.obligations import services as obligations
from tests.simulate import paper

if TYPE_CHECKING:
    from tests.simulate.life import Life

DAY = timedelta(days=1)
WHY = "模拟"
NEXT_YEAR = "\n".join(
    [
        *(f"2027-01-{day:02},休,元旦" for day in (1, 2, 3)),
        *(f"2027-02-{day:02},休,春节" for day in range(5, 12)),
        "2027-02-14,班,春节",
        *(f"2027-04-{day:02},休,清明节" for day in (3, 4, 5)),
    ]
)
CHOICES = {"soon": ["2d", "24h", "3wd", "1w"], "round": ["10d", "1w", "1mo"], "calls": ["2", "1"]}


def waive(life: Life, random: Random) -> str:
    owed = life.some_owed(random)
    if owed is None:
        return "nothing is owed"
    by = random.choice([life.firm.chief.pk, life.firm.head.pk, life.someone(random)])
    obligations.waive(life.row_of(owed), by=by, reason=WHY, now=life.now)
    from tests.simulate.life import as_event

    waiver = as_event(Fact.objects.filter(kind="obligation.waived").latest("id"))
    life.reference.waive(owed, waiver)
    life.waivers.append(waiver)
    return f"{owed.duty} of {owed.target} by {by}"


def waive_not(life: Life, random: Random) -> str:
    """A waiver was a mistake."""
    if not life.waivers:
        return "nothing was waived"
    waiver = life.waivers.pop()
    fact = Fact.objects.get(pk=waiver.place)
    retracting.take_back_waiver(fact, by=life.firm.chief.pk, reason=WHY, now=life.now)
    life.reference.void(waiver, life.now)
    return f"{waiver.id} of {waiver.target}"


def extend(life: Life, random: Random) -> str:
    owed = life.some_owed(random, duty="check")
    if owed is None:
        return "nothing to extend"
    by = random.choice([life.firm.head.pk, life.firm.head.pk, life.someone(random)])
    extending.extend(life.row_of(owed), reason=WHY, consented_by=by, by=by, now=life.now)
    life.reference.extend(owed, life.now)
    return f"{owed.duty} of {owed.target} by {by}"


def assign(life: Life, random: Random) -> str:
    owed = life.some_owed(random)
    if owed is None:
        return "nothing to assign"
    to = life.someone(random)
    assigning.assign([life.row_of(owed).pk], to=to, by=life.firm.head.pk, now=life.now)
    owed.holder = to
    return f"{owed.duty} of {owed.target} to {to}"


def settle(life: Life, random: Random) -> str:
    """A term that the policy leaves open is changed: never at the moment of something else, since
    a moment is all that says by which value a deadline was counted.
    """
    life.now += timedelta(microseconds=1)
    key = random.choice(sorted(CHOICES))
    value = random.choice(CHOICES[key])
    adoption.change_setting(
        paper.POLICY, key=key, value=value, reason=WHY, by=life.firm.head.pk, now=life.now
    )
    life.firm.ground.settings[key] = value
    return f"{key} {value}"


def change_day(life: Life, random: Random) -> str:
    """The firm works on a day on which others do not, or the other way round."""
    days = life.firm.ground.days
    day = days.today(life.now) + random.randint(-3, 25) * DAY
    worked = not days.is_worked(day)
    calendar.add_day(day, worked=worked, reason=WHY, by=life.firm.chief.pk, now=life.now)
    life.firm.read_calendar()
    life.reference.reschedule(life.now)
    return f"{day} {'worked' if worked else 'off'}"


def change_day_not(life: Life, random: Random) -> str:
    """What the firm said of a day is taken back; or it goes home at another time."""
    days, by = life.firm.ground.days, life.firm.chief.pk
    own = CalendarDay.objects.filter(kind=CalendarDay.Kind.OWN).order_by("id").last()
    if own is not None and random.random() < 0.7:
        told = str(calendar.remove_day(own.pk, reason=WHY, by=by, now=life.now))
    else:
        days.end_of_work = random.choice([time(17), time(18, 30)])
        calendar.set_end_of_work(days.end_of_work, by=by, now=life.now)
        told = str(days.end_of_work)
    life.firm.read_calendar()
    life.reference.reschedule(life.now)
    return told


def confirm_year(life: Life, random: Random) -> str:
    """The next year's notice comes, and then counts."""
    days, by = life.firm.ground.days, life.firm.chief.pk
    if days.today(life.now).year == 2026 and days.today(life.now).month < 11:
        return "too early"
    if random.random() < 0.5:
        calendar.import_notice(NEXT_YEAR, by=by, now=life.now)
    else:
        calendar.confirm_year(2027, source=WHY, by=by, now=life.now)
    life.firm.read_calendar()
    life.reference.reschedule(life.now)
    return f"{sorted(days.confirmed)}"


def be_away(life: Life, random: Random) -> str:
    person = life.someone(random)
    first = life.firm.ground.days.today(life.now) + random.randint(-2, 9) * DAY
    last = first + random.randint(0, 12) * DAY
    deputy = random.choice([None, life.someone(random)])
    accounts.take_leave(
        life.firm.people[person], first, last,
        deputy=life.firm.people[deputy] if deputy else None, by=None, now=life.now,
    )  # fmt: skip
    life.firm.ground.away.append((person, first, last))
    if deputy is not None:
        life.firm.ground.standing_in.append((deputy, person, first, last))
    return f"{person} {first} {last}, {deputy} for him"


def stand_in(life: Life, random: Random) -> str:
    """A deputy takes up what an absent colleague owes about something."""
    ground = life.firm.ground
    deputies = [p for p in life.firm.people if p not in ground.left]
    acting = [p for p in deputies if ground.absent_for(p, life.now)]
    if not acting:
        return "nobody is away"
    deputy = random.choice(acting)
    absent = ground.absent_for(deputy, life.now)
    owed = life.some_owed(random, holder=random.choice([None, *absent]))
    if owed is None:
        return "nothing is owed"
    stands_for = {deputy: sorted(acting_at(deputy, life.now).keys() - {deputy})}
    assigning.stand_in(owed.target, absent=stands_for, now=life.now)
    life.reference.stand_in(owed.target, deputy, life.now)
    return f"{deputy} for {absent} about {owed.target}"


def leave(life: Life, random: Random) -> str:
    """Somebody leaves; another takes over what was his, and somebody new his post."""
    ground, today = life.firm.ground, life.firm.ground.days.today(life.now)
    person, to = life.someone(random), life.someone(random)
    if person in (life.firm.chief.pk, life.firm.head.pk, to):
        return "stays"
    accounts.leave(
        life.firm.people[person], today, hand_over_to=life.firm.people[to], by=None, now=life.now
    )
    life.reference.hand_over(person, to, life.now)
    ground.left[person] = today
    ground.stand_in_no_more(person, today)
    for post in ground.posts:
        if post.person == person and (post.last is None or post.last > today):
            post.last = today
    return f"{person}, all to {to}"


def join(life: Life, random: Random) -> str:
    role = random.choice(["clerk", "officer", "head", "clerk", ""])
    unit = random.choice(["root", "east", "west"])
    if random.random() < 0.5:
        person = life.firm.hire(role, unit, now=life.now)
    elif role:
        person = life.firm.people[life.someone(random)]
        life.firm.appoint(person, role, unit, now=life.now)
    else:
        return "nobody"
    return f"{person.pk} {role} in {unit}"


def end_post(life: Life, random: Random) -> str:
    ground, today = life.firm.ground, life.firm.ground.days.today(life.now)
    kept = (life.firm.chief.pk, life.firm.head.pk)
    running = [n for n, p in enumerate(ground.posts) if p.last is None and p.person not in kept]
    if not running:
        return "nobody"
    number = random.choice(running)
    post, last = ground.posts[number], today - random.choice([0, 1]) * DAY
    accounts.end_post(life.firm.posts[number], last, by=None, now=life.now)
    post.last = last
    return f"{post.person} {post.role} until {last}"


def customer(life: Life, random: Random) -> str:
    kind, unit = random.choice(["shop", "factory"]), random.choice(["root", "east", "west"])
    target = life.firm.register(kind, unit, life.ago(random), now=life.now)
    return f"{target} {kind} in {unit}"


def change_customer(life: Life, random: Random) -> str:
    """A customer becomes one of another class, or belongs to another unit."""
    target = random.choice(sorted(life.firm.customers))
    thing = life.firm.ground.things[target]
    kind, unit = random.choice(["shop", "factory"]), random.choice(sorted(life.firm.units))
    place = life.firm.units[unit].pk
    wanted = changing.Wanted(life.firm.customers[target], kind, unit_id=place, reason=WHY)
    changing.change(
        target, wanted, seen=changing.version(target), viewer=viewer_at(life.firm.head.pk, life.now),
        by=life.firm.head.pk, now=life.now,
    )  # fmt: skip
    moved = thing.unit != place
    thing.fields["class"], thing.unit = kind, place
    if moved:
        life.reference.reseat(target, life.now)
    return f"{target} {kind} in {unit}"


def adopt(life: Life, random: Random) -> str:
    """The second version comes into force, now or for a day beside it."""
    if len(life.reference.versions) > 1:
        return "is there"
    starts_on = life.firm.ground.days.today(life.now) + random.choice([-4, -1, 0, 1, 6]) * DAY
    start = random.choice(["live", "live", "history"])
    version = life.firm.adopt(2, starts_on, start=start, now=life.now)
    life.reference.adopt(version, live=start == "live", now=life.now)
    return f"version 2 from {starts_on}, {start}"


RULES: dict[str, tuple[int, Callable[[Life, Random], str]]] = {
    "waive": (2, waive),
    "waive_not": (1, waive_not),
    "extend": (2, extend),
    "assign": (2, assign),
    "settle": (1, settle),
    "change_day": (1, change_day),
    "change_day_not": (1, change_day_not),
    "confirm_year": (1, confirm_year),
    "be_away": (2, be_away),
    "stand_in": (3, stand_in),
    "leave": (1, leave),
    "join": (1, join),
    "end_post": (1, end_post),
    "customer": (1, customer),
    "change_customer": (1, change_customer),
    "adopt": (1, adopt),
}
