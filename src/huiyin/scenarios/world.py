"""What a running scenario knows: its clock, its names, what was refused, what was accounted for."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import date, datetime
from functools import cached_property, reduce
from operator import add, or_, sub
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from huiyin.accounts.models import Person
from huiyin.accounts.queries import holders
from huiyin.adoption.models import Adoption, Party
from huiyin.adoption.queries import pack_of
from huiyin.cases.models import Case
from huiyin.core.errors import HuiyinError
from huiyin.ledger.models import Fact
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from huiyin.policy.schema import Policy
from huiyin.records.models import Record
from huiyin.scenarios.errors import Misused, Unmet
from huiyin.scenarios.moments import write_moment
from huiyin.scenarios.stage import Stage
from huiyin.scenarios.titles import Titles

COUNTED = ("ledger_fact", "records_record", "obligations_obligation", "cases_case")
"""Tables in which a refused act must leave nothing."""

FIRM = "本公司"
"""How scenarios name the firm itself, which some records are about."""


class World:
    """One scenario's view of the firm on its stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.titles = Titles(stage.pack.policy)
        self.accounted: set[int] = set()
        self.proves: frozenset[str] = frozenset()
        self.last_fact: int | None = None
        self.last_breach: int | None = None
        self.breaches = 0
        self.form_filed = ""
        self._now: datetime | None = None
        self._enabled = False
        self.planned = False
        self._planned_on: date | None = None
        self._planned_fact = 0
        self._people: dict[str, int] = {}
        self._targets: dict[str, int] = {}
        self._refused: HuiyinError | None = None
        self._refusal_stated = False
        self._before: tuple[int, ...] = ()

    def fork(self) -> World:
        """The same world for another continuation; neither changes the other."""
        twin = copy(self)
        twin.accounted = set(self.accounted)
        twin._people, twin._targets = dict(self._people), dict(self._targets)
        return twin

    @property
    def zone(self) -> ZoneInfo:
        return self.stage.zone

    @property
    def now(self) -> datetime:
        """The simulated clock. Raises Misused before a scenario has set it."""
        if self._now is None:
            raise Misused(_('场景还没有时间：先写 假如现在是 "2026-03-02 09:00"'))
        return self._now

    def move_clock(self, moment: datetime) -> None:
        """Set the clock; it never runs backwards."""
        if self._now is None and self._enabled:
            Adoption.objects.filter(pk=self.stage.adoption).update(approved_at=moment)
        if self._now is not None and moment < self._now:
            raise Misused(
                _("时间不能倒退：现在是 %(now)s") % {"now": write_moment(self._now, self.zone)}
            )
        self._now = moment

    def plan(self) -> None:
        """The planner runs at the clock's moment, if there may be anything new for it."""
        self.planned = True
        if not self._returns or not self._enabled or self._now is None:
            return
        day = self.now.astimezone(self.zone).date()
        if day == self._planned_on and not self._has_news():
            return
        before = self.counts()
        obligations.plan(now=self.now)
        self._planned_on = day
        self._planned_fact = Fact.objects.aggregate(newest=Max("id"))["newest"] or 0
        # What the planner writes is no trace of the act that was refused.
        grown = map(sub, self.counts(), before)
        self._before = tuple(map(add, self._before, grown))

    def _has_news(self) -> bool:
        """Whether something was stated since the last planning that planning looks at."""
        facts = Fact.objects.filter(id__gt=self._planned_fact)
        if not self._counts_facts:
            quiet = (Q(kind__startswith=f"{each}.") for each in ("case", "followup", "record"))
            facts = facts.exclude(reduce(or_, quiet))
        return facts.exists()

    @cached_property
    def _returns(self) -> bool:
        returning = any(duty.opener != "on" for duty in self.policy.duties.values())
        return returning or bool(self.policy.periodic_scores)

    @cached_property
    def _counts_facts(self) -> bool:
        """Whether what returns depends on facts: a last one, a number of them, a date."""
        duties = self.policy.duties.values()
        return bool(self.policy.periodic_scores) or any(
            duty.since
            or duty.until
            or duty.before
            or duty.quota
            or (duty.over and duty.over.of == "case")
            for duty in duties
        )

    @cached_property
    def policy(self) -> Policy:
        """The policy in force here: the pack's own, or one that stands in its place."""
        version = Adoption.objects.values_list("policy_version", flat=True).get(
            pk=self.stage.adoption
        )
        return pack_of(version).policy

    def enable(self, policy: str) -> None:
        """The pack under test is in force; another one is not on this stage.

        What returns by period is planned from the clock's moment on, not from the founding.
        """
        if policy != self.stage.pack.id:
            raise Misused(
                _("这里测试的是制度 %(pack)s，不是 %(policy)s")
                % {"pack": self.stage.pack.id, "policy": policy}
            )
        self._enabled = True
        if self._now is not None:
            Adoption.objects.filter(pk=self.stage.adoption).update(approved_at=self._now)

    @property
    def adoption(self) -> int:
        if not self._enabled:
            raise Misused(_('制度还没有启用：先写 假如启用制度 "%s"') % self.stage.pack.id)
        return self.stage.adoption

    # Names.

    def name_person(self, name: str, person: int) -> None:
        if self.titles.is_role(name):
            raise Misused(_("“%s”是角色的名称，人不能与角色同名") % name)
        self._people[name] = person

    def knows_person(self, name: str) -> bool:
        return name in self._people

    def person(self, name: str) -> int:
        """A person by name. Raises Misused for one whom no step has brought in."""
        if name not in self._people:
            raise Misused(
                _("没有人叫“%(name)s”；已有：%(known)s")
                % {"name": name, "known": "、".join(self._people) or "无"}
            )
        return self._people[name]

    def people_named(self, ids: Iterable[int]) -> str:
        names = dict(Person.objects.filter(pk__in=list(ids)).values_list("pk", "name"))
        return "、".join(names.values()) or "无人"

    def name_target(self, name: str, target: int) -> None:
        if name in self._targets:
            raise Misused(_("“%s”已经有了") % name)
        self._targets[name] = target

    def knows_target(self, name: str) -> bool:
        return name in self._targets

    def target(self, name: str) -> int:
        """What a name stands for: something a step has made, a person, the firm, a case 问题1 …"""
        if name in self._targets:
            return self._targets[name]
        if name in self._people:
            return self._people[name]
        if name == FIRM:
            return self.stage.root.pk
        cases = _cases()
        if name in cases:
            return cases[name]
        raise Misused(
            _("没有“%(name)s”这个对象；已有：%(known)s")
            % {"name": name, "known": "、".join([*self._targets, *cases]) or "无"}
        )

    def recipient(self, name: str) -> int:
        """A person, or what stands for a recipient outside the firm."""
        if self.titles.is_party(name):
            key = self.titles.party(name)
            return Party.objects.get(policy=self.stage.pack.id, key=key).target_id
        return self.target(name)

    def has_case(self, name: str) -> bool:
        return name in _cases()

    def holders(self, role: str) -> tuple[int, ...]:
        """Who holds a role of the pack anywhere in the firm, at the clock's moment."""
        return holders({role}, [None], at=self.now).get((role, None), ())

    def remember_fact_of(self, record: Record) -> None:
        """The fact that filing this record stated is the last one a step may take back."""
        facts = Fact.objects.filter(kind="record.filed", target=record.about_id).order_by("-id")
        self.last_fact = facts.values_list("pk", flat=True).first()

    def target_name(self, target: int) -> str:
        named = {**_cases(), FIRM: self.stage.root.pk, **self._targets, **self._people}
        known = {id: name for name, id in named.items()}
        return known.get(target, "?")

    # Refusals: one that nobody expects fails the scenario, and so does one that does not come.

    def begin_act(self) -> None:
        self._refused, self._refusal_stated = None, False
        self._before = self.counts()

    def refuse(self, error: HuiyinError) -> None:
        self._refused = error

    def refusal(self) -> HuiyinError | None:
        """The refusal of the last act; from now on it counts as expected."""
        self._refusal_stated = True
        return self._refused

    def require_refusal_was_expected(self) -> None:
        if self._refused is not None and not self._refusal_stated:
            raise Unmet(_("上一步做成"), _("被拒绝：%s") % self._refused)

    def counts(self) -> tuple[int, ...]:
        """How many rows the counted tables hold, in one statement."""
        columns = ", ".join(f"(SELECT count(*) FROM {table})" for table in COUNTED)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns}")
            return tuple(cursor.fetchone())

    def written_since_act(self) -> dict[str, int]:
        """Rows that the last act added, by table; empty when it left nothing."""
        pairs = zip(COUNTED, self._before, self.counts(), strict=True)
        return {table: after - before for table, before, after in pairs if after != before}

    # Accounting: an obligation that no 那么 speaks of fails the scenario.

    def unaccounted(self) -> list[Obligation]:
        """What no 那么 spoke of. What returns by period is left to the scenarios of its clauses."""
        rows = Obligation.objects.filter(adoption=self.stage.adoption).order_by("id")
        return [
            row
            for row in rows
            if row.id not in self.accounted
            and (row.period is None or self.proves.intersection(row.clauses))
        ]

    def settle(self) -> None:
        """The end: nothing was refused unexpectedly, nothing opened that no 那么 accounts for."""
        self.require_refusal_was_expected()
        left = self.unaccounted()
        if left:
            raise Unmet(
                _("每一项义务都有“那么”交代"),
                _("没有交代的义务：") + "".join(f"\n  {self.describe(row)}" for row in left),
            )

    def describe(self, row: Obligation) -> str:
        """One obligation in the words of the scenarios."""
        owed = "、".join(self.titles.role_title(role) for role in row.owed_roles)
        holder = self.people_named([row.holder_id]) if row.holder_id else ""
        return _("“%(who)s” 应在 “%(due)s” 前履行 “%(clauses)s” 对 “%(target)s”（%(state)s）") % {
            "who": "/".join(part for part in (owed, holder) if part) or _("无人"),
            "due": write_moment(row.due_at, self.zone),
            "clauses": " ".join(row.clauses),
            "target": self.target_name(row.target_id),
            "state": self.titles.standing(row.standing(self.now)),
        }


def _cases() -> dict[str, int]:
    """Cases by the order in which they were raised: how they are numbered is the firm's matter."""
    raised = Case.objects.order_by("pk").values_list("pk", flat=True)
    return {f"问题{place}": case for place, case in enumerate(raised, 1)}
