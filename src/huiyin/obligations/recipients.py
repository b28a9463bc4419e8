"""Whom a record has to reach: persons in fields, holders of roles, parties outside the firm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from huiyin.accounts.models import Person
from huiyin.adoption.models import Adoption, Party
from huiyin.adoption.queries import pack_of
from huiyin.ledger.models import Target
from huiyin.obligations.guards import language
from huiyin.obligations.loading import holders_for
from huiyin.obligations.models import Obligation
from huiyin.policy.owners import as_person
from huiyin.policy.refusals import title_of_field
from huiyin.policy.schema import Policy

Recipients = list[tuple[int, str]]
"""Target ids with who they are; a person's name stands on pages only, never in a fact."""


def is_sent(adoption: Adoption, form: str) -> bool:
    """Whether a duty of the policy is met only once the form is handed over to somebody."""
    return bool(_names(pack_of(adoption.policy_version_id).policy, form))


def recipients(
    adoption: Adoption, form: str, target: Target, values: Mapping[str, Any], *, now: datetime
) -> Recipients:
    """Everybody whom a duty of the policy wants to have the form, in the order of the policy.

    ``values`` are what is known about the target. A fixed number of statements.
    """
    policy = pack_of(adoption.policy_version_id).policy
    names = _names(policy, form)
    held = holders_for(
        adoption, {(name, target.unit_id) for name in names if name in policy.roles}, at=now
    )
    parties = dict(
        Party.objects.filter(policy=policy.policy, key__in=names).values_list("key", "target_id")
    )
    waiting = Obligation.objects.waiting().about(target.pk).exclude(recipient=None)
    waiting = waiting.filter(adoption=adoption, recipient__kind="person")
    found: dict[int, str] = {}
    for name in names:
        if name in parties:
            found[parties[name]] = policy.parties[name].title.say(language())
        for person in held.get((name, target.unit_id), ()):
            found.setdefault(person, policy.roles[name].title.say(language()))
        if (person := as_person(values.get(name))) is not None:
            found.setdefault(person, title_of_field(policy, name).say(language()))
    for person in waiting.values_list("recipient", flat=True):
        found.setdefault(person, "")
    return list(_named(found))


def recipient_words(row: Obligation) -> str:
    """Which of several recipients an obligation is about, as the policy calls it; else empty.

    No statement is made: ``row`` comes with its adoption.
    """
    _line, _of_several, name = row.line.partition(".to.")
    if not name:
        return ""
    policy = pack_of(row.adoption.policy_version_id).policy
    known = policy.parties.get(name) or policy.roles.get(name)
    return known.title.say(language()) if known else title_of_field(policy, name).say(language())


def _named(found: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """A person by his name and why he; a party by its title."""
    people = dict(Person.objects.filter(pk__in=found).values_list("pk", "name"))
    for target, title in found.items():
        name = people.get(target)
        yield target, title if name is None else " · ".join(filter(None, (name, title)))


def _names(policy: Policy, form: str) -> list[str]:
    """The fields, roles and parties to which duties want the form sent."""
    return list(
        dict.fromkeys(
            name
            for duty in policy.duties.values()
            if duty.proof is not None and duty.proof.record == form
            for name in duty.proof.sent_to
        )
    )
