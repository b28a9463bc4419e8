"""People and units by id, as far as the viewer may see them."""

from __future__ import annotations

from huiyin.accounts.models import Person, Unit
from huiyin.core.errors import NotFound
from huiyin.ledger.visibility import Viewer


def person_for_reading(viewer: Viewer, id: int) -> Person:
    """Raises NotFound for nobody, or nobody of his."""
    person = Person.objects.visible_to(viewer).filter(pk=id).first()
    if person is None:
        raise NotFound
    return person


def unit_for_reading(viewer: Viewer, id: int) -> Unit:
    """Raises NotFound for no unit, or none that the viewer oversees."""
    unit = Unit.objects.visible_to(viewer).filter(pk=id).first()
    if unit is None:
        raise NotFound
    return unit
