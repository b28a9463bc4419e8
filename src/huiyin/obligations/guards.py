"""The checker that asks the policies in force whether acts may be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import get_language

from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption
from huiyin.core.acts import ActContext
from huiyin.core.errors import Refused
from huiyin.ledger.models import Target
from huiyin.obligations import loading
from huiyin.policy.guards import ActAsked, check_act, concerns, kinds_read
from huiyin.policy.needs import act_needs
from huiyin.policy.state import InForce


def check(contexts: Sequence[ActContext]) -> dict[int, Refused]:
    """The acts that a policy does not allow, each with the clauses of the first that refuses it.

    Of many acts at once, who holds which role is judged at the latest of their moments.
    """
    found: dict[int, Refused] = {}
    for adoption, in_force in adoptions.decided():
        asked = {
            position: context
            for position, context in enumerate(contexts)
            if position not in found and _is_asked(in_force, context)
        }
        if asked:
            found |= _refused_by(adoption, in_force, asked)
    return found


def _is_asked(in_force: InForce, context: ActContext) -> bool:
    return in_force.applies(context.at) and concerns(in_force.policy, context.act)


def _refused_by(
    adoption: Adoption, in_force: InForce, contexts: Mapping[int, ActContext]
) -> dict[int, Refused]:
    kinds = _kinds(in_force, contexts.values())
    asked = {
        position: ActAsked(
            each.act, each.target or 0, each.unit, each.by, {**each.values, **kinds(each.target)}
        )
        for position, each in contexts.items()
    }
    latest: datetime = max(each.at for each in contexts.values())
    wanted = act_needs([in_force], list(asked.values()))
    state = loading.state_for_act(adoption, wanted, now=latest)
    found = {
        position: check_act([in_force], each, state, contexts[position].at)
        for position, each in asked.items()
    }
    return {position: _refused(adoption.id, said) for position, said in found.items() if said}


def _kinds(
    in_force: InForce, contexts: Iterable[ActContext]
) -> Callable[[int | None], dict[str, str]]:
    """What each target is, where a guard of the policy minds it; else nothing is asked."""
    acts = {each.act for each in contexts}
    guards = in_force.policy.guards.values()
    minded = any(acts & set(g.before) and kinds_read(in_force.policy, g) for g in guards)
    targets = {each.target for each in contexts} if minded else set()
    found = dict(Target.objects.filter(pk__in=targets).values_list("pk", "kind")) if minded else {}
    return lambda target: {"target.kind": found[target]} if target in found else {}


def _refused(adoption: int, refusals: list) -> Refused:
    return Refused(
        list(dict.fromkeys(clause for each in refusals for clause in each.clauses)),
        "\n".join(each.message[language()] for each in refusals),
        rule=refusals[0].rule,
        adoption=adoption,
        missing=list(dict.fromkeys(name for each in refusals for name in each.missing)),
    )


def language() -> str:
    """The language in which a refusal is said now."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"
