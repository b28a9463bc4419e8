"""设置 → 权限 and “这个人能看到什么”."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from huiyin.accounts.abilities import ABILITIES, may_settle
from huiyin.accounts.access import person_for_reading
from huiyin.accounts.models import Person
from huiyin.accounts.queries import people_of
from huiyin.core import clock
from huiyin.core.errors import Forbidden
from huiyin.core.pages import keyset_page
from huiyin.desk import permissions
from huiyin.desk.forms import DayForm

ORDER = ("number", "pk")


@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """What each position may do; and the people whose sight the viewer may look at."""
    today = clock.today(timezone.get_current_timezone())
    people = people_of(request.viewer, today)
    if not may_settle(request.viewer):
        people = people.filter(pk=request.viewer.person_id)
    page = keyset_page(people, order=ORDER, cursor=request.GET.get("after", ""))
    context = {
        "abilities": ABILITIES,
        "rows": permissions.matrix(today),
        "people": page.items,
        "newer": f"?after={page.previous}" if page.previous else "",
        "older": f"?after={page.next}" if page.next else "",
    }
    return render(request, "desk/permissions.html", context)


@require_GET
def sight(request: HttpRequest, person: int) -> HttpResponse:
    """What one person sees and may do on a day: for himself and for heads of the firm."""
    whose = _whose(request, person)
    zone = timezone.get_current_timezone()
    asked = {"day": request.GET.get("day") or clock.today(zone).isoformat()}
    form = DayForm(asked)
    context: dict[str, Any] = {"whose": whose, "form": form}
    if form.is_valid():
        day = form.cleaned_data["day"]
        context |= {"day": day, "sight": permissions.sight(whose, on=day)}
    status = 200 if form.is_valid() else 422
    return render(request, "desk/person_sees.html", context, status=status)


def _whose(request: Any, person: int) -> Person:
    """Raises NotFound for nobody of his, Forbidden for a colleague."""
    found = person_for_reading(request.viewer, person)
    if found.pk != request.viewer.person_id and not may_settle(request.viewer):
        raise Forbidden
    return found
