"""What a decision table makes of something, and what a person says where it cannot."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huiyin.ledger.models import Fact
from huiyin.obligations import answering
from huiyin.obligations.models import Obligation
from huiyin.scenarios.errors import Misused, Unmet
from huiyin.scenarios.vocabulary import then, when
from huiyin.scenarios.world import World

UNDECIDED = "待人工判定"


@when("{person} 将 {target} 判定为 {result} 原因 {reason}")
def table_is_answered(world: World, person: str, target: str, result: str, reason: str) -> None:
    """One result, or several with 、 between them."""
    results = [world.titles.table_result(title) for title in result.split("、")]
    table = results[0][0]
    asked = _asked(world, target).filter(duty=table).first()
    if asked is None:
        raise Misused(_("没有要人判定的“%s”") % target)
    answering.answer(
        asked,
        results=[key for _table, key in results],
        reason=reason,
        by=world.person(person),
        now=world.now,
    )


@then("{target} 判定为 {result}[，依据 {clause}]")
def table_gave(world: World, target: str, result: str, clause: str | None) -> None:
    """Everything that the tables gave so far (results with 、 between them), or nobody can say yet.

    The clause is one of a row that gives one of these results, or of the question.
    """
    if clause is not None and clause not in _clauses(world, result):
        raise Unmet(_("依据“%s”") % clause, "、".join(_clauses(world, result)))
    if result == UNDECIDED:
        if not _asked(world, target).exists():
            raise Unmet(UNDECIDED, "、".join(_given(world, target)) or _("没有要人判定的"))
        return
    found = _given(world, target)
    if found != set(result.split("、")):
        raise Unmet(result, "、".join(sorted(found)) or UNDECIDED)


def _clauses(world: World, result: str) -> list[str]:
    """The clauses of the policy in force here, which may be a changed one."""
    tables = world.policy.tables.values()
    if result == UNDECIDED:
        return [clause for table in tables for clause in table.clauses]
    wanted = set(result.split("、"))
    return [
        clause
        for table in tables
        for number, row in enumerate(table.rows)
        if table.results[row.give].zh in wanted
        for clause in table.clauses_at(f"rows.{number}")
    ]


def _asked(world: World, target: str):  # type: ignore[no-untyped-def]
    waiting = Obligation.objects.waiting().about(world.target(target))
    tables = list(world.stage.pack.policy.tables)
    return waiting.filter(adoption=world.adoption, duty__in=tables).select_related(
        "adoption", "target"
    )


def _given(world: World, target: str) -> set[str]:
    tables = world.stage.pack.policy.tables
    facts = Fact.objects.standing().filter(
        target=world.target(target), kind__in=[f"{table}.decided" for table in tables]
    )
    return {
        tables[kind.removesuffix(".decided")].results[values[kind[:-8] + ".result"]].zh
        for kind, values in facts.values_list("kind", "values")
    }
