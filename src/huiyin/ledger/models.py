"""What facts are about, and the facts themselves."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from huiyin.ledger.fields import TransactionId, Xid8Field
from huiyin.ledger.querysets import FactQuerySet, TargetQuerySet

SKEW = timedelta(minutes=10)
"""How far a fact may lie ahead of its recording: clocks differ, the future has not happened."""


class Target(models.Model):
    """One row for whatever a fact or an obligation can be about: a customer, a repair, a person.

    A customer, subject, case, unit or person owns one. `unit` is the unit that it belongs to,
    `owner` the person it is entrusted to; both decide who may see it. `of_customer` is the customer
    behind a subject or a case. `label` is shown in lists and never holds a personal name.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    unit = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    of_customer = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_index=False
    )
    label = models.CharField(max_length=120, default="")

    objects = TargetQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "id"], name="ledger_target_kind"),
            models.Index(
                fields=["of_customer"],
                condition=Q(of_customer__isnull=False),
                name="ledger_target_of_customer",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__regex=r"^[a-z][a-z0-9_]*$"), name="ledger_target_kind_word"
            )
        ]

    @property
    def customer_behind(self) -> int | None:
        """The id of the customer whom it concerns; a customer is his own."""
        return self.pk if self.kind == "customer" else self.of_customer_id


class Fact(models.Model):
    """Something that happened: about which target, by whom; when it happened, was known, recorded.

    Appended once, never changed or removed: the application's role may only insert and select,
    and triggers refuse the rest even to the owner. A mistake is mended by a fact that `voids`
    this one. `values` are the typed values that rules read (choice, number, date, id) and the
    salted digest of a note; no personal data. `live=False` is history that opens nothing.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=80)
    # Without indexes of their own: the timeline's covers the first, nobody searches by the others.
    target = models.ForeignKey(Target, models.PROTECT, related_name="facts", db_index=False)
    by = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+", db_index=False)
    recorded_by = models.ForeignKey(
        Target, models.PROTECT, null=True, related_name="+", db_index=False
    )
    happened_at = models.DateTimeField()
    known_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    values = models.JSONField(default=dict)
    live = models.BooleanField(default=True)
    voids = models.OneToOneField("self", models.PROTECT, null=True, related_name="voided_by")
    source = models.TextField(null=True)
    xact = Xid8Field(db_default=TransactionId(), editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["target", "-happened_at", "-id"], name="ledger_fact_timeline"),
            models.Index(fields=["kind", "happened_at"], name="ledger_fact_kind_happened"),
            models.Index(fields=["xact", "id"], name="ledger_fact_seal_order"),
            # Facts come in the order of their recording: a few pages tell what today brought.
            BrinIndex(fields=["recorded_at"], autosummarize=True, name="ledger_fact_recorded"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__regex=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$"),
                name="ledger_fact_kind_dotted",
            ),
            models.CheckConstraint(
                condition=Q(known_at__gte=F("happened_at")), name="ledger_fact_known_after_happened"
            ),
            models.CheckConstraint(
                condition=Q(known_at__lte=F("recorded_at") + SKEW),
                name="ledger_fact_not_of_the_future",
            ),
        ]


class Note(models.Model):
    """The free text of a fact. It can be erased; the digest in the fact's values then stays alone.

    The salt lies beside the text and goes with it, so that nobody can try guesses afterwards.
    """

    fact = models.OneToOneField(Fact, models.PROTECT, primary_key=True, related_name="note")
    salt = models.CharField(max_length=32)
    text = models.TextField()


class Seal(models.Model):
    """A run of facts that nobody can change any more without its being seen (`ledger.verifying`).

    `facts` in the order of their transactions, `leaves` 32 bytes for each. Everything up to
    (`last_xact`, `last_id`) is sealed, as far as ids are larger than `after`: a restored house
    counts transactions from anew, in its next `epoch`.
    """

    append_only = True

    number = models.BigIntegerField(primary_key=True)
    epoch = models.PositiveIntegerField()
    after = models.BigIntegerField()
    sealed_at = models.DateTimeField()
    last_xact = Xid8Field()
    last_id = models.BigIntegerField()
    facts = ArrayField(models.BigIntegerField())
    leaves = models.BinaryField()
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="ledger_seal_from_one"),
            models.UniqueConstraint(fields=["previous"], name="ledger_seal_chained_once"),
        ]
