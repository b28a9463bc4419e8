"""Puts a pack into force from the command line, by two people of the firm."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.accounts.models import Person
from huiyin.adoption import services as adoption
from huiyin.adoption.models import Adoption
from huiyin.core import clock
from huiyin.core.errors import Invalid, NotFound
from huiyin.policy.loading import Pack
from huiyin.scenarios.moments import read_day


@transaction.atomic
def adopt(
    pack: Pack, *, starts_on: str, proposer: str, approver: str | None, trial: bool
) -> dict[str, Any]:
    """Propose and approve in one go; people by staff number.

    In trial mode one person may do both. Raises Refused naming unset settings and unheld roles,
    NotFound for an unknown number, Invalid without a second person.
    """
    if approver is None and not trial:
        raise Invalid({"approve": [_("须由第二个人批准（--approve），或者用试用（--trial）。")]})
    now = clock.now()
    proposed = adoption.propose(
        pack.sources,
        starts_on=read_day(starts_on),
        mode=Adoption.Mode.TRIAL if trial else Adoption.Mode.FORCE,
        by=_person(proposer),
        now=now,
    )
    adopted = adoption.approve(proposed, by=_person(approver or proposer), now=now)
    return {
        "policy": pack.id,
        "version": pack.policy.document.version,
        "mode": adopted.mode,
        "starts": adopted.starts_at.isoformat(),
        "adoption": adopted.pk,
    }


def _person(number: str) -> int:
    found = Person.objects.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(_("没有工号为“%s”的人。") % number)
    return found
