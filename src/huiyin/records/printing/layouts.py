"""How a form is laid out on paper. A layout turns material into rows; paper.typ sets any rows.

The generic layout suits every form. A form with a customary layout of its own is named here by its
key, a word of the product: a pack that gives a form this key gives it this job, and this layout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from huiyin.policy.schema import Form
from huiyin.records.printing import generic, notice
from huiyin.records.printing.material import Material
from huiyin.records.printing.paper import Row


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows of a paper, and what stands in small print below them."""

    rows: Callable[[Material], list[Row]]
    notes: Callable[[Material], list[str]]


GENERIC = Layout(generic.rows, generic.notes)
LAYOUTS: Mapping[str, Layout] = {notice.NOTICE: Layout(notice.rows, notice.notes)}


def layout_of(form: Form) -> Layout:
    return LAYOUTS.get(form.key, GENERIC)
