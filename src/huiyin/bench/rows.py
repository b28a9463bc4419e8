"""What a measurement comes to: a row beside its bare SQL, or a number beside its limit; as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Row:
    """One line: medians in seconds of the product and of the bare SQL, and how far apart they may be.

    A line without ``bare_seconds`` has its ``limit`` on ``value`` in ``unit`` instead; one without
    a limit only tells. ``buffers`` are shared buffers touched, ``memory`` the peak in bytes of the
    process that worked.
    """

    name: str
    n: int
    limit: float | None = None
    seconds: float | None = None
    bare_seconds: float | None = None
    value: float | None = None
    unit: str = ""
    buffers: int | None = None
    memory: int | None = None

    @property
    def ratio(self) -> float | None:
        if self.seconds is None or not self.bare_seconds:
            return None
        return self.seconds / self.bare_seconds

    @property
    def holds(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        found = self.ratio if self.value is None else self.value
        return None if self.limit is None or found is None else found <= self.limit

    def as_json(self) -> dict[str, Any]:
        names = ("name", "n", "seconds", "bare_seconds", "ratio", "limit", "value", "unit")
        found = {name: getattr(self, name) for name in (*names, "buffers", "memory", "holds")}
        return {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in found.items()
            if value is not None and value != ""
        }


def timed(
    name: str, n: int, limit: float | None, pairs: Sequence[tuple[float, float]], **more: Any
) -> Row:
    """A row of medians; each pair is a round of the product and of the bare SQL behind it."""
    seconds, bare = (median(times) for times in zip(*pairs, strict=True))
    return Row(name, n, limit, seconds=seconds, bare_seconds=bare, **more)


def table(rows: Sequence[Row]) -> str:
    """The rows for a terminal; no text is cut, the numbers stand in columns before it."""
    heads = (_("规模"), _("用时"), _("裸 SQL"), _("比值"), _("上限"), "", _("项目"))
    lines = [[*map(str, heads)], *(_cells(row) for row in rows)]
    widths = [max(_width(line[at]) for line in lines) for at in range(6)]
    return "\n".join(
        "  ".join(
            [*(" " * (w - _width(cell)) + cell for w, cell in zip(widths, line, strict=False))]
            + [line[6]]
        )
        for line in lines
    )


def _cells(row: Row) -> list[str]:
    found = f"{row.ratio:.2f}" if row.ratio is not None else ""
    if row.value is not None:
        found = f"{row.value:,.10g} {row.unit}".strip()
    said = {None: "", True: _("达到"), False: _("超出")}[row.holds]
    limit = "" if row.limit is None else f"≤ {row.limit:g}"
    beside = [] if row.buffers is None else [_("缓冲区 %(n)s 块") % {"n": f"{row.buffers:,}"}]
    if row.memory is not None:
        beside.append(_("内存峰值 %(n)s MB") % {"n": row.memory >> 20})
    name = f"{row.name}（{'，'.join(beside)}）" if beside else row.name
    return [
        f"{row.n:,}", _seconds(row.seconds), _seconds(row.bare_seconds), found, limit, said, name,
    ]  # fmt: skip


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.2f} ms"


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
