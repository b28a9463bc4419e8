"""阅知, 分派 and 撤销: what one says of a policy, gives to others, takes back of one's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huiyin.accounts.models import Person
from huiyin.accounts.queries import people_of
from huiyin.accounts.visibility import heads_any
from huiyin.adoption import queries as adopted
from huiyin.adoption import services as adoption_services
from huiyin.cases import answers
from huiyin.core import clock
from huiyin.core.errors import Forbidden, Invalid, NotFound, Refused
from huiyin.core.pages import keyset_page
from huiyin.desk import reading, undoing, work
from huiyin.obligations import assigning
from huiyin.obligations.models import Obligation
from huiyin.ui.flash import saved

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Sorts after every real deadline."""

ORDER = ("clock", "pk")


@require_http_methods(["GET", "POST"])
def acknowledgement(request: Any, policy: str) -> HttpResponse:
    """The text in force to read, one click that says so, and for heads who has and who has not."""
    adoption, pack = adopted.policy_in_force(policy)
    if request.method == "POST":
        adoption_services.acknowledge(policy, person=request.person.pk, now=clock.now())
        saved(request, _("已阅知，已记录。"))
        return redirect("desk:acknowledgement", policy=policy)
    rows = reading.readers(request.viewer, adoption, request.viewer.on)
    counts = rows.aggregate(all=Count("pk"), said=Count("pk", filter=Q(said_at__isnull=False)))
    page = keyset_page(rows, order=("number", "pk"), cursor=request.GET.get("after", ""))
    context = {
        "pack": pack,
        "adoption": adoption,
        "title": pack.policy.title.say(_language()),
        "clauses": reading.clauses(pack, _language()),
        "said_at": reading.said_at(request.person, adoption),
        "rows": page.items,
        "counts": counts,
        "newer": f"?after={page.previous}" if page.previous else "",
        "older": f"?after={page.next}" if page.next else "",
    }
    return render(request, "desk/acknowledgement.html", context)


@require_http_methods(["GET", "POST"])
def assignments(request: Any) -> HttpResponse:
    """What is owed in the units that the viewer heads, the nearest first; the ticked to one person."""
    if not heads_any(request.viewer):
        raise Forbidden(_("只能分派本人管辖的单位的义务。"))
    if request.method == "GET":
        return render(request, "desk/assignments.html", _unit_list(request))
    ids = [int(text) for text in request.POST.getlist("obligation") if _is_id(text)]
    try:
        person = _chosen(request, request.POST.get("to", ""))
        count = assigning.assign(ids, to=person.pk, by=request.person.pk, now=clock.now())
    except (Invalid, Refused, NotFound, Forbidden) as error:
        context = _unit_list(request) | {"errors": getattr(error, "errors", {})}
        labels = {"to": _("分派给")}
        return answers.mend(request, error, "desk/assignments.html", context, labels=labels)
    saved(request, _("已把 %(n)s 项分派给 %(name)s。") % {"n": count, "name": person.name})
    return redirect("desk:assignments")


@require_http_methods(["GET", "POST"])
def undo(request: Any) -> HttpResponse:
    """One's own last act: what it was, whether it can be taken back, and taking it back."""
    now = clock.now()
    if request.method == "POST":
        try:
            undoing.undo(
                request.person.pk,
                reason=request.POST.get("reason", ""),
                now=now,
                language=_language(),
                act=int(act) if _is_id(act := request.POST.get("act", "")) else None,
            )
        except Invalid as error:
            return _undo_page(request, error.errors, error.status)
        saved(request, _("已撤销，原因已记录。"))
        return redirect("desk:today")
    return _undo_page(request)


def _undo_page(request: Any, errors: Any = None, status: int = 200) -> HttpResponse:
    last = undoing.last_act(request.person.pk)
    built = last.built(_language()) if last else []
    stands = last is not None and (bool(built) or not last.facts)
    context = {
        "last": last,
        "title": last.title(_language()) if last else "",
        "built": built,
        "instead": undoing.instead_of(last) if last and stands else None,
        "errors": errors or {},
        "labels": {"reason": _("撤销的原因")},
    }
    return render(request, "desk/undo.html", context, status=status)


def _unit_list(request: Any) -> dict[str, Any]:
    """The page's variables; after a refusal with the ticks and the person that were sent."""
    viewer = request.viewer
    headed = Obligation.objects.visible_to(viewer).waiting()
    if not viewer.heads_all:
        headed = headed.filter(target__unit__in=viewer.headed)
    holder = request.GET.get("holder", "")
    if holder == "none":
        headed = headed.filter(holder=None)
    elif _is_id(holder):
        headed = headed.filter(holder=int(holder))
    rows = headed.annotate(clock=Coalesce("due_at", Value(NEVER))).select_related(
        "target", "adoption", "holder__as_person"
    )
    page = keyset_page(rows, order=ORDER, cursor=request.GET.get("after", ""))
    kept = f"&holder={holder}" if holder else ""
    return {
        "rows": _rows(page.items, ticked=request.POST.getlist("obligation")),
        "people": [(p.pk, p.name, p.number) for p in people_of(viewer, viewer.on)],
        "holder": holder,
        "to": request.POST.get("to", ""),
        "most": assigning.MOST,
        "newer": f"?after={page.previous}{kept}" if page.previous else "",
        "older": f"?after={page.next}{kept}" if page.next else "",
    }


def _rows(
    found: Sequence[Obligation], *, ticked: Collection[str]
) -> list[tuple[work.Row, str, bool]]:
    """Each as 今日 shows it, with whose it is and whether it is ticked."""
    shown = work.rows(
        found, now=clock.now(), zone=timezone.get_current_timezone(), language=_language()
    )
    return [
        (
            row,
            row.obligation.holder.as_person.name if row.obligation.holder else "",
            row.key in ticked,
        )
        for row in shown
    ]


def _chosen(request: Any, text: str) -> Person:
    """Raises Invalid for nobody of those whom the viewer sees."""
    person: Person | None = None
    if _is_id(text):
        person = people_of(request.viewer, request.viewer.on).filter(pk=int(text)).first()
    if person is None:
        raise Invalid({"to": [_("请选择接手的人。")]})
    return person


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _language() -> str:
    return get_language() or "zh"
