"""What a browser sent from the workbench, read without judging it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import takewhile

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from huiyin.cases import items, ways
from huiyin.cases.given import Doing, Item
from huiyin.cases.items import Entry, Errors, People
from huiyin.cases.models import Case
from huiyin.core.errors import Invalid
from huiyin.core.words import given_moment
from huiyin.records import backdating
from huiyin.ui.fields import Control

PLACES = 8
"""Items that one visit may bring back on its page; more are taken down at the customer's."""


@dataclass(frozen=True)
class Circumstances:
    """Who made the visit, who came along, when, by what, and why it is entered only now; the key
    of this submission, the record that its page showed as the newest, and whether another one
    is meant."""

    by: int
    present: tuple[int, ...]
    channel: str
    happened_at: datetime | None
    key: str
    seen: int | None = None
    again: bool = False
    late_reason: str = ""

    def doing(self, *, recorded_by: int, now: datetime) -> Doing:
        return Doing(
            by=self.by,
            recorded_by=recorded_by,
            happened_at=self.happened_at or now,
            now=now,
            late_reason=self.late_reason,
        )


def circumstances(
    post: QueryDict, *, me: int, known: Collection[int], zone: tzinfo
) -> Circumstances:
    """Read who and when. Raises Invalid for a person who is not offered or an unreadable moment."""
    by = _person(post.get("by", ""), default=me, known=known, field="by")
    along = [
        _person(each, default=me, known=known, field="present") for each in post.getlist("present")
    ]
    return Circumstances(
        by=by,
        present=tuple(dict.fromkeys([by, *along])),
        channel=post.get("channel", "visit"),
        happened_at=given_moment(post, "happened_at", zone),
        key=post.get("key", "")[:100],
        seen=int(seen) if re.fullmatch("[0-9]{1,18}", seen := post.get("seen", "")) else None,
        again=bool(post.get("again")),
        late_reason=backdating.read_reason(post),
    )


def _person(text: str, *, default: int, known: Collection[int], field: str) -> int:
    if text in ("", str(default)):
        return default
    found = {str(person): person for person in known}.get(text)
    if found is None:
        raise Invalid({field: [_("请从列出的人员中选择。")]})
    return found


def entries(post: QueryDict, people: People) -> list[Entry]:
    """A place for each item that may be brought back; the first ones hold what was entered."""
    kinds = [kind for kind, way in ways.WAYS.items() if way.at_visits]
    return [Entry(f"item-{place}", kinds, people, post) for place in range(1, PLACES + 1)]


def entered(shown: Sequence[Entry], zone: tzinfo) -> list[Item]:
    """The items of the places that were open: each opens the next. Raises Invalid."""
    return [entry.item(zone) for entry in opened(shown)]


def opened(shown: Sequence[Entry]) -> list[Entry]:
    """The places that were open."""
    return list(takewhile(lambda entry: entry.on, shown))


def finding(post: QueryDict) -> Item | None:
    """What a re-visit found unsolved, if the section was switched on."""
    if not post.get("problem"):
        return None
    severity = post.get("problem-severity", "")
    return Item(Case.Kind.PROBLEM, post.get("problem-description", ""), severity)


def finding_controls(post: QueryDict, errors: Errors) -> dict[str, Control]:
    """The controls of “问题没有解决”; nothing is chosen beforehand."""
    return {
        name: Control.of(
            kind,
            f"problem-{name}",
            title,
            {
                "value": post.get(f"problem-{name}", ""),
                "errors": errors.get(f"problem-{name}", ()),
                "choices": Case.Severity.choices if name == "severity" else (),
                "required_sometimes": True,
            },
        )
        for name, kind, title in (
            ("description", "textarea", _("发现了什么")),
            ("severity", "choice", _("轻重")),
        )
    }


def labels() -> dict[str, str]:
    """Titles by field, for the summary of what has to be mended."""
    of_items = [items.labels(f"item-{place}", place) for place in range(1, PLACES + 1)]
    return {name: title for each in of_items for name, title in each.items()} | {
        "problem-severity": _("轻重"),
        "problem-description": _("发现了什么"),
        "happened_at": _("回访时间"),
        backdating.FIELD: _("补录原因"),
        "by": _("回访人"),
        "present": _("一同回访"),
        "channel": _("回访方式"),
        "again": _("再登记一份"),
    }


def is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
