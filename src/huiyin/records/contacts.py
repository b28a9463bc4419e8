"""How and what for customers are reached, in words: what a consent is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy, pgettext_lazy

ALL = "all"


class Channel(models.TextChoices):
    VISIT = "visit", gettext_lazy("上门")
    PHONE = "phone", gettext_lazy("电话")
    MESSAGE = "message", gettext_lazy("微信或短信")
    LETTER = "letter", gettext_lazy("书面")


class Purpose(models.TextChoices):
    FOLLOWUP = "followup", gettext_lazy("回访")
    NOTICE = "notice", gettext_lazy("通知与答复")
    SURVEY = "survey", gettext_lazy("满意度调查")
    MARKETING = "marketing", gettext_lazy("营销")


CHANNELS: Sequence[tuple[str, Any]] = [
    (ALL, pgettext_lazy("channel", "一切方式")),
    *Channel.choices,
]
PURPOSES: Sequence[tuple[str, Any]] = [
    (ALL, pgettext_lazy("purpose", "一切目的")),
    *Purpose.choices,
]


def said_of(channel: str, purpose: str) -> str:
    """``电话 · 回访``: what a statement is about, in words."""
    return f"{_title(CHANNELS, channel)} · {_title(PURPOSES, purpose)}"


def _title(choices: Sequence[tuple[str, Any]], key: str) -> str:
    return str(dict(choices).get(key, key))
