"""Rules of the simulated firm: what happens to orders, what is filed, sent, answered, taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact
from huiyin.obligations import answering
from huiyin.records import services as records
from huiyin.subjects import services as subjects
from huiyin.subjects.models import Subject
from tests.simulate.ground import Event, Thing

if TYPE_CHECKING:
    from tests.simulate.life import Life

DAY = timedelta(days=1)
AT_WORK = 12
"""So many orders are looked at; older ones are left alone."""
WHY = "模拟"


def order(life: Life, random: Random) -> str:
    """An order is registered, now or with a moment of its own."""
    ground = life.firm.ground
    unit = life.firm.units[random.choice(["root", "east", "west"])].pk
    pay_on = ground.days.today(life.now) + random.choice([2, 12, 33, 60]) * DAY
    fields: dict[str, Any] = {
        "kind": random.choice(["small", "big"]),
        "worker": life.someone(random),
        "watchers": sorted({life.someone(random), life.someone(random)}),
        "pay_on": pay_on.isoformat(),
    }
    if random.random() < 0.5:
        fields["urgent"] = random.random() < 0.5
    since = life.ago(random)
    new = subjects.NewSubject(
        number=life.firm.number("D"), fields=fields, unit_id=unit, created_at=since
    )
    [target] = subjects.register("order", [new], by=None, now=life.now)
    ground.things[target] = Thing("order", unit, since, fields)
    return f"{target} in {unit} since {since} {fields}"


def happen(life: Life, random: Random) -> str:
    things = life.firm.ground.things
    orders = [target for target, thing in things.items() if thing.kind == "order"][-AT_WORK:]
    if not orders:
        return order(life, random)
    target = random.choice(orders)
    kind = random.choice(["done", "done", "sent", "sent", "paid", "failed"])
    happened = life.ago(random, things[target].since)
    learned = {"urgent": random.random() < 0.5} if random.random() < 0.2 else {}
    fact = subjects.record_event(
        Subject.objects.get(pk=target), kind, now=life.now, happened_at=happened,
        known_at=random.choice([happened, life.now]), by=life.someone(random),
        recorded_by=life.someone(random), values=learned,
    )  # fmt: skip
    things[target].fields |= learned
    life.tell(fact)
    return f"{fact.pk} {kind} of {target} by {fact.by_id} at {happened} known {fact.known_at}"


def happen_together(life: Life, random: Random) -> str:
    """Several things are entered at once, some of them as history."""
    things = life.firm.ground.things
    orders = [target for target, thing in things.items() if thing.kind == "order"][-AT_WORK:]
    rows = [
        subjects.NewEvent(
            subject_id=target, event=random.choice(["done", "sent", "paid", "failed"]),
            happened_at=life.ago(random, things[target].since), by_id=life.someone(random),
            recorded_by_id=life.firm.head.pk, live=random.random() < 0.8,
        )
        for target in random.choices(orders, k=random.choice([2, 2, 4]))
    ] if orders else []  # fmt: skip
    facts = subjects.record_events(rows, now=life.now)
    life.tell_all(facts)
    return "; ".join(
        f"{fact.pk} {fact.kind} of {fact.target_id} by {fact.by_id} at {fact.happened_at}"
        f"{'' if fact.live else ' as history'}"
        for fact in facts
    )


def file(life: Life, random: Random) -> str:
    """A record that is owed, by whoever owes it or by anybody."""
    owed = life.some_owed(random)
    if owed is None:
        return "nothing is owed"
    proof = owed.version.duties.get(owed.duty, {}).get("proof", {})
    form = proof.get("record") or random.choice(["sheet", "look"])
    held = [life.firm.ground.holders(role, None, life.now) for role in owed.roles]
    able = set().union(*held, {owed.holder} if owed.holder is not None else ())
    fitting = sorted(able - life.firm.ground.left.keys())
    by = random.choice([*fitting, life.someone(random)])
    return f"{_file(life, random, form, owed.target, by)} for {owed.duty}"


def file_again(life: Life, random: Random) -> str:
    """The same as the last record, by the same person about the same."""
    filed = [event for event in life.events if event.kind == "record.filed"]
    if not filed or filed[-1].by in life.firm.ground.left:
        return "nothing was filed"
    last = filed[-1]
    return _file(life, random, last.values["record.form"], last.target, last.by or 0)


def _file(life: Life, random: Random, form: str, about: int, by: int) -> str:
    happened = life.ago(random)
    record = records.file_record(
        form, now=life.now, about=about, by=by, recorded_by=life.someone(random),
        present=[by], given={}, signatures={}, photos={}, happened_at=happened, late_reason="Late",
    )  # fmt: skip
    fact = Fact.objects.filter(kind="record.filed", target=about).latest("id")
    life.tell(fact)
    sent = _send(life, random, record, by) if form == "notice" else ""
    return f"{fact.pk} {form} about {about} by {by} at {happened} {sent}"


def _send(life: Life, random: Random, record: Any, by: int) -> str:
    to = random.choice(sorted(life.firm.ground.parties.values()))
    records.hand_over(
        record,
        by=by,
        now=life.now,
        to=to,
        channel="wechat",
        happened_at=record.happened_at,
        late_reason="Late",
    )
    life.tell(Fact.objects.filter(kind="record.sent", target=record.about_id).latest("id"))
    return f"sent to {to}"


def answer(life: Life, random: Random) -> str:
    """What the table could not decide somebody says."""
    owed = life.some_owed(random, duty="route")
    if owed is None:
        return "nothing is asked"
    by, result = life.someone(random), random.choice(["express", "normal"])
    fact = answering.answer(life.row_of(owed), results=[result], reason=WHY, by=by, now=life.now)
    life.tell(fact, **{"route.result": result, "route.opener": owed.opener})
    return f"{fact.pk} {result} of {owed.target} by {by}"


def take_back(life: Life, random: Random) -> str:
    """A fact is voided; of an order its fields are again what the rest states."""
    event = _standing(life, random)
    if event is None:
        return "nothing stands"
    fact = Fact.objects.get(pk=event.place)
    if event.kind.startswith("order."):
        subjects.void_event(fact, by=life.firm.head.pk, reason=WHY, now=life.now)
        _read_fields(life, event.target)
    else:
        ledger.void(fact.pk, by=life.firm.head.pk, reason=WHY, now=life.now)
    life.reference.void(event, life.now)
    return f"{event.id} {event.kind} of {event.target}"


def correct(life: Life, random: Random) -> str:
    """A correction is a void and a new fact, in one transaction."""
    event = _standing(life, random)
    if event is None or not event.kind.startswith("order."):
        return "nothing to correct"
    happened = life.ago(random, life.firm.ground.things[event.target].since)
    fact = subjects.correct_event(
        Fact.objects.get(pk=event.place), reason=WHY, now=life.now, happened_at=happened,
        by=life.someone(random), recorded_by=life.firm.head.pk,
    )  # fmt: skip
    life.reference.void(event, life.now)
    _read_fields(life, event.target)
    life.tell(fact)
    return f"{event.id} {event.kind} of {event.target} by {fact.pk} at {happened}"


def _standing(life: Life, random: Random) -> Event | None:
    """Mostly one on which something rests: what it opened is met, or what it met led further."""
    found = [event for event in life.events[-60:] if not event.voided]
    met = [owed for owed in life.reference.owed if owed.state == "done"]
    resting = {id(event) for owed in met for event in (owed.opener, owed.settled_by)}
    chosen = [event for event in found if id(event) in resting]
    return random.choice(chosen if chosen and random.random() < 0.7 else found) if found else None


def _read_fields(life: Life, target: int) -> None:
    written: Mapping[str, Any] = Subject.objects.values_list("fields", flat=True).get(pk=target)
    life.firm.ground.things[target].fields = dict(written)


RULES: dict[str, tuple[int, Callable[[Life, Random], str]]] = {
    "order": (4, order),
    "happen": (12, happen),
    "happen_together": (3, happen_together),
    "file": (16, file),
    "file_again": (3, file_again),
    "answer": (2, answer),
    "take_back": (5, take_back),
    "correct": (2, correct),
}
