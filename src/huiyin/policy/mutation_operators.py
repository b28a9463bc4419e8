"""How each kind of leaf is changed. A kind without an operator is an error, never skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from huiyin.policy import builtin
from huiyin.policy.errors import NoOperator
from huiyin.policy.leaves import Keys, Leaf
from huiyin.policy.lengths import Length, parse_length, parse_percent
from huiyin.policy.schema import Policy, reads

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the plain data: what then stands there, and how to make it so."""

    after: str
    apply: Callable[[Raw], None]


def changes_of(policy: Policy, leaf: Leaf) -> list[Change]:
    """Every change of a leaf. Raises NoOperator if its kind is not known."""
    operator = OPERATORS.get(leaf.kind)
    if operator is None:
        raise NoOperator(f"no operator for {leaf.kind} at {leaf.path}")
    return list(operator(policy, leaf))


def _at(raw: Any, keys: Keys) -> Any:
    for key in keys:
        raw = raw[key]
    return raw


def _set(keys: Keys, value: Any, after: str | None = None) -> Change:
    def apply(raw: Raw) -> None:
        _at(raw, keys[:-1])[keys[-1]] = value

    return Change(after=str(value) if after is None else after, apply=apply)


def _remove(keys: Keys) -> Change:
    """Take a leaf away, and the mapping around it where it was the last."""

    def apply(raw: Raw) -> None:
        here = keys
        del _at(raw, here[:-1])[here[-1]]
        while len(here) > 1 and not _at(raw, here[:-1]):
            here = here[:-1]
            del _at(raw, here[:-1])[here[-1]]

    return Change(after="removed", apply=apply)


Changes = Iterator[Change]
_UNITS = {"h": "d", "d": "h", "wd": "d", "w": "d", "mo": "w"}


def _lengths(text: str, *, least: int) -> Iterator[str]:
    length = parse_length(text)
    if length.unit == "eod":
        yield "1d"
        return
    yield str(Length(amount=length.amount + 1, unit=length.unit))
    if length.amount - 1 >= least:
        yield str(Length(amount=length.amount - 1, unit=length.unit))
    if length.amount:
        yield str(Length(amount=length.amount, unit=_UNITS[length.unit]))


def _length(policy: Policy, leaf: Leaf) -> Changes:
    for text in _lengths(str(leaf.value), least=1):
        yield _set(leaf.keys, text)


def _late_after(policy: Policy, leaf: Leaf) -> Changes:
    for text in _lengths(str(leaf.value), least=0):
        yield _set(leaf.keys, text)
    yield _remove(leaf.keys[:-1])


def _clock_start(policy: Policy, leaf: Leaf) -> Changes:
    for start in ("happened", "known", "recorded"):
        if start != leaf.value:
            yield _set(leaf.keys, start)


def _pick(policy: Policy, leaf: Leaf) -> Changes:
    """The choice no longer decides: every item gets the last length."""
    within = _at(policy.raw, leaf.keys[:-1])
    lengths = [value for key, value in within.items() if key not in ("pick", "from")]
    start = {"from": within["from"]} if "from" in within else {}
    last = within.get("else", lengths[-1])
    form = {"length": last, **start} if isinstance(last, str) else {**last, **start}
    yield _set(leaf.keys[:-1], form, after=f"always {last}")


def _setting_ref(policy: Policy, leaf: Leaf) -> Changes:
    """The firm's setting no longer decides."""
    declared = policy.settings.get(str(leaf.value))
    default = (declared.default if declared else None) or "1mo"
    fixed = next(iter(_lengths(default, least=1)))
    yield _set(leaf.keys[:-1], fixed, after=fixed)


def _same_as(policy: Policy, leaf: Leaf) -> Changes:
    """The borrowed clock becomes a fixed one."""
    other = policy.duties.get(str(leaf.value))
    within = other.within if other else None
    longest = within.otherwise or within.length if within else None
    fixed = str(longest) if isinstance(longest, Length) else "1mo"
    if within is not None and within.length is not None:
        fixed = next(iter(_lengths(fixed, least=1)))
    yield _set(leaf.keys[:-1], fixed, after=fixed)


def _stated_deadline(policy: Policy, leaf: Leaf) -> Changes:
    def apply(raw: Raw) -> None:
        duty = _at(raw, leaf.keys[:-1])
        del duty["at"]
        duty["within"] = "12mo"

    yield Change(after="within 12mo", apply=apply)


def _share(policy: Policy, leaf: Leaf) -> Changes:
    percent = parse_percent(str(leaf.value)) * 100
    for changed in (percent + 1, percent - 1):
        if 0 < changed <= 100:
            yield _set(leaf.keys, f"{float(changed):g}%")


def _period(policy: Policy, leaf: Leaf) -> Changes:
    for period in ("month", "quarter", "year"):
        if period != leaf.value:
            yield _set(leaf.keys, period)


def _each(policy: Policy, leaf: Leaf) -> Changes:
    yield _set(leaf.keys, 1 - int(leaf.value))


def _removal(policy: Policy, leaf: Leaf) -> Changes:
    yield _remove(leaf.keys)


def _required(policy: Policy, leaf: Leaf) -> Changes:
    """A field that a duty reads has to be required: lint refuses the policy without it."""
    name = f"{leaf.keys[1]}.{leaf.keys[3]}"
    if not any(name in reads(duty) for duty in policy.duties.values()):
        yield _remove(leaf.keys)


def _covered(policy: Policy, leaf: Leaf) -> Changes:
    """Nothing of its own: without it the rule never applies, which is the rule's removal."""
    yield from ()


def _nothing_runs(policy: Policy, leaf: Leaf) -> Changes:
    """A clause that only declares, or a wording: nothing that a run could show."""
    yield from ()


def _other_role(policy: Policy, leaf: Leaf) -> str | None:
    """A role that does not stand beside this one already."""
    beside = _at(policy.raw, leaf.keys[:-1])
    used = set(beside) if isinstance(beside, list) else {leaf.value}
    return next((role for role in policy.roles if role not in used), None)


def _role(policy: Policy, leaf: Leaf) -> Changes:
    other = _other_role(policy, leaf)
    if other is not None:
        yield _set(leaf.keys, other)


def _role_of_several(policy: Policy, leaf: Leaf) -> Changes:
    if len(_at(policy.raw, leaf.keys[:-1])) > 1:
        yield _remove(leaf.keys)
    else:
        yield from _role(policy, leaf)


def _recipient(policy: Policy, leaf: Leaf) -> Changes:
    yield from _role(policy, leaf)
    if isinstance(leaf.keys[-1], int) and len(_at(policy.raw, leaf.keys[:-1])) > 1:
        yield _remove(leaf.keys)


def _person(policy: Policy, leaf: Leaf) -> Changes:
    """Another person owes it: who did it instead of who is named, or the other way round."""
    if leaf.value != "fact.by":
        yield _set(leaf.keys, "fact.by")
        return
    named = (name for name, field in policy.fields.items() if field.type == "person")
    subjects = tuple(f"{kind}." for kind in policy.subjects)
    person = next((n for n in named if n.startswith(subjects) and policy.fields[n].required), None)
    other = person or next(iter(policy.roles), None)
    if other is not None:
        yield _set(leaf.keys, other)


def _proving_form(policy: Policy, leaf: Leaf) -> Changes:
    other = next((form for form in policy.forms if form != leaf.value), None)

    def apply(raw: Raw) -> None:
        proof = _at(raw, leaf.keys[:-1])
        proof["record"] = other
        proof.pop("signed_by", None)

    if other is not None:
        yield Change(after=other, apply=apply)


def _proving_fact(policy: Policy, leaf: Leaf) -> Changes:
    kind = str(leaf.value).partition(".")[0]
    facts = [*policy.facts, *builtin.FACTS]
    alike = [fact for fact in facts if fact != leaf.value and fact.startswith(f"{kind}.")]
    others = alike or [fact for fact in facts if fact != leaf.value]
    if others:
        yield _set(leaf.keys, others[-1])


def _act_of_several(policy: Policy, leaf: Leaf) -> Changes:
    if len(_at(policy.raw, leaf.keys[:-1])) > 1:
        yield _remove(leaf.keys)


def _demand(policy: Policy, leaf: Leaf) -> Changes:
    """A gate is opened. The only demand of a guard goes with the guard."""
    guard = _at(policy.raw, leaf.keys[:2])
    demands = guard["require"]
    if (isinstance(demands, list) and len(demands) > 1) or "deny" in guard:
        yield _remove(leaf.keys)


def _is_whole_guard(policy: Policy, leaf: Leaf) -> bool:
    """Taking the leaf away would leave a guard without any demand."""
    if leaf.keys[0] != "guards" or leaf.keys[2] == "where":
        return False
    above = (leaf.keys[:end] for end in range(len(leaf.keys) - 1, 2, -1))
    if any(len(_at(policy.raw, place)) > 1 for place in above):
        return False
    return not {"deny", "require"} <= set(_at(policy.raw, leaf.keys[:2]))


def _history(policy: Policy, leaf: Leaf) -> Changes:
    def apply(raw: Raw) -> None:
        holder = _at(raw, leaf.keys[:-1])
        kind = leaf.keys[-1]
        holder["not"] = {kind: holder.pop(kind)}

    yield Change(after=f"not {leaf.value}", apply=apply)


_SWAPPED = {
    "lt": "le", "le": "lt", "gt": "ge", "ge": "gt",
    "eq": "ne", "ne": "eq", "below": "above", "above": "below",
}  # fmt: skip


def _test(policy: Policy, leaf: Leaf) -> Changes:
    if not _is_whole_guard(policy, leaf):
        yield _remove(leaf.keys)
    if isinstance(leaf.value, Mapping):
        yield from _comparisons(leaf)
    elif isinstance(leaf.value, list):
        yield _negated(leaf)
        if len(leaf.value) > 1:
            for item in leaf.value:
                yield _set(leaf.keys, [kept for kept in leaf.value if kept != item])
    else:
        yield _set(leaf.keys, {"ne": leaf.value}, after=f"not {leaf.value}")


def _negated(leaf: Leaf) -> Change:
    def apply(raw: Raw) -> None:
        holder = _at(raw, leaf.keys[:-1])
        field = leaf.keys[-1]
        negated = {"not": {field: holder.pop(field)}}
        holder.setdefault("all", []).append(negated)

    return Change(after=f"not {leaf.value}", apply=apply)


def _comparisons(leaf: Leaf) -> Changes:
    for operator, value in leaf.value.items():
        rest = {key: kept for key, kept in leaf.value.items() if key != operator}
        if operator in _SWAPPED:
            yield _set(leaf.keys, {**rest, _SWAPPED[operator]: value})
        if isinstance(value, int) and not isinstance(value, bool):
            yield _set(leaf.keys, {**rest, operator: value + 1})
            yield _set(leaf.keys, {**rest, operator: value - 1})
        if isinstance(value, list) and len(value) > 1:
            for item in value:
                yield _set(leaf.keys, {**rest, operator: [kept for kept in value if kept != item]})


def _or_reason(policy: Policy, leaf: Leaf) -> Changes:
    yield _set(leaf.keys, not leaf.value, after=str(not leaf.value).lower())


def _whole_number(policy: Policy, leaf: Leaf) -> Changes:
    yield _set(leaf.keys, int(leaf.value) + 1)
    yield _set(leaf.keys, int(leaf.value) - 1)


OPERATORS: Mapping[str, Callable[[Policy, Leaf], Changes]] = {
    "opener": _covered,
    "act": _covered,
    "acknowledge": _nothing_runs,
    "setting_text": _nothing_runs,
    "test": _test,
    "history": _history,
    "length": _length,
    "setting_length": _length,
    "late_after": _late_after,
    "clock_start": _clock_start,
    "pick": _pick,
    "setting_ref": _setting_ref,
    "same_as": _same_as,
    "stated_deadline": _stated_deadline,
    "share": _share,
    "setting_percent": _share,
    "period": _period,
    "each": _each,
    "exclusion": _removal,
    "role": _role,
    "role_of_several": _role_of_several,
    "person": _person,
    "proving_form": _proving_form,
    "proving_fact": _proving_fact,
    "sent_to": _removal,
    "signed_by": _removal,
    "recipient": _recipient,
    "act_of_several": _act_of_several,
    "demand": _demand,
    "required": _required,
    "raises": _removal,
    "prefill": _removal,
    "or_reason": _or_reason,
    "bound": _whole_number,
    "setting_number": _whole_number,
    "one_per": _removal,
}
