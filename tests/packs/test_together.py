"""Packs that one firm adopts side by side: nothing of one is taken for something of another."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from huiyin.adoption import services as adoption
from huiyin.core.errors import Invalid, Refused
from huiyin.obligations import scores
from huiyin.obligations.models import ScoreEntry
from huiyin.policy.loading import load_pack
from huiyin.policy.schema import Policy
from tests.adopted import sources
from tests.people import SmallFirm, small_firm

PACKS = sorted(place.parent for place in Path(settings.HUIYIN_PACKS).glob("*/policy.yaml"))
CHEMICALS = "chemical-distributor-visits"
SOFTWARE = "software-vendor-visits"
ROLES = {"service_supervisor": "supervisor", "service_staff": "officer", "dept_head": "manager"}


@pytest.mark.parametrize("part", ["forms", "subjects", "tables"])
def test_no_two_packs_give_one_name_to_different_things(part: str) -> None:
    names = Counter(key for folder in PACKS for key in getattr(load_pack(folder).policy, part))

    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("part", ["classes", "fields"])
def test_no_two_packs_share_what_they_say_of_customers(part: str) -> None:
    said = (getattr(load_pack(folder).policy.customers, part) for folder in PACKS)

    assert [
        name for name, count in Counter(k for each in said for k in each).items() if count > 1
    ] == []


def settle(firm: SmallFirm, key: str, value: str, now: datetime) -> None:
    by = firm.manager.pk
    adoption.change_setting(CHEMICALS, key=key, value=value, reason="本公司", by=by, now=now)


def take(firm: SmallFirm, pack: str, roles: dict[str, str], now: datetime) -> None:
    proposed = adoption.propose(
        sources(pack),
        starts_on=date(2026, 1, 1),
        mode="force",
        role_map=roles,
        by=firm.supervisor.pk,
        now=now,
    )
    adoption.approve(proposed, by=firm.manager.pk, now=now)


@pytest.mark.django_db
def test_a_breach_of_one_policy_costs_nothing_in_another(now: datetime) -> None:
    firm = small_firm(now)
    other = dict.fromkeys(load_pack(PACKS[-1].parent / SOFTWARE).policy.roles, "manager")
    take(firm, SOFTWARE, other, now)
    adoption.store_version(sources(CHEMICALS))
    with pytest.raises(Refused, match="regular_every"):
        take(firm, CHEMICALS, ROLES, now)
    settle(firm, "regular_every", "1mo", now)
    take(firm, CHEMICALS, ROLES, now)
    finding: dict[str, Any] = {
        "person": firm.supervisor.pk,
        "occurrence": "one",
        "reason": "抽查",
        "by": firm.manager.pk,
        "now": now,
    }

    scores.confirm_breach(SOFTWARE, clause="2.3.a", **finding)
    assert not ScoreEntry.objects.exists()
    scores.confirm_breach(CHEMICALS, clause="4.1.6.b", **finding)

    assert sorted(ScoreEntry.objects.values_list("points", flat=True)) == [-10, -2]


def test_a_setting_takes_what_its_type_says(db: None, now: datetime) -> None:
    firm = small_firm(now)
    wide: dict[str, Any] = load_pack(PACKS[0]).policy.raw | {"policy": CHEMICALS}
    typed = {"number": ("18", "viele"), "percent": ("10%", "10"), "length": ("2wd", "18")}
    wide["settings"] = {
        **wide.get("settings", {}),
        **{key: {"title": key, "type": key, "owner": next(iter(wide["roles"]))} for key in typed},
    }
    text = sources(PACKS[0].name) | {"policy.yaml": Policy.of(wide).to_source()}
    adoption.store_version(text)

    for key, (right, wrong) in typed.items():
        settle(firm, key, right, now)
        with pytest.raises(Invalid):
            settle(firm, key, wrong, now)
