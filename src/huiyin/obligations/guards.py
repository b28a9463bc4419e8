"""The checker that asks the policies in force whether acts may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import get_language

from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption
from huiyin.core.acts import ActContext
from huiyin.core.errors import Refused
from huiyin.obligations import loading
from huiyin.policy.guards import ActAsked, check_act, concerns
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
    asked = {
        position: ActAsked(each.act, each.target or 0, each.unit, each.by, each.values)
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


def _refused(adoption: int, refusals: list) -> Refused:
    return Refused(
        list(dict.fromkeys(clause for each in refusals for clause in each.clauses)),
        "\n".join(each.message[language()] for each in refusals),
        rule=refusals[0].rule,
        adoption=adoption,
    )


def language() -> str:
    """The language in which a refusal is said now."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"
