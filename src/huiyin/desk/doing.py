"""How an obligation is done in a browser: what the button says and where it leads."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.cases.queries import ANSWER_FORM, NOTICE_FORM
from huiyin.obligations.models import Obligation
from huiyin.obligations.proofs import Way, way_of
from huiyin.records.links import target_url

CASE_ACTIONS = {
    "case.rectified": gettext_lazy("填回执"),
    "case.replied": gettext_lazy("去答复"),
    "case.referred": gettext_lazy("去请示"),
}
"""What proves a duty about a case, as the button that leads there says it."""

OF_CASES = (NOTICE_FORM, ANSWER_FORM)
"""The papers that have pages of their own among the cases."""

NO_MATTER = ("person", "unit", "firm", "party")
"""Kinds of targets that nobody follows up."""

# Where that happens which is counted, or which proves something about somebody else.
ROOMS = {
    "followup": "customers:list",
    "record": "customers:list",
    "customer": "customers:list",
    "case": "cases:list",
    "policy": "desk:policies",
}


def action_for(row: Obligation) -> tuple[str, str]:
    """What the button says and where it leads, by what proves the duty.

    No statement is made: ``row`` comes with its target and its adoption.
    """
    way, kind = way_of(row), row.target.kind
    if way.kind == "followup" and kind not in NO_MATTER:
        return _("去回访"), reverse("followups:workbench", args=[row.target_id])
    if way.form in OF_CASES:
        action = _("开通知单") if way.form == NOTICE_FORM else _("填回执")
        return action, reverse("cases:page", args=[row.target_id])
    if way.form:
        action = _("去送达") if way.kind == "sending" else _("去填写")
        return action, paper_url(way.form, row)
    if way.kind == "decision":
        return _("去判定"), reverse("desk:decision", args=[row.pk])
    return _elsewhere(row, way)


def act_of(row: Obligation) -> str:
    """What one does to meet it, if one act may meet several: a follow-up, or what happens.

    Two forms are two acts: each policy wants its own.
    """
    way = way_of(row)
    if way.kind == "followup" or way.fact == "followup.held":
        return "followup" if row.target.kind not in NO_MATTER else ""
    return way.fact if way.kind == "fact" else ""


def paper_url(form: str, row: Obligation) -> str:
    """The form about the obligation's target; a review names the record that it is about."""
    reviewed = row.values.get("record.id")
    asked = {"for": row.pk, **({"of": reviewed} if isinstance(reviewed, int) else {})}
    return f"{reverse('desk:paper', args=[form, row.target_id])}?{urlencode(asked)}"


def _elsewhere(row: Obligation, way: Way) -> tuple[str, str]:
    """What is met by something that happens: about the target itself, or in the room of it."""
    kind, room = row.target.kind, way.fact.partition(".")[0]
    if kind == "case":
        action = str(CASE_ACTIONS.get(way.fact, _("去办理")))
        return action, reverse("cases:page", args=[row.target_id])
    if way.fact in ("followup.held", "followup.planned") and kind not in NO_MATTER:
        page = "followups:plan" if way.fact == "followup.planned" else "followups:workbench"
        action = _("去约时间") if way.fact == "followup.planned" else _("去回访")
        return action, reverse(page, args=[row.target_id])
    if kind == "customer" and room == "case":
        return _("登记事项"), reverse("cases:intake", args=[row.target_id])
    if way.kind != "count" and (url := target_url(row.target)):
        return _("去办理"), url
    return (_("去办理"), reverse(ROOMS[room])) if room in ROOMS else (_("查看"), "")
