"""One value that cannot be taken; the row it stands in is refused."""

from __future__ import annotations

from collections.abc import Sequence


class BadValue(Exception):
    """``code`` names a remedy (remedies.py); ``detail`` is added in brackets."""

    def __init__(self, code: str, *, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Refused(BadValue):
    """A value that cannot be taken, and under which name it stands."""

    def __init__(self, code: str, name: str, *, detail: str = "") -> None:
        super().__init__(code, detail=detail)
        self.name = name


def only(ids: Sequence[int], name: str, unknown: str, several: str) -> int:
    """The one that is meant. Raises Refused with the code for none or for several."""
    if len(ids) != 1:
        raise Refused(several if ids else unknown, name)
    return ids[0]
