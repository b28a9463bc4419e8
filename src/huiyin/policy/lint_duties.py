"""Judges one duty: its opener, clock, owner and proof name what is there and fit together."""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.policy.declared import SettingRef
from huiyin.policy.duties import Duty, Proof
from huiyin.policy.errors import PackError
from huiyin.policy.lengths import Length
from huiyin.policy.limits import StartOf, Within, lengths_of
from huiyin.policy.lint_names import Names, Path
from huiyin.policy.periods import Cadence
from huiyin.policy.schema import NOT_FIELDS

MOST_A_YEAR = 1_000
"""Obligations of one duty about one member."""
_A_YEAR = {
    "day": 366,
    "workday": 366,
    "week": 53,
    "month": 12,
    "quarter": 4,
    "year": 1,
    "holiday": 12,
}
_HOURS = {"h": 1, "eod": 24, "d": 24, "wd": 34, "w": 24 * 7, "mo": 24 * 30}


def lint_duty(names: Names, duty: Duty) -> Iterator[PackError]:
    """Every finding in one duty."""
    path: Path = ("duties", duty.key)
    yield from _opener(names, duty, path)
    yield from _times(names, duty, path)
    yield from _clock(names, duty, path)
    yield from _owners(names, duty, path)
    if duty.proof is not None:
        yield from _proof(names, duty, duty.proof, path)
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
    for number, channel in enumerate(duty.channel):
        yield from names.choice_of("followup.channel", channel, (*path, "channel", number))


def _hours(length: Length) -> int:
    return max(length.amount, length.unit == "eod") * _HOURS[length.unit]


def _opener(names: Names, duty: Duty, path: Path) -> Iterator[PackError]:
    for kind in duty.facts:
        yield from names.fact(kind, (*path, "on"))
    if duty.where is not None:
        yield from names.condition(duty.where, (*path, "where"), must_be_filled=True)
    for word in ("since", "until"):
        kind = getattr(duty, word)
        if (
            kind is not None
            and kind not in names.facts
            and not (word == "since" and kind in names.policy.fields)
        ):
            yield from names.fact(kind, (*path, word))
    if isinstance(duty.every, SettingRef):
        yield from names.setting(duty.every.setting, (*path, "every"), wanted="length")
    if duty.before is not None:
        yield from names.field(duty.before, (*path, "before"), "date", "datetime")
    if duty.over is not None:
        yield from names.population(duty.over, (*path, "over"))
    if duty.draw is not None and isinstance(duty.draw.share, SettingRef):
        here = (*path, "draw", "share")
        yield from names.setting(duty.draw.share.setting, here, wanted="percent")
    yield from _quota(names, duty, (*path, "quota"))
    yield from _each(names, duty, (*path, "each"))


def _times(names: Names, duty: Duty, path: Path) -> Iterator[PackError]:
    """What one member, or one holder, would owe in a year."""
    most = max(duty.times, duty.want or 0)
    yearly = most * (_periods_a_year(duty.every) if isinstance(duty.every, Cadence) else 1)
    if most > 1 and yearly > MOST_A_YEAR:
        word = "want" if most == duty.want else "times"
        yield names.at.error(
            "too_often", (*path, word), value=most, count=yearly, limit=MOST_A_YEAR
        )


def _periods_a_year(cadence: Cadence) -> int:
    if cadence.length is None:
        return _A_YEAR[cadence.unit]
    return max(365 * 24 // _hours(cadence.length), 1)


def _quota(names: Names, duty: Duty, path: Path) -> Iterator[PackError]:
    quota = duty.quota
    if quota is None:
        return
    yield from names.fact(quota.of, (*path, "of"))
    if not isinstance(quota.at_least, int):
        yield from names.counting(quota.at_least.setting, (*path, "at_least"))
    if quota.where is not None:
        yield from names.condition(quota.where, (*path, "where"), must_be_filled=True)
    if quota.distinct not in (None, "target", "customer"):
        yield from names.field(str(quota.distinct), (*path, "distinct"))
    if quota.pool is not None:
        yield from names.population(quota.pool, (*path, "pool"))
    if not duty.roles:
        yield names.at.error("quota_needs_role", path, value=duty.key)


def _each(names: Names, duty: Duty, path: Path) -> Iterator[PackError]:
    each = duty.each
    recipients = duty.proof.sent_to if duty.proof else ()
    if each is None:
        if len(recipients) > 1:
            yield names.at.error("many_recipients", ("duties", duty.key, "proof"), value=duty.key)
    elif each.kind == "recipient" and not recipients:
        yield names.at.error("each_recipient", path, value=duty.key)
    elif each.kind == "person" and not duty.roles:
        yield names.at.error("each_person", path, value=duty.key)
    elif each.kind == "member":
        yield from names.deciding(str(each.field), (*path, "member"), "list", "people")


def _clock(names: Names, duty: Duty, path: Path) -> Iterator[PackError]:
    if duty.at is not None:
        yield from names.deciding(duty.at, (*path, "at"), "date", "datetime")
    if isinstance(duty.counts_from, StartOf):
        yield from names.fact(duty.counts_from.fact, (*path, "from"))
    if isinstance(duty.lead, SettingRef):
        yield from names.setting(duty.lead.setting, (*path, "lead"), wanted="length")
    if duty.extend is not None:
        yield from names.role(duty.extend.consent, (*path, "extend", "consent"))
        yield from _length(names, duty.extend.until, (*path, "extend", "until"))
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
    """A length in which something can be done, written here or in a setting."""
    if isinstance(length, SettingRef):
        yield from names.setting(length.setting, path, wanted="length")
    elif length.is_nothing:
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
        for role, part in duty.share.roles.items():
            yield from names.role(role, (*path, "share", role), of_key=True)
            if part == 0:
                yield names.at.error("zero_share", (*path, "share", role), value=role)
        if duty.share.exclude is not None:
            yield from names.deciding(duty.share.exclude, (*path, "share", "not"), "person")
    owed = duty.owed_by
    if owed is None:
        return
    here = (*path, "owed_by")
    for number, role in enumerate(owed.any_of):
        yield from names.role(role, (*here, "any_of", number))
    for word, name in (("person", owed.person), ("head_of", owed.head_of)):
        if name is not None and name not in NOT_FIELDS:
            yield from names.deciding(name, (*here, word), "person")
    if owed.exclude is not None:
        yield from _excluded(names, duty, owed.exclude, (*here, "not"))


def _excluded(names: Names, duty: Duty, name: str, path: Path) -> Iterator[PackError]:
    if name not in NOT_FIELDS:
        yield from names.deciding(name, path, "person")
    # A period has no fact, and without a population nothing names the person to leave out.
    if duty.on is None and (duty.over is None or name == "fact.by"):
        yield names.at.error("not_without_fact", path, value=name)


def _proof(names: Names, duty: Duty, proof: Proof, path: Path) -> Iterator[PackError]:
    here = (*path, "proof")
    if proof.fact is not None:
        yield from names.fact(proof.fact, (*here, "fact"))
    if proof.by is not None:
        yield from names.role(proof.by, (*here, "by"))
    if proof.other_than is not None and proof.other_than not in NOT_FIELDS:
        yield from names.field(proof.other_than, (*here, "other_than"), "person")
    for number, name in enumerate(proof.same):
        yield from names.field(name, (*here, "same", number))
    if proof.where is not None:
        yield from names.condition(proof.where, (*here, "where"))
    for number, name in enumerate(proof.sent_to):
        yield from _recipient(names, name, (*here, "sent_to", number))
    if proof.record is None:
        return
    yield from names.form(proof.record, (*here, "record"))
    form = names.policy.forms.get(proof.record)
    for name, demand in proof.signed_by.items():
        field = form.fields.get(name) if form else None
        fits = field and field.type == "signature"
        if not field or not fits or field.or_reason != (demand == "or_reason"):
            yield names.at.error("signature_mismatch", (*here, "signed_by", name), value=name)


def _recipient(names: Names, name: str, path: Path) -> Iterator[PackError]:
    """A person in a field, a role, or a party."""
    if "." in name:
        yield from names.deciding(name, path, "person")
    elif name not in names.policy.parties:
        yield from names.role(name, path)
