"""The paper mill: every mechanism of its policy alone, facts in, effects out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from huiyin.policy.periods import Period
from huiyin.policy.planning import plan_people
from huiyin.policy.state import State
from tests.packs.worlds import TARGET, books, everywhere, fact, filed, firm, owed, pack, refused
from tests.policy.books import Books
from tests.policy.worlds import SHANGHAI

NAME = "paper-mill-tracking"
INSPECTOR, FOREMAN, LAB, SLITTER, ARCHIVE, SUPERVISOR, SECOND, MARKETING, PRODUCTION, DAY = range(
    1, 11
)
HOLDERS = everywhere(
    shift_inspector=INSPECTOR,
    machine_foreman=FOREMAN,
    lab_technician=LAB,
    slitting_section=SLITTER,
    inspection_dept=ARCHIVE,
    quality_supervisor=(SUPERVISOR, SECOND),
    marketing_dept=MARKETING,
    production_dept=PRODUCTION,
    day_inspector=DAY,
)
AT = "2026-03-02 10:00"


def world() -> Books:
    return books(firm(NAME), HOLDERS)


def test_a_reel_gives_four_people_their_work() -> None:
    here = world()
    here.record(fact("paper_reel.produced", AT))

    assert owed(here) == [
        ("paper_fill_sheet", "03-03 00:00"),
        ("paper_lab", "03-04 00:00"),
        ("paper_look", "03-03 00:00"),
        ("paper_test", "03-03 00:00"),
    ]


WRITERS = {
    ("paper_tracking_sheet", "strength"): {"shift_inspector"},
    ("paper_defects", "defects"): {"shift_inspector", "machine_foreman"},
    ("paper_lab_test", "physical"): {"lab_technician"},
    ("paper_slit_sheet", "weight"): {"slitting_section"},
}
ROLES = ("shift_inspector", "machine_foreman", "lab_technician", "slitting_section")


@pytest.mark.parametrize(("form", "field"), WRITERS)
@pytest.mark.parametrize("role", ROLES)
def test_a_field_belongs_to_who_answers_for_it(form: str, field: str, role: str) -> None:
    here = firm(NAME)
    values = {"record.form": form, "record.written": [field], "record.present": [1, 2, 3, 4]}
    state = State(holders=HOLDERS, roles_of={1: frozenset({role})})
    clauses = set(here.policy.forms[form].clauses_at(f"{field}.by"))

    expected = set() if role in WRITERS[form, field] else clauses
    assert refused(here, "record.file", values, state=state) == expected


def test_a_sheet_needs_its_items_and_a_defect_its_description() -> None:
    forms = pack(NAME).policy.forms

    assert all(field.required for field in forms["paper_slit_sheet"].fields.values())
    assert forms["paper_defects"].fields["which"].required_if is not None


@pytest.mark.parametrize(
    ("weights", "sheet", "clauses"),
    [
        ([480, 520], True, set()),
        ([480, 521], True, {"6.c"}),
        ([], True, {"6.b"}),
        ([480], False, {"6.a"}),
    ],
)
def test_no_reel_is_slit_without_sheet_and_rolls_that_fit(
    weights: list[int], sheet: bool, clauses: set[str]
) -> None:
    rolls = [{"paper_roll.weight": weight} for weight in weights]
    met = frozenset({("paper_fill_sheet", TARGET)}) if sheet else frozenset()
    state = State(met=met, things={("paper_roll", TARGET): rolls})
    values = {"paper_reel.weight": 1000, "target.kind": "paper_reel"}

    assert refused(firm(NAME), "paper_reel.slit", values, state=state) == clauses


def test_the_sheet_goes_back_and_is_archived() -> None:
    here = world()
    here.record(fact("paper_reel.slit", AT))
    assert owed(here) == [("paper_return_due", "03-04 00:00")]

    def sent(to: int) -> Any:
        values = {"record.to": to}
        return filed("paper_return", AT, by=SLITTER, kind="record.sent", values=values)

    here.record(sent(SUPERVISOR))
    assert here.duties() == ["paper_return_due"]
    here.record(sent(ARCHIVE))
    assert owed(here) == [("paper_archive_due", "03-04 00:00")]
    here.record(filed("paper_archive", AT, by=ARCHIVE))

    assert here.duties() == []


@pytest.mark.parametrize(
    ("duty", "period", "due", "people"),
    [
        ("paper_daily", ("2026-03-07", "2026-03-08"), "03-08 00:00", {SUPERVISOR, SECOND}),
        ("paper_full", ("2026-03-01", "2026-04-01"), "04-01 00:00", {SUPERVISOR, SECOND}),
        ("paper_talk", ("2026-03-01", "2026-04-01"), "04-01 00:00", {SUPERVISOR, SECOND}),
        ("paper_sort_objections", ("2026-03-01", "2026-04-01"), "04-01 00:00", {6, 7}),
        ("paper_collate", ("2026-03-02", "2026-03-03"), "03-03 00:00", {DAY}),
    ],
)
def test_what_returns_is_owed_by_each(
    duty: str, period: tuple[str, str], due: str, people: set[int]
) -> None:
    here = firm(NAME)
    span = Period(*map(date.fromisoformat, period))
    opens = plan_people(here, here.policy.duties[duty], span, 7, State(holders=HOLDERS))

    assert {o.holder for o in opens} == people
    assert {f"{o.due.astimezone(SHANGHAI):%m-%d %H:%M}" for o in opens if o.due} == {due}


@pytest.mark.parametrize(("kind", "opened"), [("complaint", ["paper_pass_on"]), ("question", [])])
def test_an_objection_is_passed_on(kind: str, opened: list[str]) -> None:
    here = world()
    here.record(
        fact(
            "case.raised",
            "2026-03-06 10:00",
            values={"case.kind": kind, "customer.class": "paper_buyer"},
        )
    )
    assert here.duties() == opened

    values = {"record.to": PRODUCTION}
    note = filed("paper_objection_note", AT, kind="record.sent", values=values)
    here.record(note)
    assert here.duties() == opened  # handed over before the objection came
