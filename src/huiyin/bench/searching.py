"""A customer by two Chinese characters, beside the one query that its index answers."""

from __future__ import annotations

from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _

from huiyin.accounts.queries import viewer_at
from huiyin.bench import firm, measuring
from huiyin.bench.rows import Row, timed
from huiyin.customers.listing import CustomerList

ASKED = firm.SURNAMES[3] + firm.GIVEN[7]
LIMIT = 2
BARE = f"""
SELECT target_id, number, name FROM customers_customer
WHERE retracted_at IS NULL AND huiyin_pairs(search) @> ARRAY['{ASKED}']
ORDER BY number, target_id LIMIT 50
"""


def measure(n: int, *, rounds: int, now: datetime) -> list[Row]:
    """What the list asks to find the first page and to say how many there are, in server time."""
    pairs, scans = [], 0
    with firm.opened(now=now, customers=n) as place:
        viewer = viewer_at(place.person("manager").pk, now)
        found = CustomerList(viewer, now)
        asked = found.shape.read(QueryDict(f"q={ASKED}"))
        with measuring.listening() as heard:
            page, _count = found.first_page(asked)
        assert n < 10_000 or page.items, "somebody has the name"
        assert ASKED in str(heard.reads), "the list asks for the name"
        for _round in range(max(rounds, 5)):
            product = measuring.together(heard.reads)
            bare = measuring.explained(BARE)
            pairs.append((product.seconds, bare.seconds))
            scans = sum(p == ("Seq Scan", "customers_customer") for p in product.nodes)
    return [
        timed(_("按姓名中的两个字找客户"), n, LIMIT, pairs, buffers=product.buffers),
        Row(_("同上，顺序扫描"), n, 0, value=scans, unit=_("次")),
    ]
