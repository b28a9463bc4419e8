"""A notice by id, as far as the viewer may see it."""

from __future__ import annotations

from huiyin.core.errors import Forbidden, NotFound
from huiyin.ledger.models import Target
from huiyin.ledger.visibility import Viewer
from huiyin.notices.models import Notice


def for_reading(viewer: Viewer, id: int) -> Notice:
    """With `hidden`, see `with_sight`.

    Raises NotFound for none, or one neither to the viewer nor about what he sees.
    """
    rows = Notice.objects.visible_to(viewer).with_sight(viewer)
    notice = rows.select_related("about", "recipient__as_person").filter(pk=id).first()
    if notice is None:
        raise NotFound
    return notice


def for_marking(viewer: Viewer, id: int) -> Notice:
    """For what only the recipient does. Raises NotFound, or Forbidden for another's notice."""
    notice = for_reading(viewer, id)
    if notice.recipient_id != viewer.person_id:
        raise Forbidden
    return notice


def target_for_copying(viewer: Viewer, id: int) -> Target:
    """What a ready message is about. Raises NotFound unless the viewer may see it."""
    target = Target.objects.visible_to(viewer).filter(pk=id).first()
    if target is None:
        raise NotFound
    return target
