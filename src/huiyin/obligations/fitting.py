"""Whether something is still owed of a target that says something else by now."""

from __future__ import annotations

from collections.abc import Mapping

from huiyin.adoption import queries as adoptions
from huiyin.obligations.models import Obligation
from huiyin.policy.facts import Value
from huiyin.policy.matching import matches


def still_fits(row: Obligation, values: Mapping[str, Value]) -> bool:
    """Whether the duty would be owed of what its opener stated, had it stated these values.

    What cannot be decided is owed on. ``row`` comes with its opener and adoption.
    """
    policy = adoptions.pack_of(row.adoption.policy_version_id).policy
    duty = policy.lines.get(row.duty)
    if row.opener is None or duty is None or duty.where is None:
        return True
    return matches(duty.where, {**row.opener.values, **values}) is not False
