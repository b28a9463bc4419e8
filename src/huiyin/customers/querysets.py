from __future__ import annotations

from django.db import models
from django.db.models import Q

from huiyin.accounts.visibility import Viewer, visible
from huiyin.core import crypto, search
from huiyin.ledger.models import Target

PHONE = "customers_contact.phone"
"""What the blind index of a number is bound to."""


class CustomerQuerySet(models.QuerySet):
    """The vocabulary of customers; every read for a page starts with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> CustomerQuerySet:
        """Through a subquery on targets alone: who sees few is answered by their indexes."""
        if viewer.all:
            return self.filter(visible(viewer, prefix="target__"))
        return self.filter(target__in=Target.objects.visible_to(viewer).values("pk"))

    def of_class(self, customer_class: str) -> CustomerQuerySet:
        return self.filter(customer_class=customer_class) if customer_class else self

    def matching(self, words: str) -> CustomerQuerySet:
        """By parts of number and name, by the pinyin of the name, by a whole phone or its tail.

        Every way has its index. Two statements at most. The names of contacts are encrypted and
        not searched.
        """
        asked = search.read(words)
        if asked.blank:
            return self
        if not asked.words:
            return self.none()
        found = Q()  # what is cheap to look at stands first: an OR is tried in this order
        if asked.phone or asked.tail:
            found |= search.among("pk", _reached(self.model, asked))
        if asked.letters:
            found |= Q(initials__startswith=asked.letters) | Q(pinyin__startswith=asked.letters)
        return self.filter(found | search.contains(asked.words))


class ContactQuerySet(models.QuerySet):
    def visible_to(self, viewer: Viewer) -> ContactQuerySet:
        return self.filter(visible(viewer, prefix="customer__target__"))


def _reached(model: type[models.Model], asked: search.Query) -> models.QuerySet:
    """Ids of customers with a contact of that whole number, or with that tail."""
    contacts = model._meta.get_field("contacts").related_model._default_manager
    reached = Q(phone_tail=asked.tail) if asked.tail else Q()
    if asked.phone:
        reached |= Q(phone_index=crypto.blind_index(PHONE, asked.phone))
    return contacts.filter(reached).values_list("customer", flat=True)
