"""A form's answers get types, or a message at the field."""

from typing import Any

import pytest

from huiyin.policy.calendar import PLAIN
from huiyin.policy.days import days_of, is_limited
from huiyin.policy.declared import Form
from huiyin.policy.forms import (
    FormResult,
    Raised,
    SignatureGiven,
    fact_values,
    format_number,
    prefill,
    validate,
)
from tests.policy.notices import china
from tests.policy.worlds import SHANGHAI, pack, shanghai

SIGNED = SignatureGiven(drawn=True)
SATISFIED = {
    "onsite_check": "fixed",
    "service": "5",
    "fees": "match",
    "suggestions": "none",
    "respondent": "owner",
}


def visit(signature: SignatureGiven | None = SIGNED, **changed: Any) -> FormResult:
    given = {k: v for k, v in {**SATISFIED, **changed}.items() if v is not None}
    signatures = {"visited": signature} if signature else {}
    form = pack().policy.forms["repair_visit"]
    return validate(form, given, signatures=signatures, photos={"photo": 1}, zone=SHANGHAI)


def every_type() -> Form:
    titles = {"title": "栏"}
    types = ("text", "number", "money", "date", "datetime", "person", "people", "boolean")
    fields = {name: {**titles, "type": name} for name in types}
    fields["number"]["min"] = 1
    fields["number"]["max"] = 10
    return Form.model_validate({"key": "f", "title": "表", "about": "case", "fields": fields})


def typed(name: str, value: Any) -> FormResult:
    return validate(every_type(), {name: value}, signatures={}, photos={}, zone=SHANGHAI)


def test_a_satisfied_resident_is_five_answers_and_a_signature() -> None:
    result = visit()

    assert result.is_valid
    assert result.values == {**SATISFIED, "photo": 1, "visited": "signed"}
    assert result.raises == ()


@pytest.mark.parametrize("text", ["换了\u202e接头", "换了\u2066", "\x1b[31m换了"])
def test_signs_that_turn_the_words_around_them_are_named(text: str) -> None:
    result = typed("text", text)

    assert "看不见" in result.errors["text"][0].zh
    assert typed("text", "第一行\n第二行\t👨\u200d👩").is_valid


@pytest.mark.parametrize("field", sorted(SATISFIED))
def test_every_answer_is_needed(field: str) -> None:
    assert list(visit(**{field: None}).errors) == [field]


def test_the_signature_is_needed_or_the_reason_why_not() -> None:
    assert list(visit(signature=None).errors) == ["visited"]
    assert list(visit(SignatureGiven(drawn=False, reason=" ")).errors) == ["visited"]
    assert visit(SignatureGiven(drawn=False, reason="不愿签")).values["visited"] == "refused"


@pytest.mark.parametrize(
    ("respondent", "service", "errors"),
    [
        ("owner", None, ["service"]),
        ("family", None, ["service"]),
        ("absent", None, []),
        ("absent", "3", []),
        (None, None, ["respondent"]),
    ],
)
def test_service_is_asked_of_whoever_was_at_the_repair(
    respondent: str | None, service: str | None, errors: list[str]
) -> None:
    assert list(visit(respondent=respondent, service=service).errors) == errors


def test_a_suggestion_has_its_words() -> None:
    assert list(visit(suggestions="some").errors) == ["suggestion_text"]
    assert (
        visit(suggestions="some", suggestion_text=" 换把锁 ").values["suggestion_text"] == "换把锁"
    )


@pytest.mark.parametrize(
    ("field", "answer"),
    [("onsite_check", "partly"), ("onsite_check", "not_fixed"), ("fees", "mismatch")],
)
def test_a_bad_answer_opens_a_case(field: str, answer: str) -> None:
    assert visit(**{field: answer}).raises == (Raised(field=field, answer=answer, kind="problem"),)


@pytest.mark.parametrize("answer", ["excellent", "", 6, True, ["fixed"]])
def test_an_answer_that_is_no_choice_is_refused(answer: Any) -> None:
    assert list(visit(onsite_check=answer).errors) == ["onsite_check"]


def test_a_field_that_the_form_does_not_have_is_refused() -> None:
    assert list(visit(role="manager").errors) == ["role"]


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("text", "  三楼 ", "三楼"),
        ("number", "7", 7),
        ("number", "2.5", 2.5),
        ("money", "12.5", "12.50"),
        ("date", "2026-03-05", "2026-03-05"),
        ("datetime", "2026-03-05T08:30", "2026-03-05T00:30:00+00:00"),
        ("datetime", "2026-03-05T00:30:00+00:00", "2026-03-05T00:30:00+00:00"),
        ("person", "17", 17),
        ("people", ["17", 4], [17, 4]),
        ("people", "17", [17]),
        ("boolean", "true", True),
        ("boolean", False, False),
    ],
)
def test_a_value_gets_the_type_of_its_field(name: str, given: Any, value: Any) -> None:
    result = typed(name, given)

    assert result.values == {name: value}
    assert type(result.values[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("text", "x" * 2_001),
        ("text", "a\x00b"),
        ("number", "0"),
        ("number", "11"),
        ("number", "NaN"),
        ("number", "1e400"),
        ("number", True),
        ("number", "七"),
        ("money", "1.234"),
        ("date", "2026-02-30"),
        ("date", "05/03/2026"),
        ("datetime", "2026-03-05 24:30"),
        ("person", "-1"),
        ("person", "x"),
        ("person", "９"),
        ("people", ["1", "x"]),
        ("boolean", "maybe"),
    ],
)
def test_a_value_of_the_wrong_form_says_so_at_its_field(name: str, given: Any) -> None:
    result = typed(name, given)

    assert list(result.errors) == [name]
    assert result.values == {}
    assert all(message.zh and message.en for message in result.errors[name])


def test_facts_get_typed_values_but_no_free_text() -> None:
    form = pack().policy.forms["repair_visit"]
    values = visit(suggestions="some", suggestion_text="换把锁").values

    told = fact_values(form, values)

    assert told["repair_visit.service"] == "5"
    assert told["repair_visit.visited"] == "signed"
    assert "repair_visit.suggestion_text" not in told


def test_numbers_follow_the_rule_of_the_form() -> None:
    form = pack().policy.forms["rectification_notice"]

    assert format_number(form, year=2026, serial=7) == "ZG-2026-0007"
    assert format_number(form, year=2026, serial=12345) == "ZG-2026-12345"


@pytest.mark.parametrize(
    ("settings", "day"), [({}, "2026-03-10"), ({"rectify_within": "3d"}, "2026-03-06"),
                          ({"rectify_within": "48h"}, "2026-03-05")]
)  # fmt: skip
def test_a_notice_starts_with_the_date_that_the_setting_gives(
    settings: dict[str, str], day: str
) -> None:
    policy = pack().policy
    form = policy.forms["rectification_notice"]

    started = prefill(
        policy, form, settings=settings, values={}, now=shanghai("2026-03-03 00:30"), zone=SHANGHAI
    )

    assert started == {"rectify_by": day}


def test_a_date_in_working_days_is_prefilled_by_the_firms_calendar() -> None:
    policy = pack().policy

    started = prefill(
        policy,
        policy.forms["rectification_notice"],
        settings={"rectify_within": "5wd"},
        values={},
        now=shanghai("2026-09-30 09:00"),
        zone=SHANGHAI,
        calendar=china(),
    )

    assert started == {"rectify_by": "2026-10-13"}


def test_no_answer_stands_in_a_new_visit_record() -> None:
    policy = pack().policy

    started = prefill(
        policy,
        policy.forms["repair_visit"],
        settings={},
        values={},
        now=shanghai("2026-03-03 09:00"),
        zone=SHANGHAI,
    )

    assert started == {}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"rectify_by": "2026-03-02"}, {"rectify_by"}),
        ({"rectify_by": "2026-03-02", "relaxed": "等配件"}, {"rectify_by"}),
        ({"rectify_by": "2026-03-03"}, set()),
        ({"rectify_by": "2026-03-10"}, set()),
        ({"rectify_by": "2026-03-11"}, {"relaxed"}),
        ({"rectify_by": "2026-03-11", "relaxed": "  "}, {"relaxed"}),
        ({"rectify_by": "2026-03-11", "relaxed": "等配件"}, set()),
        ({"rectify_by": "2027-03-03", "relaxed": "等配件"}, set()),
        ({"rectify_by": "2027-03-04", "relaxed": "等配件"}, {"rectify_by"}),
        ({"rectify_by": "9999-12-31", "relaxed": "等配件"}, {"rectify_by"}),
    ],
)
def test_a_rectification_is_due_from_the_day_of_its_notice_and_longer_only_with_a_reason(
    given: dict[str, str], wrong: set[str]
) -> None:
    policy = pack().policy
    form = policy.forms["rectification_notice"]
    days = days_of(
        policy, form, settings={}, at=shanghai("2026-03-03 23:30"), zone=SHANGHAI, calendar=PLAIN
    )

    result = validate(
        form,
        {"problem": "漏", "requirement": "修"} | given,
        signatures={},
        photos={},
        zone=SHANGHAI,
        days=days,
    )

    assert set(result.errors) == wrong


def test_only_a_limited_date_asks_on_which_day_a_form_is_filled_in() -> None:
    forms = pack().policy.forms

    assert is_limited(forms["rectification_notice"])
    assert not is_limited(forms["repair_visit"])
