"""Units as a filter of lists: a unit stands for all below it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.accounts.models import Unit
from huiyin.core.lists import Filter
from huiyin.ledger.visibility import Viewer

UNIT = "unit"


def unit_filter(viewer: Viewer) -> Filter:
    """The units that the viewer oversees as a choice; one statement."""
    units = Unit.objects.visible_to(viewer).order_by("path").values_list("pk", "name")
    return Filter(UNIT, _("所属"), [(str(pk), name) for pk, name in units], _("全部单位"))


def units_below(unit: str) -> list[int]:
    """Ids of the unit and everything below it: its id stands in each of their paths.

    Looked up at once: of ids the planner knows how many rows they have, of a subquery it does not.
    """
    return list(Unit.objects.filter(path__contains=f"/{unit}/").values_list("pk", flat=True))
