"""What the pages under 设置 → 导入 show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from huiyin.accounts.queries import moment_said
from huiyin.core import phones
from huiyin.core.punctuation import listed
from huiyin.imports import mapping, queries
from huiyin.imports.cells import masked
from huiyin.imports.errors import ImportStopped
from huiyin.imports.forms import REFUSE
from huiyin.imports.importer import importer_of, known
from huiyin.imports.mapping import Choices
from huiyin.imports.models import ImportBatch
from huiyin.imports.uploads import Head
from huiyin.imports.values import Expected, Json

SHOWN = 20
"""Refused rows on a page, and rows in doubt; the file has all of them."""

FIRST = 3
"""Rows that are shown as they would be stored."""

State = ImportBatch.State
RUNNING = (State.STAGING, State.APPLYING, State.UNDOING)
TONES = {State.APPLIED: "met", State.STAGED: "due", State.UPLOADED: "due", State.FAILED: "late"}


def offered() -> list[tuple[str, str]]:
    """What can be imported now: `what` or `what:kind`, and its title."""
    return [
        (f"{what}:{kind}" if kind else what, title)
        for what in known()
        for kind, title in importer_of(what).kinds().items()
    ]


def title_of(batch: ImportBatch) -> str:
    """What a batch brings; a kind that no policy tracks any more by its own name."""
    kinds = importer_of(batch.what).kinds() if batch.what in known() else {}
    return kinds.get(batch.kind) or batch.kind or batch.what


def row(batch: ImportBatch, titles: Mapping[str, str]) -> dict[str, Any]:
    """A line of the list."""
    what = f"{batch.what}:{batch.kind}" if batch.kind else batch.what
    return {
        "batch": batch,
        "title": titles.get(what) or batch.kind or batch.what,
        "state": batch.get_state_display(),
        "tone": TONES.get(State(batch.state), ""),
    }


def progress(batch: ImportBatch) -> dict[str, Any]:
    """How far the work is, in per cent and in words."""
    found = getattr(batch, "progress", None)
    done, total = (found.done, found.total) if found else (0, 0)
    return {
        "phase": found.get_phase_display() if found else batch.get_state_display(),
        "percent": min(100, 100 * done // total) if total else 0,
        "text": _("%(done)s / %(total)s 行") % {"done": done, "total": total} if total else "",
    }


def result(batch: ImportBatch) -> dict[str, Any]:
    """What a file comes to: counts, notices, the first refusals and doubts."""
    counted = [
        (_("共"), batch.row_count, ""),
        (_("新增"), batch.created, "met"),
        (_("补充"), batch.updated, "met"),
        (_("重复"), batch.duplicate, ""),
        (_("拒绝"), batch.refused, "late" if batch.refused else ""),
    ]
    noticed = queries.noticed(batch)
    if batch.in_doubt:
        counted.insert(3, (_("其中待核对"), batch.in_doubt, "due"))
    return {
        "counts": [
            {"title": title, "count": count, "tone": tone} for title, count, tone in counted
        ],
        "warnings": [each for each in noticed if each.warns],
        "notices": [each for each in noticed if not each.warns],
        "refusals": list(queries.first_findings(batch, batch.rows.refused(), SHOWN)),
        "more": max(batch.refused - SHOWN, 0),
        "doubts": list(queries.first_findings(batch, batch.rows.in_doubt(), SHOWN)),
        "more_doubts": max(batch.in_doubt - SHOWN, 0),
    }


def first_rows(batch: ImportBatch) -> dict[str, Any]:
    """The first rows as they would be stored: titles, and of each row its number and its texts.

    Only what some of them say has a column. Empty when nothing waits to be brought in.
    """
    rows = queries.first_accepted(batch, FIRST) if batch.state == State.STAGED else []
    if not rows:
        return {}
    try:
        expected = importer_of(batch.what).expected(batch.kind)
    except ImportStopped:
        return {}  # what it was tried out by is no longer in force: bringing it in says so
    said = [
        name
        for name in expected
        if any(_stored(row.values.get(name), expected[name]) for row in rows)
    ]
    titles = [str(expected[name].title or name) for name in said]
    texts = [[_stored(row.values.get(name), expected[name]) for name in said] for row in rows]
    return {
        "titles": titles,
        "rows": [
            (row.number, list(zip(titles, each, strict=True)))
            for row, each in zip(rows, texts, strict=True)
        ],
    }


def _stored(value: Json, wanted: Expected) -> str:
    """A value as a person reads it; phones with their ends alone."""
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, list):
        return listed(map(phones.mask, value))
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if wanted.type == "datetime":
        return moment_said(datetime.fromisoformat(str(value)))
    text = str(wanted.shown.get(str(value), value))
    return phones.mask(text) if wanted.type == "phone" else masked(text)


def columns(
    choices: Choices, head: Head, expected: Mapping[str, Expected], errors: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The columns of the file with their first values, and what each is taken for."""
    samples = head.samples(choices.header, _phones(choices, expected))
    names = [(name, str(wanted.title or name)) for name, wanted in expected.items()]
    return [
        {
            "name": f"column-{at}",
            "title": masked(title) or _("第 %(at)s 列") % {"at": at},
            "samples": samples[at - 1],
            "chosen": choices.columns.get(at, ""),
            "names": names,
            "errors": errors.get(f"column-{at}", ()),
        }
        for at, title in enumerate(choices.titles, 1)
    ]


def _phones(choices: Choices, expected: Mapping[str, Expected]) -> set[int]:
    """The columns, from 1, that are taken for phone numbers."""
    told = {name for name, wanted in expected.items() if wanted.type in ("phone", "phones")}
    return {at for at, name in choices.columns.items() if name in told}


def constants(
    choices: Choices, expected: Mapping[str, Expected], errors: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What may stand for all rows, where no column says it."""
    taken = set(choices.columns.values())
    return [
        {
            "name": f"constant-{name}",
            "label": str(wanted.title or name),
            "kind": "select" if _offered(wanted) else "text",
            "choices": _offered(wanted),
            "value": choices.constants.get(name, ""),
            "errors": errors.get(f"constant-{name}", ()),
        }
        for name, wanted in expected.items()
        if wanted.constant and (name not in taken or name in choices.constants)
    ]


def beside(
    choices: Choices, expected: Mapping[str, Expected], errors: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What no column is of its own, and a column that is something else may tell: 楼号 its zone."""
    titles = [
        (str(at), masked(title) or _("第 %(at)s 列") % {"at": at})
        for at, title in enumerate(choices.titles, 1)
    ]
    taken = set(choices.columns.values())
    return [
        {
            "name": f"beside-{name}",
            "label": _("“%(name)s”从哪一列看出") % {"name": wanted.title or name},
            "choices": titles,
            "value": choices.beside.get(name, ""),
            "errors": errors.get(f"beside-{name}", ()),
        }
        for name, wanted in expected.items()
        if wanted.one_of and name not in taken
    ]


def needed(choices: Choices, expected: Mapping[str, Expected]) -> list[dict[str, Any]]:
    """What rows are taken without and should not be: its title, why, and where to say it if nothing does."""
    return [
        {
            "title": str(wanted.title or name),
            "why": wanted.needed,
            "id": ""
            if choices.positions(name) or choices.constants.get(name)
            else _asked(name, wanted),
        }
        for name, wanted in expected.items()
        if wanted.needed
    ]


def _asked(name: str, wanted: Expected) -> str:
    return f"field-beside-{name}" if wanted.one_of else f"field-constant-{name}"


def translations(
    choices: Choices, head: Head, expected: Mapping[str, Expected], *, asked: bool
) -> list[dict[str, Any]]:
    """Texts of the file that are none of the choices, each with the choices that it may mean.

    A unit that nobody knows may be a slip in one row, which is refused; in a column that tells the
    unit only beside what it is, none is known, and each has to be said.
    """
    return [
        {
            "title": str(expected[name].title or name),
            "name": f"{name}:{n}",
            "text": text,
            "choices": [*_offered(expected[name]), (REFUSE, _("拒绝这些行"))],
            "value": (choices.values.get(name) or {}).get(text, ""),
            "errors": [_("请选择它是什么意思。")]
            if asked
            and text not in (choices.values.get(name) or {})
            and (expected[name].type == "choice" or name in choices.beside)
            else (),
        }
        for name, texts in mapping.untranslated(choices, head, expected).items()
        for n, text in enumerate(texts)
    ]


def without_refused(choices: Choices) -> Choices:
    """Texts that mean nothing are left as they stand: their rows are refused by what they are."""
    values = {
        name: {text: meaning for text, meaning in texts.items() if meaning != REFUSE}
        for name, texts in choices.values.items()
    }
    return mapping.with_values(choices, values)


def headers(
    choices: Choices, head: Head, expected: Mapping[str, Expected]
) -> Sequence[tuple[str, str]]:
    """The first rows of the file, one of which is its header."""
    phones_at = _phones(choices, expected)
    return [
        (str(number), " | ".join(filter(None, texts))[:60] or _("（空行）"))
        for number in range(1, len(head.rows) + 1)
        for texts in [_masked_row(head.titles(number), phones_at)]
    ]


def _masked_row(texts: Sequence[str], phones_at: Collection[int]) -> list[str]:
    return [masked(text, phone=at in phones_at) for at, text in enumerate(texts, 1)]


def next_url(batch: ImportBatch) -> str:
    """Where a batch is worked on."""
    name = "imports:columns" if batch.state == State.UPLOADED else "imports:page"
    return reverse(name, args=[batch.pk])


def _offered(wanted: Expected) -> list[tuple[str, str]]:
    if wanted.choices:
        return list((wanted.shown or wanted.choices).items())
    return [(text, text) for text in wanted.one_of]
