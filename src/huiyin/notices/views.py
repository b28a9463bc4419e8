"""One's notices and why they came, how one wants them, and the firm's mail channel."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.core import clock
from huiyin.core.errors import Conflict, Invalid
from huiyin.core.submissions import speaks_outside
from huiyin.notices import access, channels, pages, queries, services
from huiyin.notices.forms import ChannelForm, TrialForm, WishesForm, titles
from huiyin.notices.models import MailChannel, MailPreference
from huiyin.notices.smtp import Trouble
from huiyin.notices.troubles import say_trouble
from huiyin.ui.flash import saved

LARGEST_ID = 2**63 - 1


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Everything that I was told, unread first."""
    found = queries.inbox(request.viewer, cursor=request.GET.get("page", ""))
    return render(request, "notices/inbox.html", pages.inbox(found))


@require_GET
def page(request: HttpRequest, id: int) -> HttpResponse:
    """Why this notice: clause, role, and what became of it on each channel."""
    notice = access.for_reading(request.viewer, id)
    context = pages.why(notice, viewer=request.viewer, now=clock.now())
    return render(request, "notices/page.html", context)


@require_POST
def read(request: HttpRequest, id: int) -> HttpResponse:
    notice = access.for_marking(request.viewer, id)
    services.mark_read([notice.pk], by=request.person.pk, now=clock.now())
    return _done(request)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything up to the newest notice that the page showed."""
    upto = request.POST.get("upto", "")
    if not (upto.isascii() and upto.isdecimal() and len(upto) < 20 and int(upto) <= LARGEST_ID):
        raise Invalid({"upto": [_("页面内容不完整，请刷新后重试。")]})
    count = services.mark_all_read(by=request.person.pk, upto=int(upto), now=clock.now())
    text = ngettext("已把 %(n)s 条标为已读。", "已把 %(n)s 条标为已读。", count)
    saved(request, text % {"n": count})
    return redirect("notices:inbox")


@require_POST
def delivered(request: HttpRequest, id: int) -> HttpResponse:
    notice = access.for_reading(request.viewer, id)
    services.mark_delivered(notice, by=request.person.pk, now=clock.now())
    return _done(request)


@require_POST
def copied(request: HttpRequest, target_id: int) -> HttpResponse:
    """A ready message about a target went to somebody's clipboard."""
    target = access.target_for_copying(request.viewer, target_id)
    services.log_copy(target.pk, by=request.person.pk, now=clock.now())
    return HttpResponse(status=204)


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """我的通知: my address, which kinds I want by mail, and when not."""
    if request.person is None:  # a server without a firm yet
        return redirect("accounts:signin")
    found = MailPreference.objects.filter(pk=request.person.pk).first()
    form = WishesForm(request.POST or None, initial=pages.wishes_initial(found))
    if request.method == "POST" and form.is_valid():
        channels.save_wishes(request.person.pk, form.wishes(), now=clock.now())
        saved(request, _("已保存接收方式。"))
        return redirect("notices:preferences")
    context = {
        "form": form,
        "labels": titles(form),
        "channel": MailChannel.objects.filter(active=True).first(),
    }
    return render(request, "notices/preferences.html", context, status=_status(request))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def channel(request: HttpRequest) -> HttpResponse:
    """通知渠道: the firm's mail server. Everybody sees whether it works; a head sets it up."""
    found = MailChannel.objects.first()
    if request.method == "GET":
        form = ChannelForm(initial=pages.channel_initial(found))
        return _channel_page(request, found, form)
    channels.require_head(request.person.pk, clock.now())
    form = ChannelForm(request.POST)
    if form.is_valid() and _saved_channel(request, form):
        return redirect("notices:channel")
    return _channel_page(request, found, form, status=422)


@speaks_outside
@require_POST
def trial(request: HttpRequest) -> HttpResponse:
    """Send a test mail now and say what came of it."""
    channels.require_head(request.person.pk, clock.now())
    found, form = MailChannel.objects.first(), TrialForm(request.POST)
    channel_form = ChannelForm(initial=pages.channel_initial(found))
    if not form.is_valid():
        return _channel_page(request, found, channel_form, trial=form, status=422)
    try:
        channels.send_trial(to=form.cleaned_data["to"], by=request.person.pk, now=clock.now())
    except (Trouble, Conflict) as error:
        refusal = {"message": _("测试邮件没有发出"), "remedy": _said(error, found)}
        return _channel_page(request, found, channel_form, trial=form, refusal=refusal, status=409)
    saved(request, _("服务器收下了测试邮件，请到收件箱里确认。"))
    return redirect("notices:channel")


@require_POST
def retries(request: HttpRequest) -> HttpResponse:
    """Whatever was given up is tried again."""
    count = channels.requeue_failed(by=request.person.pk, now=clock.now())
    text = ngettext("%(n)s 封邮件重新排队。", "%(n)s 封邮件重新排队。", count)
    saved(request, text % {"n": count})
    return redirect("notices:channel")


def _saved_channel(request: HttpRequest, form: ChannelForm) -> bool:
    try:
        channels.save_channel(form.settings(), by=request.person.pk, now=clock.now())
    except Invalid as error:
        for name, texts in error.errors.items():
            form.add_error(name, texts)
        return False
    saved(request, _("已保存邮件通道。"))
    return True


def _channel_page(
    request: HttpRequest,
    found: MailChannel | None,
    form: ChannelForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    now = clock.now()
    is_head = channels.may_set_up(getattr(request.person, "pk", None), now=now)
    trial = more.pop("trial", None) or TrialForm()
    context = {
        **pages.channel(found, now=now, is_head=is_head),
        "form": form,
        "trial": trial,
        "errors": {**form.errors, **trial.errors},
        "labels": titles(form) | titles(trial),
    }
    return render(request, "notices/channel.html", context | more, status=status)


def _said(error: Trouble | Conflict, found: MailChannel | None) -> str:
    if isinstance(error, Trouble):
        return say_trouble(error.code, error.said, found)
    return str(error)


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


def _done(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False):
        return HttpResponse(status=200)
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if is_ours else "/")
