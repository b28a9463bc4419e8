"""The doors: signing in and out, the second step, passkeys, one-time links."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.accounts.middleware import open_to_all
from huiyin.accounts.signin import limits, passkeys, queries, services
from huiyin.accounts.signin.forms import (
    CodeForm,
    NewPasswordForm,
    PasskeyAloneForm,
    PasskeyForm,
    SignInForm,
)
from huiyin.core import clock
from huiyin.core.errors import Conflict, Invalid

LINK = "one_time_link"
"""In the session: the digest of the link that was opened, so that its secret leaves the address."""


class FormPage:
    """Mixed into allauth's form views: an answer that was refused says so in its status."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        response.status_code = limits.status_of(form)
        return response


class SignInView(FormPage, LoginView):
    form_class = SignInForm
    template_name = "signin/signin.html"

    def get_form_class(self) -> type[SignInForm]:
        return SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        next_url = get_next_redirect_url(self.request) or ""
        return found | {"next": next_url, "passkeys": not passkeys.missing(self.request)}


class SecondStepView(AuthenticateView):
    """A code or a passkey after the password, while the sign-in waits in the session."""

    form_class = CodeForm
    webauthn_form_class = PasskeyForm
    template_name = "signin/second_step.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        response.status_code = limits.status_of(form)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        user = self.stage.login.user
        return found | {
            "has_passkey": queries.has_passkey(user.pk),
            "missing": passkeys.missing(self.request),
        }


class PasskeySignInView(LoginWebAuthnView):
    """Asked by the page's script for a challenge, then sent what the device answered."""

    form_class = PasskeyAloneForm

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=get_next_redirect_url(self.request))
        answer: HttpResponse = perform_passwordless_login(self.request, passkey, login)
        return answer


def door(view: Any, *methods: str) -> Any:
    """A page for people who are not signed in, which no cache keeps."""
    guarded = sensitive_post_parameters()(never_cache(view))
    return open_to_all(require_http_methods(methods or ("GET", "POST"))(guarded))


signin = door(SignInView.as_view())
second_step = door(SecondStepView.as_view())
passkey_signin = door(PasskeySignInView.as_view())


@open_to_all
@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """Also ends the choice of a demo's visitor."""
    if request.user.is_authenticated:
        get_adapter().logout(request)
        messages.success(request, _("已退出登录。"))
    else:
        logout(request)
    return redirect("accounts:signin")


@open_to_all
@never_cache
@require_GET
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """A one-time link as it was passed on; opening it uses nothing up.

    Chat programs look at links by themselves, and addresses are kept in histories: the page that
    asks for the password is another, and knows the link from the session.
    """
    request.session[LINK] = services.digest_of(secret)
    return redirect("signin:first_password")


@open_to_all
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def first_password(request: HttpRequest) -> HttpResponse:
    """Choose a password by a one-time link, instead of the old one or as the first."""
    now = clock.now()
    found = queries.usable_link(request.session.get(LINK, ""), now=now)
    if found is None:
        raise Conflict(services.LINK_SPENT, code="link_spent")
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.use_link(found.digest, form.cleaned_data["password"], now=now)
        except Invalid as error:
            for name, said in error.errors.items():
                form.add_error(name, said)
        else:
            logout(request)
            messages.success(request, _("密码已设好，请用它登录。"))
            return redirect("accounts:signin")
    context = {"form": form, "login": found.user}
    status = limits.status_of(form)
    return render(request, "signin/first_password.html", context, status=status)
