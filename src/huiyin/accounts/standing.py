"""How somebody stands in the firm while a page is made: asked once, together with the firm itself."""

from __future__ import annotations

import json
from collections.abc import Hashable
from datetime import datetime

from django.db.models import TextField
from django.db.models.expressions import RawSQL

from huiyin.accounts.models import Firm
from huiyin.accounts.posts import Acting, acting_at, acting_from, acting_sql
from huiyin.core.once import once, remember


def acting(person_id: int, *, now: datetime) -> Acting:
    """The posts of a person and of those for whom he stands in; asked once a page."""
    return once(_key(person_id, now), lambda: acting_at(person_id, now))


def firm_and_acting(person_id: int, *, now: datetime) -> tuple[Firm | None, Acting]:
    """The firm, and the posts for which somebody acts in it at ``now``. One statement."""
    told = RawSQL(STANDING, [now, person_id, person_id], output_field=TextField())
    firm = Firm.objects.annotate(standing=told).first()
    text = getattr(firm, "standing", None)
    found = acting_from(json.loads(text) if text else [])
    if person_id in found:
        remember(_key(person_id, now), found)
    return firm, found


def _key(person_id: int, now: datetime) -> Hashable:
    # No day begins within a quarter of an hour of any zone: all pieces of a page mean the same.
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    return "acting", person_id, quarter


NAMES = "person, code, title, title_en, scope, leads, governs, unit, is_root, units"
TODAY = "(%s::timestamptz AT TIME ZONE accounts_firm.time_zone)::date"
STANDING = f"""
SELECT json_agg(json_build_array({NAMES}))::text
FROM ({acting_sql(TODAY)}) acting ({NAMES})
"""
