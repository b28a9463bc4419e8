"""The acts that a guard spoke of, told by what the ledger kept of them.

Every act leaves a fact. Those of cases and of subjects state all that a guard reads; what is
planned, held, filed or handed over was judged by all that was known of its target until then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, TruncMonth

from huiyin.insights.figures import Span
from huiyin.ledger.models import Fact
from huiyin.obligations.matching import Matcher
from huiyin.obligations.populations import Column, Population
from huiyin.policy import conditions
from huiyin.policy.guards import kinds_read, never_told, not_kept
from huiyin.policy.rules import Guard
from huiyin.policy.schema import Policy
from huiyin.policy.state import InForce

# What has happened once an act was allowed. An event of a subject is both its own act and fact.
DONE = {
    "case.raise": "case.raised",
    "case.answer": "case.answered",
    "case.decide": "case.decided",
    "case.handle": "case.handled",
    "case.refer": "case.referred",
    "case.rule": "case.referral_decided",
    "case.rectify": "case.rectified",
    "case.reclassify": "case.reclassified",
    "case.supplement": "case.supplemented",
    "case.reply": "case.replied",
    "case.withdraw": "case.withdrawn",
    "case.close": "case.closed",
    "followup.hold": "followup.held",
    "followup.plan": "followup.planned",
    "record.file": "record.filed",
    "record.amend": "record.amended",
    "record.send": "record.sent",
    "breach.confirm": "breach.confirmed",
    "person.leave": "person.left",
    "export": "list.exported",
}

BY_WHAT_WAS_KNOWN = ("followup.", "record.")


def facts_of(guard: Guard) -> list[str]:
    """The kinds of facts that the guarded acts leave."""
    return [DONE.get(act, act) for act in guard.before]


class Acts:
    """The facts that acts left, asked which of them a guard of the policy in force spoke of."""

    def __init__(self, in_force: InForce, guards: Iterable[Guard], *, now: datetime) -> None:
        self._policy = in_force.policy
        self._looked_up: dict[str, str] = {}
        population = Population(
            rows=lambda kind: Fact.objects.all(), column=self._column, happened="happened_at"
        )
        self._matcher = Matcher(in_force, population, now=now)
        # Lint refuses others by now; a version may have been adopted before.
        self.guards = [guard for guard in guards if _is_told(self._policy, guard)]
        for guard in self.guards:
            if guard.where is not None and any(
                act.startswith(BY_WHAT_WAS_KNOWN) for act in guard.before
            ):
                for name in conditions.fields_of(guard.where):
                    self._looked_up.setdefault(name, f"known_{len(self._looked_up)}")

    def rows(self) -> QuerySet[Fact]:
        """Every fact that such an act left and that still counts."""
        kinds = sorted({kind for guard in self.guards for kind in facts_of(guard)})
        known = {alias: _known(name) for name, alias in self._looked_up.items()}
        return Fact.objects.filter(kind__in=kinds, voided_by=None).alias(**known)

    def spoken_of(self, guard: Guard) -> Q:
        """Those to which the guard's condition applied, about a kind of target that it reads."""
        found = Q(kind__in=facts_of(guard))
        if kinds := kinds_read(self._policy, guard):
            found &= Q(target__kind__in=[*kinds, "case"])
        return found if guard.where is None else found & self._matcher.where(guard.where)

    def _column(self, name: str) -> Column | None:
        if name == "fact.by":
            return Column("by")
        return Column(self._looked_up.get(name, "values"), name)


def counted(in_force: InForce, span: Span, *, now: datetime) -> dict[tuple[date, str], int]:
    """How often each guard spoke of an act that was then done, by (month, guard); one statement."""
    acts = Acts(in_force, in_force.policy.guards.values(), now=now)
    if not acts.guards:
        return {}
    names = {f"guard_{number}": guard for number, guard in enumerate(acts.guards)}
    rows = (
        acts.rows()
        .happened_in(span.starts, span.ends)
        .order_by()
        .values(month=TruncMonth("happened_at", tzinfo=span.zone))
        .annotate(
            **{name: Count("pk", filter=acts.spoken_of(guard)) for name, guard in names.items()}
        )
    )
    return {
        (row["month"].date(), guard.key): row[name] for row in rows for name, guard in names.items()
    }


def _is_told(policy: Policy, guard: Guard) -> bool:
    """Whether the ledger tells of an act that the guard's condition applied to it."""
    where = guard.where
    return where is None or not (never_told(policy, where) or not_kept(where))


def _known(name: str) -> Coalesce:
    """The values in which a field of the act was last stated: by the act itself, else before it."""
    before = (
        Fact.objects.standing()
        .filter(target=OuterRef("target"), pk__lt=OuterRef("pk"), values__has_key=name)
        .order_by("-pk")
        .values("values")[:1]
    )
    return Coalesce(Case(When(values__has_key=name, then=F("values"))), Subquery(before))
