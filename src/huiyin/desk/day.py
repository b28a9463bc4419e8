"""今日 beside its rows: what returns, quotas, points, and how one's units stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.adoption import queries as adoptions
from huiyin.core.punctuation import bracketed, listed, sentences
from huiyin.desk.obligation_page import progress
from huiyin.desk.together import is_strictest, together
from huiyin.desk.work import Row
from huiyin.obligations import points
from huiyin.obligations.progress import quotas
from huiyin.obligations.reasons import moment
from huiyin.obligations.today import Round, Standing


@dataclass(frozen=True)
class Bar:
    """A meter that leads somewhere: what, how far, what is left and until when."""

    label: str
    url: str
    value: float
    text: str
    note: str
    tone: str


def bars(
    person: int, rounds: Sequence[Round], *, now: datetime, zone: ZoneInfo, language: str
) -> list[Bar]:
    """The person's quotas and what returns in the running periods."""
    packs = {adoption.id: pack for adoption, pack in adoptions.current()}
    found = []
    for row in quotas(person, now=now, zone=zone):
        far = progress(row, now=now, zone=zone)
        if far is not None:
            url = reverse("desk:obligation", args=[row.pk])
            found.append(Bar(_title(packs, row.adoption_id, row.duty, language), url, **far))
    for each in rounds:
        asked = urlencode({"whose": "mine", "duty": f"{each.policy}.{each.duty}"})
        found.append(
            Bar(
                _title(packs, each.adoption, each.duty, language),
                f"{reverse('desk:obligations')}?{asked}",
                value=100 * each.done / each.total,
                text=f"{each.done} / {each.total}",
                note=_left(each.left, each.last, zone),
                tone="due" if each.left else "met",
            )
        )
    return found


def _title(packs: dict[int, Any], adoption: int, duty: str, language: str) -> str:
    """Of a version that is not in force any more, as it calls itself."""
    pack = packs.get(adoption)
    declared = pack.policy.lines.get(duty) if pack else None
    return declared.title.say(language) if declared and declared.title else duty


def _left(left: int, last: datetime | None, zone: ZoneInfo) -> str:
    if not left:
        return _("已完成")
    return _("还差 %(left)s 项，最后一天 %(day)s") % {
        "left": left,
        "day": moment(last, zone).partition(" ")[0],
    }


def unit(found: Standing | None) -> list[dict[str, Any]]:
    """For who oversees units: how many are late, due today and blocked there, each a list."""
    if found is None:
        return []
    url = reverse("desk:obligations")
    return [
        {
            "title": title,
            "count": count,
            "url": f"{url}?standing={key}",
            "tone": tone if count else "",
        }
        for key, title, count, tone in (
            ("late", _("已逾期"), found.late, "late"),
            ("today", _("今天到期"), found.today, "due"),
            ("blocked", _("受阻"), found.blocked, ""),
        )
    ]


def own_points(person: int, *, now: datetime, zone: ZoneInfo) -> dict[str, Any] | None:
    """The accounts of this month, where a policy in force keeps points."""
    if not points.keeps_points():
        return None
    month = now.astimezone(zone).date().replace(day=1)
    return {
        "url": reverse("desk:points", args=[person]),
        "accounts": points.accounts(person, month, at=now),
    }


def with_notes(rows: Sequence[Row]) -> list[Row]:
    """The rows, each saying which other policy the same act meets and whose deadline leads."""
    shown = {row.obligation.pk: row for row in rows}
    beside = together(row.obligation for row in rows)
    return [
        replace(
            row,
            note=sentences(filter(None, [row.note, _note(row, [shown[o.pk] for o in beside[pk]])])),
        )
        if pk in beside
        else row
        for pk, row in shown.items()
    ]


def _note(row: Row, others: Sequence[Row]) -> str:
    said = listed(
        bracketed(other.title, f"{other.policy} § {other.clause_id}".strip()) for other in others
    )
    if is_strictest(row.obligation, [other.obligation for other in others]):
        return _("一次办结，同时满足：%s") % said
    return _("以更早的时限为准，同一件事：%s") % said
