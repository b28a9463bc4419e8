"""How long a password must and may be: hashing a megabyte would keep a process busy.

Django's own rule about the shortest speaks English to readers of Chinese.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SHORTEST, LONGEST = 8, 128
"""Characters; the second also of what is typed at the sign-in."""


class LengthValidator:
    """One of AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValidationError(self.get_help_text(), code="password_length")

    def get_help_text(self) -> str:
        return _("密码须有 %(least)s 至 %(most)s 个字符。") % {"least": SHORTEST, "most": LONGEST}
