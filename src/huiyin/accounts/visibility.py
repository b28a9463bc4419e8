"""How far a person sees on a day; the predicate itself is `ledger.visibility.visible`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from huiyin.accounts.posts import Acting, Held, acting_on
from huiyin.ledger.visibility import NOBODY, Viewer, visible

__all__ = [
    "NOBODY",
    "Viewer",
    "governs_firm",
    "heads",
    "heads_any",
    "oversees",
    "sees",
    "viewer_for",
    "visible",
]


def viewer_for(who: Any, on: date) -> Viewer:
    """The viewer that a person or a login is on the day `on`; one statement.

    On the days of a colleague's leave his deputy sees what the colleague sees.

    `who`: a Person, a User, a person's id, or None. Whoever left or holds no post sees nothing
    but himself.
    """
    person_id = _person_id(who)
    return NOBODY if person_id is None else viewer_of(person_id, acting_on(person_id, on), on)


def viewer_of(person_id: int, posts: Acting, on: date) -> Viewer:
    """How far somebody sees by the posts for which he acts on the day ``on``."""
    if person_id not in posts:
        return NOBODY
    held = [post for of_one in posts.values() for post in of_one]
    leading = [post for post in held if post.leads]
    return Viewer(
        person_id,
        _overseen(held),
        owns=bool(held),
        all=any(_is_whole(post) for post in held),
        on=on,
        stands_for=tuple(sorted(set(posts) - {person_id})),
        headed=_overseen(leading),
        heads_all=any(_is_whole(post) for post in leading),
        governs=any(post.governs and post.is_root for post in posts[person_id]),
        positions=frozenset(post.position for post in held),
    )


def _overseen(held: Iterable[Held]) -> tuple[int, ...]:
    units = {unit for post in held if post.scope == "tree" for unit in post.unit_ids}
    return tuple(sorted(units | {post.unit_id for post in held if post.scope == "unit"}))


def _is_whole(post: Held) -> bool:
    return post.scope == "tree" and post.is_root


def sees(viewer: Viewer, *, unit_id: int | None, owner_id: int | None) -> bool:
    """The predicate read for one target whose unit and owner are at hand, without a statement."""
    return oversees(viewer, unit_id) or (viewer.owns and owner_id in viewer.persons)


def oversees(viewer: Viewer, unit_id: int | None) -> bool:
    """Whether the viewer sees all of the unit; None is what belongs to none, the firm's own."""
    return viewer.all or unit_id in viewer.unit_ids


def heads(viewer: Viewer, unit_id: int | None) -> bool:
    """Whether the viewer also leads the unit; None as in `oversees`."""
    return viewer.heads_all or unit_id in viewer.headed


def heads_any(viewer: Viewer) -> bool:
    """Whether there is a unit that the viewer leads."""
    return viewer.heads_all or bool(viewer.headed)


def governs_firm(viewer: Viewer) -> bool:
    """Whether a post of his own gives the firm its rules: a deputy does not change them."""
    return viewer.governs


def _person_id(who: Any) -> int | None:
    if who is None or isinstance(who, int):
        return who
    if hasattr(who, "target_id"):
        return int(who.target_id)
    person = getattr(who, "person", None)
    return None if person is None else int(person.target_id)
