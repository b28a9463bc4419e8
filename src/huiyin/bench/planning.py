"""Planning a quarter for every customer, beside one insert of the same obligations."""

from __future__ import annotations

from datetime import datetime
from statistics import median

from django.utils.translation import gettext as _

from huiyin.adoption import services as adoption
from huiyin.bench import firm, measuring, twins
from huiyin.bench.rows import Row, timed
from huiyin.obligations import services as obligations

OBLIGATIONS = "obligations_obligation"
LIMIT = 1.5


def measure(n: int, *, rounds: int, now: datetime) -> list[Row]:
    """The planner as it runs every night, with nothing planned yet; then once more."""
    pairs, again = [], []
    with firm.opened(now=now, customers=n) as place:
        _draw_few(place)
        for _round in range(rounds):
            place.owner.execute(f"TRUNCATE public.{OBLIGATIONS} CASCADE")
            twins.make(place.owner, OBLIGATIONS)
            taken = measuring.seconds(obligations.plan, now=now)
            assert place.scalar(f"SELECT count(*) FROM public.{OBLIGATIONS}") >= n
            pairs.append((taken, measuring.seconds(_write_bare, place)))
            place.tidy(OBLIGATIONS)
            again.append(measuring.seconds(obligations.plan, now=now))
        touched, _seconds = measuring.buffers(place.owner, obligations.plan, now=now)
    return [
        timed(_("计划一个季度的回访"), n, LIMIT, pairs),
        Row(_("同上，再跑一遍而无事可做"), n, seconds=median(again), buffers=touched),
    ]


def _write_bare(place: firm.Firm) -> None:
    names = twins.listed(twins.columns(place.owner, OBLIGATIONS))
    place.owner.execute(
        f"INSERT INTO bare.{OBLIGATIONS} ({names}) SELECT {names} FROM public.{OBLIGATIONS}"
    )


def _draw_few(place: firm.Firm) -> None:
    """The yearly round draws few, so that what is planned is the quarter's."""
    adoption.change_setting(
        firm.PACK,
        key="director_rounds",
        value="1%",
        reason=_("测速"),
        by=place.person("office_director").pk,
        now=place.now,
    )
