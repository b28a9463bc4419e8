"""What a service is given: who did something and when, a problem that was found."""

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
    notice (B.4.a) runs from there.
    """

    by: int
    recorded_by: int
    happened_at: datetime
    now: datetime
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What was found, in the words of who found it."""

    kind: str
    description: str
    severity: str

    def checked(self) -> Problem:
        """The same; raises Invalid naming each field that is missing."""
        errors = {}
        if self.kind not in Case.Kind.values:
            errors["kind"] = [_("请选择问题的类别。")]
        if self.severity not in Case.Severity.values:
            errors["severity"] = [_("请选择问题的轻重。")]
        if wrong := wrong_words(self.description, missing=_("请写明发现了什么问题。")):
            errors["description"] = wrong
        if errors:
            raise Invalid(errors)
        return self
