"""What a run says on a terminal, and the same for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from huiyin.scenarios.coverage import Coverage
from huiyin.scenarios.mutate import Mutation
from huiyin.scenarios.runner import Result


def result_text(result: Result) -> str:
    """One line for a scenario that passed; place, step and reason for one that did not."""
    scenario = result.scenario
    if result.failure is None:
        return f"✓ {scenario.name}"
    lines = [f"✗ {scenario.name}", f"  {scenario.path}:{result.failure.line}"]
    if result.failure.step is not None:
        lines.append(f"  {result.failure.step}")
    lines += [f"  {line}" for line in result.failure.message.splitlines()]
    return "\n".join(lines)


def results_summary(results: Sequence[Result]) -> str:
    passed = sum(result.passed for result in results)
    return _("%(all)d 个场景：%(passed)d 个通过，%(failed)d 个不通过，%(seconds).1f 秒") % {
        "all": len(results),
        "passed": passed,
        "failed": len(results) - passed,
        "seconds": sum(result.seconds for result in results),
    }


def results_json(policy: str, results: Sequence[Result]) -> dict[str, Any]:
    return {
        "policy": policy,
        "scenarios": len(results),
        "passed": sum(result.passed for result in results),
        "failed": [
            {
                "name": result.scenario.name,
                "file": str(result.scenario.path),
                "line": result.failure.line,
                "step": str(result.failure.step) if result.failure.step else None,
                "message": result.failure.message,
            }
            for result in results
            if result.failure is not None
        ],
    }


def playing_text(policy: str, scenarios: int) -> str:
    """What is about to take a while."""
    return _("%(policy)s：正在演练 %(n)d 个场景…") % {"policy": policy, "n": scenarios}


def coverage_text(coverage: Coverage) -> str:
    counted = coverage.as_json()
    lines = [
        _(
            "%(policy)s：条款 %(clauses)d，已绑定 %(bound)d，其中宣示 %(declarative)d，已证明 %(proven)d"
        )
        % {"policy": coverage.policy, **counted}
    ]
    if coverage.unbound:
        lines.append(_("  未绑定：") + "、".join(coverage.unbound))
    if coverage.unproven:
        lines.append(_("  未证明：") + "、".join(coverage.unproven))
    return "\n".join(lines)


def mutation_text(mutation: Mutation) -> str:
    counted = mutation.as_json()
    lines = [
        _("%(policy)s：变异 %(mutants)d，杀死 %(killed)d，等价 %(equivalent)d，存活 %(alive)d")
        % {**counted, "alive": len(counted["survived"])}
    ]
    lines += [
        f"  {one.mutant.clause or '—'}  {one.mutant.change}" for one in mutation.of("survived")
    ]
    lines += [_("  等价清单里的“%s”已不是变异，请删去") % name for name in mutation.unused]
    return "\n".join(lines)
