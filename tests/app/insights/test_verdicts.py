"""The verdict on a clause follows from what was done, in the month where it fell due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import pack_of
from huiyin.desk.queries import living_policy
from huiyin.insights.verdicts import Verdict, verdicts
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation
from huiyin.records import services as records
from huiyin.ui.fields import GivenSignature
from tests.adopted import adopt
from tests.app.obligations.test_repairs import completed
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
DUE_LEAK = datetime(2026, 3, 5, 16, tzinfo=UTC)
REFUSED = GivenSignature(image="", refused=True, reason="赶时间")
CONTENT = {
    "onsite_check": "fixed",
    "respondent": "owner",
    "service": "5",
    "suggestions": "none",
    "fees": "match",
}


@pytest.fixture
def adoption(firm: SmallFirm, now: datetime) -> Adoption:
    return adopt(firm, now=now)


def visit(firm: SmallFirm, target: int, *, at: datetime, recorded: datetime | None = None) -> None:
    """A joint visit by everybody who may owe one."""
    records.file_record(
        "repair_visit",
        about=target,
        by=firm.supervisor.pk,
        recorded_by=firm.supervisor.pk,
        present=[firm.manager.pk, firm.supervisor.pk, firm.repair_lead.pk],
        given=CONTENT,
        signatures={"visited": REFUSED},
        photos={},
        stated={"followup.channel": "visit"},
        happened_at=at,
        late_reason="现场没有网络" if recorded else "",
        now=recorded or at,
    )


def march(adoption: Adoption, clause: str, *, now: datetime) -> Verdict:
    pack = pack_of(adoption.policy_version_id)
    return verdicts(adoption, pack, months=[MARCH], now=now)[clause, MARCH]


def test_a_month_in_which_nothing_fell_due_is_not_met(adoption: Adoption, now: datetime) -> None:
    assert march(adoption, "B.2.c", now=now).conclusion == "nothing"


def test_what_is_not_due_yet_keeps_a_clause_running(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    completed(firm, "WX-1", now=now)

    assert march(adoption, "B.2.c", now=now).conclusion == "running"
    assert march(adoption, "B.1.b", now=now).conclusion == "running"


@pytest.mark.parametrize(
    ("late", "conclusion"),
    [(timedelta(0), "met"), (timedelta(seconds=1), "missed")],
)
def test_a_visit_is_on_time_until_the_very_moment(
    firm: SmallFirm, adoption: Adoption, now: datetime, late: timedelta, conclusion: str
) -> None:
    [repair] = completed(firm, "WX-1", now=now)

    visit(firm, repair, at=DUE_LEAK + late)

    assert march(adoption, "B.2.c", now=DUE_LEAK + timedelta(days=1)).conclusion == conclusion


def test_what_happened_in_time_but_was_entered_later_counts_as_entered_late(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    [repair] = completed(firm, "WX-1", now=now)

    visit(firm, repair, at=DUE_LEAK, recorded=DUE_LEAK + timedelta(days=2))

    found = march(adoption, "B.2.c", now=DUE_LEAK + timedelta(days=3))
    assert found.conclusion == "met"
    assert [leaf.entered_late for leaf in found.leaves] == [3]


def test_a_late_visit_still_counts_for_the_share(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    [repair] = completed(firm, "WX-1", now=now)

    visit(firm, repair, at=DUE_LEAK + timedelta(days=1))

    after = DUE_LEAK + timedelta(days=2)
    assert march(adoption, "B.1.d", now=after).conclusion == "met"
    assert march(adoption, "B.2.c", now=after).conclusion == "missed"


def test_a_share_that_was_not_done_is_missed_once_all_is_due(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    completed(firm, "WX-1", now=now)
    after = DUE_LEAK + timedelta(seconds=1)

    obligations.tick(now=after)

    assert march(adoption, "B.1.d", now=DUE_LEAK).conclusion == "running"
    assert march(adoption, "B.1.d", now=after).conclusion == "missed"


def test_a_waived_obligation_is_neither_missed_nor_forgotten(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    completed(firm, "WX-1", now=now)
    for row in Obligation.objects.exclude(holder=firm.manager.pk):
        obligations.waive(row, by=firm.manager.pk, reason="住户外出", now=now)
    lead = Obligation.objects.get(holder=firm.manager.pk)
    obligations.waive(lead, by=firm.supervisor.pk, reason="住户外出", now=now)

    found = march(adoption, "B.2.c", now=DUE_LEAK + timedelta(days=1))

    assert found.conclusion == "met"
    assert [leaf.waived for leaf in found.leaves] == [3]


def test_every_answer_of_the_form_counts_for_its_clause(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    [repair] = completed(firm, "WX-1", now=now)
    before = march(adoption, "B.3.5", now=now).conclusion

    visit(firm, repair, at=now)

    assert before == "nothing"
    for clause in ("B.3.1", "B.3.2", "B.3.3", "B.3.4", "B.3.5"):
        assert march(adoption, clause, now=now).conclusion == "met", clause


def test_the_months_do_not_mix(firm: SmallFirm, adoption: Adoption, now: datetime) -> None:
    completed(firm, "WX-1", now=now)
    pack = pack_of(adoption.policy_version_id)

    found = verdicts(adoption, pack, months=[MARCH, APRIL], now=DUE_LEAK + timedelta(days=40))

    assert found["B.2.c", MARCH].conclusion == "missed"
    assert found["B.2.c", APRIL].conclusion == "nothing"


def test_verdicts_take_the_same_statements_for_one_repair_and_for_many(
    firm: SmallFirm, adoption: Adoption, now: datetime, django_assert_num_queries
) -> None:
    completed(firm, "WX-0", now=now)
    pack = pack_of(adoption.policy_version_id)
    verdicts(adoption, pack, months=[MARCH], now=now)
    completed(firm, *(f"WX-{n}" for n in range(1, 40)), now=now)

    # Four of them ask who is in no zone: the calendar, the zones, how many, who moved since.
    with django_assert_num_queries(27):
        verdicts(adoption, pack, months=[MARCH, APRIL], now=now)


def test_a_visit_before_the_completion_proves_nothing(
    firm: SmallFirm, adoption: Adoption, now: datetime
) -> None:
    [repair] = completed(firm, "WX-1", now=now)
    before = list(Obligation.objects.open().values_list("id", flat=True))

    visit(firm, repair, at=now - timedelta(seconds=1), recorded=now)
    too_early = list(Obligation.objects.open().values_list("id", flat=True))
    visit(firm, repair, at=now, recorded=now)

    assert too_early == before
    assert not Obligation.objects.open().exists()


def test_a_setting_alone_keeps_no_clause(adoption: Adoption, now: datetime) -> None:
    assert march(adoption, "B.4.b", now=now).conclusion == "nothing"


def test_a_setting_alone_draws_no_bar_and_says_no_figure(adoption: Adoption, now: datetime) -> None:
    pack = pack_of(adoption.policy_version_id)

    sections = living_policy(adoption, pack, now=now, language="zh")

    row = next(row for each in sections for row in each.rows if row.id == "B.4.b")
    assert (row.conclusion, row.figures) == ("nothing", "")
    assert {point["value"] for point in row.spark} == {None}
