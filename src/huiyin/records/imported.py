"""What rooms whose things come from files have in common: declared fields as columns, and what
stands in the way of taking an import back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.accounts.queries import moment_said
from huiyin.imports.importer import CREATE, Brought, Obstacle, Occasion
from huiyin.imports.values import Expected, Type
from huiyin.ledger.models import Fact, Target
from huiyin.obligations import retracting
from huiyin.records.timeline import titled
from huiyin.records.typed import PERSONS, said

TYPES: Mapping[str, Type] = {
    "choice": "choice",
    "choice_ordered": "choice",
    "text": "text",
    "number": "number",
    "money": "number",
    "date": "date",
    "datetime": "datetime",
    "boolean": "boolean",
    "person": "name",
}
"""Declared field type → what a cell is read as; a person is found by number or name afterwards."""

LAST = "fact"
"""What of an effect says after which fact it stood."""


def expected_of(declared: Any, *, called: tuple[str, ...] = ()) -> Expected:
    """A declared field as a column: its titles in both languages, its choices as files name them.

    ``called``: what else files call it.
    """
    language = get_language() or "zh"
    choices = declared.choices or {}
    return Expected(
        TYPES[declared.type],
        required=declared.required is True,
        choices={key: title.say("zh") for key, title in choices.items()},
        shown={key: title.say(language) for key, title in choices.items()},
        title=declared.title.say(language),
        aliases=(declared.title.say("zh"), declared.title.say("en"), *called),
        constant=TYPES[declared.type] in ("choice", "name"),
    )


def in_the_way(rows: Sequence[Brought], *, occasion: Occasion) -> list[Obstacle]:
    """What was built since on what an import brought; of what it only changed, what came later."""
    targets = {row.target for row in rows}
    stated = retracting.stated_since(targets, occasion.source)
    done = retracting.fulfilled(targets, occasion.source)
    made = [row.target for row in rows if row.act == CREATE]
    hanging = retracting.hanging_on(made)
    titles = titled([fact for facts in stated.values() for fact in facts])
    labels = dict(Target.objects.filter(pk__in=list(hanging)).values_list("pk", "label"))
    found: dict[int, Obstacle] = {}
    for row in rows:
        after = (row.after or {}).get(LAST, 0)
        facts = [fact for fact in stated.get(row.target, ()) if fact.pk > after]
        if facts:
            why = _("之后登记了“%(what)s”（%(when)s）") % {
                "what": titles[facts[0].pk],
                "when": _moment(facts[0]),
            }
            label = facts[0].target.label
        elif others := hanging.get(row.target):
            why = _("已有 %(count)s 项事情与它有关，例如 %(label)s") % {
                "count": len(others),
                "label": others[0].label,
            }
            label = labels[row.target]
        elif fulfilled := done.get(row.target):
            why = _("因它产生的义务已经办结")
            label = fulfilled[0].opener.target.label
        else:
            continue
        found.setdefault(row.target, Obstacle(row.number, label, why))
    return list(found.values())


def _moment(fact: Fact) -> str:
    return moment_said(fact.happened_at)


def kept_said(declared: Any, value: Any) -> str:
    """What a declared field holds already, in words; who it is, a row is not told."""
    return "" if declared.type in PERSONS else said(declared, value, {})
