"""设置 → 工作日历: a year to look at, the firm's own days, notices, confirming, counting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huiyin.accounts import calendar_services as services
from huiyin.accounts.calendar_notices import YEARS
from huiyin.accounts.calendar_queries import confirmed_years, year_shown
from huiyin.accounts.queries import holds_over
from huiyin.adoption.calendars import reach
from huiyin.cases import answers
from huiyin.core import clock
from huiyin.core.errors import Conflict, Invalid, NotFound
from huiyin.desk import calendar_forms as forms
from huiyin.desk import calendar_year as shapes
from huiyin.ui.flash import saved
from huiyin.ui.moments import WEEKDAYS

TEMPLATE = "desk/calendar.html"


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """The running year."""
    if request.firm is None:
        return redirect("accounts:signin")
    return redirect("desk:calendar_year", year=request.viewer.on.year)


@require_GET
def year(request: HttpRequest, year: int) -> HttpResponse:
    """Twelve months, what is not as its weekday says, and where counting leads."""
    context = _context(request, year)
    form = forms.CountForm(request.GET) if "start" in request.GET else None
    if form is not None and form.is_valid():
        start, count = form.cleaned_data["start"], form.cleaned_data["count"]
        found = reach(start, count)
        context["reached"] = {"found": found, "weekday": WEEKDAYS[found.day.weekday()]}
    elif form is not None:
        context["errors"] = form.errors
    context["asked"] = request.GET
    status = 422 if context["errors"] else 200
    return render(request, TEMPLATE, context, status=status)


@require_POST
def days(request: HttpRequest, year: int) -> HttpResponse:
    """The firm works on a day, or does not, other than the public calendar says."""

    def add() -> int:
        given = forms.DayForm(request.POST).require_valid()
        row = services.add_day(
            given["day"],
            worked=given["worked"] == "on",
            reason=given["reason"],
            by=request.person.pk,
            now=clock.now(),
        )
        saved(request, _("已记下 %s 的安排。") % row.day)
        return row.day.year

    return _answer(request, year, add)


@require_POST
def removal(request: HttpRequest, year: int, day_id: int) -> HttpResponse:
    """Take back what the firm said about a day."""
    reason = request.POST.get("reason", "")
    day = services.remove_day(day_id, reason=reason, by=request.person.pk, now=clock.now())
    saved(request, _("已撤去 %s 的安排。") % day)
    return answers.onwards(request, _url(day.year))


@require_POST
def notices(request: HttpRequest, year: int) -> HttpResponse:
    """The days of a public notice, from a file."""

    def take() -> int:
        text = forms.NoticeForm(request.POST, request.FILES).require_valid()["file"]
        found = services.import_notice(text, by=request.person.pk, now=clock.now())
        words = _(
            "已导入 %(year)s 年的通知：%(days)s 天，其中 %(changed)s 天有变化。请核对后确认。"
        )
        told = {"year": found.year, "days": found.days, "changed": found.changed}
        saved(request, words % told)
        return found.year

    return _answer(request, year, take)


@require_POST
def confirmation(request: HttpRequest, year: int) -> HttpResponse:
    """From now on the year counts as known."""

    def confirm() -> int:
        source = forms.ConfirmationForm(request.POST).require_valid()["source"]
        services.confirm_year(year, source=source, by=request.person.pk, now=clock.now())
        saved(request, _("%s 年的工作日历已确认。") % year)
        return year

    return _answer(request, year, confirm)


@require_POST
def hours(request: HttpRequest, year: int) -> HttpResponse:
    """Until when the firm works."""

    def change() -> int:
        until = forms.HoursForm(request.POST).require_valid()["end_of_work"]
        services.set_end_of_work(until, by=request.person.pk, now=clock.now())
        saved(request, _("下班时间已改为 %s。") % f"{until:%H:%M}")
        return year

    return _answer(request, year, change)


def _answer(request: HttpRequest, year: int, act: Callable[[], int]) -> HttpResponse:
    """The year's page after the act, or the same page with what stands in its way."""
    _require_year(year)
    try:
        return answers.onwards(request, _url(act()))
    except (Invalid, Conflict) as error:
        context = _context(request, year)
        context["errors"] = getattr(error, "errors", {})
        return answers.mend(request, error, TEMPLATE, context, labels=context["labels"])


def _url(year: int) -> str:
    return reverse("desk:calendar_year", args=[year])


def _require_year(year: int) -> None:
    if year not in YEARS:
        raise NotFound


def _context(request: HttpRequest, year: int) -> dict[str, Any]:
    _require_year(year)
    if request.firm is None:
        raise NotFound
    shown = year_shown(request.firm, year)
    words, tone = shapes.standing(shown)
    beside = shapes.beside(year, known=confirmed_years(request.firm), now=request.viewer.on.year)
    return {
        "year": year,
        "before": beside[0],
        "after": beside[1],
        "standing": words,
        "tone": tone,
        "is_confirmed": shown.confirmed is not None,
        "may_confirm": shown.has_notice or shown.is_published,
        "months": shapes.months(shown, today=request.viewer.on),
        "weekdays": list(zip(shapes.NARROW, WEEKDAYS, strict=True)),
        "marks": [(mark, words) for mark, words in shapes.MARKS.values() if mark],
        "entries": shapes.entries(shown),
        "may_change": holds_over(request.person.pk, None, at=clock.now()),
        "source": shapes.source_words(year),
        "end_of_work": f"{request.firm.end_of_work:%H:%M}",
        "choices": forms.DayForm.base_fields["worked"].choices,
        "post": request.POST,
        "asked": {},
        "errors": {},
        "labels": forms.labels(),
    }
