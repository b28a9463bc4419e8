"""The pack of device adverse events alone: facts in, effects out."""

from __future__ import annotations

from typing import Any

import pytest

from huiyin.policy.effects import Ask, Open
from huiyin.policy.facts import Fact
from huiyin.policy.periods import Period, parse_cadence, period_at
from huiyin.policy.planning import plan_people
from tests.policy.books import Books
from tests.policy.packs_of import books_of, filed, opened, refused, shipped, told
from tests.policy.worlds import UNIT, of, shanghai

FINDER, QUALITY, HEAD, BOSS = 7, 1, 2, 3
LOCAL, CENTRE, NATIONAL, MEDICAL = 50, 51, 52, 53
EVENT, DEVICE, BUYERS = 100, 200, [300, 301]
HOLDERS = {
    "quality_dept": (QUALITY,), "quality_head": (HEAD,), "management": (BOSS,),
    "party:local_regulator": (LOCAL,), "party:national_centre": (CENTRE,),
    "party:national_regulator": (NATIONAL,), "party:local_medical_admin": (MEDICAL,),
}  # fmt: skip
ROUTES = {"single": "event_report", "urgent": "event_report_72h", "death": "event_report_12h"}


def books() -> Books:
    return books_of("device-adverse-events", HOLDERS)


def event(
    kind: str = "noticed", at: str = "2026-03-02 08:00", *, target: int = EVENT,
    happened: str = "2026-03-02 06:00", **known: Any,
) -> Fact:  # fmt: skip
    """An old device, nothing severe, described everywhere, unless said otherwise."""
    usual = {"launched_on": "2010-06-01", "harm": "minor", "labelled": True,
             "in_literature": True, "rare": False}  # fmt: skip
    values = {"finder": FINDER, "occurred_on": "2026-03-01", **usual, **known}
    named = {f"adverse_event.{key}": value for key, value in values.items() if value is not None}
    return told(f"adverse_event.{kind}", at, target=target, by=FINDER, values=named,
                happened=happened)  # fmt: skip


def given(effects: list[Any]) -> list[str]:
    key = "adverse_event_route.result"
    return [
        e.values[key] for e in effects if getattr(e, "kind", "") == "adverse_event_route.decided"
    ]


def sent(to: int, at: str, *, form: str = "adverse_event_report", target: int = EVENT,
         by: int = QUALITY, **values: Any) -> Fact:  # fmt: skip
    stated = {"record.form": form, "record.to": to, **values}
    return told("record.sent", at, target=target, by=by, values=stated)


def test_all_clauses_are_restated_and_bound() -> None:
    clauses = shipped("device-adverse-events").clauses

    assert len(clauses) == 36
    assert {c.id for c in clauses.values() if c.declarative} == {"1", "2", "3", "4.4.1.b", "4.7.c"}
    assert all(clause.en.isascii() for clause in clauses.values())


@pytest.mark.parametrize(
    ("known", "results"),
    [
        ({}, ["quarterly"]),
        ({"launched_on": "2021-03-01"}, ["single", "quarterly"]),
        ({"launched_on": "2021-02-28"}, ["quarterly"]),
        ({"rare": True}, ["single", "quarterly"]),
        ({"labelled": False}, ["quarterly"]),
        ({"labelled": False, "in_literature": False}, ["single", "quarterly"]),
        ({"harm": "hospital"}, ["single", "quarterly"]),
        ({"harm": "hospital", "labelled": False}, ["single", "urgent"]),
        ({"harm": "death"}, ["single", "death", "quarterly"]),
        ({"harm": "death", "labelled": False}, ["single", "urgent", "death"]),
    ],
)
def test_the_table_sorts_events(known: dict[str, Any], results: list[str]) -> None:
    effects = books().record(event(**known))

    assert given(effects) == results
    assert of(Ask, effects) == []


def test_what_is_not_known_is_asked_while_the_strictest_clock_runs() -> None:
    here = books()

    effects = here.record(event(harm=None, labelled=False))

    assert [ask.missing for ask in of(Ask, effects)][0] == "adverse_event.harm"
    assert opened(effects)["adverse_event_route"] == shanghai("2026-03-02 20:00")
    assert [o.roles for o in of(Open, effects) if o.line == "adverse_event_route"] == [
        ("quality_dept",)
    ]


def test_urgent_reports_run_from_when_the_firm_learned_of_the_event() -> None:
    here = books()
    here.record(event(labelled=False))

    effects = here.record(
        event("clarified", "2026-03-03 10:00", happened="2026-03-03 10:00",
              harm="hospital", labelled=False)
    )  # fmt: skip

    lines = opened(effects)
    assert lines["event_report_72h.to.local_regulator"] == shanghai("2026-03-05 08:00")
    assert lines["event_report_72h.to.national_centre"] == shanghai("2026-03-05 08:00")
    assert lines["event_report"] == shanghai("2026-03-24 00:00")


def test_a_death_opens_new_twelve_hours_and_lengthens_nothing() -> None:
    here = books()
    here.record(event(harm="hospital", labelled=False))
    before = {o.line: o.due for o in here.open()}

    effects = here.record(
        event("died", "2026-03-04 08:30", happened="2026-03-04 05:00",
              harm="death", labelled=False)
    )  # fmt: skip

    due = shanghai("2026-03-04 20:30")
    assert opened(effects) == {
        f"event_report_12h.to.{party}": due
        for party in ("local_regulator", "national_centre", "national_regulator")
    }
    after = {o.line: o.due for o in here.open()}
    assert {line: after[line] for line in before} == before


def test_a_report_is_proven_to_each_recipient_alone_and_names_the_death() -> None:
    here = books()
    here.record(event(harm="death"))

    here.record(sent(NATIONAL, "2026-03-02 09:00", **{"adverse_event_report.harm": "severe"}))
    assert here.duties().count("event_report_12h") == 3

    here.record(sent(NATIONAL, "2026-03-02 09:30", **{"adverse_event_report.harm": "death"}))
    waiting = [o.line for o in here.open() if o.duty == "event_report_12h"]
    assert waiting == ["event_report_12h.to.local_regulator", "event_report_12h.to.national_centre"]


def test_whoever_finds_it_tells_both_on_the_day_it_is_known() -> None:
    here = books()

    effects = here.record(event(happened="2026-03-01 23:00"))

    due = shanghai("2026-03-03 00:00")
    told_inside = [o for o in of(Open, effects) if o.duty == "event_notice"]
    assert {(o.line, o.holder, o.due) for o in told_inside} == {
        ("event_notice.to.quality_dept", FINDER, due),
        ("event_notice.to.quality_head", FINDER, due),
    }
    here.record(sent(HEAD, "2026-03-02 12:00", form="adverse_event_notice", by=FINDER))
    assert [o.line for o in here.open() if o.duty == "event_notice"] == [
        "event_notice.to.quality_dept"
    ]


def test_the_quarterly_list_is_due_ten_days_after_the_quarter() -> None:
    here = books()
    duty = here.in_force.policy.duties["event_quarterly"]
    period = period_at(parse_cadence("quarter"), shanghai("2026-03-02 08:00").date(),
                       here.in_force.calendar)  # fmt: skip
    assert isinstance(period, Period)

    [planned] = plan_people(here.in_force, duty, period, UNIT, here.full())

    assert (planned.target, planned.due) == (UNIT, shanghai("2026-04-11 00:00"))
    here.plan([planned], shanghai("2026-03-02 08:00"))
    here.record(sent(MEDICAL, "2026-04-03 10:00", form="adverse_event_quarterly", target=UNIT))
    assert here.duties(done=True) == ["event_quarterly"]


def test_a_confirmed_device_is_sealed_not_sold_and_every_buyer_told() -> None:
    here = books()
    assert (
        refused(here, "traded_device.sold", "2026-03-02 08:00", target=DEVICE, by=QUALITY) == set()
    )

    effects = here.record(
        told("traded_device.confirmed", "2026-03-02 08:00", target=DEVICE, by=QUALITY)
    )
    assert opened(effects) == {
        "device_seal": shanghai("2026-03-03 00:00"),
        "device_trace": shanghai("2026-03-04 00:00"),
    }
    assert refused(here, "traded_device.sold", "2026-03-02 09:00", target=DEVICE, by=QUALITY) == {
        "4.5.b"
    }

    effects = here.record(
        filed("device_buyer_trace", "2026-03-03 10:00", target=DEVICE, by=QUALITY,
              **{"device_buyer_trace.buyers": BUYERS})
    )  # fmt: skip
    assert [(o.target, o.due) for o in of(Open, effects)] == [
        (buyer, shanghai("2026-03-05 00:00")) for buyer in BUYERS
    ]
    here.record(filed("device_stop_notice", "2026-03-03 11:00", target=BUYERS[0], by=QUALITY))
    assert [o.target for o in here.open() if o.duty == "device_stop_use"] == BUYERS[1:]


@pytest.mark.parametrize(("act", "clause"), [("provided", "4.6.a"), ("cited", "4.6.b")])
def test_statistics_need_both_permissions(act: str, clause: str) -> None:
    one = {"adverse_statistics.national_permitted_on": "2026-02-01"}
    both = {**one, "adverse_statistics.local_permitted_on": "2026-02-01"}
    asked = ("adverse_statistics." + act, "2026-03-02 08:00")

    assert refused(books(), *asked, target=EVENT, by=HEAD, **one) == {clause}
    assert refused(books(), *asked, target=EVENT, by=HEAD, **both) == set()


@pytest.mark.parametrize(
    ("clause", "duty"),
    [("4.4.2.c", "sanction_unreported"), ("4.4.1.c", "sanction_improper"), ("4.5.a", None)],
)
def test_a_breach_is_sanctioned_by_management(clause: str, duty: str | None) -> None:
    here = books()

    here.record(
        told("breach.confirmed", "2026-03-02 08:00", target=FINDER, by=BOSS,
             values={"breach.person": FINDER, "breach.clause": clause, "breach.occurrence": "x"})
    )  # fmt: skip

    assert here.duties() == ([duty] if duty else [])
    here.record(filed("adverse_event_sanction", "2026-03-03 10:00", target=FINDER, by=BOSS))
    assert here.duties() == []


def test_taking_the_event_back_takes_back_all_that_it_opened() -> None:
    here = books()
    here.record(event(harm="death", labelled=False))
    assert len(here.open()) == 9

    here.void("adverse_event.noticed", shanghai("2026-03-02 12:00"))

    assert here.open() == []
