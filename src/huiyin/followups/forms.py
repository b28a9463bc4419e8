"""What a browser sent from the workbench, read without judging it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from huiyin.cases.given import Doing, Problem
from huiyin.cases.models import Case
from huiyin.core.errors import Invalid
from huiyin.core.words import read_moment
from huiyin.ui.fields import Control

OFFERED_KINDS = (Case.Kind.PROBLEM, Case.Kind.COMPLAINT)


@dataclass(frozen=True)
class Circumstances:
    """Who made the visit, who came along, when, by what; and the key of this submission."""

    by: int
    present: tuple[int, ...]
    channel: str
    happened_at: datetime | None
    key: str

    def doing(self, *, recorded_by: int, now: datetime) -> Doing:
        return Doing(
            by=self.by,
            recorded_by=recorded_by,
            happened_at=self.happened_at or now,
            now=now,
        )


def circumstances(post: QueryDict, *, me: int, known: Sequence[int], zone: tzinfo) -> Circumstances:
    """Read who and when. Raises Invalid for a person who is not offered or an unreadable moment."""
    by = _person(post.get("by", ""), default=me, known=known, field="by")
    along = [
        _person(each, default=me, known=known, field="present") for each in post.getlist("present")
    ]
    written = post.get("happened_at", "").strip()
    happened_at = read_moment(written, zone) if written else None
    if written and happened_at is None:
        raise Invalid({"happened_at": [_("“%s”不是一个时间。") % written[:40]]})
    return Circumstances(
        by=by,
        present=tuple(dict.fromkeys([by, *along])),
        channel=post.get("channel", "visit"),
        happened_at=happened_at,
        key=post.get("key", "")[:100],
    )


def _person(text: str, *, default: int, known: Sequence[int], field: str) -> int:
    if not text:
        return default
    found = {str(person): person for person in (default, *known)}.get(text)
    if found is None:
        raise Invalid({field: [_("请从列出的人员中选择。")]})
    return found


def problem(post: QueryDict) -> Problem | None:
    """The problem that was described, if the section was switched on."""
    if not post.get("problem"):
        return None
    return Problem(
        kind=post.get("problem-kind", ""),
        description=post.get("problem-description", ""),
        severity=post.get("problem-severity", ""),
    )


def problem_controls(
    found: Problem | None, errors: Mapping[str, Sequence[Any]]
) -> dict[str, Control]:
    """The controls of “记为问题”; nothing is chosen beforehand."""
    shown = found or Problem("", "", "")
    kinds = [(kind.value, kind.label) for kind in OFFERED_KINDS]
    return {
        "kind": _control("choice", "problem-kind", _("类别"), shown.kind, errors, choices=kinds),
        "severity": _control(
            "choice",
            "problem-severity",
            _("轻重"),
            shown.severity,
            errors,
            choices=list(Case.Severity.choices),
        ),
        "description": _control(
            "textarea", "problem-description", _("发现了什么"), shown.description, errors
        ),
    }


def _control(
    kind: str,
    name: str,
    label: str,
    value: str,
    errors: Mapping[str, Sequence[Any]],
    **given: Any,
) -> Control:
    return Control.of(kind, name, label, {"value": value, "errors": errors.get(name, ()), **given})


def labels() -> dict[str, str]:
    """Titles by field, for the summary of what has to be mended."""
    return {
        "problem-kind": _("类别"),
        "problem-severity": _("轻重"),
        "problem-description": _("发现了什么"),
        "happened_at": _("回访时间"),
        "by": _("回访人"),
        "present": _("一同回访"),
        "channel": _("回访方式"),
    }


def is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
