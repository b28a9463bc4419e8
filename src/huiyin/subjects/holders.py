"""Whom a subject's field of persons may name: whoever works there, or holders of certain roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from huiyin.accounts.models import Position
from huiyin.accounts.queries import have_held, holders, people_around
from huiyin.core.punctuation import listed
from huiyin.records.queries import names
from huiyin.subjects.declared import Kind

People = Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Offered:
    """Who may be chosen for each field of a kind, in a unit and above it, by name."""

    people: Mapping[str, People]
    hints: Mapping[str, str]

    def of(self, name: str) -> dict[str, Any]:
        """The choices of the field's control, and what to do where there are none."""
        found: dict[str, Any] = {"choices": self.people[name]} if name in self.people else {}
        return found | ({"help": self.hints[name]} if name in self.hints else {})


def offered(kind: Kind, unit: int | None, *, at: datetime) -> Offered:
    """The choices at a moment; nothing is asked of the database for a kind that names nobody."""
    fields = [name for name, field in kind.fields.items() if field.type == "person"]
    if not fields:
        return Offered({}, {})
    wanted = frozenset().union(*kind.held_by.values())
    held = holders(wanted, [unit], at)
    everybody = people_around(unit, at=at)
    people: dict[str, People] = {}
    for name in fields:
        positions = kind.held_by.get(name)
        fit = {who for code in positions or () for who in held.get((code, unit), ())}
        people[name] = [each for each in everybody if positions is None or each[0] in fit]
    titles = _titles(wanted)
    missing = _("这个单位和上级单位还没有人担任%s；请先在“设置 → 人员”里安排。")
    return Offered(
        people, {n: missing % _said(kind, n, titles) for n in kind.held_by if not people[n]}
    )


def misnamed(
    kind: Kind, rows: Sequence[tuple[Mapping[str, Any], int | None]]
) -> list[dict[str, list[str]]]:
    """What is wrong with the persons of each row of typed values and its unit, by field.

    Who held the role and left may be named of what he did then. A statement for each field that
    names holders; two more where somebody is wrong.
    """
    wrong: list[tuple[int, str]] = []
    for name, positions in kind.held_by.items():
        named = {(v[name], unit) for v, unit in rows if v.get(name) is not None}
        known = have_held(named, positions)
        wrong += [
            (place, name)
            for place, (values, unit) in enumerate(rows)
            if values.get(name) is not None and (values[name], unit) not in known
        ]
    found: list[dict[str, list[str]]] = [{} for _row in rows]
    if wrong:
        people = names([rows[place][0][name] for place, name in wrong])
        titles = _titles(frozenset().union(*kind.held_by.values()))
        said = _(
            "%(who)s没有在这个单位或上级单位担任过%(roles)s，请改选担任的人，或先在“设置 → 人员”里给他任职。"
        )
        for place, name in wrong:
            # Who is nobody of the firm was told so already.
            if who := people.get(rows[place][0][name]):
                found[place][name] = [said % {"who": who, "roles": _said(kind, name, titles)}]
    return found


def _titles(positions: frozenset[str]) -> Mapping[str, str]:
    return {each.code: each.words for each in Position.objects.filter(code__in=positions)}


def _said(kind: Kind, name: str, titles: Mapping[str, str]) -> str:
    return listed(sorted(titles.get(code, code) for code in kind.held_by[name]))
