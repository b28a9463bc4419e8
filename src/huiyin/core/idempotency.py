"""One effect for one key, however often a phone sends it again."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from huiyin.core.errors import Conflict
from huiyin.core.models import IdempotencyKey


def digest_of(body: Any) -> str:
    """The digest of a request's content, the same for the same JSON values in any order."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def once(key: str, actor: int | None, digest: str, *, now: datetime) -> str | None:
    """Claim `key`; None means: do the work, then `keep()` where its result can be found.

    Call it inside the service's transaction: a second request waits here until the first has
    committed and then gets the first one's reference. Raises Conflict when the key was used for
    another body.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_idempotencykey (key, actor, request_digest, response_ref, created_at)"
            " VALUES (%s, %s, %s, '', %s) ON CONFLICT (key, actor) DO NOTHING",
            [key, actor, digest, now],
        )
        if cursor.rowcount == 1:
            return None
    earlier = IdempotencyKey.objects.get(key=key, actor=actor)
    if earlier.request_digest != digest:
        raise Conflict(
            _(
                "这份内容先前已经提交过，这次又有改动。请先看已登记的；确要另外登记，请丢弃草稿后重填。"
            ),
            code="key_reused",
        )
    return earlier.response_ref


def is_fresh(key: str, actor: int | None, *, since: datetime) -> bool:
    """Whether a key was claimed at or after a moment."""
    return IdempotencyKey.objects.filter(key=key, actor=actor, created_at__gte=since).exists()


def give_back(key: str, actor: int | None) -> None:
    """Let go of a claimed key: nothing was done under it."""
    IdempotencyKey.objects.filter(key=key, actor=actor).delete()


def keep(key: str, actor: int | None, response_ref: str) -> None:
    """Remember where the result of a claimed key is."""
    IdempotencyKey.objects.filter(key=key, actor=actor).update(response_ref=response_ref)
