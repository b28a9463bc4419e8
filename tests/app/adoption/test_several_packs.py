"""Several packs in one firm: what two of them cannot both say is refused, naming both."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from huiyin.adoption import services
from huiyin.adoption.models import Adoption, SettingChange
from huiyin.core.errors import Invalid, Refused
from tests.adopted import adopt
from tests.people import SmallFirm, small_firm
from tests.second_policy import CLAUSES, POLICY, second

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(now: datetime) -> SmallFirm:
    firm = small_firm(now)
    adopt(firm, now=now)
    return firm


def propose(firm: SmallFirm, policy: str, *, now: datetime) -> Adoption:
    return services.propose(
        {"policy.yaml": policy, "clauses.yaml": CLAUSES},
        starts_on=date(2026, 1, 2),
        mode="force",
        by=firm.supervisor.pk,
        now=now,
    )


def changed(before: str, after: str) -> str:
    assert before in POLICY
    return POLICY.replace(before, after)


def test_a_second_pack_comes_into_force_beside_the_first(firm: SmallFirm, now: datetime) -> None:
    second(firm, now=now)

    in_force = Adoption.objects.filter(state="in_force")
    assert {row.policy_version.policy for row in in_force} == {"property-management", "second"}


def test_two_packs_cannot_have_forms_of_one_key(firm: SmallFirm, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        propose(firm, changed("monthly_sheet", "repair_visit"), now=now)

    said = str(refused.value.message)
    for words in ("物业公司客户回访制度", "第二制度", "repair_visit"):
        assert words in said
    assert refused.value.clauses == ["1.b"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("type: person, required: true}", "type: text, required: true}"),
        ("other: {zh: 其他, en: Other}}", "other: {zh: 其他, en: Other}, roof: 屋面}"),
    ],
)
def test_a_field_of_one_kind_has_one_type(
    firm: SmallFirm, now: datetime, before: str, after: str
) -> None:
    with pytest.raises(Refused) as refused:
        propose(firm, changed(before, after).replace(", not: repair.repairer", ""), now=now)

    said = str(refused.value.message)
    assert "物业公司客户回访制度" in said and "第二制度" in said and "repair." in said
    assert not Adoption.objects.filter(policy_version__policy="second").exists()


def test_a_clash_that_came_up_since_it_was_proposed_stops_the_approval(now: datetime) -> None:
    firm = small_firm(now)
    proposed = propose(firm, changed("monthly_sheet", "repair_visit"), now=now)
    adopt(firm, now=now)

    with pytest.raises(Refused, match="同一个编号"):
        services.approve(proposed, by=firm.manager.pk, now=now)


def test_a_next_version_does_not_clash_with_its_own(firm: SmallFirm, now: datetime) -> None:
    second(firm, now=now)

    assert propose(firm, changed("version: 1", "version: 2"), now=now).pk


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("calls", "7", ("7d", "", "2.5", "x", "1" * 5000)),
        ("part", "12.5%", ("12.5", "101%", "", "%")),
        ("greeting", "您好", ("", " ", "好" * 201, "\0")),
        ("rhythm", "5wd", ("5", "5 days", "", "soon")),
    ],
)
def test_a_setting_takes_what_its_type_says(
    firm: SmallFirm, now: datetime, key: str, good: str, bad: tuple[str, ...]
) -> None:
    second(firm, now=now)
    change = {"key": key, "reason": "试行", "by": firm.manager.pk, "now": now}

    services.change_setting("second", value=good, **change)
    for value in bad:
        with pytest.raises(Invalid) as refused:
            services.change_setting("second", value=value, **change)
        assert list(refused.value.errors) == [key]

    assert list(SettingChange.objects.values_list("key", "value")) == [(key, good)]
