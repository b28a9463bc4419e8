"""Tables without business words."""

from django.db import models


class IdempotencyKey(models.Model):
    """A request that was answered: the same key again gets the same answer, not a second effect.

    `actor` is the id of a person's target (None: the system); no foreign key, because this room
    lies below the ledger.
    """

    key = models.CharField(max_length=100)
    actor = models.BigIntegerField(null=True)
    request_digest = models.CharField(max_length=64)
    response_ref = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "actor"], nulls_distinct=False, name="core_idempotency_key_once"
            )
        ]
