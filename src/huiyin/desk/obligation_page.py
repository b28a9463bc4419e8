"""One obligation: why it is owed, until when, who owes it, how it is done, what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adopted
from huiyin.desk import work
from huiyin.desk.together import is_strictest, together
from huiyin.ledger.models import Fact
from huiyin.obligations import extending, reasons
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from huiyin.obligations.queries import mine
from huiyin.records.models import Record
from huiyin.records.timeline import Event, events

HISTORY = 50
"""So many facts of its history are shown, the newest first."""


def page(
    row: Obligation, *, viewer: Viewer, me: int, now: datetime, zone: ZoneInfo, language: str
) -> dict[str, Any]:
    """Everything that the page shows; a fixed number of statements."""
    pack = adopted.pack_of(row.adoption.policy_version_id)
    beside = together([row, *_others(row)]).get(row.pk, [])
    [shown, *others] = work.rows([row, *beside], now=now, zone=zone, language=language)
    standing = row.standing(now)
    waits = standing in ("due", "overdue", "blocked")
    longer = extending.longer(row, now=now)
    is_mine = mine(me, now=now).filter(pk=row.pk).exists()
    return {
        "row": shown,
        "obligation": row,
        "policy_title": pack.policy.title.say(language),
        "clauses": [(clause, pack.clauses[clause].say(language)) for clause in row.clauses],
        "standing": standing,
        "waits": waits,
        "is_mine": is_mine,
        "steps": reasons.steps(row, pack, zone=zone, language=language),
        "facts": reasons.facts(row, pack, zone=zone, language=language),
        "history": history(row, viewer),
        "beside": others,
        "strictest": is_strictest(row, beside),
        "progress": progress(row, now=now, zone=zone),
        "blocked": _blocked(row),
        "extension": _extension(row, longer, me, is_mine),
        "waivable": waits and obligations.may_waive(row, by=me, now=now),
    }


def _others(row: Obligation) -> list[Obligation]:
    """What else waits about the target for the same person or roles, by another policy."""
    rows = Obligation.objects.waiting().about(row.target_id).exclude(policy=row.policy)
    return list(
        rows.filter(holder=row.holder_id)
        .select_related("target", "adoption", "holder__as_person")
        .order_by("due_at", "id")
    )


def _extension(
    row: Obligation, longer: extending.Longer | None, me: int, is_mine: bool
) -> dict[str, Any] | None:
    """The way to a longer limit: to ask for it, or to consent to it."""
    if longer is None or not (is_mine or me in longer.consenters):
        return None
    return {
        "url": reverse("desk:extension", args=[row.pk]),
        "label": _("同意延期") if me in longer.consenters else _("申请延期"),
        "requests": extending.asked_for(row),
        "text": _("经%(role)s同意，可以延期 %(length)s")
        % {"role": longer.role, "length": longer.until},
    }


def _blocked(row: Obligation) -> str:
    """What stands in the way, in words."""
    if row.state != Obligation.State.BLOCKED:
        return ""
    return str(BLOCKED.get(row.blocked_by, BLOCKED[""])())


BLOCKED = {
    "no_eligible_holder": lambda: _(
        "没有可以承办的人：担任这个角色的人都不能办，或没有人担任。请在“设置”里指定人员。"
    ),
    "": lambda: _("暂时不能办理，不算承办人逾期。"),
}


def progress(row: Obligation, *, now: datetime, zone: ZoneInfo) -> dict[str, Any] | None:
    """How far a quota is: counted of needed, what is left, until when."""
    if row.needed is None:
        return None
    return {
        "value": 100 * row.counted / row.needed if row.needed else 100,
        "text": f"{row.counted} / {row.needed}",
        "note": left_words(max(0, row.needed - row.counted), row, zone),
        "tone": "met" if row.counted >= row.needed else "due",
    }


def left_words(left: int, row: Obligation, zone: ZoneInfo) -> str:
    """What is left of a number that is owed in a period, and its last day."""
    if not left:
        return _("已完成")
    return _("还差 %(left)s 次，最后一天 %(day)s") % {
        "left": left,
        "day": reasons.moment(row.due_at, zone).partition(" ")[0],
    }


def history(row: Obligation, viewer: Viewer) -> list[Event]:
    """What happened about this obligation, the newest first: facts that name it, and its record."""
    stated = Fact.objects.visible_to(viewer).filter(
        target=row.target_id, values__contains={"obligation.id": row.pk}
    )
    named = [pk for pk in (row.opener_id, row.settled_by_id) if pk is not None]
    found = stated | Fact.objects.filter(pk__in=named)
    facts = found.select_related("target", "note", "voided_by", "by").order_by(
        "-happened_at", "-id"
    )[:HISTORY]
    return events(list(facts), main=row.target_id)


def proof_of(row: Obligation) -> Record | None:
    """The record that met it, if one did."""
    number = row.settled_by.values.get("record.id") if row.settled_by else None
    return Record.objects.filter(pk=number).first() if isinstance(number, int) else None
