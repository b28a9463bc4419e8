"""Who did it, with whom and when: asked beside every form, folded away while it was me just now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from huiyin.records import backdating
from huiyin.ui.fields import Control


@dataclass(frozen=True, slots=True)
class Words:
    """What the three fields are called, and what is said of the time."""

    along: str
    by: str
    happened_at: str
    help: str


def circumstances(
    post: QueryDict,
    errors: Mapping[str, Sequence[Any]],
    *,
    me: int,
    people: Sequence[tuple[int, str]],
    words: Words,
) -> dict[str, Any]:
    """The controls, filled from what was sent; ``unfolded`` where one of the folded ones speaks."""
    others = [(pk, name) for pk, name in people if pk != me]
    by = post.get("by") or str(me)
    return {
        "along": Control.of(
            "people", "present", words.along,
            {"choices": others, "value": post.getlist("present"),
             "errors": errors.get("present", ())},
        ),
        "by": Control.of(
            "select", "by", words.by,
            {"choices": [(me, _("我本人")), *others], "value": by, "errors": errors.get("by", ())},
        ),
        "happened_at": Control.of(
            "datetime", "happened_at", words.happened_at,
            {"value": post.get("happened_at", ""), "errors": errors.get("happened_at", ()),
             "help": words.help},
        ),
        "late_reason": backdating.control(post, errors),
        "unfolded": bool(
            post.get("happened_at") or post.get(backdating.FIELD) or by != str(me)
            or errors.keys() & {"happened_at", "by", backdating.FIELD}
        ),
    }  # fmt: skip
