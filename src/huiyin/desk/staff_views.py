"""设置 → 单位, 人员, 角色: who works where in which post, who is away, who leaves."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from huiyin.accounts import staff_services as staff
from huiyin.accounts.abilities import may_note_leave, may_settle
from huiyin.accounts.access import person_for_reading
from huiyin.accounts.models import Leave, Person, Position, Post, Unit
from huiyin.accounts.queries import people_of
from huiyin.accounts.services import NewPerson
from huiyin.accounts.staff_services import NewPost
from huiyin.core import clock
from huiyin.core.errors import Conflict, Invalid, NotFound
from huiyin.core.pages import keyset_page
from huiyin.core.punctuation import in_turn, listed
from huiyin.core.words import add_wrong
from huiyin.desk import staff_forms as forms
from huiyin.desk import staffing
from huiyin.desk.staffing import Departure
from huiyin.ui.flash import saved

ORDER = ("number", "pk")


@require_http_methods(["GET", "POST"])
def units(request: HttpRequest) -> HttpResponse:
    """The tree of units for everybody; heads of the firm add to it."""
    form = forms.UnitForm(request.POST or None)

    def add() -> HttpResponse:
        _require_settling(request)
        given = form.require_valid()
        staff.add_unit(given["name"], parent=given["parent"], **_who(request))
        saved(request, _("单位已新建。"))
        return redirect("desk:units")

    def show(status: int) -> HttpResponse:
        context = {"rows": staffing.units(request.viewer.on), "form": form} | _may(request)
        return render(request, "desk/units.html", context, status=status)

    return _answer(request, form, add, show)


@require_http_methods(["GET", "POST"])
def unit(request: HttpRequest, unit: int) -> HttpResponse:
    """One unit: its name and its place."""
    row = Unit.objects.select_related("parent").filter(pk=unit).first()
    if row is None:
        raise NotFound
    form = forms.UnitForm(
        request.POST if request.method == "POST" else None,
        initial={"name": row.name, "parent": row.parent_id},
        is_root=row.parent_id is None,
    )

    def change() -> HttpResponse:
        _require_settling(request)
        staff.change_unit(row, **form.require_valid(), **_who(request))
        saved(request, _("单位已更改。"))
        return redirect("desk:units")

    def show(status: int) -> HttpResponse:
        held = Post.objects.held(request.viewer.on).filter(unit=row)
        context = {
            "unit": row,
            "posts": held.select_related("person", "position").order_by("pk"),
            "form": form,
        }
        return render(request, "desk/unit.html", context | _may(request), status=status)

    return _answer(request, form, change, show)


@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Whom the viewer may see of the firm; heads of the firm add people."""
    form = forms.NewPersonForm(
        request.POST if request.method == "POST" else None,
        initial={"from_on": request.viewer.on.isoformat(), "unit": request.GET.get("unit")},
    )

    def add() -> HttpResponse:
        _require_settling(request)
        given = form.require_valid()
        position = given["position"]
        post = NewPost(position.pk, given["unit"], given["from_on"]) if position else None
        new = NewPerson(given["name"], given["number"], unit_id=given["unit"].pk)
        person = staff.add_person(new, post, **_who(request))
        saved(request, _("人员已登记。"))
        return redirect("desk:person", person=person.pk)

    def show(status: int) -> HttpResponse:
        rows = people_of(request.viewer, request.viewer.on)
        page = keyset_page(rows, order=ORDER, cursor=request.GET.get("after", ""))
        held = Post.objects.held(request.viewer.on).filter(person__in=[p.pk for p in page.items])
        posts: dict[int, list[Post]] = {}
        for post in held.select_related("position", "unit").order_by("pk"):
            posts.setdefault(post.person_id, []).append(post)
        away = Leave.objects.filter(
            from_on__lte=request.viewer.on, to_on__gte=request.viewer.on
        ).values_list("person", flat=True)
        context = {
            "rows": [(row, posts.get(row.pk, ()), row.pk in set(away)) for row in page.items],
            "form": form,
            "newer": f"?after={page.previous}" if page.previous else "",
            "older": f"?after={page.next}" if page.next else "",
        }
        return render(request, "desk/people.html", context | _may(request), status=status)

    return _answer(request, form, add, show)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, person: int) -> HttpResponse:
    """One person: posts, leave, what waits for him, and what may be changed about him."""
    row = person_for_reading(request.viewer, person)
    form = forms.PersonForm(
        request.POST if request.method == "POST" else None,
        initial={"name": row.name, "number": row.number},
    )

    def change() -> HttpResponse:
        _require_settling(request)
        staff.change_person(row, **form.require_valid(), **_who(request))
        return _done(request, row, _("已更改。"))

    return _answer(request, form, change, lambda status: _page(request, row, status, form=form))


@require_POST
def posts(request: HttpRequest, person: int) -> HttpResponse:
    """Put somebody into a post."""
    row = person_for_reading(request.viewer, person)
    form = forms.PostForm(request.POST)

    def add() -> HttpResponse:
        _require_settling(request)
        staff.add_post(row, form.new_post(), **_who(request))
        return _done(request, row, _("任职已登记。"))

    return _answer(request, form, add, lambda status: _page(request, row, status, post_form=form))


@require_POST
def post_end(request: HttpRequest, post: int) -> HttpResponse:
    """Say the last day of a post; a role that nobody would hold then is warned of."""
    row = Post.objects.visible_to(request.viewer).select_related("person").filter(pk=post).first()
    if row is None:
        raise NotFound
    form = forms.EndForm(request.POST)

    def end() -> HttpResponse:
        _require_settling(request)
        given = form.require_valid()
        staffing.end_post(row, **given, **_who(request), language=_language())
        return _done(request, row.person, _("任职到期日已登记。"))

    def show(status: int) -> HttpResponse:
        return _page(request, row.person, status, end_form=form, ending=row.pk)

    return _answer(request, form, end, show)


@require_POST
def departure(request: HttpRequest, person: int) -> HttpResponse:
    """Somebody leaves the firm; what waits for him passes to a successor at once."""
    row = person_for_reading(request.viewer, person)
    form = forms.DepartureForm(request.POST, person=row, on=request.viewer.on)

    def leave() -> HttpResponse:
        _require_settling(request)
        going = Departure(**form.require_valid())
        bereft = staffing.dismiss(row, going, **_who(request), language=_language())
        saved(request, in_turn(_("离职已登记，未办的事已移交。"), _without_deputy(bereft)))
        return redirect("desk:people")

    return _answer(
        request, form, leave, lambda status: _page(request, row, status, departure_form=form)
    )


def _without_deputy(leaves: Collection[Leave]) -> str:
    """Whose leaves go on without a deputy; empty for none."""
    if not leaves:
        return ""
    people = Person.objects.filter(pk__in={each.person_id for each in leaves}).order_by("number")
    return _("%(names)s的休假此后没有代理人，请另行指定。") % {
        "names": listed(person.name for person in people)
    }


@require_POST
def leaves(request: HttpRequest, person: int) -> HttpResponse:
    """Note that somebody is away, and who stands in for him."""
    row = person_for_reading(request.viewer, person)
    form = forms.LeaveForm(request.POST, person=row, on=request.viewer.on)

    def note() -> HttpResponse:
        staff.require_heading(row, by=request.person.pk, now=clock.now())
        staff.note_leave(row, form.away(), **_who(request))
        return _done(request, row, _("休假已登记。"))

    return _answer(request, form, note, lambda status: _page(request, row, status, leave_form=form))


@require_POST
def leave_end(request: HttpRequest, leave: int) -> HttpResponse:
    """A leave ends early, or does not take place."""
    row = Leave.objects.select_related("person").filter(pk=leave).first()
    if row is None:
        raise NotFound
    whose = person_for_reading(request.viewer, row.person_id)
    form = forms.LeaveEndForm(request.POST)

    def end() -> HttpResponse:
        staff.require_heading(whose, by=request.person.pk, now=clock.now())
        staff.end_leave(row, form.require_valid()["to_on"], **_who(request))
        return _done(request, whose, _("休假已提前结束。"))

    return _answer(request, form, end, lambda status: _page(request, whose, status, back_form=form))


@require_http_methods(["GET", "POST"])
def roles(request: HttpRequest) -> HttpResponse:
    """The roles that the packs name, who holds each in which unit, and which nobody holds."""
    on = request.viewer.on
    form = forms.AppointmentForm(
        request.POST if request.method == "POST" else None,
        on=on,
        initial={"from_on": on.isoformat()}
        | {name: request.GET.get(name) for name in ("position", "unit")},
    )

    def appoint() -> HttpResponse:
        _require_settling(request)
        new = form.new_post()
        staff.add_post(form.cleaned_data["person"], new, **_who(request))
        saved(request, _("任职已登记。"))
        return redirect("desk:roles")

    return _answer(request, form, appoint, lambda status: _roles(request, status, form=form))


@require_POST
def positions(request: HttpRequest) -> HttpResponse:
    """A position of the firm, for a role of a pack or of its own."""
    form = forms.PositionForm(request.POST, roles=staffing.missing_positions(_language()))

    def add() -> HttpResponse:
        _require_settling(request)
        code = form.require_valid()["code"]
        staff.add_position(form.terms, code=code, **_who(request))
        saved(request, _("岗位已新建。"))
        return redirect("desk:roles")

    return _answer(request, form, add, lambda status: _roles(request, status, position_form=form))


@require_http_methods(["GET", "POST"])
def position(request: HttpRequest, position: str) -> HttpResponse:
    """What a position is called, how far its holders see and whether they govern the firm."""
    row = Position.objects.filter(pk=position).first()
    if row is None:
        raise NotFound
    form = forms.PositionChangeForm(
        request.POST if request.method == "POST" else None,
        initial=model_to_dict(row, fields=("title", "title_en", "scope", "leads", "governs")),
    )

    def change() -> HttpResponse:
        _require_settling(request)
        form.require_valid()
        staff.change_position(row, form.terms, **_who(request))
        saved(request, _("岗位已更改。"))
        return redirect("desk:roles")

    def show(status: int) -> HttpResponse:
        held = Post.objects.held(request.viewer.on).filter(position=row)
        posts = held.select_related("person", "unit").order_by("unit__path", "pk")
        context = {"position": row, "posts": posts, "form": form} | _may(request)
        return render(request, "desk/position.html", context, status=status)

    return _answer(request, form, change, show)


def _roles(request: Any, status: int, **given: Any) -> HttpResponse:
    on = request.viewer.on
    initial = {"from_on": on.isoformat()}
    context = {
        "rows": staffing.roles(on, _language()),
        "positions": Position.objects.order_by("title"),
        "form": given.get("form") or forms.AppointmentForm(on=on, initial=initial),
        "position_form": given.get("position_form")
        or forms.PositionForm(roles=staffing.missing_positions(_language())),
    }
    return render(request, "desk/roles.html", context | _may(request), status=status)


def _page(request: Any, row: Person, status: int, **given: Any) -> HttpResponse:
    """One person's page; a form that was refused is shown as it was sent."""
    on = request.viewer.on
    today = {"from_on": on.isoformat()}
    held = row.posts.select_related("position", "unit").order_by("-from_on", "-pk")
    away = row.leaves.select_related("deputy").order_by("-from_on")[:12]
    context = {
        "whose": row,
        "today": on,
        "posts": held,
        "leaves": away,
        "stands_in": row.stands_in.filter(to_on__gte=on)
        .select_related("person")
        .order_by("from_on"),
        "burden": staffing.burden(row),
        "may_note_leave": may_note_leave(request.viewer, row.target),
        "form": forms.PersonForm(initial={"name": row.name, "number": row.number}),
        "post_form": forms.PostForm(initial=today),
        "end_form": forms.EndForm(initial={"last_on": on.isoformat()}),
        "leave_form": forms.LeaveForm(person=row, on=on, initial=today),
        "back_form": forms.LeaveEndForm(initial={"to_on": on.isoformat()}),
        "departure_form": forms.DepartureForm(
            person=row, on=on, initial={"last_on": on.isoformat()}
        ),
    }
    return render(request, "desk/person.html", context | _may(request) | given, status=status)


def _answer(
    request: HttpRequest,
    form: Any,
    act: Callable[[], HttpResponse],
    show: Callable[[int], HttpResponse],
) -> HttpResponse:
    """The page, or what was asked for; what cannot be is said on the page, beside its field."""
    if request.method != "POST":
        return show(200)
    try:
        return act()
    except (Invalid, Conflict) as error:
        add_wrong(form, error)
        return show(error.status)


def _done(request: HttpRequest, person: Person, words: str) -> HttpResponse:
    saved(request, words)
    return redirect("desk:person", person=person.pk)


def _who(request: Any) -> dict[str, Any]:
    return {"by": request.person.pk, "now": clock.now()}


def _require_settling(request: Any) -> None:
    """Who may not change anything learns that, not what is wrong with his form."""
    staff.require_settling(request.person.pk, now=clock.now())


def _may(request: Any) -> dict[str, bool]:
    return {"may_settle": may_settle(request.viewer)}


def _language() -> str:
    return get_language() or "zh"
