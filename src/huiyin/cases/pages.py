"""What the papers of cases show, ready for their templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.accounts.queries import people_around
from huiyin.adoption import queries as adoptions
from huiyin.cases import queries
from huiyin.cases.models import Case
from huiyin.core.errors import HuiyinError
from huiyin.records import forms as record_forms
from huiyin.ui.moments import until_words


def heading(case: Case) -> str:
    """Where and what, as a title: 3栋1202 · 问题."""
    place = case.customer.number if case.customer else case.number
    return f"{place} · {case.get_kind_display()}"


def told(case: Case) -> dict[str, str]:
    """What a case is about, above a form that works on it."""
    return {
        "description": queries.words_of_round(case),
        "repairer": case.repairer.name if case.repairer else "",
        "severity": case.get_severity_display(),
        "until": until(case),
    }


def until(case: Case) -> str:
    """The last moment of its rectification, as the notice states it."""
    zone = timezone.get_current_timezone()
    return until_words(case.rectify_by, zone=zone) if case.rectify_by else ""


@dataclass(frozen=True)
class Words:
    """What a page that fills in a paper says."""

    key: str
    act: str
    title: Any
    button: Any
    done: Any

    def draft(self, case: Case) -> str:
        return f"{self.key}-{case.pk}-{case.round}"


NOTICE = Words(
    "notice",
    "record.file",
    gettext_lazy("整改通知单"),
    gettext_lazy("开具，下一步送达"),
    gettext_lazy("通知单已开具；送达维修人员后才算通知。"),
)
ANSWER = Words(
    "answer",
    "case.rectify",
    gettext_lazy("整改回执"),
    gettext_lazy("登记整改"),
    gettext_lazy("整改已登记，接着由另一个人复访。"),
)


@dataclass(frozen=True)
class Paper:
    """A form of the case to fill in: the notice opens with the problem as it was described last."""

    case: Case
    form_key: str
    words: Words
    key: str
    now: datetime

    @cached_property
    def _in_force(self) -> tuple[Any, Any]:
        """The adoption and the form; raises NotFound when no policy in force has it."""
        return adoptions.form(self.form_key)

    @property
    def form(self) -> Any:
        return self._in_force[1]

    @cached_property
    def around(self) -> dict[int, str]:
        """Of whom one may be told by the notice to put it right."""
        return dict(people_around(self.case.target.unit_id, at=self.now))

    @property
    def people(self) -> list[tuple[int, str]]:
        """Of whom one has to be chosen, where nobody is named yet and the notice says so."""
        if self.case.repairer_id or self.form_key != queries.NOTICE_FORM:
            return []
        return list(self.around.items())

    @property
    def labels(self) -> dict[str, str]:
        return record_forms.labels(self.form) | {"repairer": _("整改人")}

    def context(
        self, *, sent: record_forms.Sent | None = None, error: HuiyinError | None = None
    ) -> dict[str, Any]:
        """The page's variables; after a refusal with everything that was entered."""
        prefill = record_forms.opening(*self._in_force, about=self.case.pk, now=self.now)
        if "problem" in self.form.fields:
            prefill["problem"] = queries.words_of_round(self.case)
        errors = getattr(error, "errors", {})
        controls = record_forms.controls(self.form, sent=sent, prefill=prefill, errors=errors)
        return {
            "case": self.case,
            "key": self.key,
            "heading": heading(self.case),
            "told": told(self.case),
            "words": self.words,
            "draft": self.words.draft(self.case),
            "errors": errors,
            "people": self.people,
            "controls": record_forms.with_limits(controls, *self._in_force, now=self.now),
        }
