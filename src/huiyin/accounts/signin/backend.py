"""Who is behind a session."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from huiyin.accounts.models import User


class Backend(AuthenticationBackend):
    """A login comes with its person: every page asks for him next."""

    def get_user(self, user_id: int) -> User | None:
        found = User.objects.select_related("person").filter(pk=user_id).first()
        return found if found is not None and self.user_can_authenticate(found) else None
