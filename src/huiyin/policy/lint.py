"""Judges the sense of a pack: what its form alone cannot show.

Errors make a pack unusable; infos (a clause bound to nothing) only tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.policy import builtin
from huiyin.policy.errors import PackError
from huiyin.policy.lengths import (
    Length,
    NotALength,
    NotAPercentage,
    parse_length,
    parse_percent,
)
from huiyin.policy.lint_bindings import lint_bindings
from huiyin.policy.lint_names import Names, Path
from huiyin.policy.pack import Pack
from huiyin.policy.schema import Duty, Guard, SettingRef, Within, lengths_of

_HOURS = {"h": 1, "eod": 24, "d": 24, "wd": 24, "w": 24 * 7, "mo": 24 * 30}


def lint(pack: Pack) -> list[PackError]:
    """Every finding, in the order of the text."""
    names = Names(pack)
    found = [
        *_ids(names),
        *_settings(names),
        *_forms(names),
        *(error for duty in pack.policy.duties.values() for error in _duty(names, duty)),
        *(error for guard in pack.policy.guards.values() for error in _guard(names, guard)),
        *_cycles(names),
        *lint_bindings(names),
    ]
    return sorted(found, key=lambda error: (error.file, error.line, error.column))


def _ids(names: Names) -> Iterator[PackError]:
    """Ids that would name two things at once."""
    policy = names.policy
    for key in policy.guards:
        if key in policy.duties:
            yield names.at.error("two_rules", ("guards", key), of_key=True, value=key)
    taken = {name.partition(".")[0] for name in (*builtin.FACTS, *builtin.FIELDS)} | {"fact"}
    for part, keys in (("subjects", policy.subjects), ("forms", policy.forms)):
        for key in keys:
            if key in taken or (part == "forms" and key in policy.subjects):
                yield names.at.error("taken", (part, key), of_key=True, value=key)
    for key, subject in policy.subjects.items():
        for fact in subject.facts:
            if fact in ("met", "missed") and key in policy.duties:
                path = ("subjects", key, "facts", fact)
                yield names.at.error("taken", path, of_key=True, value=f"{key}.{fact}")


def _settings(names: Names) -> Iterator[PackError]:
    for key, setting in names.policy.settings.items():
        path = ("settings", key)
        yield from names.role(setting.owner, (*path, "owner"))
        if setting.default is None:
            continue
        try:
            if setting.type == "length":
                parse_length(setting.default)
            elif setting.type == "percent":
                parse_percent(setting.default)
            elif setting.type == "number" and not _is_number(setting.default):
                yield names.at.error("not_a_number", (*path, "default"), value=setting.default)
        except NotALength:
            yield names.at.error("not_a_length", (*path, "default"), value=setting.default)
        except NotAPercentage:
            yield names.at.error("not_a_percentage", (*path, "default"), value=setting.default)


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()


def _forms(names: Names) -> Iterator[PackError]:
    for key, form in names.policy.forms.items():
        path: Path = ("forms", key)
        for number, kind in enumerate(form.about):
            yield from names.about(kind, (*path, "about", number))
        if "{serial" not in form.number:
            yield names.at.error("no_serial", (*path, "number"), value=form.number)
        for name, field in form.fields.items():
            here = (*path, "fields", name)
            if field.required_if is not None:
                yield from names.condition(field.required_if, (*here, "required_if"))
            if field.prefill is not None and field.prefill.setting is not None:
                yield from names.setting(field.prefill.setting, (*here, "prefill", "setting"))
            if field.prefill is not None and field.prefill.field is not None:
                yield from names.field(field.prefill.field, (*here, "prefill", "field"))
            for answer, kind in field.raises.items():
                raised = (*here, "raises", answer)
                yield from names.choice_of(f"{key}.{name}", answer, raised, of_key=True)
                yield from names.choice_of("case.kind", kind, raised)


def _duty(names: Names, duty: Duty) -> Iterator[PackError]:
    path: Path = ("duties", duty.key)
    yield from names.fact(duty.on, (*path, "on"))
    if duty.where is not None:
        yield from names.condition(duty.where, (*path, "where"), must_be_filled=True)
    yield from _clock(names, duty, path)
    yield from _owners(names, duty, path)
    yield from _proof(names, duty, path)
    hours = -1
    for number, step in enumerate(duty.late):
        here = (*path, "late", number)
        for recipient in step.tell:
            yield from names.recipient(recipient, (*here, "tell"))
        if _hours(step.after) < hours:
            yield names.at.error("late_order", (*here, "after"), value=str(step.after))
        hours = _hours(step.after)
    for role in duty.tell:
        yield from names.role(role, (*path, "tell"))


def _hours(length: Length) -> int:
    return max(length.amount, length.unit == "eod") * _HOURS[length.unit]


def _clock(names: Names, duty: Duty, path: Path) -> Iterator[PackError]:
    if duty.at is not None:
        yield from names.deciding(duty.at, (*path, "at"), "date", "datetime")
    within = duty.within
    here = (*path, "within")
    if within is None:
        return
    if within.length is not None:
        yield from _length(names, within.length, here)
    if within.setting is not None:
        yield from names.setting(within.setting, (*here, "setting"), wanted="length")
    if within.same_as is not None:
        yield from _same_as(names, duty, here)
    if within.pick is not None:
        yield from _pick(names, within, within.pick, here)


def _length(names: Names, length: Length | SettingRef, path: Path) -> Iterator[PackError]:
    if isinstance(length, SettingRef):
        yield from names.setting(length.setting, path, wanted="length")
    elif length.amount == 0 and length.unit != "eod":
        yield names.at.error("zero_length", path, value=str(length))


def _pick(names: Names, within: Within, field: str, path: Path) -> Iterator[PackError]:
    yield from names.deciding(field, (*path, "pick"), "choice", "choice_ordered")
    for choice, length in lengths_of(within).items():
        yield from _length(names, length, (*path, choice))
        if choice != "else":
            yield from names.choice_of(field, choice, (*path, choice), of_key=True)
    if within.otherwise is not None:
        return
    for choice in names.choices(field):
        if choice not in within.lengths:
            yield names.at.error("choice_not_covered", path, of_key=True, choice=choice)


def _same_as(names: Names, duty: Duty, path: Path) -> Iterator[PackError]:
    seen = [duty.key]
    here: Duty | None = duty
    while here is not None and here.within is not None and here.within.same_as is not None:
        key = here.within.same_as
        if key in seen:
            yield names.at.error("same_as_circle", (*path, "same_as"), value=duty.key)
            return
        if len(seen) == 1:
            yield from names.duty(key, (*path, "same_as"))
        seen.append(key)
        here = names.policy.duties.get(key)


def _owners(names: Names, duty: Duty, path: Path) -> Iterator[PackError]:
    if duty.share is not None:
        for role in duty.share.roles:
            yield from names.role(role, (*path, "share", role), of_key=True)
        if duty.share.exclude is not None:
            yield from names.deciding(duty.share.exclude, (*path, "share", "not"), "person")
    if duty.owed_by is None:
        return
    here = (*path, "owed_by")
    for number, role in enumerate(duty.owed_by.any_of):
        yield from names.role(role, (*here, "any_of", number))
    if duty.owed_by.person not in (None, "fact.by"):
        yield from names.deciding(str(duty.owed_by.person), (*here, "person"), "person")
    if duty.owed_by.exclude is not None:
        yield from names.deciding(duty.owed_by.exclude, (*here, "not"), "person")


def _proof(names: Names, duty: Duty, path: Path) -> Iterator[PackError]:
    proof = duty.proof
    here = (*path, "proof")
    if proof.fact is not None:
        yield from names.fact(proof.fact, (*here, "fact"))
    if proof.record is None:
        return
    yield from names.form(proof.record, (*here, "record"))
    if proof.sent_to is not None:
        yield from names.deciding(proof.sent_to, (*here, "sent_to"), "person")
    form = names.policy.forms.get(proof.record)
    for name, demand in proof.signed_by.items():
        field = form.fields.get(name) if form else None
        fits = field and field.type == "signature"
        if not field or not fits or field.or_reason != (demand == "or_reason"):
            yield names.at.error("signature_mismatch", (*here, "signed_by", name), value=name)


def _guard(names: Names, guard: Guard) -> Iterator[PackError]:
    path: Path = ("guards", guard.key)
    for number, act in enumerate(guard.before):
        if act not in builtin.ACTS:
            place = (*path, "before", number)
            allowed = ", ".join(builtin.ACTS)
            yield names.at.error("unknown_act", place, value=act, allowed=allowed)
    if guard.where is not None:
        yield from names.condition(guard.where, (*path, "where"))
    for number, item in enumerate(guard.require):
        place = (*path, "require", number)
        if isinstance(item, str):
            yield from names.field(item, place)
        else:
            yield from names.condition(item, place)
    if guard.deny is not None:
        yield from names.condition(guard.deny, (*path, "deny"))


def _cycles(names: Names) -> Iterator[PackError]:
    """A duty that engine facts alone lead back to itself would open without end."""
    duties = names.policy.duties
    before = {key: {_source(names, duty.on)} - {None} for key, duty in duties.items()}
    for key, duty in duties.items():
        if duty.proof.fact is not None:
            before[key] |= {_source(names, duty.proof.fact)} - {None}
    reported: set[str] = set()
    for key in duties:
        way = _way_back(key, before)
        if way and not reported & set(way):
            reported.update(way)
            shown = " → ".join([key, *reversed(way[1:]), key])
            yield names.at.error("cycle", ("duties", key, "on"), value=shown)


def _source(names: Names, kind: str) -> str | None:
    name, _, ending = kind.rpartition(".")
    return name if ending in ("met", "missed") and name in names.policy.duties else None


def _way_back(start: str, before: dict[str, set[str | None]]) -> list[str]:
    """The way from a duty back to itself, or nothing."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for key in before.get(way[-1], ()):
            if key == start:
                return way
            if key is not None and key not in seen:
                seen.add(key)
                ways.append([*way, key])
    return []
