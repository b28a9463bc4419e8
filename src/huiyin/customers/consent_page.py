"""同意 of one customer as its pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.accounts.visibility import Viewer
from huiyin.core.punctuation import chained, explained, listed
from huiyin.customers import access, consent
from huiyin.customers.models import Contact, Customer
from huiyin.ledger.models import Fact
from huiyin.records.contacts import Channel, said_of
from huiyin.records.queries import names

STATES = {
    "given": gettext_lazy("同意"),
    "withdrawn": gettext_lazy("已撤回"),
    "": gettext_lazy("未表示"),
}
DECISIONS = {consent.GIVEN: gettext_lazy("同意"), consent.WITHDRAWN: gettext_lazy("撤回同意")}


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of the history; ``fact`` is its id where the viewer may take it back."""

    at: datetime
    decision: str
    about: str
    told: str
    evidence: str
    taken_back: str
    fact: int | None


def summary(said: Sequence[Fact]) -> list[tuple[str, str]]:
    """Purpose → how its channels stand, those alike together; all alike in one word."""
    found = []
    for purpose, row in consent.standings(said):
        by_state: dict[str, list[str]] = {}
        for each in row:
            by_state.setdefault(each.state, []).append(str(Channel(each.channel).label))
        parts = [
            str(STATES[state]) if len(by_state) == 1 else explained(STATES[state], listed(channels))
            for state, channels in by_state.items()
        ]
        found.append((purpose, chained(parts)))
    return found


def whole(customer: Customer, *, viewer: Viewer) -> dict[str, Any]:
    """The page but for its form; a fixed number of statements."""
    every = consent.history(customer.pk)
    standing = [fact for fact in every if not _void(fact)]
    people = names([fact.recorded_by_id for fact in every])
    functions = dict(Contact.objects.filter(customer=customer).values_list("pk", "relation"))
    return {
        "customer": customer,
        "standings": summary(standing),
        "lines": [_line(fact, customer, viewer, people, functions) for fact in every],
    }


def _line(
    fact: Fact,
    customer: Customer,
    viewer: Viewer,
    people: dict[int, str],
    functions: dict[int, str],
) -> Line:
    void = _void(fact)
    note, why = getattr(fact, "note", None), getattr(void, "note", None)
    how = str(dict(consent.How.choices).get(fact.values["consent.how"], ""))
    who = functions.get(fact.values.get("consent.contact", 0), "")
    recorder = people.get(fact.recorded_by_id or 0, "")
    return Line(
        at=fact.happened_at,
        decision=str(DECISIONS[fact.kind]),
        about=said_of(fact.values["consent.channel"], fact.values["consent.purpose"]),
        told=" · ".join(filter(None, (how, who, explained(_("登记人"), recorder)))),
        evidence=note.text if note else "",
        taken_back=_("已撤销：%s") % (why.text if why else "") if void else "",
        fact=fact.pk if void is None and access.may_void(viewer, customer, fact) else None,
    )


def _void(fact: Fact) -> Fact | None:
    return getattr(fact, "voided_by", None)
