"""What a service is given: who did something and when, an item that came in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from huiyin.cases.models import Case
from huiyin.core.errors import Invalid
from huiyin.core.words import wrong_words


@dataclass(frozen=True, slots=True)
class Doing:
    """Who did something, who enters it, when it happened and when it is entered (all aware).

    ``known_at``: when the firm learned of it, if later than it happened; the clock of the written
    notice (B.4.a) runs from there. ``key``: of the submission, so that a form sent twice has one
    effect; empty where nobody sends forms. ``late_reason``: why a record is entered so much later.
    """

    by: int
    recorded_by: int
    happened_at: datetime
    now: datetime
    known_at: datetime | None = None
    key: str = ""
    late_reason: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a customer brought up, or that was found, in the words of who said it.

    ``answer`` is what was answered at once; else ``promised_reply_at`` is the time that the
    customer was told. ``topic`` is a key that a firm counts by, never free text.
    """

    kind: str
    description: str
    severity: str = Case.Severity.MINOR
    answer: str = ""
    promised_reply_at: datetime | None = None
    complained_about: int | None = None
    safety: bool = False
    topic: str = ""

    def checked(self, *, at: datetime | None = None) -> Item:
        """The same; raises Invalid naming each field that is missing or cannot be.

        ``at``: when it came in; a reply cannot have been promised for an earlier moment.
        """
        errors = {}
        if self.kind not in Case.Kind.values:
            errors["kind"] = [_("请选择类别。")]
        if self.severity not in Case.Severity.values:
            errors["severity"] = [_("请选择轻重。")]
        if wrong := wrong_words(self.description, missing=_("请写明客户怎么说，或发现了什么。")):
            errors["description"] = wrong
        if wrong := wrong_words(self.answer):
            errors["answer"] = wrong
        if at and self.promised_reply_at and self.promised_reply_at <= at:
            errors["promised_at"] = [_("约定的答复时间须晚于提出的时间。")]
        if errors:
            raise Invalid(errors)
        return self
