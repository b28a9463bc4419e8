"""Where two policies demand the same act about the same thing: one doing meets both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from huiyin.desk.doing import act_of
from huiyin.obligations.models import Obligation


def together(rows: Iterable[Obligation]) -> dict[int, list[Obligation]]:
    """By obligation: those of another policy that the same act meets, the strictest first.

    Nothing merges: each keeps its own clock and its own clauses.
    """
    acts: Mapping[tuple[int, str], list[Obligation]] = defaultdict(list)
    for row in rows:
        if row.state in ("open", "blocked") and (act := act_of(row)):
            acts[row.target_id, act].append(row)
    return {
        row.pk: sorted((o for o in same if o.policy != row.policy), key=_strictness)
        for same in acts.values()
        if len({each.policy for each in same}) > 1
        for row in same
    }


def is_strictest(row: Obligation, others: Sequence[Obligation]) -> bool:
    """Whether its deadline is the one to keep."""
    return all(_strictness(row) < _strictness(other) for other in others)


def _strictness(row: Obligation) -> tuple[bool, float, int]:
    return row.due_at is None, row.due_at.timestamp() if row.due_at else 0.0, row.pk
