"""The people page of the first run: a box for each role in a unit, and the name written into it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from huiyin.accounts.models import Person, Unit
from huiyin.cases.queries import COMPANY
from huiyin.core.punctuation import bracketed, listed
from huiyin.core.words import wrong_name


@dataclass(frozen=True)
class Seat:
    """A role in a unit, and who has it by now."""

    role: str
    title: str
    unit: Unit
    people: tuple[Person, ...]
    required: bool
    asked_by: tuple[str, ...] = ()
    """Clauses that count the days on which exactly one holds it in this unit."""

    @property
    def name(self) -> str:
        """What its control is called in the form."""
        return f"seat-{self.role}-{self.unit.pk}"

    @property
    def label(self) -> str:
        return bracketed(self.title, self.unit.name)

    @property
    def help(self) -> str:
        """What follows from leaving it empty."""
        if self.asked_by:
            return _(
                "%(clauses)s 从启用制度那天起，逐日看这里是否恰有一人担任：空着的日子不达标。"
            ) % {"clauses": listed(self.asked_by)}
        if self.role == COMPANY:
            return _(
                "公司本身也是一方：要请示公司的事项，由这里写的人代表公司批复。可以先空着，由管辖整个公司的人批复。"
            )
        return "" if self.required else _("可以先空着。")


SEVERAL = re.compile(r"[,;/\u3001\uff0c\uff1b\uff0f]")
"""What stands between names, full-width and half-width."""


def wrong_person(name: str) -> str:
    """What is wrong with one person's name; empty for an ordinary one."""
    if SEVERAL.search(name):
        return _("这里只写一个人的姓名：不要用“、”“，”“/”写几个人。")
    return wrong_name(name)


def unspaced(name: str) -> str:
    """A name as it is compared: 周　小红 and 周小红 are one person."""
    return "".join(name.split())
