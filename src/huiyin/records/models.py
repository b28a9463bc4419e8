"""Filled-in forms: what was answered, who was present, what was signed, to whom it was handed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huiyin.adoption.models import Adoption
from huiyin.ledger.models import Fact, Target
from huiyin.records.querysets import RecordQuerySet


class NumberBook(models.Model):
    """The last number given in a book and year. Its row lock makes numbers free of gaps."""

    form = models.TextField()
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form", "year"], name="record_number_book_once")
        ]


class Blob(models.Model):
    """A picture, kept once under the SHA-256 of its bytes, so that it proves itself."""

    append_only = True

    sha256 = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    media_type = models.TextField()
    size = models.PositiveIntegerField()


class Record(models.Model):
    """One filed form. ``values`` holds typed values only; what people wrote is in ``RecordText``.

    Never changed: an amendment is a new version under the same number. A person present or
    recording is a target; ``by`` did it, ``recorded_by`` entered it. ``reviews`` is the record of
    somebody else that this one says something about.
    """

    append_only = True

    form = models.TextField()
    policy = models.TextField()
    adoption = models.ForeignKey(Adoption, models.PROTECT, related_name="records")
    number = models.TextField()
    version = models.PositiveSmallIntegerField(default=1)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    reviews = models.ForeignKey("self", models.PROTECT, null=True, related_name="reviewed_by")
    about = models.ForeignKey(Target, models.PROTECT, related_name="records")
    customer = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Target, models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(Target, models.PROTECT, related_name="+")
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    values = models.JSONField(default=dict)

    objects = RecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["form", "number", "version"], name="record_number_once"
            ),
            models.CheckConstraint(
                name="record_later_version_amends",
                condition=Q(version=1, amends=None) | Q(version__gt=1, amends__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["about", "-id"], name="record_about"),
            models.Index(fields=["customer", "-id"], name="record_customer"),
            models.Index(fields=["form", "happened_at"], name="record_form_happened"),
        ]


class RecordPresence(models.Model):
    """A person who was there; a joint visit counts for each of them."""

    append_only = True

    record = models.ForeignKey(Record, models.PROTECT, related_name="presences")
    person = models.ForeignKey(Target, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "person"], name="record_presence_once")
        ]


class RecordText(models.Model):
    """Free text of a record: an answer, the reason of a refusal (field), of an amendment ("").

    Apart from the record because it may have to be erased; the fact keeps a salted digest of it.
    """

    record = models.ForeignKey(Record, models.PROTECT, related_name="texts")
    field = models.TextField()
    salt = models.BinaryField(max_length=16)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "field"], name="record_text_once")]


class Signature(models.Model):
    """A drawn signature, or a refusal whose reason is the record's text of the same field."""

    append_only = True

    record = models.ForeignKey(Record, models.PROTECT, related_name="signatures")
    field = models.TextField()
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")
    refused = models.BooleanField(default=False)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "field"], name="record_signature_once"),
            models.CheckConstraint(
                name="record_signature_drawn_or_refused",
                condition=Q(blob=None, refused=True) | Q(blob__isnull=False, refused=False),
            ),
        ]


class Photo(models.Model):
    """A photograph that belongs to a field of a record, in the order it was taken."""

    append_only = True

    record = models.ForeignKey(Record, models.PROTECT, related_name="photos")
    field = models.TextField()
    ordinal = models.PositiveSmallIntegerField()
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "field", "ordinal"], name="record_photo_once")
        ]


class Handover(models.Model):
    """A written notice is sent when it is handed over: to whom, how, when, and who received it.

    The receiver signed, or refused with a reason (in the note of ``fact``), or neither can be
    asked of the channel (a text message). The note also says how, where the channel has no name.
    """

    append_only = True

    class Channel(models.TextChoices):
        IN_PERSON = "in_person", _("当面")
        WECHAT = "wechat", _("微信")
        PHONE = "phone", _("电话")
        SMS = "sms", _("短信")
        OTHER = "other", _("其他")

    record = models.ForeignKey(Record, models.PROTECT, related_name="handovers")
    to = models.ForeignKey(Target, models.PROTECT, related_name="+")
    channel = models.TextField(choices=Channel)
    handed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(Target, models.PROTECT, related_name="+")
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")
    refused = models.BooleanField(default=False)
    fact = models.OneToOneField(Fact, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="handover_signed_or_refused",
                condition=Q(blob=None) | Q(refused=False),
            ),
        ]
        indexes = [models.Index(fields=["record", "id"], name="handover_record")]
