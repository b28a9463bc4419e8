from __future__ import annotations

import re

from django.db import models
from django.db.models import Q

from huiyin.accounts.visibility import Viewer, visible
from huiyin.core import crypto, phones

TAIL = re.compile(r"\d{4}")
PHONE = "customers_contact.phone"
"""What the blind index of a number is bound to."""


class CustomerQuerySet(models.QuerySet):
    """The vocabulary of customers; every read for a page starts with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> CustomerQuerySet:
        return self.filter(visible(viewer, prefix="target__"))

    def of_class(self, customer_class: str) -> CustomerQuerySet:
        return self.filter(customer_class=customer_class) if customer_class else self

    def matching(self, words: str) -> CustomerQuerySet:
        """By part of the number or name, by a whole phone number, or by its last four digits.

        Nothing of what is searched for has a meaning of its own: % and _ are letters.
        """
        words = words.strip()
        if not words:
            return self
        found = Q(number__icontains=words) | Q(name__icontains=words)
        if reached := _phone(words):
            # A subquery and not a join: two contacts with that tail are one customer.
            found |= Q(pk__in=self.model._default_manager.filter(reached).values("pk"))
        return self.filter(found)


class ContactQuerySet(models.QuerySet):
    def visible_to(self, viewer: Viewer) -> ContactQuerySet:
        return self.filter(visible(viewer, prefix="customer__target__"))


def _phone(words: str) -> Q | None:
    if TAIL.fullmatch(words):
        return Q(contacts__phone_tail=words)
    try:
        number = phones.normalize(words)
    except phones.NotAPhone:
        return None
    return Q(contacts__phone_index=crypto.blind_index(PHONE, number))
