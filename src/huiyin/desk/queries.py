"""Pages that join: 今日 and the living policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huiyin.adoption.models import Adoption
from huiyin.adoption.packs import Pack
from huiyin.core.percentages import percent
from huiyin.desk.verdict_words import figures_of
from huiyin.insights.verdicts import Verdict, verdicts
from huiyin.ledger.models import Fact
from huiyin.obligations.queries import Meter

TREND = 6
"""Months shown as small bars beside a clause."""


@dataclass(frozen=True)
class DayDone:
    """What a person did since midnight, from the facts that bear his name."""

    followups: int
    signed: int
    refused: int
    cases: int


def done_today(person: int, *, now: datetime, zone: ZoneInfo) -> DayDone:
    """日清: counted from the ledger, for the person who did it, in the firm's zone."""
    midnight = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    facts = Fact.objects.filter(
        by=person, recorded_at__gte=midnight, recorded_at__lte=now, voided_by=None
    ).filter(kind__in=["record.filed", "followup.held", "case.raised"])
    kinds = [(kind, values) for kind, values in facts.values_list("kind", "values")]
    signatures = [
        value for kind, values in kinds if kind == "record.filed" for value in values.values()
    ]
    return DayDone(
        followups=sum(kind == "followup.held" for kind, _values in kinds),
        signed=signatures.count("signed"),
        refused=signatures.count("refused"),
        cases=sum(kind == "case.raised" for kind, _values in kinds),
    )


def meter_rows(meters: Sequence[Meter], titles: dict[tuple[int, str], str]) -> list[dict[str, Any]]:
    """Meters as the page draws them: percent done of the items that a role may take."""
    return [
        {
            "label": titles[meter.adoption, meter.role],
            "value": float(meter.part * 100),
            "target": float(meter.share * 100),
            "text": f"{percent(meter.part, short_of=meter.share)} / {percent(meter.share)}",
            "note": _("已回访 %(done)s 单，应回访 %(needed)s 单（本月可回访 %(items)s 单）")
            % {"done": meter.done, "needed": meter.needed, "items": meter.items},
            "tone": "met" if meter.done >= meter.needed else "due",
        }
        for meter in meters
    ]


@dataclass(frozen=True)
class ClauseRow:
    """A clause on the living policy page, with its verdict this month and the trend."""

    id: str
    text: str
    reading: str
    bound: bool
    declarative: bool
    conclusion: str
    figures: str
    spark: list[dict[str, Any]]


@dataclass(frozen=True)
class Section:
    title: str
    lost: str
    rows: list[ClauseRow]


def months_until(day: date, count: int) -> list[date]:
    """The first days of ``count`` months, oldest first, the last holding ``day``."""
    found = [day.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def living_policy(adoption: Adoption, pack: Pack, *, now: datetime, language: str) -> list[Section]:
    """Every clause of the document as people know it, and beside it how it is kept."""
    today = now.astimezone(ZoneInfo(adoption.time_zone)).date()
    months = months_until(today, TREND)
    found = verdicts(adoption, pack, months=months, now=now)
    return [
        Section(
            title=section.title.say(language),
            lost=section.lost.say(language) if section.lost else "",
            rows=[
                clause_row(pack, clause, months, found, language)
                for clause in pack.clauses
                if pack.clauses[clause].section == key
            ],
        )
        for key, section in pack.sections.items()
    ]


def clause_row(
    pack: Pack,
    clause: str,
    months: Sequence[date],
    found: dict[tuple[str, date], Verdict],
    language: str,
) -> ClauseRow:
    """A clause with its verdict in the last of the months and the trend over all of them."""
    told = pack.clauses[clause]
    now = found.get((clause, months[-1]))
    return ClauseRow(
        id=clause,
        text=told.say(language),
        reading=told.reading.say(language) if told.reading else "",
        bound=now is not None,
        declarative=told.declarative,
        conclusion=now.conclusion if now else "",
        figures=figures_of(now, pack, language) if now else "",
        spark=[_point(found.get((clause, month)), month) for month in months] if now else [],
    )


TONES = {"met": "met", "missed": "late", "running": "due", "nothing": ""}


def _point(verdict: Verdict | None, month: date) -> dict[str, Any]:
    conclusion = verdict.conclusion if verdict else "nothing"
    share = rate(verdict) if verdict and conclusion != "nothing" else None
    return {
        "value": share,
        "tone": TONES[conclusion],
        "title": f"{month:%Y-%m} {percent(share)}",
    }


def rate(verdict: Verdict) -> Fraction | None:
    """Part of the whole, of what has been decided; None without anything to count."""
    whole = sum(leaf.needed if leaf.kind == "share" else leaf.whole for leaf in verdict.leaves)
    part = sum(
        min(leaf.part + leaf.waived, leaf.needed) if leaf.kind == "share" else leaf.part
        for leaf in verdict.leaves
    )
    return Fraction(part, whole) if whole else None


def totals(sections: Sequence[Section]) -> dict[str, int]:
    """How many clauses stand how this month, for the head of the page."""
    rows = [row for section in sections for row in section.rows]
    return {
        "clauses": len(rows),
        "bound": sum(row.bound for row in rows),
        **{
            conclusion: sum(row.conclusion == conclusion for row in rows)
            for conclusion in ("met", "missed", "running", "nothing")
        },
    }
