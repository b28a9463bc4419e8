"""Changes of lengths, clocks, periods and what they count from."""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.policy.leaves import Leaf
from huiyin.policy.lengths import Length, NotALength, parse_length
from huiyin.policy.mutation_changes import Change, Changes, Raw, at, remove, rename, set_to
from huiyin.policy.schema import Policy

_UNITS = {"h": "d", "d": "h", "wd": "d", "w": "d", "mo": "w"}
_CADENCES = {
    "day": "week", "workday": "day", "week": "month", "month": "quarter", "quarter": "month",
    "year": "quarter", "holiday": "month",
}  # fmt: skip
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


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


def length(policy: Policy, leaf: Leaf) -> Changes:
    for text in _lengths(str(leaf.value), least=1):
        yield set_to(leaf.keys, text)


def lead(policy: Policy, leaf: Leaf) -> Changes:
    for text in _lengths(str(leaf.value), least=0):
        if text.endswith("d"):
            yield set_to(leaf.keys, text)


def contest(policy: Policy, leaf: Leaf) -> Changes:
    yield from length(policy, leaf)
    yield remove(leaf.keys)


def late_after(policy: Policy, leaf: Leaf) -> Changes:
    for text in _lengths(str(leaf.value), least=0):
        yield set_to(leaf.keys, text)
    yield remove(leaf.keys[:-1])


def clock_start(policy: Policy, leaf: Leaf) -> Changes:
    for start in ("happened", "known", "recorded"):
        if start != leaf.value:
            yield set_to(leaf.keys, start)


def start_fact(policy: Policy, leaf: Leaf) -> Changes:
    """The clock counts from the opener itself."""
    raw = at(policy.raw, leaf.keys[:-1])
    yield set_to(leaf.keys[:-1], raw.get("time", "happened"), after="the opener")


def pick(policy: Policy, leaf: Leaf) -> Changes:
    """The choice no longer decides: every item gets the last length."""
    within = at(policy.raw, leaf.keys[:-1])
    lengths = [value for key, value in within.items() if key not in ("pick", "from")]
    start = {"from": within["from"]} if "from" in within else {}
    last = within.get("else", lengths[-1])
    form = {"length": last, **start} if isinstance(last, str) else {**last, **start}
    yield set_to(leaf.keys[:-1], form, after=f"always {last}")


def setting_ref(policy: Policy, leaf: Leaf) -> Changes:
    """The firm's setting no longer decides."""
    declared = policy.settings.get(str(leaf.value))
    default = (declared.default if declared else None) or "1mo"
    if declared is not None and declared.type != "length":
        yield from _fixed_number(leaf, default)
        return
    fixed = next(iter(_lengths(default, least=1)))
    yield set_to(leaf.keys[:-1], fixed, after=fixed)


def _fixed_number(leaf: Leaf, default: str) -> Changes:
    if default.endswith("%"):
        percent = float(default[:-1]) + 1
        yield set_to(leaf.keys[:-1], f"{min(percent, 100):g}%")
    else:
        yield set_to(leaf.keys[:-1], int(default if default.lstrip("-").isdigit() else 0) + 1)


def same_as(policy: Policy, leaf: Leaf) -> Changes:
    """The borrowed clock becomes a fixed one."""
    other = policy.duties.get(str(leaf.value))
    within = other.within if other else None
    longest = within.otherwise or within.length if within else None
    fixed = str(longest) if isinstance(longest, Length) else "1mo"
    if within is not None and within.length is not None:
        fixed = next(iter(_lengths(fixed, least=1)))
    yield set_to(leaf.keys[:-1], fixed, after=fixed)


def stated_deadline(policy: Policy, leaf: Leaf) -> Changes:
    def apply(raw: Raw) -> None:
        duty = at(raw, leaf.keys[:-1])
        del duty["at"]
        duty["within"] = "12mo"

    yield Change(after="within 12mo", apply=apply)


def period(policy: Policy, leaf: Leaf) -> Changes:
    for each in ("month", "quarter", "year"):
        if each != leaf.value:
            yield set_to(leaf.keys, each)


def cadence(policy: Policy, leaf: Leaf) -> Changes:
    """Another period; a length a little longer or shorter; a week that begins a day later."""
    text = str(leaf.value)
    try:
        parse_length(text)
    except NotALength:
        unit, _, day = text.rstrip(")").partition("(")
        yield set_to(leaf.keys, _CADENCES[unit])
        if unit == "week":
            following = _DAYS[(_DAYS.index(day or "mon") + 1) % 7]
            yield set_to(leaf.keys, f"week({following})")
        return
    for other in _lengths(text, least=1):
        if not other.endswith("h"):
            yield set_to(leaf.keys, other)


def by_moment(policy: Policy, leaf: Leaf) -> Changes:
    """The end of the period, a day later, and a day's end instead of the end of work."""
    yield remove(leaf.keys)
    words = str(leaf.value).split()
    if words[0] in _DAYS:
        other = _DAYS[(_DAYS.index(words[0]) + 1) % 7]
        yield set_to(leaf.keys, " ".join([other, *words[1:]]))
    elif words[0] not in ("end_of_work", "eod"):
        moved = next(iter(_lengths(words[0], least=0)))
        yield set_to(leaf.keys, " ".join([moved, *words[1:]]))
    if words[-1] == "end_of_work":
        yield set_to(leaf.keys, " ".join([*words[:-1], "eod"]))


def off(policy: Policy, leaf: Leaf) -> Changes:
    yield remove(leaf.keys)
    other = {"previous workday": "next workday", "next workday": "previous workday"}
    yield set_to(leaf.keys, other[str(leaf.value)])


def roll(policy: Policy, leaf: Leaf) -> Changes:
    yield remove(leaf.keys)
    yield set_to(leaf.keys, {"forward": "backward", "backward": "forward"}[str(leaf.value)])


def since(policy: Policy, leaf: Leaf) -> Changes:
    """Counted from another fact about the same kind of target."""
    kind = str(leaf.value).partition(".")[0]
    others = [fact for fact in policy.facts if fact.startswith(f"{kind}.") and fact != leaf.value]
    yield set_to(leaf.keys, (others or ["customer.registered"])[0])


def extend_from(policy: Policy, leaf: Leaf) -> Changes:
    yield set_to(leaf.keys, {"consent": "due", "due": "consent"}[str(leaf.value)])


def joined(policy: Policy, leaf: Leaf) -> Changes:
    yield set_to(leaf.keys, {"now": "next_period", "next_period": "now"}[str(leaf.value)])


def opener_mode(policy: Policy, leaf: Leaf) -> Changes:
    for mode in ("any", "all", "first"):
        if mode != leaf.value:
            yield rename(leaf.keys, mode)


def before(policy: Policy, leaf: Leaf) -> Changes:
    """Another date of the same kind of target; without one the lead stands for it."""
    kind = str(leaf.value).partition(".")[0]
    for name, field in policy.fields.items():
        alike = name.startswith(f"{kind}.") and name != leaf.value
        if alike and field.type in ("date", "datetime"):
            yield set_to(leaf.keys, name)
            return
