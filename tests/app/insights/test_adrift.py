"""A.2.2.a: every household in a zone with one officer; who is in none is counted, and missed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine

from huiyin.accounts.models import Unit
from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import pack_of
from huiyin.customers import changing
from huiyin.customers.changing import Wanted
from huiyin.customers.services import NewCustomer, register_customers
from huiyin.desk.verdict_words import figures_of
from huiyin.insights.verdicts import Verdict, verdicts
from tests.adopted import adopt
from tests.app.scene import signed_in
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db
FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
DAY = timedelta(days=1)


@pytest.fixture
def adoption(firm: SmallFirm, now: datetime) -> Adoption:
    return adopt(firm, now=now)


def household(number: str, unit: Unit | None, now: datetime) -> int:
    row = NewCustomer(number, "household", unit_id=unit and unit.pk)
    [made] = register_customers([row], by=None, now=now).values()
    return made


def held(adoption: Adoption, month: date = MARCH, *, now: datetime) -> Verdict:
    pack = pack_of(adoption.policy_version_id)
    return verdicts(adoption, pack, months=[month], now=now)["A.2.2.a", month]


def adrift(adoption: Adoption, month: date = MARCH, *, now: datetime) -> int:
    [leaf] = held(adoption, month, now=now).leaves
    return leaf.adrift


def test_it_is_met_while_everybody_is_in_a_zone(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    household("1", firm.zone_one, now)

    found = held(adoption, now=now)

    assert (found.conclusion, adrift(adoption, now=now)) == ("met", 0)


def test_one_in_no_zone_misses_it_and_is_told(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    household("1", firm.zone_one, now)
    household("2", None, now)
    household("3", firm.company, now)

    found = held(adoption, now=now)

    pack = pack_of(adoption.policy_version_id)
    assert found.conclusion == "missed"
    assert figures_of(found, pack, "zh") == (
        "2 个单位各 2 天，共 4 天，其中 4 天恰有一人担任，2 户不属于任何下级单位"
    )


def test_without_any_zone_it_is_missed_too(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    Unit.objects.update(kind="firm")
    household("1", firm.zone_one, now)

    found = held(adoption, now=now)

    pack = pack_of(adoption.policy_version_id)
    assert found.conclusion == "missed"
    assert figures_of(found, pack, "zh") == "1 户不属于任何下级单位"


def test_who_came_later_does_not_count_before(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    household("1", None, now)

    assert adrift(adoption, FEBRUARY, now=now) == 0
    assert adrift(adoption, MARCH, now=now) == 1


def test_a_zone_found_later_does_not_mend_the_month_before(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    lost = household("1", None, now)
    april = now + 35 * DAY
    wanted = Wanted("1", "household", unit_id=firm.zone_one.pk)
    changing.change(
        lost, wanted, seen=changing.version(lost), viewer=firm.viewer(firm.manager),
        by=firm.manager.pk, now=april,
    )  # fmt: skip

    assert adrift(adoption, MARCH, now=april) == 1
    assert adrift(adoption, APRIL, now=april) == 0


def test_the_page_of_the_clause_names_them_and_leads_to_all(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    """The newest ten by name; the list of customers has just those."""
    household("内", firm.zone_one, now)
    lost = [household(f"户{n:02d}", firm.company if n % 2 else None, now) for n in range(12)]
    client = signed_in(firm.manager)

    with time_machine.travel(now, tick=False):
        page = client.get("/policy/property-management/A.2.2.a/")
        listed = client.get("/customers/?zone=none")
        others = client.get("/customers/?zone=some")

    [group] = [each for each in page.context["groups"] if each.title == "不属于任何下级单位的"]
    assert [row.url for row in group.rows] == [f"/customers/{pk}/" for pk in lost[:1:-1]]
    assert [row.title for row in group.rows][:2] == ["户11", "户10"]
    assert group.url == "/customers/?zone=none" and group.url in page.content.decode()
    shown = listed.content.decode()
    assert [f">户{n:02d}" in shown for n in range(12)] == [True] * 12
    assert '<option value="none" selected>不在下级单位内' in shown
    assert ">内<" not in shown and ">内<" in others.content.decode()
    assert "户00" not in others.content.decode()


def test_whoever_sees_none_of_them_is_told_no_name(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    household("户01", firm.company, now)

    with time_machine.travel(now, tick=False):
        page = signed_in(firm.officer).get("/policy/property-management/A.2.2.a/")

    assert page.status_code == 200
    assert "户01" not in page.content.decode()
