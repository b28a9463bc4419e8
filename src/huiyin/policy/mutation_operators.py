"""How each kind of leaf is changed. A kind without an operator is an error, never skipped."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from huiyin.policy import mutation_clocks as clocks
from huiyin.policy import mutation_conditions as conditions
from huiyin.policy import mutation_owners as owners
from huiyin.policy.errors import NoOperator
from huiyin.policy.leaves import Leaf
from huiyin.policy.mutation_changes import Change, Changes, Raw, at, remove, set_to
from huiyin.policy.schema import Policy, reads


def changes_of(policy: Policy, leaf: Leaf) -> list[Change]:
    """Every change of a leaf. Raises NoOperator if its kind is not known."""
    operator = OPERATORS.get(leaf.kind)
    if operator is None:
        raise NoOperator(f"no operator for {leaf.kind} at {leaf.path}")
    return list(operator(policy, leaf))


def _removal(policy: Policy, leaf: Leaf) -> Changes:
    yield remove(leaf.keys)


def _removal_of_several(policy: Policy, leaf: Leaf) -> Changes:
    """One of several openers; the only one is the rule itself."""
    if len(at(policy.raw, leaf.keys[:-1])) > 1:
        yield remove(leaf.keys)


def _required(policy: Policy, leaf: Leaf) -> Changes:
    """A field that a duty reads has to be required: lint refuses the policy without it."""
    name = f"{leaf.keys[1]}.{leaf.keys[3]}"
    if not any(name in reads(duty) for duty in policy.duties.values()):
        yield remove(leaf.keys)


def _covered(policy: Policy, leaf: Leaf) -> Changes:
    """Nothing of its own: without it the rule never applies, which is the rule's removal."""
    yield from ()


def _nothing_runs(policy: Policy, leaf: Leaf) -> Changes:
    """A clause that only declares, or a wording: nothing that a run could show."""
    yield from ()


def _flag(policy: Policy, leaf: Leaf) -> Changes:
    yield set_to(leaf.keys, not leaf.value, after=str(not leaf.value).lower())


def _or_reason(policy: Policy, leaf: Leaf) -> Changes:
    """A refusal no longer counts, or now does; what a proof asks for goes with it."""
    form, field = leaf.keys[1], leaf.keys[3]

    def apply(raw: Raw) -> None:
        at(raw, leaf.keys[:-1])["or_reason"] = not leaf.value
        for duty in raw.get("duties", {}).values():
            proof = duty.get("proof") or {}
            if proof.get("record") == form and field in proof.get("signed_by", {}):
                proof["signed_by"][field] = "required" if leaf.value else "or_reason"

    yield Change(after=str(not leaf.value).lower(), apply=apply)


def _whole_number(policy: Policy, leaf: Leaf) -> Changes:
    yield set_to(leaf.keys, int(leaf.value) + 1)
    if int(leaf.value) != 1:
        yield set_to(leaf.keys, int(leaf.value) - 1)


def _points(policy: Policy, leaf: Leaf) -> Changes:
    yield set_to(leaf.keys, int(leaf.value) + 1)
    yield set_to(leaf.keys, -int(leaf.value))


def _given(policy: Policy, leaf: Leaf) -> Changes:
    """Another result, and the row itself gone."""
    table = policy.tables[str(leaf.keys[1])]
    other = next((result for result in table.results if result != leaf.value), None)
    if other is not None:
        yield set_to(leaf.keys, other)
    if len(table.rows) > 1:
        yield remove(leaf.keys[:-1])


def _pool_rule(policy: Policy, leaf: Leaf) -> Changes:
    yield set_to(leaf.keys, {"all": "keep", "keep": "all"}[str(leaf.value)])


def _leave_rule(policy: Policy, leaf: Leaf) -> Changes:
    yield set_to(leaf.keys, {"prorata": "keep", "keep": "prorata"}[str(leaf.value)])


def _rate(policy: Policy, leaf: Leaf) -> Changes:
    """A little more or less, and the other side of the limit itself."""
    yield from owners.share(policy, leaf)


def _population(policy: Policy, leaf: Leaf) -> Changes:
    """Another kind has other fields: what a population is of goes with its rule."""
    yield from ()


OPERATORS: Mapping[str, Callable[[Policy, Leaf], Changes]] = {
    "opener": _covered,
    "opener_of_several": _removal_of_several,
    "opener_mode": clocks.opener_mode,
    "once": _removal,
    "act": _covered,
    "acknowledge": _nothing_runs,
    "declared": _nothing_runs,
    "wording": _nothing_runs,
    "want": _nothing_runs,
    "setting_text": _nothing_runs,
    "test": conditions.test,
    "span": conditions.span,
    "history": conditions.history,
    "items": conditions.items,
    "total": conditions.total,
    "demand": conditions.demand,
    "length": clocks.length,
    "setting_length": clocks.length,
    "contest": clocks.contest,
    "lead": clocks.lead,
    "lead_setting": clocks.setting_ref,
    "late_after": clocks.late_after,
    "clock_start": clocks.clock_start,
    "start_fact": clocks.start_fact,
    "pick": clocks.pick,
    "setting_ref": clocks.setting_ref,
    "bound_setting": clocks.setting_ref,
    "share_setting": clocks.setting_ref,
    "points_setting": clocks.setting_ref,
    "cadence_setting": clocks.setting_ref,
    "same_as": clocks.same_as,
    "stated_deadline": clocks.stated_deadline,
    "cadence": clocks.cadence,
    "since": clocks.since,
    "until": _removal,
    "before": clocks.before,
    "by_moment": clocks.by_moment,
    "off": clocks.off,
    "roll": clocks.roll,
    "extend_from": clocks.extend_from,
    "joined": clocks.joined,
    "level": _removal,
    "times": _whole_number,
    "period": clocks.period,
    "population": _population,
    "during": _removal,
    "counted_fact": _covered,
    "distinct": _removal,
    "pool_rule": _pool_rule,
    "leave_rule": _leave_rule,
    "each_of": owners.each_of,
    "share": owners.share,
    "setting_percent": owners.share,
    "rate": _rate,
    "each": owners.each,
    "exclusion": _removal,
    "role": owners.role,
    "role_of_several": owners.role_of_several,
    "role_of_proof": owners.role_of_proof,
    "writer": owners.writer,
    "person": owners.person,
    "head_of": owners.head_of,
    "channel": owners.channel,
    "proving_form": owners.proving_form,
    "proving_fact": owners.proving_fact,
    "sent_to": owners.sent_to,
    "signed_by": _removal,
    "same": _removal,
    "recipient": owners.recipient,
    "act_of_several": owners.act_of_several,
    "given": _given,
    "all_rows": _flag,
    "points": _points,
    "once_per": _removal,
    "unless": _removal,
    "required": _required,
    "raises": _removal,
    "prefill": _removal,
    "reviews": _removal,
    "or_reason": _or_reason,
    "bound": _whole_number,
    "day_limit": _removal,
    "setting_number": _whole_number,
    "one_per": _removal,
}
