"""Whom the firm follows up: customers, and the people one may call there."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from huiyin.core import phones
from huiyin.core.fields import EncryptedText
from huiyin.core.search import NumbersInOrder, Pairs, Signs, folded_together
from huiyin.customers.querysets import ContactQuerySet, CustomerQuerySet
from huiyin.customers.relations import relation_words
from huiyin.ledger.models import Target


class CustomerManager(models.Manager.from_queryset(CustomerQuerySet)):
    """Those that the firm has: what an undone import brought is in no list and no population."""

    def get_queryset(self) -> CustomerQuerySet:
        return super().get_queryset().filter(retracted_at=None)


class Customer(models.Model):
    """A household, a company, a patient: found by its number, classed as the pack declares.

    ``fields`` are typed by what the packs declare of every customer. ``registered_at`` is since
    when the firm follows it up. ``retracted_at``: the import that brought it was undone.

    ``search`` is number and name as they are compared, kept by the database. ``initials`` and
    ``pinyin`` are how the name (the number of a nameless one) is typed in letters; whoever writes
    a name writes them by ``services.spelling``. In the order of bytes, one index of each serves
    both beginnings and sorting.
    """

    target = models.OneToOneField(Target, models.PROTECT, primary_key=True, related_name="customer")
    number = models.TextField()
    name = models.TextField(blank=True, default="")
    customer_class = models.TextField()
    fields = models.JSONField(default=dict)
    registered_at = models.DateTimeField()
    retracted_at = models.DateTimeField(null=True)
    search = models.GeneratedField(
        expression=folded_together("number", "name"),
        output_field=models.TextField(),
        db_persist=True,
    )
    number_order = models.GeneratedField(
        expression=NumbersInOrder("number"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
    initials = models.TextField(blank=True, default="", db_collation="C")
    pinyin = models.TextField(blank=True, default="", db_collation="C")

    objects = CustomerManager()
    with_retracted = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=models.Q(retracted_at=None),
                name="customer_number_once",
            )
        ]
        indexes = [
            models.Index(fields=["customer_class", "number_order"], name="customer_class_number"),
            models.Index(
                fields=["number"], name="customer_number_prefix", opclasses=["text_pattern_ops"]
            ),
            GinIndex(Signs("search"), name="customer_signs"),
            GinIndex(Pairs("search"), name="customer_pairs"),
            models.Index(
                fields=["number_order", "target"],
                condition=models.Q(retracted_at=None),
                name="customer_number_order",
            ),
            models.Index(fields=["initials"], name="customer_initials"),
            models.Index(fields=["pinyin", "target"], name="customer_pinyin"),
        ]


class Contact(models.Model):
    """A person of a customer. Name and number are encrypted; the rest finds and shows them.

    ``phone_index`` finds the whole number, ``phone_tail`` its last four digits, ``phone_masked``
    is all that a page shows before a logged reveal. An import may have brought a number as it was
    written that is none: it is in doubt.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="contacts")
    relation = models.TextField(blank=True, default="")
    name = EncryptedText(blank=True, default="")
    phone = EncryptedText()
    phone_index = models.TextField()
    phone_masked = models.TextField()
    phone_tail = models.CharField(max_length=4)

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "phone_index"], name="contact_once_per_customer"
            )
        ]
        indexes = [
            models.Index(fields=["phone_index"], name="contact_phone"),
            models.Index(fields=["phone_tail"], name="contact_phone_tail"),
        ]

    @property
    def in_doubt(self) -> bool:
        """Whether what stands for his number is none: somebody has to ask and put it right."""
        return bool(self.phone) and not phones.is_phone(str(self.phone))

    @property
    def name_shown(self) -> str:
        """How a page of his customer names him: as the customer, who is named there, or masked."""
        return self.customer.name if self.name == self.customer.name else self.name_masked

    @property
    def relation_words(self) -> str:
        """What he is to the customer, in the language of the page where that is known."""
        return relation_words(self.relation)

    @property
    def name_masked(self) -> str:
        """How one speaks of him before a logged reveal: the family name and a dot for the rest."""
        name = str(self.name)
        return f"{name[:1]}{'•' * (len(name) - 1)}"
