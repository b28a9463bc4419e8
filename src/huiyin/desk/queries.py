"""Pages that join: 今日 and the living policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huiyin.adoption.models import Adoption
from huiyin.adoption.packs import Pack
from huiyin.core.punctuation import chained, explained, sentences
from huiyin.insights.rates import percent
from huiyin.insights.verdicts import LeafVerdict, Verdict, verdicts
from huiyin.ledger.models import Fact
from huiyin.ledger.visibility import Viewer
from huiyin.obligations.models import Obligation
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
                _clause_row(pack, clause, months, found, language)
                for clause in pack.clauses
                if pack.clauses[clause].section == key
            ],
        )
        for key, section in pack.sections.items()
    ]


def _clause_row(
    pack: Pack,
    clause: str,
    months: Sequence[date],
    found: dict[tuple[str, date], Verdict],
    language: str,
) -> ClauseRow:
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
    share = rate(verdict) if verdict else None
    conclusion = verdict.conclusion if verdict else "nothing"
    return {
        "value": share,
        "tone": TONES[conclusion],
        "title": f"{month:%Y-%m} {'—' if share is None else f'{share:.0%}'}",
    }


def rate(verdict: Verdict) -> float | None:
    """Part of the whole, of what has been decided; None without anything to count."""
    whole = sum(leaf.needed if leaf.kind == "share" else leaf.whole for leaf in verdict.leaves)
    part = sum(
        min(leaf.part + leaf.waived, leaf.needed) if leaf.kind == "share" else leaf.part
        for leaf in verdict.leaves
    )
    return part / whole if whole else None


def figures_of(verdict: Verdict, pack: Pack, language: str) -> str:
    """The figures behind a verdict in words, with their base; several duties or guards are named."""
    told = [(leaf, words) for leaf in _refused_once(verdict) if (words := leaf_words(leaf))]
    ruled = {
        leaf.leaf.partition(".")[0] for leaf, _words in told if leaf.kind in ("clock", "guard")
    }
    if len(ruled) < 2:
        return sentences(dict.fromkeys(words for _leaf, words in told))
    named = [explained(_duty_title(leaf, pack, language), words) for leaf, words in told]
    return sentences(dict.fromkeys(named))


def _refused_once(verdict: Verdict) -> Iterator[LeafVerdict]:
    """Refusals are counted by clause: of several guards the first one tells them."""
    keys = (leaf.leaf.partition(".")[0] for leaf in verdict.leaves if leaf.kind == "guard")
    first = next(keys, "")
    for leaf in verdict.leaves:
        again = leaf.kind == "guard" and leaf.leaf.partition(".")[0] != first
        yield replace(leaf, refused=0) if again else leaf


def _duty_title(leaf: LeafVerdict, pack: Pack, language: str) -> str:
    """What the leaf's rule is called: its duty, its form, its guard."""
    key = leaf.leaf.partition(".")[0]
    for part in pack.policy.bound_parts.values():
        found = part.get(key)
        if found is not None and found.title is not None:
            return found.title.say(language)
    return key


def leaf_words(leaf: LeafVerdict) -> str:
    if not leaf.whole:
        refused = [_("拒绝 %(n)s 次") % {"n": leaf.refused}] if leaf.refused else []
        return chained(refused + _blocked_words(leaf) + _adrift_words(leaf))
    return LEAF_WORDS[leaf.kind](leaf)


def _clock_words(leaf: LeafVerdict) -> str:
    on_time = leaf.part - leaf.waived  # what was waived keeps the clause, but nobody was there
    words = [_("按时 %(part)s/%(whole)s") % {"part": on_time, "whole": leaf.whole}]
    if leaf.late:
        words.append(ngettext("逾期 %(n)s 项", "逾期 %(n)s 项", leaf.late) % {"n": leaf.late})
    if leaf.running:
        words.append(_("未到期 %(n)s 项") % {"n": leaf.running})
    if leaf.entered_late:
        words.append(_("其中补录 %(n)s 项") % {"n": leaf.entered_late})
    return chained(words + _waived_words(leaf) + _blocked_words(leaf))


def _share_words(leaf: LeafVerdict) -> str:
    visited = _("已回访 %(part)s 单，至少 %(needed)s 单（共 %(whole)s 单，%(percent)s）") % {
        "part": leaf.part,
        "needed": leaf.needed,
        "whole": leaf.whole,
        "percent": percent(Fraction(leaf.part, leaf.whole)),
    }
    return chained([visited, *_waived_words(leaf), *_blocked_words(leaf)])


def _waived_words(leaf: LeafVerdict) -> list[str]:
    if not leaf.waived:
        return []
    return [ngettext("免除 %(n)s 项", "免除 %(n)s 项", leaf.waived) % {"n": leaf.waived}]


def _blocked_words(leaf: LeafVerdict) -> list[str]:
    """Neither done nor missed: counted beside the whole."""
    if not leaf.blocked:
        return []
    return [ngettext("另有受阻 %(n)s 项", "另有受阻 %(n)s 项", leaf.blocked) % {"n": leaf.blocked}]


def _field_words(leaf: LeafVerdict) -> str:
    return _("记录 %(whole)s 份，填写 %(part)s 份") % {"whole": leaf.whole, "part": leaf.part}


def _guard_words(leaf: LeafVerdict) -> str:
    words = [_("合规办理 %(part)s 次") % {"part": leaf.part}]
    if leaf.refused:
        words.append(_("拒绝 %(n)s 次") % {"n": leaf.refused})
    return chained(words)


def _role_words(leaf: LeafVerdict) -> str:
    words = [_("%(part)s/%(whole)s 天有人担任") % {"part": leaf.part, "whole": leaf.whole}]
    return chained(words + _adrift_words(leaf))


def _adrift_words(leaf: LeafVerdict) -> list[str]:
    """Who has no officer, because no zone is theirs."""
    if not leaf.adrift:
        return []
    return [_("%(n)s 户不属于任何区域") % {"n": leaf.adrift}]


def _setting_words(leaf: LeafVerdict) -> str:
    return _("参数已定")


def _table_words(leaf: LeafVerdict) -> str:
    words = [_("判定 %(part)s 次") % {"part": leaf.part}]
    if waiting := leaf.whole - leaf.part:
        words.append(_("待人工判定 %(n)s 项") % {"n": waiting})
    return chained(words)


def _party_words(leaf: LeafVerdict) -> str:
    return _("送达 %(n)s 次") % {"n": leaf.part}


def _score_words(leaf: LeafVerdict) -> str:
    words = [_("记分 %(n)s 笔") % {"n": leaf.whole}]
    if leaf.running:
        words.append(_("待生效 %(n)s 笔") % {"n": leaf.running})
    return chained(words)


def _indicator_words(leaf: LeafVerdict) -> str:
    return _("%(percent)s（%(part)s/%(whole)s）") % {
        "percent": percent(Fraction(leaf.part, leaf.whole)),
        "part": leaf.part,
        "whole": leaf.whole,
    }


def _acknowledged_words(leaf: LeafVerdict) -> str:
    return _("%(part)s/%(whole)s 人已阅知") % {"part": leaf.part, "whole": leaf.whole}


LEAF_WORDS = {
    "clock": _clock_words,
    "share": _share_words,
    "field": _field_words,
    "guard": _guard_words,
    "role": _role_words,
    "setting": _setting_words,
    "table": _table_words,
    "party": _party_words,
    "score": _score_words,
    "indicator": _indicator_words,
    "acknowledged": _acknowledged_words,
}


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


def clause_page(
    adoption: Adoption, pack: Pack, clause: str, *, viewer: Viewer, now: datetime, language: str
) -> dict[str, Any]:
    """Everything the page of one clause shows; ``obligations`` are the newest that it decided."""
    today = now.astimezone(ZoneInfo(adoption.time_zone)).date()
    months = months_until(today, TREND)
    found = verdicts(adoption, pack, months=months, now=now)
    rows = (
        Obligation.objects.visible_to(viewer)
        .filter(policy=pack.id, clauses__contains=[clause])
        .select_related("target", "adoption")
        .order_by("-due_at", "-id")
    )
    return {
        "clause": _clause_row(pack, clause, months, found, language),
        "history": [
            {"month": month, "verdict": verdict, "figures": figures_of(verdict, pack, language)}
            for month in reversed(months)
            if (verdict := found.get((clause, month)))
        ],
        "bindings": bindings(pack, clause),
        "obligations": list(rows[:30]),
        "title": pack.policy.title.say(language),
    }


def bindings(pack: Pack, clause: str) -> list[str]:
    """The leaves that the clause is bound to, as the pack writes them."""
    found = [
        f"{key}.{place}" if place else key
        for part in pack.policy.bound_parts.values()
        for key, bound in part.items()
        for place in bound.clauses.get(clause, ())
    ]
    return found + ["acknowledge"] * (clause in pack.policy.acknowledge)
