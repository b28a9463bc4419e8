"""我的登录: one's own password, second factors and devices."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.password_change import (
    change_password,
    finalize_password_change,
)
from allauth.account.views import ReauthenticateView
from allauth.decorators import rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, EditWebAuthnView, RemoveWebAuthnView
from allauth.usersessions.internal.flows.sessions import end_sessions
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from huiyin.accounts.signin import devices, limits, passkeys, queries, services, sessions
from huiyin.accounts.signin.forms import (
    AddPasskeyForm,
    ChangePasswordForm,
    ConfirmForm,
    FirstCodeForm,
    PasskeyNameForm,
)
from huiyin.accounts.signin.middleware import open_while_owing
from huiyin.accounts.signin.views import FormPage
from huiyin.core import clock
from huiyin.core.errors import Conflict, NotFound


def own(view: Any, *methods: str) -> Any:
    """A page about one's own login: for who is really signed in, and kept by no cache."""
    guarded = sensitive_post_parameters()(never_cache(login_required(view)))
    return open_while_owing(require_http_methods(methods or ("GET", "POST"))(guarded))


def _index(request: HttpRequest) -> HttpResponse:
    """What guards the login, and what of it may be changed."""
    held = list(Authenticator.objects.filter(user=request.user.pk).order_by("created_at"))
    codes = [each.wrap() for each in held if each.type == Authenticator.Type.RECOVERY_CODES]
    context = {
        "totp": next((each for each in held if each.type == Authenticator.Type.TOTP), None),
        "passkeys": [each for each in held if each.type == Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes[0].get_unused_codes()) if codes else None,
        "missing": passkeys.missing(request),
        "devices": queries.sessions_of(request.user, now=clock.now()).count(),
        "owes": sessions.must_enrol(request),
    }
    return render(request, "signin/own.html", context)


def _password(request: HttpRequest) -> HttpResponse:
    """A new password, which ends the sign-in on every other device."""
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            change_password(request.user, form.cleaned_data["password"])
            services.state_password_changed(request.person, now=clock.now())
        finalize_password_change(request, request.user)
        sessions.end_others(request)
        return redirect("mfa_index")
    context = {"form": form}
    return render(request, "signin/password.html", context, status=limits.status_of(form))


class ConfirmView(FormPage, ReauthenticateView):
    """The password once more; then on with what was asked."""

    form_class = ConfirmForm
    template_name = "signin/confirm.html"

    def get_form_class(self) -> type[ConfirmForm]:
        return ConfirmForm


class ChangesFactor(FormPage):
    """Mixed into allauth's views that add or take off a factor: states it, ends other sessions."""

    factor, added = "", True

    def form_valid(self, form: Any) -> HttpResponse:
        request: Any = self.request  # type: ignore[attr-defined]
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
            services.state_factor(request.person, self.factor, added=self.added, now=clock.now())
            sessions.end_others(request)
        sessions.owe_factor(request, request.user)
        return response


class TotpView(ChangesFactor, ActivateTOTPView):
    form_class = FirstCodeForm
    template_name = "signin/totp.html"
    factor = "totp"


class TotpRemovalView(ChangesFactor, DeactivateTOTPView):
    template_name = "signin/totp_removal.html"
    factor, added = "totp", False


class PasskeyView(ChangesFactor, AddWebAuthnView):
    form_class = AddPasskeyForm
    template_name = "signin/passkey.html"
    factor = "webauthn"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if why := passkeys.missing(request):
            raise Conflict(why, code="no_passkeys")
        return super().dispatch(request, *args, **kwargs)


class OwnPasskey:
    """Mixed in before the password is asked for: a passkey that is not one's own is not there."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        held = Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN, user=request.user.pk)
        if not held.filter(pk=kwargs["pk"]).exists():
            raise NotFound
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class PasskeyNameView(OwnPasskey, FormPage, EditWebAuthnView):
    form_class = PasskeyNameForm
    template_name = "signin/passkey_name.html"
    success_url = reverse_lazy("mfa_index")


class PasskeyRemovalView(OwnPasskey, ChangesFactor, RemoveWebAuthnView):
    template_name = "signin/passkey_removal.html"
    success_url = reverse_lazy("mfa_index")
    factor, added = "webauthn", False


class NewCodesView(ChangesFactor, GenerateRecoveryCodesView):
    template_name = "signin/new_codes.html"
    factor = "codes"


class CodesView(ViewRecoveryCodesView):
    template_name = "signin/codes.html"


def _sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in; a post ends all but this."""
    if request.method == "POST":
        sessions.end_others(request)
        messages.success(request, _("其他设备上的登录已结束。"))
        return redirect("signin:sessions")
    rows = [
        {
            "id": each.pk,
            "device": devices.in_words(each.user_agent),
            "ip": each.ip,
            "since": each.created_at,
            "seen": each.last_seen_at,
            "here": each.is_current(),
        }
        for each in queries.sessions_of(request.user, now=clock.now())
    ]
    return render(request, "signin/sessions.html", {"rows": rows})


def _session_end(request: HttpRequest, session: int) -> HttpResponse:
    """Sign out on one device."""
    held = queries.sessions_of(request.user, now=clock.now()).filter(pk=session).first()
    if held is None:
        raise NotFound
    end_sessions(request, [held])
    messages.success(request, _("该设备上的登录已结束。"))
    return redirect("signin:sessions")


index = own(_index, "GET")
password = own(rate_limit(action="change_password")(_password))
confirm = own(ConfirmView.as_view())
totp = own(TotpView.as_view())
totp_removal = own(TotpRemovalView.as_view())
passkey = own(PasskeyView.as_view())
passkey_name = own(PasskeyNameView.as_view())
passkey_removal = own(PasskeyRemovalView.as_view())
codes = own(CodesView.as_view(), "GET")
new_codes = own(NewCodesView.as_view())
own_sessions = own(_sessions)
session_end = own(_session_end, "POST")
