"""A pack whose form is right may still make no sense."""

import pytest

from huiyin.policy.lint import lint
from tests.policy.small_pack import CLAUSES, POLICY, broken, errors_of, parse, place_of


def test_a_sound_pack_has_no_findings() -> None:
    assert lint(parse()) == []


SIGNED = "type: signature, required: true}"
EXTEND = "extend: {until: %s, consent: head}"
RATE = """indicators:
  handled:
    title: 处理率
    per: month
    whole: {of: case, during: raised_at}
    part: {case.stage: closed}
    %s
guards:"""
POINTS = """scores:
  late:
    on: case.raised
    account: B
    points: -1
    to: {role: head}
    contest: %s
guards:"""
LATEST = SIGNED + "\n      by: {title: 期限, type: date, latest: %s}"


@pytest.mark.parametrize(
    ("before", "after", "code", "at"),
    [
        ("1.b: within.big", "9.b: within.big", "unknown_clause", "9.b"),
        ("acknowledge: [1.d]", "acknowledge: [1.d, 1.e]", "unknown_clause", "1.e"),
        ("1.b: within.big", "1.b: within.bg", "unknown_leaf", "within.bg"),
        ("{1.a: result}", "{1.a: resul}", "unknown_leaf", "resul}"),
        ("clerk: 30%", "boss: 30%", "unknown_role", "boss"),
        ("owed_by: head", "owed_by: heat", "unknown_role", "heat"),
        ("owner: head", "owner: heed", "unknown_role", "heed"),
        ("type: person, required", "type: person, held_by: [head, heed], required", "unknown_role", "[head, heed]"),
        (SIGNED, SIGNED + "\n      who: {title: 谁, type: person, held_by: head}", "held_by_elsewhere", "head}\n    clauses"),
        ("    within: 24h", "    late: [{after: 0h, tell: boss}]\n    within: 24h", "unknown_role", "boss"),
        ("    within: 24h", "    tell: boss\n    within: 24h", "unknown_role", "boss"),
        ("pick: job.size", "pick: job.sise", "unknown_field", "job.sise"),
        ("not: job.worker", "not: job.walker", "unknown_field", "job.walker"),
        ("where: {job.size: big}", "where: {job.sise: big}", "unknown_field", "job.sise"),
        ("require: [job.note,", "require: [job.nota,", "unknown_field", "job.nota"),
        ("within: 24h", "within: {setting: son}", "unknown_setting", "son}"),
        ("record: report", "record: repot", "unknown_form", "repot"),
        ("on: job.done", "on: job.don", "unknown_fact", "job.don"),
        ("on: check.missed", "on: chek.missed", "unknown_fact", "chek.missed"),
        ("fact: job.paid", "fact: job.payd", "unknown_fact", "job.payd"),
        ("within: 24h", "within: {same_as: chek}", "unknown_duty", "chek}"),
        ("{met: check}", "{met: chek}", "unknown_duty", "chek}"),
        ("before: case.close", "before: case.shut", "unknown_act", "case.shut"),
        ("about: job", "about: jab", "unknown_about", "jab"),
        ("big: 2d", "huge: 2d", "unknown_choice", "huge: 2d"),
        ("where: {job.size: big}", "where: {job.size: huge}", "unknown_choice", "huge}"),
        (SIGNED, LATEST % "{setting: slow, unless: signed}", "unknown_setting", "slow, unless"),
        (SIGNED, LATEST % "{setting: soon, unless: why}", "unknown_field", "why}"),
        (SIGNED, LATEST % "{setting: soon, unless: signed}", "wrong_type", "signed}"),
        ("raises: {bad: problem}", "raises: {worse: problem}", "unknown_choice", "worse"),
        ("raises: {bad: problem}", "raises: {bad: trouble}", "unknown_choice", "trouble"),
        (", else: 7d}", "}", "choice_not_covered", "within: {pick"),
        ("pick: job.size, big: 2d", "pick: job.worker", "wrong_type", "job.worker, else"),
        ("within: 24h", "at: job.size", "wrong_type", "job.size\n    proof"),
        ("owed_by: head", "owed_by: job.size", "wrong_type", "job.size\n    within"),
        ("default: 2d", "type: text, default: 2d", "ok", ""),
        ("default: 2d", "default: 2x", "not_a_length", "2x"),
        ("default: 2d", "default: 2wd", "ok", ""),
        ("default: 2d", "type: number, default: two", "not_a_number", "two"),
        ("default: 2d", "type: percent, default: 2", "not_a_percentage", "2, owner"),
        ("type: person, required: true", "type: person", "not_required", "job.worker"),
        ("{job.size: big}", "{job.size: {above: little}}", "not_ordered", "job.size: {above"),
        ("on: job.done", "on: answer.met", "cycle", "answer.met"),
        ("on: job.done", "on: check.met", "cycle", "check.met"),
        ("within: 24h", "within: {same_as: answer}", "same_as_circle", "answer}"),
        ("within: 24h", "within: 0h", "zero_length", "0h"),
        ("within: 24h", "within: 15wd", "ok", ""),
        ("within: 24h", "within: 0wd", "zero_length", "0wd"),
        ("big: 2d", "big: 0d", "zero_length", "0d"),
        ("within: 24h", "within: eod", "ok", ""),
        ("default: 2d", "default: 0d", "ok", ""),
        ("within: 24h", "within: 24h\n    " + EXTEND % "0wd", "zero_length", "0wd"),
        ("within: 24h", "within: 24h\n    " + EXTEND % "3wd", "ok", ""),
        ("clerk: 30%", "clerk: 0%", "zero_share", "0%"),
        ("clerk: 30%", "clerk: 0.1%", "ok", ""),
        ("guards:", RATE % "at_least: 0%", "zero_rate", "0%\nguards"),
        ("guards:", RATE % "less_than: 0.0%", "zero_rate", "0.0%"),
        ("guards:", RATE % "at_most: 0%", "ok", ""),
        ("guards:", POINTS % "0d", "zero_length", "0d"),
        ("guards:", POINTS % "3d", "ok", ""),
        ("where: {job.size: big}", "where: {by.role: clerk}", "not_kept", "by.role"),
        ("where: {job.size: big}", "where: {any: [{job.size: big}, {not: {by.role: clerk}}]}", "not_kept", "where: {any"),
        ("where: {job.size: big}", "where: {met: check}", "not_kept", "met: check}\n    require"),
        ("where: {job.size: big}", "where: {never: job.paid}", "not_kept", "where: {never"),
        ("where: {job.size: big}", "where: {count: {of: job, ge: 1}}", "not_kept", "count"),
        ("where: {job.size: big}", "where: {target.owner: 3}", "never_told", "target.owner"),
        ("where: {job.size: big}", "where: {clock.now: {gt: \"2026-03-01T00:00:00Z\"}}", "never_told", "clock.now"),
        ("where: {job.size: big}", "where: {fact.happened: {gt: \"2026-03-01T00:00:00Z\"}}", "ok", ""),
        ("where: {job.size: big}", "where: {fact.by: job.worker}", "ok", ""),
        ("[job.note, {met: check}]", "[job.note, {target.owner: job.worker}]", "never_told", "target.owner"),
        ("[job.note, {met: check}]", "[{by.role: head}, {met: check}]", "ok", ""),
        ("    require: [job", "    deny: {fact.known: {lt: fact.happened}}\n    require: [job", "never_told", "fact.known"),
        ("  pay_last:", "  check:", "two_rules", "check:\n    before"),
        ("proof: {record: report}", "proof: {record: report, signed_by: {signed: or_reason}}", "signature_mismatch", "or_reason"),
        ("proof: {record: report}", "proof: {record: report, signed_by: {result: required}}", "signature_mismatch", "required}}"),
        ("number: \"R-{year}-{serial:3}\"", "number: \"R-{year}\"", "no_serial", '"R-{year}"'),
        ("  job:\n", "  case:\n", "taken", "case:\n    title"),
        ("    within: 24h", "    late: [{after: 2d, tell: head}, {after: 26h, tell: head}]\n    within: 24h", "late_order", "26h"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_place(
    before: str, after: str, code: str, at: str
) -> None:
    policy = broken(before, after)

    errors = [error for error in errors_of(policy) if error.code == code]

    if code == "ok":
        assert errors_of(policy) == ()
        return
    assert (errors[0].line, errors[0].column) == place_of(policy, at)


@pytest.mark.parametrize(("default", "told"), [("0d", 1), ("0h", 1), ("eod", 0), ("1h", 0)])
def test_a_setting_that_limits_something_leaves_time_for_it(default: str, told: int) -> None:
    policy = broken("within: 24h", "within: {setting: soon}").replace(
        "else: 7d", "else: {setting: soon}"
    )
    policy = policy.replace("default: 2d", f"default: {default}")

    errors = errors_of(policy)

    assert [(error.code, error.line, error.column) for error in errors] == [
        ("zero_length", *place_of(policy, f"{default}, owner"))
    ] * told


def test_one_mistake_is_told_once() -> None:
    for before, after in (("owed_by: head", "owed_by: heat"), ("{met: check}", "{met: chek}")):
        assert len(errors_of(broken(before, after))) == 1


def test_a_cycle_is_told_as_the_way_around() -> None:
    errors = errors_of(broken("on: job.done", "on: answer.met"))

    assert [error.value for error in errors] == ["check → answer → check"]


def test_a_loop_with_a_human_act_in_it_is_fine() -> None:
    assert errors_of(broken("on: check.missed", "on: case.raised")) == ()


def test_several_shares_may_add_up_to_more_than_the_whole() -> None:
    assert errors_of(broken("clerk: 30%", "clerk: 100%")) == ()


def test_a_clause_bound_to_nothing_is_an_info() -> None:
    findings = lint(parse(clauses=CLAUSES + "      1.e: {zh: 戊, en: E}\n"))

    assert [(f.code, f.level, f.value, f.file) for f in findings] == [
        ("clause_unbound", "info", "1.e", "clauses.yaml")
    ]


@pytest.mark.parametrize(
    ("where", "wrong"),
    [
        ("{none: {of: job, where: {size: big}}}", "none"),
        ("{count: {of: job, ge: 1}}", "count"),
        ("{by.role: clerk}", "by.role"),
        ("{any: [{size: big}, {case.kind: problem}]}", "case.kind"),
    ],
)
def test_a_population_is_selected_only_by_what_every_member_has(where: str, wrong: str) -> None:
    duty = f"""\
  round:
    every: month
    over: {{of: job, where: {where}}}
    owed_by: clerk
    proof: {{record: report}}
guards:
"""

    errors = errors_of(POLICY.replace("guards:\n", duty, 1))

    assert [(e.code, e.value) for e in errors] == [("not_selecting", wrong)]


@pytest.mark.parametrize(
    ("opener", "owed_by", "refused"),
    [
        ("every: month", "{any_of: [clerk, head], not: job.worker}", True),
        ("every: month\n    each: person", "{any_of: [clerk, head], not: job.worker}", True),
        ("every: month\n    over: job", "{any_of: [clerk, head], not: job.worker}", False),
        ("every: month\n    over: job", "{any_of: [clerk, head], not: fact.by}", True),
        ("every: month\n    over: job", "{any_of: [clerk, head], not: target.owner}", False),
        ("on: job.done\n    within: 1d", "{any_of: [clerk, head], not: fact.by}", False),
    ],
)
def test_nobody_is_left_out_where_nothing_says_who_it_is(
    opener: str, owed_by: str, refused: bool
) -> None:
    duty = (
        f"  round:\n    {opener}\n    owed_by: {owed_by}\n    proof: {{record: report}}\nguards:\n"
    )
    policy = POLICY.replace("guards:\n", duty, 1)

    errors = errors_of(policy)

    assert [error.code for error in errors] == ["not_without_fact"] * refused
    for error in errors:
        place = policy[policy.index("owed_by: {any_of") :].index("not: ") + len("not: ")
        line, column = place_of(policy, "owed_by: {any_of")
        assert (error.file, error.line, error.column) == ("policy.yaml", line, column + place)
        assert "over" in error.remedy["en"]


def test_a_quota_leaves_nobody_out() -> None:
    duty = """\
  calls:
    quota: {at_least: 3, per: month, of: job.done}
    owed_by: {any_of: [clerk], not: job.worker}
guards:
"""

    errors = errors_of(POLICY.replace("guards:\n", duty, 1))

    assert [error.code for error in errors] == ["not_without_fact"]
