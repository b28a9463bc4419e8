"""Whom an imported row lets one call, and what of it somebody has to look into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from huiyin.core import phones
from huiyin.core.signs import as_code
from huiyin.customers.models import Contact
from huiyin.customers.services import NewContact
from huiyin.imports.refusals import Refused

PHONE_LENGTH = 40
"""Characters at most of what is kept as it is written in the place of a phone number."""


def contacts_of(values: Mapping[str, Any]) -> list[NewContact]:
    """One for each number of the cell, of all of them with the same name and relation.

    A wrong one is kept as it is written. Raises Refused where the customer's own number is nothing
    but that: put right later, it would be another customer's.
    """
    name, relation = str(values.get("contact") or ""), str(values.get("relation") or "")
    wrong = _wrong_phones(values)
    if any(as_code(text) == values["number"] for text in wrong):
        raise Refused("phone", "phone")
    return [
        NewContact(phone, relation, name, unchecked=phone in wrong)
        for phone in values.get("phone") or ()
        if phone not in wrong or _is_kept(phone)
    ]


def _wrong_phones(values: Mapping[str, Any]) -> list[str]:
    """No numbers, or such as can be dialled, and behind which nobody of a household is: 12345."""
    return [text for text in values.get("phone") or () if not phones.is_phone(text)]


def _is_kept(text: str) -> bool:
    """Whether what is no number may be one with a slip in it: not 无, and no whole story."""
    return len(text) <= PHONE_LENGTH and any(sign.isdigit() for sign in text)


def doubt_of(values: Mapping[str, Any]) -> Refused | None:
    """What somebody has to look into of a row that is taken all the same."""
    wrong = _wrong_phones(values)
    if not wrong:
        return None
    return Refused("phone_kept" if any(map(_is_kept, wrong)) else "phone_left", "phone")


def phones_of(customers: Collection[int]) -> Mapping[int, set[str]]:
    """By customer, by what each number is found that one may call there already."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Contact.objects.filter(customer__in=customers)
    for customer, index in rows.values_list("customer_id", "phone_index"):
        found[customer].add(index)
    return found
