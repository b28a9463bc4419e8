"""Changes of conditions and of what guards demand."""

from __future__ import annotations

from collections.abc import Mapping

from huiyin.policy.leaves import Leaf
from huiyin.policy.lengths import parse_length
from huiyin.policy.mutation_changes import Change, Changes, Raw, at, remove, set_to
from huiyin.policy.schema import Policy

_SWAPPED = {
    "lt": "le", "le": "lt", "gt": "ge", "ge": "gt",
    "eq": "ne", "ne": "eq", "below": "above", "above": "below",
}  # fmt: skip


def demand(policy: Policy, leaf: Leaf) -> Changes:
    """A gate is opened. The only demand of a guard goes with the guard."""
    guard = at(policy.raw, leaf.keys[:2])
    demands = guard["require"]
    if (isinstance(demands, list) and len(demands) > 1) or "deny" in guard:
        yield remove(leaf.keys)


def _cannot_go(policy: Policy, leaf: Leaf) -> bool:
    """Taking the leaf away would leave a rule without what it is made of."""
    at_place = 4 if leaf.keys[0] == "tables" else 2  # tables.route.rows.7.when
    place = leaf.keys[at_place]
    above = (leaf.keys[:end] for end in range(len(leaf.keys) - 1, at_place, -1))
    if any(_is_long(at(policy.raw, here)) for here in above):
        return False
    if leaf.keys[0] == "guards" and place in ("require", "deny"):
        return not {"deny", "require"} <= set(at(policy.raw, leaf.keys[:2]))
    return place in ("when", "part")


_POPULATIONS = ("over", "whole", "pool", "list_of")


def _kept(policy: Policy, leaf: Leaf) -> int:
    """A population written short, ``{customer: {…}}``, stays one when its last test goes."""
    for place, key in enumerate(leaf.keys):
        if key in _POPULATIONS and "of" not in at(policy.raw, leaf.keys[: place + 1]):
            return place + 2
    return 1


def _is_long(raw: object) -> bool:
    return isinstance(raw, (Mapping, list)) and len(raw) > 1


def history(policy: Policy, leaf: Leaf) -> Changes:
    def apply(raw: Raw) -> None:
        holder = at(raw, leaf.keys[:-1])
        kind = leaf.keys[-1]
        holder["not"] = {kind: holder.pop(kind)}

    yield Change(after=f"not {leaf.value}", apply=apply)


def test(policy: Policy, leaf: Leaf) -> Changes:
    if not _cannot_go(policy, leaf):
        yield remove(leaf.keys, keep=_kept(policy, leaf))
    if isinstance(leaf.value, Mapping):
        yield from _comparisons(leaf)
    elif isinstance(leaf.value, list):
        yield _negated(leaf)
        if len(leaf.value) > 1:
            for item in leaf.value:
                yield set_to(leaf.keys, [kept for kept in leaf.value if kept != item])
    else:
        yield set_to(leaf.keys, {"ne": leaf.value}, after=f"not {leaf.value}")


def _negated(leaf: Leaf) -> Change:
    def apply(raw: Raw) -> None:
        holder = at(raw, leaf.keys[:-1])
        field = leaf.keys[-1]
        negated = {"not": {field: holder.pop(field)}}
        holder.setdefault("all", []).append(negated)

    return Change(after=f"not {leaf.value}", apply=apply)


def _comparisons(leaf: Leaf) -> Changes:
    for operator, value in leaf.value.items():
        rest = {key: kept for key, kept in leaf.value.items() if key != operator}
        if operator in _SWAPPED:
            yield set_to(leaf.keys, {**rest, _SWAPPED[operator]: value})
        if isinstance(value, int) and not isinstance(value, bool):
            yield set_to(leaf.keys, {**rest, operator: value + 1})
            yield set_to(leaf.keys, {**rest, operator: value - 1})
        if isinstance(value, list) and len(value) > 1:
            for item in value:
                yield set_to(
                    leaf.keys, {**rest, operator: [kept for kept in value if kept != item]}
                )


def span(policy: Policy, leaf: Leaf) -> Changes:
    """The other side of the length, and a length one longer or shorter."""
    [operator] = [key for key in leaf.value if key != "of"]
    other = {"within": "beyond", "beyond": "within"}[operator]
    written = leaf.value[operator]
    yield set_to(leaf.keys, {other: written, "of": leaf.value["of"]}, after=f"{other} {written}")
    length = parse_length(str(written))
    for amount in (length.amount + 1, length.amount - 1):
        changed = f"{amount}{length.unit}"
        yield set_to(leaf.keys, {**leaf.value, operator: changed}, after=f"{operator} {changed}")


_OTHER_QUANTITY = {"none": "some", "some": "none", "every": "some"}


def items(policy: Policy, leaf: Leaf) -> Changes:
    """What had to hold for none holds for some, and so on; or is not asked for at all."""
    quantity = str(leaf.keys[-1])

    def apply(raw: Raw) -> None:
        holder = at(raw, leaf.keys[:-1])
        holder[_OTHER_QUANTITY[quantity]] = holder.pop(quantity)

    if not _cannot_go(policy, leaf):
        yield remove(leaf.keys, keep=_kept(policy, leaf))
    yield Change(after=_OTHER_QUANTITY[quantity], apply=apply)


def total(policy: Policy, leaf: Leaf) -> Changes:
    """Another comparison, or a number beside the one that is demanded."""
    if not _cannot_go(policy, leaf):
        yield remove(leaf.keys, keep=_kept(policy, leaf))
    for operator, value in leaf.value.items():
        rest = {key: kept for key, kept in leaf.value.items() if key != operator}
        if operator in _SWAPPED:
            changed = {**rest, _SWAPPED[operator]: value}
            yield set_to(leaf.keys, changed, after=f"{_SWAPPED[operator]} {value}")
            if isinstance(value, int) and not isinstance(value, bool):
                changed = {**rest, operator: value + 1}
                yield set_to(leaf.keys, changed, after=f"{operator} {value + 1}")
