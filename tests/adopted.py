"""Puts a pack into force in a test firm, through the services."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from huiyin.adoption import services
from huiyin.adoption.models import Adoption
from huiyin.policy.loading import FILES
from tests.people import SmallFirm

PACKS = Path(__file__).resolve().parent.parent / "packs"


def sources(pack: str = "property-management") -> dict[str, str]:
    """The texts of a pack of this project."""
    return {name: (PACKS / pack / name).read_text(encoding="utf-8") for name in FILES}


def adopt(
    firm: SmallFirm,
    *,
    now: datetime,
    starts_on: date = date(2026, 1, 2),
    pack: str = "property-management",
) -> Adoption:
    """Proposed by the supervisor, approved by the manager."""
    proposed = services.propose(
        sources(pack), starts_on=starts_on, mode="force", by=firm.supervisor.pk, now=now
    )
    return services.approve(proposed, by=firm.manager.pk, now=now)
