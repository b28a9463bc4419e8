"""The pack of the property manager: whole, restated, and bound where it can run."""

from huiyin.policy.leaves import bindings
from huiyin.policy.lint import lint
from tests.policy.worlds import pack

DECLARATIVE = {"A.1.2.a", "C.0", "C.1.2.a"}


def test_all_forty_clauses_are_restated_in_both_languages() -> None:
    clauses = pack().clauses

    assert len(clauses) == 40
    assert {clause.section for clause in clauses.values()} == {"A", "B", "C"}
    assert all(clause.zh and clause.en.isascii() for clause in clauses.values())
    assert {clause.id for clause in clauses.values() if clause.declarative} == DECLARATIVE


def test_the_pack_has_no_errors_and_every_clause_is_bound() -> None:
    bound = bindings(pack().policy)

    assert list(lint(pack())) == []
    assert set(pack().clauses) == set(bound)


def test_what_the_source_lost_is_shown_as_lost() -> None:
    sections = pack().sections

    assert [key for key, section in sections.items() if section.lost] == ["A", "C"]


def test_a_satisfied_resident_needs_five_choices_and_nothing_is_chosen_before() -> None:
    fields = pack().policy.forms["repair_visit"].fields.values()
    asked = [f for f in fields if f.required or (f.required_if and f.type != "text")]

    assert [f.key for f in asked] == [
        "onsite_check", "respondent", "service", "suggestions", "fees", "visited"
    ]  # fmt: skip
    assert all(f.prefill is None for f in fields)
    assert all(f.type in ("choice", "choice_ordered", "signature") for f in asked)


def test_every_title_is_translated() -> None:
    policy = pack().policy
    titled = [*policy.roles.values(), *policy.forms.values(), *policy.settings.values()]
    titled += [*policy.subjects.values(), *policy.duties.values(), *policy.guards.values()]
    titled += [f for form in policy.forms.values() for f in form.fields.values()]
    texts = [part.title for part in titled if part.title]
    texts += [c for f in titled if hasattr(f, "choices") for c in f.choices.values()]

    assert len(texts) > 40
    assert all(text.en and text.en.isascii() for text in texts)
