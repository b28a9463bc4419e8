"""Where allauth asks the product: words, who may sign in, what is encrypted, what follows.

Its own pages, mails and messages are not used; it counts, compares and keeps the order of steps.
"""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.accounts import queries as people
from huiyin.accounts.models import User
from huiyin.accounts.signin import limits, queries, sessions
from huiyin.core import crypto

WRONG_LOGIN = gettext_lazy("用户名或密码不正确。")
"""One message for all, so that no name is given away."""

SECRETS = "mfa_authenticator.data"
"""What the encrypted parts of a second factor are bound to."""

SAID: dict[str, Any] = {
    "account/messages/logged_out.txt": gettext_lazy("已退出登录。"),
    "account/messages/password_changed.txt": gettext_lazy("密码已更改，其他设备上的登录已结束。"),
    "mfa/messages/totp_activated.txt": gettext_lazy("动态口令已启用，其他设备上的登录已结束。"),
    "mfa/messages/totp_deactivated.txt": gettext_lazy("动态口令已停用，其他设备上的登录已结束。"),
    "mfa/messages/webauthn_added.txt": gettext_lazy("通行密钥已添加，其他设备上的登录已结束。"),
    "mfa/messages/webauthn_removed.txt": gettext_lazy("通行密钥已移除，其他设备上的登录已结束。"),
}
"""allauth's messages in our words; what is not here is not said."""


class AccountAdapter(DefaultAccountAdapter):
    """Signing in with name and password."""

    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG_LOGIN,
        "invalid_login": WRONG_LOGIN,
        "incorrect_code": gettext_lazy("验证码不正确。"),
        "incorrect_password": gettext_lazy("密码不正确。"),
        "enter_current_password": gettext_lazy("当前密码不正确。"),
    }

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The login, unless it is switched off or its person is not in the firm (any more)."""
        user = super().authenticate(request, **credentials)
        return user if user and _may_sign_in(request, user) else None

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            raise limits.refusal(request, self._key(**credentials)) from error

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return self._key(**credentials)

    def _key(self, **credentials: Any) -> str:
        return limits.key_of(credentials.get("username", ""))

    def pre_login(self, request: HttpRequest, user: Any, **hook: Any) -> None:
        """Whether he may come in is asked at the last moment, in `login`."""

    def login(self, request: HttpRequest, user: Any) -> None:
        """Asked after the second step and after a passkey, which `authenticate` has not seen."""
        if not _may_sign_in(request, user):
            messages.error(request, WRONG_LOGIN)
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: Any, **hook: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **hook)
        sessions.begin(request, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        super().logout(request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Always by the password: everybody has one, and it is what a found phone does not know."""
        if not user.is_authenticated:
            return []
        url = reverse("account_reauthenticate")
        return [{"id": "reauthenticate", "description": _("使用密码"), "url": url}]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def is_safe_url(self, url: str) -> bool:
        """Ways on lead only within this site, at the address at which it is open."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if said := message or SAID.get(message_template or ""):
            messages.add_message(request, level, said, extra_tags=extra_tags)


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: one-time codes, recovery codes, passkeys."""

    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_generate_recovery_codes": gettext_lazy("还没有启用两步验证，不需要恢复码。"),
    }

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(SECRETS, text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(SECRETS, encrypted_text)

    def get_totp_issuer(self) -> str:
        return _firm_name()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": _firm_name()}

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        held = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("通行密钥 %(n)s") % {"n": held + 1}


def _firm_name() -> str:
    firm = people.firm()
    return firm.name if firm else _("回音")


def _may_sign_in(request: Any, user: Any) -> bool:
    """As it stands now: what the session remembers of the login may be minutes old."""
    is_on = User.objects.filter(pk=user.pk, is_active=True).exists()
    return is_on and queries.person_of(user, on=request.viewer.on) is not None
