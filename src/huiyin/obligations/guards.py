"""The checker that asks the policies in force whether an act may be done."""

from __future__ import annotations

from django.utils.translation import get_language

from huiyin.adoption import queries as adoptions
from huiyin.core.acts import ActContext
from huiyin.core.errors import Refused
from huiyin.obligations import loading
from huiyin.policy.guards import ActAsked, check_act
from huiyin.policy.needs import act_needs


def check(context: ActContext) -> None:
    """Raise Refused with the clauses of the first policy that does not allow the act."""
    for adoption, in_force in adoptions.decided():
        if not in_force.starts <= context.at or (in_force.ends and context.at >= in_force.ends):
            continue
        asked = ActAsked(context.act, context.target or 0, context.unit, context.by, context.values)
        wanted = act_needs([in_force], asked.act, asked.target, asked.unit, asked.by)
        state = loading.state_for_act(adoption, wanted, now=context.at)
        refusals = check_act([in_force], asked, state, context.at)
        if refusals:
            raise _refused(adoption.id, refusals)


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
