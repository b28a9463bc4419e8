"""How long a password may be: hashing a megabyte would keep a process busy."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 128
"""Characters; also of what is typed at the sign-in."""


class MaximumLengthValidator:
    """One of AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        if len(password) > LONGEST:
            raise ValidationError(
                _("密码最多 %(most)s 个字符。") % {"most": LONGEST}, code="password_too_long"
            )

    def get_help_text(self) -> str:
        return _("密码最多 %(most)s 个字符。") % {"most": LONGEST}
