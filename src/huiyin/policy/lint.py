"""Judges the sense of a pack: what its form alone cannot show.

Errors make a pack unusable; infos (a clause bound to nothing) only tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.policy import builtin
from huiyin.policy.conditions import Condition
from huiyin.policy.declared import FormField
from huiyin.policy.errors import PackError
from huiyin.policy.forms import SERIAL
from huiyin.policy.guards import never_told, not_kept
from huiyin.policy.lint_bindings import lint_bindings
from huiyin.policy.lint_cycles import cycles
from huiyin.policy.lint_duties import lint_duty
from huiyin.policy.lint_names import Names, Path
from huiyin.policy.pack import Pack
from huiyin.policy.rules import Guard, Indicator, Score, Table
from huiyin.policy.settled import fault_of, is_nothing, limits_set


def lint(pack: Pack) -> list[PackError]:
    """Every finding, in the order of the text."""
    names = Names(pack)
    policy = pack.policy
    found = [
        *_ids(names),
        *_settings(names),
        *_subjects(names),
        *_forms(names),
        *(error for table in policy.tables.values() for error in _table(names, table)),
        *(error for duty in policy.duties.values() for error in lint_duty(names, duty)),
        *(error for guard in policy.guards.values() for error in _guard(names, guard)),
        *(error for score in policy.scores.values() for error in _score(names, score)),
        *(error for rate in policy.indicators.values() for error in _indicator(names, rate)),
        *cycles(names),
        *lint_bindings(names),
    ]
    return sorted(found, key=lambda error: (error.file, error.line, error.column))


def _ids(names: Names) -> Iterator[PackError]:
    """Ids that would name two things at once."""
    policy = names.policy
    seen: set[str] = set()
    for part in ("duties", "guards", "scores", "indicators", "tables"):
        for key in getattr(policy, part):
            if key in seen:
                yield names.at.error("two_rules", (part, key), of_key=True, value=key)
            seen.add(key)
    taken = {name.partition(".")[0] for name in (*builtin.FACTS, *builtin.FIELDS)}
    for part, also in (
        ("subjects", taken),
        ("forms", {*taken, *policy.subjects}),
        ("parties", set(policy.roles)),
        ("tables", {*taken, *policy.subjects, *policy.forms}),
    ):
        for key in getattr(policy, part):
            if key in also:
                yield names.at.error("taken", (part, key), of_key=True, value=key)
    for key, subject in policy.subjects.items():
        for fact in subject.facts:
            if fact in ("met", "missed") and key in policy.duties:
                path = ("subjects", key, "facts", fact)
                yield names.at.error("taken", path, of_key=True, value=f"{key}.{fact}")


def _settings(names: Names) -> Iterator[PackError]:
    limiting = limits_set(names.policy.duties.values())
    for key, setting in names.policy.settings.items():
        path = ("settings", key)
        yield from names.role(setting.owner, (*path, "owner"))
        if setting.default is None:
            continue
        fault = fault_of(setting, setting.default)
        if fault is not None:
            yield names.at.error(fault, (*path, "default"), value=setting.default)
        elif key in limiting and is_nothing(setting, setting.default):
            yield names.at.error("zero_length", (*path, "default"), value=setting.default)


def _subjects(names: Names) -> Iterator[PackError]:
    for key, subject in names.policy.subjects.items():
        for number, child in enumerate(subject.children):
            path = ("subjects", key, "children", number)
            if child not in names.policy.subjects:
                allowed = ", ".join(names.policy.subjects)
                yield names.at.error("unknown_about", path, value=child, allowed=allowed)
        for name, field in subject.fields.items():
            for role in field.held_by:
                yield from names.role(role, ("subjects", key, "fields", name, "held_by"))


def _forms(names: Names) -> Iterator[PackError]:
    for key, form in names.policy.forms.items():
        path: Path = ("forms", key)
        for number, kind in enumerate(form.about):
            yield from names.about(kind, (*path, "about", number))
        if SERIAL.search(form.number) is None:
            yield names.at.error("no_serial", (*path, "number"), value=form.number)
        if form.reviews is not None:
            yield from names.form(form.reviews, (*path, "reviews"))
        for name, field in form.fields.items():
            yield from _field(names, f"{key}.{name}", field, (*path, "fields", name))


def _field(names: Names, name: str, field: FormField, path: Path) -> Iterator[PackError]:
    if field.required_if is not None:
        yield from names.condition(field.required_if, (*path, "required_if"))
    if field.prefill is not None and field.prefill.setting is not None:
        yield from names.setting(field.prefill.setting, (*path, "prefill", "setting"))
    if field.prefill is not None and field.prefill.field is not None:
        yield from names.field(field.prefill.field, (*path, "prefill", "field"))
    if field.latest is not None:
        latest = (*path, "latest")
        form = name.partition(".")[0]
        yield from names.setting(field.latest.setting, (*latest, "setting"), wanted="length")
        yield from names.field(f"{form}.{field.latest.unless}", (*latest, "unless"), "text")
    for role in field.by:
        yield from names.role(role, (*path, "by"))
    for role in field.held_by:
        yield names.at.error("held_by_elsewhere", (*path, "held_by"), value=role)
    if field.list_of is not None:
        yield from names.population(field.list_of, (*path, "list_of"))
    for answer, kind in field.raises.items():
        raised = (*path, "raises", answer)
        yield from names.choice_of(name, answer, raised, of_key=True)
        yield from names.choice_of("case.kind", kind, raised)


def _table(names: Names, table: Table) -> Iterator[PackError]:
    path: Path = ("tables", table.key)
    for number, kind in enumerate(table.on):
        yield from names.fact(kind, (*path, "on", number))
    yield from names.role(table.ask, (*path, "ask"))
    for number, row in enumerate(table.rows):
        here = (*path, "rows", number)
        yield from names.condition(row.when, (*here, "when"))
        if row.give not in table.results:
            allowed = ", ".join(table.results)
            place = (*here, "give")
            yield names.at.error(
                "unknown_choice", place, value=row.give, field=table.key, allowed=allowed
            )


def _guard(names: Names, guard: Guard) -> Iterator[PackError]:
    path: Path = ("guards", guard.key)
    acts = (
        *builtin.ACTS,
        *(f"{kind}.{fact}" for kind, s in names.policy.subjects.items() for fact in s.facts),
    )
    for number, act in enumerate(guard.before):
        if act not in acts:
            place = (*path, "before", number)
            allowed = ", ".join(acts)
            yield names.at.error("unknown_act", place, value=act, allowed=allowed)
    if guard.where is not None:
        yield from _asked(names, guard.where, (*path, "where"))
        for name in not_kept(guard.where):
            yield names.at.error("not_kept", (*path, "where", name), of_key=True, value=name)
    for number, item in enumerate(guard.require):
        place = (*path, "require", number)
        if isinstance(item, str):
            yield from names.field(item, place)
        else:
            yield from _asked(names, item, place)
    if guard.deny is not None:
        yield from _asked(names, guard.deny, (*path, "deny"))


def _asked(names: Names, condition: Condition, path: Path) -> Iterator[PackError]:
    """A condition on an act: it reads what an act tells."""
    yield from names.condition(condition, path)
    for name in never_told(names.policy, condition):
        yield names.at.error("never_told", (*path, name), of_key=True, value=name)


def _score(names: Names, score: Score) -> Iterator[PackError]:
    path: Path = ("scores", score.key)
    if score.on is not None:
        yield from names.fact(score.on, (*path, "on"))
        if score.on.endswith((".met", ".missed", ".decided")) and not score.once_per:
            yield names.at.error("score_needs_once", (*path, "on"), value=score.on)
    if score.where is not None:
        yield from names.condition(score.where, (*path, "where"))
    if not isinstance(score.points, int):
        yield from names.counting(score.points.setting, (*path, "points"))
    for number, name in enumerate(score.once_per):
        yield from names.field(name, (*path, "once_per", number))
    for number, key in enumerate(score.unless):
        if key not in names.policy.scores or key == score.key:
            yield names.at.error("unknown_score", (*path, "unless", number), value=key, nearest="")
    if score.contest is not None and score.contest.is_nothing:
        yield names.at.error("zero_length", (*path, "contest"), value=str(score.contest))
    yield from _whom(names, score, path)


def _whom(names: Names, score: Score, path: Path) -> Iterator[PackError]:
    to = score.to
    for role in (score.each, score.confirm, to.role if to else None):
        if role is not None:
            yield from names.role(role, path)
    for field in (to.person, to.head_of) if to else ():
        if field is not None:
            yield from names.deciding(field, (*path, "to"), "person")


def _indicator(names: Names, rate: Indicator) -> Iterator[PackError]:
    path: Path = ("indicators", rate.key)
    yield from names.population(rate.whole, (*path, "whole"))
    yield from names.population(rate.part, (*path, "part"))
    for word in ("at_least", "less_than"):
        if getattr(rate, word) == 0:
            yield names.at.error("zero_rate", (*path, word), value=word)
    for number, key in enumerate(rate.beside):
        if key not in names.policy.indicators or key == rate.key:
            place = (*path, "beside", number)
            yield names.at.error("unknown_indicator", place, value=key, nearest="")
