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


class BackupRun(models.Model):
    """One attempt at a backup and how it ended; only a verified one counts.

    `digest` is the content's, `key_copied` tells which key ring was put beside the archive (the
    digest of its fingerprints), so that the doctor can ask for what was never put away.
    """

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    path = models.TextField()
    size = models.BigIntegerField(default=0)
    digest = models.TextField(default="")
    verified = models.BooleanField(default=False)
    error = models.TextField(default="")
    key_copied = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="core_backup_newest")]
