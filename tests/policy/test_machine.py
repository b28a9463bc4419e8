"""Whatever happens in whatever order, the books stay right: facts, voids, looks, time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from huiyin.policy.planning import periods_due, plan_quota
from huiyin.policy.state import InForce, State
from tests.policy import wide_world as world
from tests.policy.workshop import SHEET, at_work, mill

TABLES_FOLLOW = ("met", "missed", "decided")


class Engine(RuleBasedStateMachine):
    """``Books`` itself checks every effect; here stands what holds between decisions."""

    kinds = world.ALL

    def __init__(self) -> None:
        super().__init__()
        self.now = world.START
        self.books = world.books(in_force=self.firm())
        self.plan_calls()

    def firm(self) -> InForce:
        """A quota of two calls is reached within a run."""
        return world.wide_firm(settings={"calls": "2"})

    def _void_ids(self) -> list[int]:
        stated = {o.met for o in self.books.obligations.values()}
        stated |= {o.stated_missed for o in self.books.obligations.values()}
        engine = stated | set(self.books.decided)
        return [f.id for f in self.books.standing() if f.id not in engine]

    @rule(data=st.data(), count=st.sampled_from([1, 2, 3, 4]))
    def happen(self, data: Any, count: int) -> None:
        facts = [data.draw(world.happenings(self.now, self.kinds)) for _ in range(count)]
        self.books.record(*facts, now=self.now)

    @precondition(lambda self: self._void_ids())
    @rule(data=st.data(), count=st.sampled_from([1, 1, 2]))
    def take_back(self, data: Any, count: int) -> None:
        """One or several voids in one transaction, a new fact with them."""
        ids = data.draw(
            st.lists(st.sampled_from(self._void_ids()), min_size=1, max_size=count, unique=True)
        )
        voids = [self._void(id) for id in ids]
        more = (
            [data.draw(world.happenings(self.now, self.kinds))] if data.draw(st.booleans()) else []
        )
        self.books.record(*voids, *more, now=self.now)

    def _proving_ids(self) -> list[int]:
        done = {o.settled_by for o in self.books.obligations.values() if o.done}
        counted = {
            f for ticks in self.books.ticks.values() for facts in ticks.values() for f in facts
        }
        return [id for id in self._void_ids() if id in done | counted]

    @precondition(lambda self: self._proving_ids())
    @rule(data=st.data())
    def take_back_a_proof(self, data: Any) -> None:
        self.books.record(self._void(data.draw(st.sampled_from(self._proving_ids()))), now=self.now)

    def _void(self, id: int) -> Any:
        voided = self.books.facts[id]
        at = {"happened": self.now, "known": self.now, "recorded": self.now}
        return type(voided)(
            id=0, kind="fact.voided", target=voided.target, unit=None, by=None, voids=id, **at
        )

    @rule(hours=st.sampled_from([1, 1, 12, 49]))
    def pass_time(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def sweep(self) -> None:
        self.books.look(self.now)

    @rule()
    def plan_calls(self) -> None:
        firm = self.books.in_force
        duty = firm.policy.duties.get("calls")
        if duty is None:
            return
        today = self.now.astimezone(firm.zone).date()
        [*_, period] = periods_due(firm, duty, since=None, today=today)
        state = State(holders=self.books.holders)
        self.books.plan(plan_quota(firm, duty, period, 1, state, pools={}, there={}), self.now)

    @invariant()
    def what_is_open_rests_on_facts_that_stand(self) -> None:
        for each in self.books.open():
            assert each.opener not in self.books.voided

    @invariant()
    def what_is_done_was_done_by_a_fact_that_stands(self) -> None:
        for each in self.books.obligations.values():
            if each.done and each.id not in self.books.cancelled:
                assert each.settled_by not in self.books.voided
                assert each.met not in self.books.voided

    @invariant()
    def an_engine_fact_stands_exactly_as_long_as_what_it_speaks_of(self) -> None:
        alive = [o for o in self.books.obligations.values() if o.id not in self.books.cancelled]
        speaking = {fact for o in alive for fact in (o.met, o.stated_missed)}
        speaking |= set(self.books.decided)
        for each in self.books.standing():
            if each.kind.rpartition(".")[2] in TABLES_FOLLOW:
                assert each.id in speaking
        for decided in self.books.decided.values():
            fallen = self.books.causes[decided.id] in self.books.voided
            assert (decided.id in self.books.voided) is fallen

    @invariant()
    def a_quota_is_done_exactly_when_enough_counts(self) -> None:
        for id, counted in self.books.ticks.items():
            quota = self.books.obligations[id]
            assert quota.done is (len(counted) >= (quota.needed or 0))
            assert not {f for facts in counted.values() for f in facts} & self.books.voided

    @invariant()
    def what_is_missed_was_due(self) -> None:
        for each in self.books.obligations.values():
            if each.missed:
                assert each.due is not None
                assert each.due < self.now

    @invariant()
    def points_are_booked_for_facts_that_stand(self) -> None:
        assert not {b.fact for b in self.books.bookings.values()} & self.books.voided

    def teardown(self) -> None:
        """Everything taken back leaves nothing that facts had opened, and no points."""
        while found := self._void_ids():
            self.books.record(*(self._void(id) for id in found), now=self.now)
        assert [o for o in self.books.open() if o.opener is not None] == []
        assert all(not o.done for o in self.books.obligations.values() if o.needed is not None)
        assert self.books.bookings == {}
        assert all(count.items == count.allotted == 0 for counts in self.books.counts.values()
                   for count in counts.values())  # fmt: skip
        planned = {o.stated_missed for o in self.books.obligations.values() if o.opener is None}
        assert {f.id for f in self.books.standing()} <= planned


CHAINS: dict[str, Any] = {
    "duties": {
        "first": {"on": "reel.cut", "within": "2d", "owed_by": "clerk", "proof": SHEET},
        "second": {
            "on": "first.met",
            "within": "1d",
            "owed_by": {"head_of": "reel.worker"},
            "proof": {"fact": "reel.sold"},
        },
        "third": {
            "on": {"any": ["second.met", "kind_of.decided"]},
            "within": "1d",
            "share": {"per": "month", "clerk": "50%", "head": "50%", "not": "reel.worker"},
            "proof": SHEET,
        },
        "once_met": {
            "on": "first.met",
            "once": "target",
            "where": {"met": "second"},
            "within": "1d",
            "from": {"fact": "reel.paid", "time": "known"},
            "owed_by": "head",
            "proof": SHEET,
        },
        "on_missing": {
            "on": "first.missed",
            "within": "1d",
            "owed_by": {"head_of": "obligation.holder"},
            "proof": {"fact": "second.met"},
        },
        "until_sold": {
            "every": "1w", "since": "reel.cut", "until": "reel.sold", "over": "reel",
            "owed_by": "clerk", "proof": SHEET,
        },
    },
    "tables": {
        "kind_of": {
            "title": "类", "on": ["second.met", "reel.defect"], "all_rows": True, "ask": "head",
            "results": {"heavy": "重", "known": "熟"},
            "rows": [
                {"when": {"reel.weight": {"gt": 5}}, "give": "heavy"},
                {"when": {"seen": "reel.paid"}, "give": "known"},
            ],
        }
    },
    "scores": {
        "slow": {
            "on": "first.missed", "account": "B", "points": -1, "once_per": "obligation.id",
            "to": {"head_of": "reel.worker"},
        },
        "good": {
            "on": "first.met", "account": "B", "points": 1, "once_per": "reel.made_on",
            "to": "reel.worker",
        },
    },
}  # fmt: skip


class Chains(Engine):
    """Engine facts that open, meet, decide and book in turn."""

    kinds = ("reel.cut", "record.filed", "record.filed", "reel.sold", "reel.paid", "reel.defect")

    def firm(self) -> InForce:
        return at_work(mill(**CHAINS))


QUICK = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestEngine = Engine.TestCase
TestEngine.settings = QUICK
TestChains = Chains.TestCase
TestChains.settings = QUICK


def test_the_machine_starts_on_a_monday() -> None:
    assert world.START.astimezone(world.wide_firm().zone) == datetime.fromisoformat(
        "2026-03-02T08:00+08:00"
    )
