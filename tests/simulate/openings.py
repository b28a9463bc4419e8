"""What the reference opens after a fact: owners, clocks, copies, shares, tables."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from math import ceil
from typing import Any

from tests.simulate.days import Due, Span, months_on
from tests.simulate.ground import Event, Given, Ground, Owed, Version


class Openings:
    """Everything that is kept, and how it grows."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.versions: list[Version] = []
        self.planned: dict[str, Span] = {}
        self.events: dict[tuple[str, int], list[Event]] = {}
        self.owed: list[Owed] = []
        self.about: dict[int, list[Owed]] = {}
        self.items: list[dict[str, Any]] = []
        self.closed: set[tuple[Any, ...]] = set()
        self.given: list[Given] = []
        self.points: list[tuple[int, int, Event]] = []
        self.queue: deque[Event] = deque()
        self.told: Counter[tuple[int, int]] = Counter()
        self.newest = 0
        self.reopened: list[Owed] = []
        self.now = datetime.min.replace(tzinfo=UTC)

    def settle(self, owed: Owed, event: Event) -> None:
        """It is done by this fact; ``<duty>.met`` goes on from it."""
        owed.state, owed.done, owed.settled_by, owed.look_at = "done", event, event, None
        like = Event(
            "", owed.target, event.by, event.happened, event.known, event.recorded,
            {**owed.values, **event.values},
        )  # fmt: skip
        owed.met = self.state(f"{owed.duty}.met", like, {})

    def state(self, kind: str, like: Event, more: Mapping[str, Any]) -> Event:
        """An engine fact; whoever took the last fact goes on from it."""
        fact = Event(
            kind, like.target, like.by, like.happened, like.known, like.recorded,
            {**like.values, **more}, behind=self.newest,
        )  # fmt: skip
        self.queue.append(fact)
        return fact

    def standing(self, kind: str, target: int) -> Iterator[Event]:
        return (e for e in self.events.get((kind, target), ()) if not e.voided)

    def unit_of(self, owed: Owed) -> int:
        return self.ground.things[owed.target].unit

    def waiting(self, version: Version, target: int) -> list[Owed]:
        return [o for o in self.about.get(target, ()) if o.version is version and o.waits]

    def open(self, version: Version, key: str, duty: Mapping[str, Any], event: Event) -> None:
        mode, kinds = _opening(duty.get("on"))
        if event.kind not in kinds:
            return
        once = mode != "any" or "once" in duty
        if once and any(
            o.duty == key and o.state != "voided" for o in self.about.get(event.target, ())
        ):
            return
        others = [kind for kind in kinds if kind != event.kind]
        if mode == "all" and not all(any(self.standing(k, event.target)) for k in others):
            return
        if any(event.values.get(name) != value for name, value in duty.get("where", {}).items()):
            return
        clock = self.clock(duty, event)
        if clock is None:
            return
        if "share" in duty:
            self._open_shared(version, key, duty, event, clock)
        else:
            self._open_copies(version, key, duty, event, clock)

    def clock(
        self, duty: Mapping[str, Any], event: Event, settings: Mapping[str, str] | None = None
    ) -> Due | None:
        """When it falls due after a fact; None where something is missing to know it.

        ``settings``: those that stood, if not those of now.
        """
        if "at" in duty:
            stated = event.values.get(duty["at"])
            return None if stated is None else (self.ground.days.stated(stated), False)
        within, start = duty["within"], duty.get("from", "happened")
        if isinstance(within, dict):
            start = within.get("from", start)
            if "pick" in within:
                chosen = event.values.get(within["pick"])
                within = within.get(chosen, within["else"])
            if isinstance(within, dict):
                within = (settings or self.ground.settings)[within["setting"]]
        if isinstance(start, dict):
            found = [*self.standing(start["fact"], event.target)]
            found += [event] if event.kind == start["fact"] else []
            if not found:
                return None
            event, start = min(found, key=lambda e: e.happened), start["time"]
        return self.ground.days.due(getattr(event, start), within, duty.get("roll"))

    def owner(
        self, owed_by: Any, unit: int, values: Mapping[str, Any], by: int | None
    ) -> dict[str, Any] | None:
        """Who owes it: roles, holder, excluded and whether nobody may; None if nobody is named."""
        given = owed_by
        if isinstance(owed_by, str):
            given = {"person": owed_by} if "." in owed_by else {"any_of": [owed_by]}
        if "any_of" in given:
            return self.among(given["any_of"], unit, values.get(given.get("not", "")))
        person = given.get("person") or given["head_of"]
        named = by if person == "fact.by" else values.get(person)
        if named is None:
            return None
        if "head_of" in given:
            named = self.ground.head_of(named, self.now)
        return {"roles": (), "holder": named, "excluded": None, "blocked": named is None}

    def among(self, roles: Sequence[str], unit: int, excluded: int | None) -> dict[str, Any]:
        groups = [self.ground.holders(role, unit, self.now) for role in roles]
        free = set().union(*groups) - {excluded}
        return {
            "roles": tuple(roles),
            "holder": next(iter(free)) if len(free) == 1 else None,
            "excluded": excluded,
            "blocked": all(groups) and not free,
        }

    def add(self, version: Version, duty: str, target: int, due: Due, **more: Any) -> Owed:
        """One obligation more; blocked ones are looked at when they come free."""
        owed = Owed(
            number=len(self.owed), version=version, duty=duty, target=target,
            settings=dict(self.ground.settings), opened_at=self.now, due=due[0], provisional=due[1], **{"line": duty, **more},
        )  # fmt: skip
        owed.state = "blocked" if owed.blocked else "open"
        owed.look_at = None if owed.blocked else owed.due
        self.owed.append(owed)
        self.about.setdefault(target, []).append(owed)
        return owed

    def _open_copies(
        self, version: Version, key: str, duty: Mapping[str, Any], event: Event, due: Due
    ) -> None:
        unit = self.ground.things[event.target].unit
        owner = self.owner(duty["owed_by"], unit, event.values, event.by)
        if owner is None:
            return
        each = duty.get("each")
        copies: list[dict[str, Any]] = [{}]
        if each == "recipient":
            parties = self.ground.parties
            copies = [
                {"line": f"{key}.to.{name}", "recipient": parties[name]}
                for name in duty["proof"]["sent_to"]
            ]
        elif each == "person":
            holders = self.ground.holders(duty["owed_by"], unit, self.now)
            copies = [
                {"roles": (), "holder": p, "recipient": p, "blocked": False}
                for p in sorted(holders)
            ] or [{}]
        elif each:
            copies = [{"target": target} for target in event.values[each["member"]]]
        for copy in copies:
            target = copy.pop("target", event.target)
            more = {
                **owner,
                **copy,
                "opener": event,
                "since": event.happened,
                "values": event.values,
            }
            self.add(version, key, target, due, **more)

    # Shares.

    def _open_shared(
        self, version: Version, key: str, duty: Mapping[str, Any], event: Event, due: Due
    ) -> None:
        share, unit = duty["share"], self.ground.things[event.target].unit
        excluded = event.values.get(share["not"])
        floors = floors_of(share)
        eligible = [
            role
            for role in floors
            if not (held := self.ground.holders(role, unit, self.now)) or held - {excluded}
        ]
        month = self.ground.days.today(event.happened).replace(day=1)
        here = (version.number, key, month)
        behind = {role: self._arrears(here, role, floors[role], more=1) for role in eligible}
        chosen = [role for role in eligible if behind[role] > 0]
        if not chosen and eligible:
            chosen = [max(eligible, key=lambda role: self._lack(here, role, floors[role]))]
        self.items.append({"here": here, "event": event, "may": eligible, "got": list(chosen)})
        for role in chosen or list(floors)[:1]:
            self._open_share(version, key, role, event, due)

    def _open_share(self, version: Version, key: str, role: str, event: Event, due: Due) -> None:
        unit = self.ground.things[event.target].unit
        share = version.duties[key]["share"]
        first = self.ground.days.today(event.happened).replace(day=1)
        self.add(
            version, key, event.target, due, line=f"{key}.share.{role}", opener=event,
            since=event.happened, values=event.values, period=Span(first, months_on(first, 1)),
            **self.among((role,), unit, event.values.get(share["not"])),
        )  # fmt: skip

    def _counts(self, here: tuple[Any, ...], role: str) -> tuple[int, int]:
        items = [item for item in self.items if item["here"] == here]
        return sum(role in i["may"] for i in items), sum(role in i["got"] for i in items)

    def _arrears(self, here: tuple[Any, ...], role: str, floor: Fraction, more: int = 0) -> int:
        items, got = self._counts(here, role)
        return ceil(floor * (items + more)) - got

    def _lack(self, here: tuple[Any, ...], role: str, floor: Fraction) -> Fraction:
        items, got = self._counts(here, role)
        return floor * (items + 1) - got

    def close_shares(self) -> None:
        """What a share still lacks when its month is over goes to its newest items."""
        for here in dict.fromkeys(item["here"] for item in self.items):
            ends = self.ground.days.start(months_on(here[2], 1))
            if here in self.closed or ends > self.now:
                continue
            self.closed.add(here)
            version = self.versions[here[0] - 1]
            items = [item for item in self.items if item["here"] == here]
            items.sort(key=lambda i: (i["event"].happened, i["event"].id), reverse=True)
            for role, floor in floors_of(version.duties[here[1]]["share"]).items():
                lacking = max(0, self._arrears(here, role, floor))
                fit = [i for i in items if role in i["may"] and role not in i["got"]]
                for item in fit[:lacking]:
                    due = self.clock(version.duties[here[1]], item["event"])
                    assert due is not None
                    self._open_share(version, here[1], role, item["event"], due)
                    item["got"].append(role)

    # Tables.

    def classify(self, version: Version, key: str, table: Mapping[str, Any], event: Event) -> None:
        asked = [o for o in self.waiting(version, event.target) if o.line == key]
        if event.kind == f"{key}.answered":
            opener = event.values[f"{key}.opener"]
            told = Event(
                event.kind, event.target, event.by, opener.happened, opener.known,
                event.recorded, event.values, event.id,
            )  # fmt: skip
            self._give(version, key, told, event, event.values[f"{key}.result"])
        if event.kind != table["on"]:
            return
        for row in table["rows"]:
            [(name, value)] = row["when"].items()
            if event.values.get(name) is None:
                break
            if event.values[name] == value:
                self._give(version, key, event, event, row["give"])
                for owed in asked:
                    self.settle(owed, event)
                return
        if not asked:
            self._ask(version, key, table, event)

    def _ask(self, version: Version, key: str, table: Mapping[str, Any], event: Event) -> None:
        """The strictest clock of what may follow runs for whoever has to decide."""
        given = self._given(key, event.target)
        clocks = [
            self.clock(duty, event)
            for duty in version.duties.values()
            if duty.get("on") == f"{key}.decided"
            and duty["where"][f"{key}.result"] in set(table["results"]) - given
        ]
        owner = self.among((table["ask"],), self.ground.things[event.target].unit, None)
        due = min((c for c in clocks if c), default=(None, False))
        self.add(
            version, key, event.target, due, opener=event, since=event.happened,  # type: ignore[arg-type]
            values=event.values, **owner,
        )  # fmt: skip

    def _given(self, key: str, target: int) -> set[str]:
        return {
            each.result
            for each in self.given
            if (each.table, each.target) == (key, target) and not each.fact.voided
        }

    def _give(self, version: Version, key: str, told: Event, cause: Event, result: str) -> None:
        if result in self._given(key, told.target):
            return
        fact = self.state(f"{key}.decided", told, {f"{key}.result": result})
        self.given.append(Given(version, key, told.target, result, cause, fact))


def _opening(on: Any) -> tuple[str, Sequence[str]]:
    if isinstance(on, dict):
        [(mode, kinds)] = on.items()
        return mode, kinds
    return "any", [on] if on else []


def floors_of(share: Mapping[str, Any]) -> dict[str, Fraction]:
    floors = {k: v for k, v in share.items() if k not in ("per", "each", "not")}
    return {role: Fraction(int(text.rstrip("%")), 100) for role, text in floors.items()}
