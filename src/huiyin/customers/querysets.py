from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.db.models import Q

from huiyin.accounts.visibility import Viewer, visible
from huiyin.core import crypto, search

PHONE = "customers_contact.phone"
"""What the blind index of a number is bound to."""


class CustomerQuerySet(models.QuerySet):
    """The vocabulary of customers; every read for a page starts with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> CustomerQuerySet:
        return self.filter(visible(viewer, prefix="target__"))

    def of_class(self, customer_class: str) -> CustomerQuerySet:
        return self.filter(customer_class=customer_class) if customer_class else self

    def matching(self, words: str) -> CustomerQuerySet:
        """By parts of number and name, by the pinyin of the name, by a whole phone or its tail.

        One index for each, joined by UNION: with OR the planner would read every row. The names
        of contacts are encrypted and not searched.
        """
        asked = search.read(words)
        if asked.blank:
            return self
        conditions = list(_conditions(asked))
        if len(conditions) == 1 and not (asked.phone or asked.tail):
            return self.filter(conditions[0])
        arms = [self._everyone().filter(each).values("pk") for each in conditions]
        if asked.phone or asked.tail:
            arms.append(_reached(self.model, asked))
        return self.filter(pk__in=arms[0].union(*arms[1:])) if arms else self.none()

    def _everyone(self) -> CustomerQuerySet:
        return self.model._default_manager.all()


class ContactQuerySet(models.QuerySet):
    def visible_to(self, viewer: Viewer) -> ContactQuerySet:
        return self.filter(visible(viewer, prefix="customer__target__"))


def _conditions(asked: search.Query) -> Iterator[Q]:
    if asked.words:
        yield search.contains(asked.words)
    if asked.letters:
        yield Q(initials__startswith=asked.letters)
        yield Q(pinyin__startswith=asked.letters)


def _reached(model: type[models.Model], asked: search.Query) -> models.QuerySet:
    """Ids of customers with a contact of that whole number, or with that tail."""
    contacts = model._meta.get_field("contacts").related_model._default_manager
    reached = Q(phone_tail=asked.tail) if asked.tail else Q()
    if asked.phone:
        reached |= Q(phone_index=crypto.blind_index(PHONE, asked.phone))
    return contacts.filter(reached).values("customer")
