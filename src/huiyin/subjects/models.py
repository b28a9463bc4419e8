"""What quality is tracked on: a repair order, a lot, a contract, as the packs in force declare."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.fields.json import KT

from huiyin.core.search import Pairs, Signs, folded_together
from huiyin.customers.models import Customer
from huiyin.ledger.models import Target
from huiyin.subjects.querysets import SubjectQuerySet


class SubjectManager(models.Manager.from_queryset(SubjectQuerySet)):
    """Those that are there: what an undone import brought is in no list and no population."""

    def get_queryset(self) -> SubjectQuerySet:
        return super().get_queryset().filter(retracted_at=None)


class Subject(models.Model):
    """One tracked thing. ``fields`` are typed by the declaration of its kind (`declared.py`).

    ``fields`` is the present picture; what happened, and with which values, is in the ledger.
    ``retracted_at``: the import that brought it, or its registration by hand, was undone.
    ``search`` is number and place as they are compared, kept by the database.
    """

    target = models.OneToOneField(Target, models.PROTECT, primary_key=True, related_name="subject")
    kind = models.TextField()
    number = models.TextField()
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="subjects")
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    retracted_at = models.DateTimeField(null=True)
    search = models.GeneratedField(
        expression=folded_together("number", KT("fields__place")),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = SubjectManager()
    with_retracted = SubjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "number"],
                condition=models.Q(retracted_at=None),
                name="subject_number_once",
            )
        ]
        indexes = [
            models.Index(fields=["kind", "-created_at", "-target"], name="subject_newest"),
            models.Index(fields=["customer", "-created_at"], name="subject_customer"),
            GinIndex(Signs("search"), name="subject_signs"),
            GinIndex(Pairs("search"), name="subject_pairs"),
            # Whom a subject names sees it.
            GinIndex(fields=["fields"], opclasses=["jsonb_path_ops"], name="subject_fields"),
        ]


class SubjectLink(models.Model):
    """One subject was made from another: a roll from a reel. A child may have several parents."""

    parent = models.ForeignKey(Subject, models.PROTECT, related_name="links_down")
    child = models.ForeignKey(Subject, models.PROTECT, related_name="links_up")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "child"], name="subject_link_once"),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("child")), name="subject_link_to_another"
            ),
        ]
