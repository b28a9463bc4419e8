"""开始使用: from an empty database to the first follow-up, and from trial to force."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from huiyin.accounts.abilities import may_settle
from huiyin.accounts.middleware import SESSION_PERSON, is_here, open_to_all, to_signin
from huiyin.adoption import packs
from huiyin.adoption import queries as adopted
from huiyin.adoption.models import Adoption
from huiyin.core import clock
from huiyin.core.errors import Forbidden, Invalid, NotFound
from huiyin.desk import first_run, settings_pages
from huiyin.desk.first_owed import first_owed
from huiyin.desk.first_run import Founding, Start
from huiyin.ui.flash import saved


@open_to_all
@require_http_methods(["GET", "POST"])
def start(request: Any) -> HttpResponse:
    """Before the firm is there: its industry and its name. After: how far it has come."""
    if request.firm is None:
        if not is_here(request):
            # Whoever came first over the network would own the firm.
            raise Forbidden(_("公司只能在运行回音的这台电脑上建立；请在它上面打开本页。"))
        return _founded(request) if request.method == "POST" else _founding(request)
    if request.person is None:
        return to_signin(request)
    if request.method == "POST":
        raise Forbidden(_("公司已经建立。"))
    begun = _begun(request)
    on = request.viewer.on
    context = {
        "steps": steps(begun, with_links=True),
        "next_url": _url(begun.next) if begun.next else "",
        "adoption": begun.adoption,
        "in_force": begun.adoption is not None and begun.adoption.mode == Adoption.Mode.FORCE,
        "open_house": request.firm.trial,
        "demo": request.firm.demo,
        "logins": first_run.heads_with_login(on),
    }
    return render(request, "desk/start.html", context)


def _founding(
    request: HttpRequest, given: Any = None, errors: Any = None, status: int = 200
) -> HttpResponse:
    language = get_language() or "zh"
    installed = packs.installed()
    chosen = request.GET.get("pack") or (given or {}).get("pack") or ""
    if not chosen and len(installed) == 1:
        chosen = installed[0].id
    pack = next((each for each in installed if each.id == chosen), None)
    context = {
        "packs": [(each.id, each.policy.title.say(language)) for each in installed],
        "pack": pack,
        "title": pack.policy.title.say(language) if pack else "",
        "roles": [
            *((key, role.title.say(language)) for key, role in pack.policy.roles.items()),
            (first_run.NONE_OF_THEM, _("都不是")),
        ]
        if pack
        else [],
        "given": given or {},
        "errors": errors or {},
        "labels": {"firm": _("公司名称"), "person": _("您的姓名"), "role": _("您在制度里的角色")},
    }
    return render(request, "desk/founding.html", context, status=status)


def _founded(request: Any) -> HttpResponse:
    names = ("firm", "person", "pack", "role")
    given = {name: request.POST.get(name, "") for name in names}
    try:
        person = first_run.found(Founding(**given), now=clock.now())
    except Invalid as error:
        return _founding(request, given, error.errors, error.status)
    request.session[SESSION_PERSON] = person.pk
    return redirect("desk:start_units")


@require_http_methods(["GET", "POST"])
def units(request: Any) -> HttpResponse:
    """The parts of the firm, one a line."""
    if request.firm is None:
        return redirect("desk:start")
    begun, errors, text = _begun(request), {}, request.POST.get("units", "")
    if request.method == "POST":
        try:
            first_run.add_units(text, **_who(request))
            return redirect("desk:start_people")
        except Invalid as error:
            errors = error.errors
    context = {"units": begun.units[1:], "text": text, "errors": errors}
    return _step(request, "desk/start_units.html", begun, "units", context)


@require_http_methods(["GET", "POST"])
def people(request: Any) -> HttpResponse:
    """Somebody for each role that the pack needs."""
    if request.firm is None:
        return redirect("desk:start")
    begun, errors = _begun(request), {}
    if request.method == "POST":
        made_up = request.POST.get("made_up") == "1"
        try:
            first_run.name_people(begun, request.POST.dict(), made_up=made_up, **_who(request))
            if not Start(begun.on, begun.language).unheld:
                return redirect("desk:start_adoption")
            # What was named is kept; the page says who is missing.
            return redirect(reverse("desk:start_people") + "?missing=1")
        except Invalid as error:
            errors = error.errors
    elif "missing" in request.GET:
        errors = {seat.name: [_("还没有人担任，请填写。")] for seat in begun.seats if seat.required}
    written = request.POST if request.method == "POST" else begun.proposed
    seats = [(seat, written.get(seat.name, ""), errors.get(seat.name, ())) for seat in begun.seats]
    context = {
        "seats": seats,
        "unheld": begun.unheld,
        "samples_offered": not begun.done["people"],
        "errors": errors,
        "labels": {seat.name: seat.label for seat in begun.seats},
    }
    return _step(request, "desk/start_people.html", begun, "people", context)


@require_http_methods(["GET", "POST"])
def adoption(request: Any) -> HttpResponse:
    """The pack of the industry on trial, from today on."""
    if request.firm is None:
        return redirect("desk:start")
    begun = _begun(request)
    if request.method == "POST":
        first_run.adopt(begun, **_who(request))
        saved(request, _("制度已启用（试用）。"))
        return redirect("desk:start_customers")
    pack = begun.pack
    context = {
        "title": pack.policy.title.say(begun.language),
        "clauses": [(key, clause.say(begun.language)) for key, clause in pack.clauses.items()],
        "pack": pack.id,
        "duties": len(pack.policy.duties),
        "unheld": begun.unheld,
        "adoption": begun.adoption,
    }
    return _step(request, "desk/start_adoption.html", begun, "adoption", context)


@require_http_methods(["GET", "POST"])
def customers(request: Any) -> HttpResponse:
    """Customers from a file, or a few samples; then 今日."""
    if request.firm is None:
        return redirect("desk:start")
    begun = _begun(request)
    if request.method == "POST":
        if begun.adoption is None:
            raise Forbidden(_("请先启用制度。"))
        count = first_run.add_samples(begun, **_who(request))
        saved(request, _("已登记 %s 户示例住户和几张刚完工的维修单。") % count)
        return redirect("desk:today")
    imports = next((page for page in settings_pages.PAGES if "import" in page.url_name), None)
    context = {
        "import_url": f"{imports.url}?what=customers" if imports else "",
        "has_samples": first_run.sample_of(begun.pack.id) is not None,
        "done": begun.done["customers"],
        "ready": begun.adoption is not None,
    }
    return _step(request, "desk/start_customers.html", begun, "customers", context)


@require_POST
def sign_in_required(request: Any) -> HttpResponse:
    """The trial without signing in ends."""
    first_run.end_open_house(**_who(request))
    saved(request, _("从现在起需要登录。"))
    return redirect("desk:start")


def steps(begun: Start, *, with_links: bool) -> list[dict[str, str]]:
    """The way as the stepper shows it."""
    found = []
    for key, is_done in begun.done.items():
        state = "done" if is_done else "next" if key == begun.next else "later"
        title, action = _words()[key]
        # The last step is taken on 今日 itself, from the first row there.
        linked = with_links and not is_done and key != "followup"
        found.append(
            {
                "title": title,
                "state": state,
                "note": "",
                "url": _url(key) if linked else "",
                "action": action if linked else "",
            }
        )
    return found


def strip(request: Any) -> list[dict[str, str]]:
    """What 今日 says of a firm on trial to who sets it up, until all is done."""
    if not request.firm.trial or not may_settle(request.viewer):
        return []
    try:
        begun = Start(request.viewer.on, get_language() or "zh")
        return steps(begun, with_links=True) if begun.next else []
    except NotFound:  # a firm on trial that did not come this way
        return []


def first_followup(request: Any, way: list[dict[str, str]]) -> dict[str, str]:
    """What leads to the first follow-up, once it is all that is left; else nothing."""
    if not way or any(step["state"] != "done" for step in way[:-1]):
        return {}
    return first_owed(request.viewer, now=clock.now(), zone=get_current_timezone())


def on_trial(request: Any, way: list[dict[str, str]]) -> bool:
    """Whether 今日 says to who governs the firm that its policy is only on trial: after the way."""
    if way or request.firm.demo or not may_settle(request.viewer):
        return False
    return any(adoption.mode == Adoption.Mode.TRIAL for adoption, _pack in adopted.current())


def _words() -> dict[str, tuple[str, str]]:
    return {
        "firm": (_("行业与公司"), ""),
        "units": (_("单位"), _("去填写")),
        "people": (pgettext("step", "人员"), _("去指定")),
        "adoption": (pgettext("step", "启用制度"), _("去启用")),
        "customers": (pgettext("step", "客户"), _("去登记")),
        "followup": (_("第一次回访"), _("去回访")),
    }


def _url(key: str) -> str:
    return reverse("desk:today" if key == "followup" else f"desk:start_{key}")


def _step(
    request: HttpRequest, template: str, begun: Start, key: str, context: dict[str, Any]
) -> HttpResponse:
    """A page of the way; the steps around it say where one is, and which are done."""
    around = steps(begun, with_links=False)
    for step, (each, is_done) in zip(around, begun.done.items(), strict=True):
        if each == key and not is_done:
            step["state"] = "next"
    wrong = request.method == "POST" and context.get("errors")
    status = 422 if wrong else 200
    return render(request, template, context | {"steps": around}, status=status)


def _begun(request: Any) -> Start:
    """Raises Forbidden for who does not head the firm, NotFound for a firm that went another way."""
    if not may_settle(request.viewer):
        raise Forbidden(_("只有管辖整个公司的人可以做这些设置。"))
    return Start(request.viewer.on, get_language() or "zh")


def _who(request: Any) -> dict[str, Any]:
    return {"by": request.person.pk, "now": clock.now()}
