"""One value that cannot be taken; the row it stands in is refused."""

from __future__ import annotations


class BadValue(Exception):
    """``code`` names a remedy (remedies.py); ``detail`` is added in brackets."""

    def __init__(self, code: str, *, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
