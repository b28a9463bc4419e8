"""What people may do, and over what: the one place that decides it.

Each `may_…` is asked where the thing is done. The matrix of 设置 → 权限 and the page of one
person ask the same functions about posts that they make up, so no second table can differ.
What the policies in force say besides (guards, who owes what) is asked through `core.acts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.accounts.models import Position
from huiyin.accounts.visibility import Viewer, governs_firm, heads, oversees, sees


class Thing(Protocol):
    """Where something belongs and to whom it is entrusted; a `ledger.Target` is one."""

    @property
    def unit_id(self) -> int | None: ...
    @property
    def owner_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Whole:
    """The firm as the thing that is decided about: it belongs to no unit and to nobody."""

    unit_id: int | None = None
    owner_id: int | None = None


FIRM = Whole()


def may_see(viewer: Viewer, thing: Thing) -> bool:
    """Open it and find it in lists. Pages ask the same of the database, by `visible`."""
    return sees(viewer, unit_id=thing.unit_id, owner_id=thing.owner_id)


def may_record(viewer: Viewer, thing: Thing) -> bool:
    """Fill in forms, plan and hold follow-ups: about what one sees."""
    return may_see(viewer, thing)


def may_reveal(viewer: Viewer, thing: Thing) -> bool:
    """Look at a whole phone number of what one sees; that it was done is kept."""
    return may_see(viewer, thing)


def may_export(viewer: Viewer, thing: Thing) -> bool:
    """Take what one sees out of the house, masked; that it was done is kept."""
    return may_see(viewer, thing)


def may_keep(viewer: Viewer, thing: Thing) -> bool:
    """Add customers to a unit and change what is known of them: its front desk, or who heads it."""
    return oversees(viewer, thing.unit_id)


def may_lead(viewer: Viewer, thing: Thing) -> bool:
    """Lead cases of a unit, take back what was entered there, cancel others' appointments."""
    return heads(viewer, thing.unit_id)


def may_waive(viewer: Viewer, thing: Thing) -> bool:
    """Release others from obligations about things of a unit."""
    return heads(viewer, thing.unit_id)


def may_note_leave(viewer: Viewer, thing: Thing) -> bool:
    """Note that somebody of a unit is away, and who stands in for him."""
    return heads(viewer, thing.unit_id)


def may_assign(viewer: Viewer, thing: Thing) -> bool:
    """Give what is owed about things of a unit to somebody."""
    return heads(viewer, thing.unit_id)


def may_adopt(viewer: Viewer, thing: Thing = FIRM) -> bool:
    """Propose and approve policies: they bind everybody, so only who governs the firm does."""
    return thing == FIRM and governs_firm(viewer)


def may_settle(viewer: Viewer, thing: Thing = FIRM) -> bool:
    """Manage logins and change what holds for the whole firm."""
    return thing == FIRM and governs_firm(viewer)


@dataclass(frozen=True, slots=True)
class Ability:
    """What something that one may do is called, and the function that decides it."""

    key: str
    title: Any
    hint: Any
    decides: Callable[[Viewer, Thing], bool]


SEEING = Ability("see", _("看到"), _("打开和查找"), may_see)

ABILITIES = (
    Ability("record", pgettext_lazy("act", "登记"), _("填写回访记录，约定和登记回访"), may_record),
    Ability("keep", _("客户资料"), _("新建客户，更改客户资料"), may_keep),
    Ability("lead", _("办理"), _("办理事项直到关闭，撤销登记，取消约定"), may_lead),
    Ability("assign", _("分派"), _("把义务分派给制度允许的人；登记休假和代理"), may_assign),
    Ability("waive", pgettext_lazy("act", "免除"), _("免除他人的义务，须写明原因"), may_waive),
    Ability("reveal", _("查看电话"), _("查看完整号码，留有记录"), may_reveal),
    Ability("export", _("导出"), _("导出看得到的内容，电话打码，留有记录"), may_export),
    Ability("adopt", _("启用制度"), _("提出和批准启用制度"), may_adopt),
    Ability("settle", _("公司设置"), _("管理登录，更改全公司的规定"), may_settle),
)


class Extent(models.TextChoices):
    """How far an ability goes for somebody in a post."""

    NONE = "none", _("无")
    OWN = "own", _("本人经办")
    UNIT = "unit", _("本单位")
    TREE = "tree", _("本单位及下级")
    FIRM = "firm", _("全公司")


class Reach(Protocol):
    """How far a position goes; a `Position` and a post that is `Held` are such."""

    @property
    def scope(self) -> str: ...
    @property
    def leads(self) -> bool: ...
    @property
    def governs(self) -> bool: ...


def extent(ability: Ability, reach: Reach, *, at_root: bool) -> Extent:
    """How far somebody may, who holds such a position at the root or below it.

    Found by asking about made-up things, from the farthest to the nearest.
    """
    viewer = _made_up(reach, at_root=at_root)
    return next((far for far, thing in PROBES if ability.decides(viewer, thing)), Extent.NONE)


HOME, BELOW, SELF, OTHER = 1, 2, 3, 4
PROBES: tuple[tuple[Extent, Thing], ...] = (
    (Extent.FIRM, FIRM),
    (Extent.TREE, Whole(BELOW, OTHER)),
    (Extent.UNIT, Whole(HOME, OTHER)),
    (Extent.OWN, Whole(HOME, SELF)),
)


def _made_up(reach: Reach, *, at_root: bool) -> Viewer:
    """A viewer with one post in HOME, which has BELOW under it; as `viewer_for` would say it."""
    units = {Position.Scope.UNIT: (HOME,), Position.Scope.TREE: (HOME, BELOW)}.get(
        Position.Scope(reach.scope), ()
    )
    whole = at_root and reach.scope == Position.Scope.TREE
    return Viewer(
        SELF,
        units,
        owns=True,
        all=whole,
        headed=units if reach.leads else (),
        heads_all=whole and reach.leads,
        governs=whole and reach.governs,
    )
