"""The page of one clause: its verdicts, and down to the single record what they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.accounts.abilities import may_settle
from huiyin.accounts.visibility import Viewer
from huiyin.adoption.models import Adoption
from huiyin.adoption.packs import Pack
from huiyin.customers.zones import adrift_url
from huiyin.desk import staffing, work
from huiyin.desk.queries import TREND, clause_row, months_until
from huiyin.desk.verdict_words import figures_of
from huiyin.insights.behind import Behind, Shown, behind, obligations_of
from huiyin.insights.verdicts import Verdict, verdicts
from huiyin.obligations.models import Obligation
from huiyin.records.links import target_url
from huiyin.ui.moments import moment_words

OBLIGATIONS = 30
"""So many are shown; the rest stands in the list of obligations."""

CLOSING = {"case.close", "case.withdraw"}


@dataclass(frozen=True)
class Proof:
    """One of what was counted, as a row that opens."""

    title: str
    place: str
    note: str
    when: str
    at: datetime
    url: str


@dataclass(frozen=True)
class Group:
    """What one rule counted, the newest first, and where the whole of it is listed."""

    title: str
    rows: list[Proof]
    more: str
    url: str


def clause_page(
    adoption: Adoption, pack: Pack, clause: str, *, viewer: Viewer, now: datetime, language: str
) -> dict[str, Any]:
    """Everything the page of one clause shows."""
    zone = ZoneInfo(adoption.time_zone)
    months = months_until(now.astimezone(zone).date(), TREND)
    found = verdicts(adoption, pack, months=months, now=now)
    since = datetime.combine(months[0], time.min, zone)
    owed = _obligations(pack, clause, viewer, since=since, now=now)
    proofs = behind(adoption, pack, clause, viewer=viewer, now=now)
    return {
        "pack": pack,
        "title": pack.policy.title.say(language),
        "clause": clause_row(pack, clause, months, found, language),
        "history": [
            {"month": month, "verdict": verdict, "figures": figures_of(verdict, pack, language)}
            for month in reversed(months)
            if (verdict := found.get((clause, month)))
        ],
        "rows": work.rows(owed, now=now, zone=zone, language=language),
        "rows_url": _list_url(
            "desk:obligations", clause=f"{pack.id}.{clause}", standing="any", sort="-due"
        ),
        "groups": _groups(proofs, pack, language),
        "links": _links(pack, found.get((clause, months[-1]))),
        "bindings": bindings(pack, clause),
        "unheld": staffing.unheld_for(adoption, pack, clause, viewer.on, language),
        "may_settle": may_settle(viewer),
    }


def _obligations(
    pack: Pack, clause: str, viewer: Viewer, *, since: date, now: datetime
) -> list[Obligation]:
    """Overdue and open, then done late in the months that are shown, then the newest."""
    late = Q(state="done", done_at__gt=F("due_at"), due_at__gte=since)
    overdue = Q(state__in=["open", "blocked"], obstructed_by="", due_at__lt=now)
    rank = Case(
        When(overdue, then=Value(0)), When(late, then=Value(1)), default=Value(2),
        output_field=IntegerField(),
    )  # fmt: skip
    rows = (
        Obligation.objects.visible_to(viewer)
        .filter(obligations_of(pack, clause))
        .select_related("target", "adoption")
        .order_by(rank, F("due_at").desc(nulls_last=True), "-id")
    )
    return list(rows[:OBLIGATIONS])


def _groups(found: Sequence[Behind], pack: Pack, language: str) -> list[Group]:
    targets = {shown.target.pk: shown.target for each in found for shown in each.shown}
    places = work.places_of(targets, language)
    groups = []
    for each in found:
        rows = [_proof(shown, places) for shown in each.shown]
        more, url = _whole(each)
        groups.append(Group(_title(each, pack, language), [r for r in rows if r.url], more, url))
    return [group for group in groups if group.rows]


def _proof(shown: Shown, places: Mapping[int, work.Place]) -> Proof:
    place = places[shown.target.pk]
    title = shown.number or place.number
    return Proof(
        title=title,
        place="" if place.words == title else place.words,
        note="" if shown.counts else _("未计入"),
        when=moment_words(shown.at),
        at=shown.at,
        url=reverse("records:page", args=[shown.record])
        if shown.record
        else target_url(shown.target),
    )


def _title(each: Behind, pack: Pack, language: str) -> str:
    if each.part == "refusals":
        return _("没有让办的")
    if each.part == "adrift":
        return _("不属于任何下级单位的")
    title = pack.policy.bound_parts[each.part][each.key].title
    return title.say(language) if title is not None else each.key


def _whole(each: Behind) -> tuple[str, str]:
    """Where all of it is listed, and what that is called; empty where no list has just that."""
    if each.part == "forms":
        return _("全部记录"), _list_url("records:list", form=each.key)
    if each.part == "guards" and set(each.kinds) <= CLOSING:
        chosen = {
            key: each.fixed[f"case.{key}"]
            for key in ("kind", "severity")
            if f"case.{key}" in each.fixed
        }
        return _("全部已关闭的事项"), _list_url("cases:list", stage="closed", **chosen)
    if each.part == "adrift":
        return _("全部不属于任何下级单位的客户"), adrift_url()
    if each.part == "indicators" and each.kinds == ("case",):
        return _("处理情况"), reverse("cases:figures")
    return "", ""


def _list_url(name: str, **asked: str) -> str:
    return f"{reverse(name)}?{urlencode(asked)}"


def _links(pack: Pack, verdict: Verdict | None) -> list[tuple[str, str]]:
    """Pages that tell of figures which count no records: who held a role, what was settled."""
    kinds = {leaf.kind for leaf in verdict.leaves} if verdict else set()
    pages = (
        ("role", _("角色与岗位"), reverse("desk:roles")),
        ("setting", _("制度的参数"), reverse("desk:settings")),
        ("acknowledged", _("阅知"), reverse("desk:acknowledgement", args=[pack.id])),
    )
    return [(title, url) for kind, title, url in pages if kind in kinds]


def bindings(pack: Pack, clause: str) -> list[str]:
    """The leaves that the clause is bound to, as the pack writes them."""
    found = [
        f"{key}.{place}" if place else key
        for part in pack.policy.bound_parts.values()
        for key, bound in part.items()
        for place in bound.clauses.get(clause, ())
    ]
    return found + ["acknowledge"] * (clause in pack.policy.acknowledge)
