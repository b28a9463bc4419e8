"""Whom an imported row lets one call, and what of it somebody has to look into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from huiyin.core import phones
from huiyin.core.punctuation import sentences
from huiyin.core.signs import as_code
from huiyin.customers.models import Contact
from huiyin.customers.services import NewContact
from huiyin.imports.refusals import Refused
from huiyin.imports.remedies import sentence
from huiyin.ledger.models import SKEW

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


def odd_dates(values: Mapping[str, Any], *, now: datetime) -> dict[str, str]:
    """By name, why a date of the row cannot be meant: it is left out, and the household taken."""
    odd = {
        name: sentence(value["code"], detail=value["detail"])
        for name, value in values.items()
        if isinstance(value, dict)
    }
    registered = values.get("registered")
    if isinstance(registered, str) and datetime.fromisoformat(registered) > now + SKEW:
        odd["registered"] = sentence("future")
    return odd


def doubt_of(values: Mapping[str, Any], odd: Mapping[str, str]) -> Refused | None:
    """What somebody has to look into of a row that is taken all the same; ``odd``: its dates."""
    wrong = _wrong_phones(values)
    if not wrong:
        return _of_dates(odd) if odd else None
    dates = _("日期也没有记下：%(why)s") % {"why": sentences(odd.values())} if odd else ""
    code = "phone_kept" if any(map(_is_kept, wrong)) else "phone_left"
    return Refused(code, "phone", detail=dates)


def _of_dates(odd: Mapping[str, str]) -> Refused:
    name = next(iter(odd))
    code = "registered_left" if name == "registered" else "date_left"
    return Refused(code, name, detail=sentences(odd.values()))


def phones_of(customers: Collection[int]) -> Mapping[int, set[str]]:
    """By customer, by what each number is found that one may call there already."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Contact.objects.filter(customer__in=customers)
    for customer, index in rows.values_list("customer_id", "phone_index"):
        found[customer].add(index)
    return found
