"""What people type into a box: how much of it is kept, and which moments can be meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from django.forms import BaseForm
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from huiyin.core.errors import HuiyinError, Invalid
from huiyin.core.punctuation import explained
from huiyin.core.signs import UNSEEN, has_wrong_signs

MOST = 2_000
"""Characters of a reason, a reply or a description; a report belongs into a form."""

YEARS = range(1970, 2201)
"""Outside of these a year is a slip of the finger, and arithmetic in zones may not hold it."""


def wrong_words(text: str, *, missing: Any = "", most: int = MOST) -> list[str]:
    """What is wrong with a text: empty where `missing` says so, too long, or with signs that nobody
    sees."""
    if missing and not text.strip():
        return [str(missing)]
    if has_wrong_signs(text):
        return [_("里面有看不见的控制字符，请删去后重新输入。")]
    if len(text) > most:
        return [
            _("最多 %(most)s 个字，现在有 %(given)s 个，请写短一些。")
            % {"most": most, "given": len(text)}
        ]
    return []


NAME = 40
"""Characters of a person's, a unit's or a post's name."""


def wrong_name(text: str, *, most: int = NAME) -> str:
    """What is wrong with a name; empty for an ordinary one, however short: 李, A座, O'Brien."""
    name = text.strip()
    if not name:
        return _("请填写。")
    if len(name) > most:
        return _("最多 %(most)s 个字。") % {"most": most}
    if any(letter in "<>" or unicodedata.category(letter) in UNSEEN for letter in name):
        return _("不能有尖括号、换行和看不见的字符。")
    if not any(letter.isalnum() for letter in name):
        return _("只有标点和符号，不成名称。")
    return ""


def require_reason(text: str, *, missing: Any) -> str:
    """Why something is taken back or let go, without the blanks around it. Raises Invalid."""
    if wrong := wrong_words(text, missing=missing):
        raise Invalid({"reason": wrong if not text.strip() else [explained(_("原因"), wrong[0])]})
    return text.strip()


def wrong_form(form: BaseForm) -> Invalid:
    """What is wrong with a Django form, each message after its field's title."""
    return Invalid(
        {
            name: [
                explained(str(form.fields[name].label or name), text)
                if name in form.fields
                else text
                for text in messages
            ]
            for name, messages in form.errors.items()
        }
    )


def add_wrong(form: BaseForm, error: HuiyinError) -> None:
    """What a service found wrong with a form's content, on the form; it keeps what was typed."""
    if not isinstance(error, Invalid):
        form.add_error(None, str(error.message))
        return
    for name, said in error.errors.items():
        if name not in form.errors:
            form.add_error(name if name in form.fields else None, [str(text) for text in said])


def as_id(text: str) -> int | None:
    """The number of a row that a form sent; None for what cannot be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def read_moment(text: str, zone: tzinfo) -> datetime | None:
    """What a date-and-time control sent, in `zone` unless it names its own; None if unreadable."""
    found = _written(text)
    if found is None or found.year not in YEARS:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def given_moment(sent: Mapping[str, Any], name: str, zone: tzinfo) -> datetime | None:
    """The moment in a field of a form, None where it is empty. Raises Invalid at the field."""
    written = str(sent.get(name, "")).strip()
    found = read_moment(written, zone) if written else None
    if written and found is None:
        raise Invalid({name: [wrong_moment(written)]})
    return found


def wrong_moment(text: str) -> str:
    """What is wrong with a text of which `read_moment` makes nothing."""
    if _written(text) is None:
        return _("“%s”不是一个时间。") % text.strip()[:40]
    return _("这个时间的年份须在 %(first)s 与 %(last)s 之间。") % {
        "first": YEARS[0],
        "last": YEARS[-1],
    }


def _written(text: str) -> datetime | None:
    try:
        return parse_datetime(text.strip())
    except ValueError:
        return None
