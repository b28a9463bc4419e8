"""设置 → 权限: what each position may do, and what one person sees and may do, and through what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from huiyin.accounts.abilities import ABILITIES, SEEING, Ability, Extent, extent
from huiyin.accounts.models import Person, Position, Post, Unit
from huiyin.accounts.posts import Held, acting_on
from huiyin.accounts.visibility import Viewer, viewer_of
from huiyin.adoption import queries as adoptions
from huiyin.cases.models import Case
from huiyin.core.fields import EncryptedText
from huiyin.core.punctuation import bracketed
from huiyin.customers.models import Customer
from huiyin.obligations.models import Obligation
from huiyin.records.models import Record
from huiyin.subjects.models import Subject

MASKED_TITLES: dict[str, Any] = {
    "customers_contact.phone": gettext_lazy("联系人电话"),
    "customers_contact.name": gettext_lazy("联系人姓名"),
    "desk_export.query": gettext_lazy("导出名单时的搜索词"),
    "notices_mailchannel.password": gettext_lazy("发信邮箱的密码"),
    "notices_mailpreference.address": gettext_lazy("收通知的邮箱"),
    "imports": gettext_lazy("导入文件里的内容"),
}


FARTHEST = [Extent.FIRM, Extent.TREE, Extent.UNIT, Extent.OWN, Extent.NONE]


@dataclass(frozen=True)
class PositionRow:
    """A position as it is held at the root or below it, by how many, and how far each ability goes."""

    title: str
    sees: Extent
    place: str
    holders: int
    cells: tuple[tuple[Any, Extent], ...]


def matrix(on: date) -> list[PositionRow]:
    """Every position of the firm; once for each kind of place in which it is held. Two statements."""
    at_root = ExpressionWrapper(Q(unit__parent=None), output_field=BooleanField())
    held: dict[str, dict[bool, int]] = defaultdict(dict)
    counted = Post.objects.held(on).annotate(at_root=at_root).values("position_id", "at_root")
    for row in counted.annotate(people=Count("person", distinct=True)):
        held[row["position_id"]][row["at_root"]] = row["people"]
    rows = [
        _position_row(position, at_root=place, holders=people)
        for position in Position.objects.order_by("code")
        for place, people in (held[position.pk] or {False: 0}).items()
    ]
    return sorted(rows, key=lambda row: FARTHEST.index(row.sees))


def _position_row(position: Position, *, at_root: bool, holders: int) -> PositionRow:
    return PositionRow(
        title=position.words,
        sees=extent(SEEING, position, at_root=at_root),
        place=_("公司") if at_root else _("下级单位"),
        holders=holders,
        cells=tuple(
            (ability.title, extent(ability, position, at_root=at_root)) for ability in ABILITIES
        ),
    )


@dataclass(frozen=True)
class Sight:
    """What one person sees and may do on a day."""

    posts: list[dict[str, Any]]
    counts: list[tuple[str, int]]
    masked: list[str]
    abilities: list[dict[str, Any]]
    everything: bool


def sight(person: Person, *, on: date) -> Sight:
    """Posts, units, counts, masked fields and abilities of a person on a day of the firm's zone.

    The counts are of what is registered now, by the one predicate; a fixed number of statements.
    """
    acting = acting_on(person.pk, on)
    viewer, held = viewer_of(person.pk, acting, on), acting.get(person.pk, [])
    units = Unit.objects.in_bulk({id for post in held for id in (post.unit_id, *_covered(post))})
    return Sight(
        posts=[_post(post, units) for post in held],
        counts=list(_counts(viewer)),
        masked=masked_fields(),
        abilities=[_ability(ability, held, units) for ability in ABILITIES],
        everything=viewer.all,
    )


def _covered(post: Held) -> tuple[int, ...]:
    """The units that a holder of the post oversees."""
    if post.scope == Position.Scope.TREE:
        return post.unit_ids
    return (post.unit_id,) if post.scope == Position.Scope.UNIT else ()


def _post(post: Held, units: dict[int, Unit]) -> dict[str, Any]:
    return {
        "title": _named(post, units),
        "scope": Position.Scope(post.scope).label,
        "units": sorted(units[id].name for id in _covered(post)),
    }


def _named(post: Held, units: dict[int, Unit]) -> str:
    return bracketed(post.words, units[post.unit_id].name)


def _counts(viewer: Viewer) -> Iterator[tuple[str, int]]:
    titles = {
        kind: subject.title.say(get_language() or "zh")
        for _adoption, pack in adoptions.current()
        for kind, subject in pack.policy.subjects.items()
    }
    yield pgettext("room", "客户"), Customer.objects.visible_to(viewer).count()
    seen = Subject.objects.visible_to(viewer).values("kind").annotate(n=Count("pk"))
    subjects = dict(seen.order_by("kind").values_list("kind", "n"))
    for kind in sorted(titles.keys() | subjects.keys()):
        yield titles.get(kind, kind), subjects.get(kind, 0)
    yield pgettext("room", "事项"), Case.objects.visible_to(viewer).count()
    yield _("义务"), Obligation.objects.visible_to(viewer).count()
    yield _("记录"), Record.objects.visible_to(viewer).count()


def masked_fields() -> list[str]:
    """Everything that is encrypted in a table, and so masked on every page, for everybody."""
    places = sorted(
        field.place
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, EncryptedText)
    )
    rooms = (place.partition("_")[0] for place in places)
    titles = (
        MASKED_TITLES.get(place, MASKED_TITLES.get(room, place))
        for place, room in zip(places, rooms, strict=True)
    )
    return list(dict.fromkeys(str(title) for title in titles))


def _ability(ability: Ability, held: list[Held], units: dict[int, Unit]) -> dict[str, Any]:
    """How far one may, and through which posts; nothing of what no post gives."""
    through = [
        {"extent": far, "post": _named(post, units)}
        for post in held
        if (far := extent(ability, post, at_root=post.is_root)) != Extent.NONE
    ]
    return {"title": ability.title, "hint": ability.hint, "through": through}
