"""Pieces of every page as template tags: `{% load ui %}`.

Each tag renders one small template with exactly the variables named here; none of them queries,
and none decides what is met, due or late: the caller says so with `tone` (met, due, late or "").

Marks
    icon name            one symbol of the sprite; `label` when it stands without words
    pill text            a word with one of the four meanings; `verdict_pill`, `standing_pill`
                         do it for the words of the glossary
    meter value target   how far a share or a quota has come; target 0 draws the bar against 100
    spark points         the last periods as small bars
Work
    group title          a titled run of rows (block tag)
    obligation_row       one obligation: what, where, the clause, when, what to do, copy
    copy_button text     copies a ready message and logs that it was copied
    masked_phone masked  a masked number; the whole one is asked for and that is logged
    empty title          nothing here, and why that is fine or what to do
    clause_row id        a clause as written, and beside it how it is kept (block tag)
Reading
    facts_list rows      pairs of word and value
    timeline events      what happened, newest first
    stepper steps        the gates of a case: done, next, missing, later
    pager page           newer and older by key
    back url label       the way back
Writing (see `fields.py` for the kinds)
    field kind           one labelled control with help and error
    pack_field field     the same for a field of a pack's form
    bound_field bound    the same for a field of a Django form
    error_summary        what to mend, with links to the fields
    form_errors form     the same of a Django form, without links
    action_bar           the buttons of a form; sticks to the bottom on a phone (block tag)
    dialog id title      a native dialog with a way out (block tag)
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.core import punctuation
from huiyin.ui import drawing, fields

register = template.Library()

VERDICTS = {
    "met": ("met", gettext_lazy("达标")),
    "missed": ("late", gettext_lazy("未达标")),
    "running": ("due", gettext_lazy("进行中")),
    "nothing": ("", gettext_lazy("无事")),
}
STANDINGS = {
    "due": ("due", gettext_lazy("待办")),
    "met": ("met", gettext_lazy("按时")),
    "entered_late": ("met", gettext_lazy("补录")),
    "overdue": ("late", gettext_lazy("逾期未办")),
    "late": ("late", gettext_lazy("逾期完成")),
    "waived": ("", gettext_lazy("免除")),
    "voided": ("", gettext_lazy("撤销")),
    "blocked": ("", gettext_lazy("受阻")),
}


@register.filter
def listed(words: Iterable[object]) -> str:
    """Names in a row, with the language's own comma."""
    return punctuation.listed(words)


@register.simple_tag
def icon(name: str, *, label: str = "", css: str = "") -> SafeString:
    """One symbol of the sprite. Without `label` it is an ornament beside words."""
    if not label:
        return format_html(
            '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
            css, static("vendor/icons.svg"), name,
        )  # fmt: skip
    return format_html(
        '<svg class="icon {}" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
        css, label, static("vendor/icons.svg"), name,
    )  # fmt: skip


@register.inclusion_tag("ui/_pill.html")
def pill(text: str, tone: str = "", *, icon: str = "") -> dict[str, Any]:
    return {"text": text, "tone": drawing.tone(tone), "icon": icon}


@register.inclusion_tag("ui/_pill.html")
def verdict_pill(conclusion: str, *, detail: str = "") -> dict[str, Any]:
    """A clause's verdict in the glossary's word. Raises KeyError for a word that is none."""
    tone, word = VERDICTS[conclusion]
    return {"text": f"{word} {detail}".strip(), "tone": tone, "icon": ""}


@register.inclusion_tag("ui/_pill.html")
def standing_pill(standing: str, *, detail: str = "") -> dict[str, Any]:
    """An obligation's standing in the glossary's word. Raises KeyError for a word that is none."""
    tone, word = STANDINGS[standing]
    return {"text": f"{word} {detail}".strip(), "tone": tone, "icon": ""}


@register.inclusion_tag("ui/_meter.html")
def meter(
    value: float,
    target: float,
    label: str,
    *,
    tone: str = "",
    text: str = "",
    note: str = "",
) -> dict[str, Any]:
    """`text` are the figures as people say them (“8% / 10%”); made from the numbers if empty."""
    return {
        "label": label,
        "text": text or drawing.figures(value, target),
        "note": note,
        "tone": drawing.tone(tone),
        "bar": drawing.meter(value, target),
    }


@register.inclusion_tag("ui/_spark.html")
def spark(points: Sequence[Any], label: str = "") -> dict[str, Any]:
    """`points`: objects or mappings with value (0 to 1, None: nothing fell due), tone, title."""
    return {"label": label, "drawing": drawing.spark(points)}


@register.simple_block_tag
def group(
    content: str,
    title: str,
    *,
    count: str = "",
    id: str = "",
    tone: str = "",
) -> SafeString:
    """`count` is text with its unit (“3 项”)."""
    return render("ui/_group.html", locals())


@register.inclusion_tag("ui/_obligation_row.html")
def obligation_row(title: str, **given: Any) -> dict[str, Any]:
    """See `ui/_obligation_row.html` for the variables; an unknown one is a TypeError."""
    known = {
        "place": "", "clause": "", "clause_id": "", "clause_url": "", "when": "", "when_iso": "",
        "tone": "", "url": "", "action": "", "action_url": "", "copy_text": "", "copy_log_url": "",
        "delivered_url": "", "holder": "", "note": "", "select": "", "extra_clauses": "", "id": "",
        "provisional": "", "ticked": False,
    }  # fmt: skip
    if unknown := given.keys() - known.keys():
        raise TypeError(f"obligation_row does not know {', '.join(sorted(unknown))}")
    return known | given | {"title": title}


@register.inclusion_tag("ui/_copy_button.html")
def copy_button(
    text: str,
    *,
    log_url: str = "",
    label: str = "",
    bare: bool = False,
    reveals: str = "",
) -> dict[str, Any]:
    """`bare` shows the symbol only; `reveals` is the id of what appears once it is copied."""
    label = label or _("复制到微信")
    return {"text": text, "log_url": log_url, "label": label, "bare": bare, "reveals": reveals}


@register.inclusion_tag("ui/_phone.html")
def masked_phone(masked: str, *, reveal_url: str = "", number: str = "") -> dict[str, Any]:
    """`number` only in the answer to a logged reveal."""
    return {"masked": masked, "reveal_url": reveal_url, "number": number}


@register.inclusion_tag("ui/_empty.html")
def empty(
    title: str, text: str = "", *, icon: str = "inbox", url: str = "", action: str = ""
) -> dict[str, Any]:
    return {"title": title, "text": text, "icon": icon, "url": url, "action": action}


@register.simple_block_tag
def clause_row(
    content: str, id: str, text: str, *, reading: str = "", url: str = "", lost: bool = False
) -> SafeString:
    """The clause in the policy's type; the block's content stands beside it."""
    return render("ui/_clause_row.html", locals())


@register.inclusion_tag("ui/_facts_list.html")
def facts_list(rows: Iterable[Any]) -> dict[str, Any]:
    """`rows`: pairs (word, value), or mappings with word, value, url, quiet."""
    return {"rows": [r if isinstance(r, Mapping) else {"word": r[0], "value": r[1]} for r in rows]}


@register.inclusion_tag("ui/_timeline.html")
def timeline(events: Iterable[Any]) -> dict[str, Any]:
    """`events`: at, title, text, by, icon, tone, url, clause; `at` is a moment or ready text."""
    return {"events": events}


@register.inclusion_tag("ui/_stepper.html")
def stepper(steps: Iterable[Any], label: str = "") -> dict[str, Any]:
    """`steps`: title, state (done, next, missing, later), note, url, action."""
    return {"steps": steps, "label": label or _("办理进度")}


@register.inclusion_tag("ui/_pager.html")
def pager(
    newer: str = "", older: str = "", *, shown: str = "", plain: bool = False
) -> dict[str, Any]:
    """Addresses of the neighbouring pages; empty at either end. `plain`: not sorted by time."""
    back, on = (_("上一页"), _("下一页")) if plain else (_("较新"), _("较早"))
    return {"newer": newer, "older": older, "shown": shown, "back": back, "on": on}


@register.inclusion_tag("ui/_back.html")
def back(url: str, label: str) -> dict[str, Any]:
    return {"url": url, "label": label}


@register.simple_tag
def field(kind: str, name: str, label: str, **given: Any) -> SafeString:
    """One labelled control. Kinds and their variables: `huiyin.ui.fields.Control`."""
    return fields.Control.of(kind, name, label, given).render()


@register.simple_tag
def pack_field(spec: Any, **given: Any) -> SafeString:
    """The control of a pack's form field (key, title, type, choices, required, or_reason)."""
    return fields.from_pack(spec, given).render()


@register.simple_tag
def bound_field(bound: BoundField, **given: Any) -> SafeString:
    """The control of a Django form's field."""
    return fields.from_bound(bound, given).render()


@register.inclusion_tag("ui/_error_summary.html")
def error_summary(errors: Any, labels: Mapping[str, str] | None = None) -> dict[str, Any]:
    """`errors`: field → messages, as in Invalid.errors or form.errors; "" or __all__: the whole."""
    return {"entries": fields.summary(errors, labels or {})}


@register.inclusion_tag("ui/_error_summary.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """What is wrong with a Django form. Forms of one page may share a field's name, so the
    entries name the field and lead nowhere."""
    labels = {name: str(field.label or "") for name, field in form.fields.items()}
    return {"entries": [entry | {"id": ""} for entry in fields.summary(form.errors, labels)]}


@register.simple_block_tag
def action_bar(content: str, *, note: str = "") -> SafeString:
    return render("ui/_action_bar.html", locals())


@register.simple_block_tag
def dialog(content: str, id: str, title: str, *, wide: bool = False) -> SafeString:
    """Opened by `data-behaviour="dialog" data-dialog="<id>"`; closed by Esc, × or a cancel."""
    return render("ui/_dialog.html", locals())


def render(name: str, variables: dict[str, Any]) -> SafeString:
    return render_to_string(name, variables)
