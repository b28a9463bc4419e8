"""The kinds of subjects that the packs in force declare, unified by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.adoption import queries as adoption
from huiyin.core.errors import NotFound
from huiyin.records.typed import is_free_text

REGISTERED = "registered"
"""The first event of every subject; no pack has to declare it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of subject: its title, its typed fields, the events that may happen to it.

    ``reported``: nothing happens to it before it was called in.
    """

    key: str
    title: str
    fields: Mapping[str, Any]
    events: Mapping[str, str]
    children: tuple[str, ...] = ()
    reported: bool = False
    many: str = ""
    """What a list of them is called."""
    held_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The positions whose holders a field names; any other person field names whoever works there."""

    def typed(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The values that rules may read, by full name; free text stays out of facts."""
        return {
            f"{self.key}.{name}": fields[name]
            for name, field in self.fields.items()
            if not is_free_text(field) and fields.get(name) is not None
        }

    def written(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """What people wrote, by field key."""
        return {
            name: value
            for name, value in fields.items()
            if name in self.fields and is_free_text(self.fields[name])
        }

    def field_title(self, name: str) -> str:
        return self.fields[name].title.say(language()) if name in self.fields else name

    def titles_of(self, names: Iterable[str]) -> list[str]:
        return [self.field_title(name) for name in names]

    def event_title(self, fact_kind: str) -> str:
        event = fact_kind.rpartition(".")[2]
        return self.events.get(event) or (_("登记") if event == REGISTERED else event)


def kinds() -> list[Kind]:
    """Every kind that a policy in force tracks, in the order of adoption."""
    found: dict[str, list[tuple[Any, Mapping[str, str]]]] = {}
    for adopted, pack in adoption.current():
        for key, subject in pack.policy.subjects.items():
            found.setdefault(key, []).append((subject, adopted.role_map))
    return [_unified(key, declared) for key, declared in found.items()]


def kind_of(key: str) -> Kind:
    """The kind of that key; raises NotFound when no policy in force declares it."""
    for kind in kinds():
        if kind.key == key:
            return kind
    raise NotFound(_("启用的制度里没有“%(kind)s”这类跟踪对象。") % {"kind": key})


def is_of_a_unit(key: str) -> bool:
    """Whether no record about such a thing is a follow-up with a customer: an event, say."""
    contacts = [
        pack.policy.is_contact(form)
        for _adoption, pack in adoption.current()
        for form in pack.policy.forms.values()
        if key in form.about
    ]
    return bool(contacts) and not any(contacts)


def fields_for_people() -> list[tuple[str, str]]:
    """Every field that names a person, with its kind."""
    return [
        (kind.key, name)
        for kind in kinds()
        for name, field in kind.fields.items()
        if field.type == "person"
    ]


def recurs(fact_kind: str) -> bool:
    """Whether some policy counts from the last such event, so that each is one of many."""
    return any(
        duty.since == fact_kind
        for _adoption, pack in adoption.current()
        for duty in pack.policy.duties.values()
    )


def language() -> str:
    return get_language() or "zh"


def _unified(key: str, declared: Sequence[tuple[Any, Mapping[str, str]]]) -> Kind:
    """Adoption has refused a conflict of types, so the first declaration of a field holds.

    ``declared``: each with the positions to which its adoption maps roles.
    """
    tongue = language()
    fields: dict[str, Any] = {}
    events: dict[str, str] = {}
    held_by: dict[str, frozenset[str]] = {}
    for subject, positions in declared:
        for name, spec in subject.fields.items():
            if name not in fields and spec.held_by:
                held_by[name] = frozenset(positions.get(role, role) for role in spec.held_by)
        fields = {**subject.fields, **fields}
        events = {**{e: title.say(tongue) for e, title in subject.facts.items()}, **events}
    return Kind(
        key=key,
        title=declared[0][0].title.say(tongue),
        fields=fields,
        events=events,
        children=tuple(dict.fromkeys(child for each, _map in declared for child in each.children)),
        reported=any(each.reported for each, _map in declared),
        many=declared[0][0].title.say_many(tongue),
        held_by=held_by,
    )
