"""The shape of what people type at the sign-in and about their logins."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ReauthenticateForm
from allauth.account.internal import flows
from allauth.account.models import Login
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
)
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from huiyin.accounts.signin import limits
from huiyin.accounts.signin.models import MOST_GRACE_DAYS
from huiyin.accounts.signin.passwords import LONGEST

CODE_LENGTH = 20
NAME_LENGTH = 40
TOO_OFTEN = {limits.LIMITED, "rate_limited"}


def password_field(label: Any, *, new: bool = False) -> forms.CharField:
    """A password as it is typed: no character is taken away, and no more read than is hashed."""
    kept = "new-password" if new else "current-password"
    widget = forms.PasswordInput(attrs={"autocomplete": kept})
    return forms.CharField(label=label, strip=False, max_length=LONGEST, widget=widget)


def code_field(label: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code"})
    return forms.CharField(label=label, max_length=CODE_LENGTH, widget=widget)


class CredentialField(forms.JSONField):
    """What a browser's passkey answered; anything that it cannot have answered is refused here.

    The library that reads it trusts its shape and fails in many ways where it is another.
    """

    widget = forms.HiddenInput

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self.read = read

    def clean(self, value: Any) -> Any:
        answered = super().clean(value)
        try:
            self.read(answered)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise get_mfa_adapter().validation_error("incorrect_code") from error
        return answered


class SignInForm(forms.Form):
    """Name and password of a login; failures are counted by the adapter."""

    username = forms.CharField(label=_("用户名"), max_length=60)
    password = password_field(_("密码"))
    remember = forms.BooleanField(label=_("在这台设备上保持登录两周"), required=False)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, None

    def clean_username(self) -> str:
        """As it was stored: an input method may have typed it in full width."""
        return unicodedata.normalize("NFKC", self.cleaned_data["username"]).strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            adapter = get_adapter()
            self.user = adapter.authenticate(self.request, **self._credentials(cleaned))
            if self.user is None:
                raise adapter.validation_error("username_password_mismatch")
        return cleaned

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """The next step of the sign-in: a code that is asked for, or the page that was wanted."""
        login = Login(user=self.user, redirect_url=redirect_url)
        credentials = self._credentials(self.cleaned_data)
        response = flows.login.perform_password_login(request, credentials, login)
        # 0: until the browser is closed; None: as long as the settings say.
        request.session.set_expiry(None if self.cleaned_data["remember"] else 0)
        return response

    @staticmethod
    def _credentials(cleaned: dict[str, Any]) -> dict[str, str]:
        return {"username": cleaned["username"], "password": cleaned["password"]}


class ConfirmForm(ReauthenticateForm):
    """The password once more, before something that whoever found the device must not do."""

    password = password_field(_("密码"))


class NewPasswordForm(forms.Form):
    """A password that is chosen, twice; how strong it is, the service judges."""

    password = password_field(_("新密码"), new=True)
    again = password_field(_("再输入一次新密码"), new=True)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"password", "again"} <= cleaned.keys() and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("两次输入的密码不一样。"))
        return cleaned


class ChangePasswordForm(NewPasswordForm):
    """A new password in place of the present one."""

    current = password_field(_("当前密码"))
    field_order = ("current", "password", "again")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_current(self) -> str:
        current: str = self.cleaned_data["current"]
        if not get_adapter().reauthenticate(self.user, current):
            raise get_adapter().validation_error("enter_current_password")
        return current

    def clean_password(self) -> str:
        return str(get_adapter().clean_password(self.cleaned_data["password"], user=self.user))


class SaysHowLong(forms.Form):
    """Mixed into allauth's forms about a user's factors: names the minutes when it is too often."""

    user: Any

    def say(self, error: ValidationError) -> ValidationError:
        if getattr(error, "code", None) not in TOO_OFTEN:
            return error
        return limits.refusal(context.request, f"mfa-auth-user-{self.user.pk}")


class CodeForm(SaysHowLong, AuthenticateForm):
    """A code of the authenticator app, or a recovery code, in the second step of the sign-in."""

    code = code_field(_("验证码或恢复码"))

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()
        except ValidationError as error:
            raise self.say(error) from error
        self._spend(code)
        return code

    def _spend(self, code: str) -> None:
        """allauth forgets a used code after one period; with the tolerance it lives for three."""
        lives = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
        cache.set(TOTP(self.authenticator)._get_used_cache_key(code), "y", timeout=lives)


class FirstCodeForm(SaysHowLong, ActivateTOTPForm):
    """The first code of an authenticator app, which proves that it was set up."""

    code = code_field(_("应用显示的 6 位验证码"))

    def clean_code(self) -> str:
        try:
            return str(super().clean_code())
        except ValidationError as error:
            raise self.say(error) from error


class PasskeyForm(SaysHowLong, AuthenticateWebAuthnForm):
    """A passkey in the second step of the sign-in."""

    credential = CredentialField(AuthenticationResponse.from_dict)

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except ValidationError as error:
            raise self.say(error) from error


class PasskeyAloneForm(LoginWebAuthnForm):
    """A passkey in place of name and password."""

    credential = CredentialField(AuthenticationResponse.from_dict)


class AddPasskeyForm(AddWebAuthnForm):
    """A passkey that the browser has just made."""

    credential = CredentialField(RegistrationResponse.from_dict)
    name = forms.CharField(label=_("名称"), max_length=NAME_LENGTH, required=False)
    passwordless = forms.BooleanField(
        label=_("以后只用这个通行密钥登录，不必输入密码"), required=False
    )


class PasskeyNameForm(EditWebAuthnForm):
    """What a passkey is called in the list."""

    name = forms.CharField(label=_("名称"), max_length=NAME_LENGTH)


class UsernameForm(forms.Form):
    """Under which name somebody new is to sign in."""

    username = forms.CharField(label=_("用户名"), max_length=60)


class ReasonForm(forms.Form):
    """Why something is done to somebody's login; how long it may be, the service judges."""

    reason = forms.CharField(label=_("原因"), required=False)


class RuleForm(forms.Form):
    """What the firm asks of its heads at the sign-in."""

    heads_need_factor = forms.BooleanField(
        label=_("能看到下级单位的岗位，登录时必须使用两步验证"), required=False
    )
    grace_days = forms.IntegerField(
        label=_("宽限期（天）"), min_value=0, max_value=MOST_GRACE_DAYS,
        help_text=_("从更改之日或任职之日起算；过后须先启用两步验证，才能继续使用。"),
    )  # fmt: skip
    reason = forms.CharField(label=_("更改的原因"), required=False)
