"""Says in plain words what a clause makes the engine do: every rule of the language as a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from huiyin.policy import builtin
from huiyin.policy.declared import Population, SettingRef
from huiyin.policy.duties import Duty, Proof
from huiyin.policy.explain import say_share, title_of_fact, title_of_role
from huiyin.policy.leaves import walk
from huiyin.policy.lengths import Length, say_length
from huiyin.policy.limits import StartOf, Within, lengths_of
from huiyin.policy.periods import Cadence, Moment
from huiyin.policy.refusals import title_of_duty, title_of_field
from huiyin.policy.rules import Guard, Indicator, Score, Table
from huiyin.policy.schema import Policy

_FROM = {"happened": ("发生", "it happened"), "known": ("得知", "it became known"),
         "recorded": ("登记", "it was recorded")}  # fmt: skip
_EVERY = {
    "day": ("每天", "every day"), "workday": ("每个工作日", "every working day"),
    "week": ("每周", "every week"), "month": ("每月", "every month"),
    "quarter": ("每季度", "every quarter"), "year": ("每年", "every year"),
    "holiday": ("每个节日", "every public holiday"),
}  # fmt: skip
_KINDS = {
    "customer": ("客户", "customers"),
    "case": ("事项", "cases"),
    "person": ("人员", "people"),
}


def explain(policy: Policy, clause: str, *, language: str = "zh") -> str:
    """What the clause is bound to, leaf by leaf, each rule said once in plain words."""
    leaves = [leaf for leaf in walk(policy) if clause in leaf.clauses]
    if not leaves:
        return f"{clause}\n  " + _pick(language, "没有绑定到任何规则", "bound to nothing") + "\n"
    lines = [clause]
    for rule in dict.fromkeys(leaf.rule for leaf in leaves):
        lines.extend(f"  {line}" for line in _say_rule(policy, rule, language))
        lines.extend(f"    {leaf.path}: {leaf.value}" for leaf in leaves if leaf.rule == rule)
    return "\n".join(lines) + "\n"


def _pick(language: str, zh: str, en: str) -> str:
    return zh if language.startswith("zh") else en


def _join(parts: Iterable[str], language: str) -> str:
    return _pick(language, "、", ", ").join(parts)


def _say_rule(policy: Policy, rule: str, language: str) -> Iterator[str]:
    part, _, key = rule.partition(".")
    if part == "acknowledge":
        yield _pick(language, "由每位在任者签阅", "acknowledged by everybody in post")
        return
    found = getattr(policy, part)[key]
    if isinstance(found, Duty):
        yield from say_duty(policy, found, language)
    elif isinstance(found, Guard):
        yield from _say_guard(found, language)
    elif isinstance(found, Table):
        yield from _say_table(policy, found, language)
    elif isinstance(found, Score):
        yield from _say_score(policy, found, language)
    elif isinstance(found, Indicator):
        yield from _say_indicator(policy, found, language)
    else:
        yield found.title.say(language)


def say_duty(policy: Policy, duty: Duty, language: str) -> Iterator[str]:
    """A duty in a few lines: title, what opens it, who owes it, by when, what proves it."""
    yield title_of_duty(policy, duty.key).say(language)
    yield "  " + say_opener(policy, duty, language)
    yield "  " + _pick(language, "责任：", "owed by: ") + _say_owners(policy, duty, language)
    yield "  " + _pick(language, "时限：", "within: ") + say_clock(policy, duty, language)
    if duty.proof is not None:
        proof = _say_proof(policy, duty.proof, language)
        yield "  " + _pick(language, "证明：", "proven by: ") + proof


def say_opener(policy: Policy, duty: Duty, language: str) -> str:
    """What opens a duty: a fact, a period, a quota, a date."""
    if duty.quota is not None:
        number = duty.quota.at_least
        least = str(number) if isinstance(number, int) else _say_setting(policy, number, language)
        counted = title_of_fact(policy, duty.quota.of).say(language)
        per = say_cadence(duty.quota.per, language)
        return _pick(
            language,
            f"定额：{per}至少 {least} 次{counted}",
            f"quota: {per} at least {least}: {counted}",
        )
    if duty.before is not None:
        field = title_of_field(policy, duty.before).say(language)
        return _pick(language, f"提前于：{field}", f"ahead of: {field}")
    if duty.every is not None:
        return _say_every(policy, duty, language)
    said = _join((title_of_fact(policy, kind).say(language) for kind in duty.facts), language)
    return _pick(language, f"起因：{said}", f"after: {said}")


def _say_every(policy: Policy, duty: Duty, language: str) -> str:
    every = duty.every
    assert every is not None
    said = (
        _say_setting(policy, every, language)
        if isinstance(every, SettingRef)
        else say_cadence(every, language)
    )
    if duty.since is not None:
        since = title_of_fact(policy, duty.since).say(language)
        said = _pick(language, f"自{since}起，{said}", f"{said} since {since}")
    if duty.over is not None:
        about = say_population(policy, duty.over, language)
        said = _pick(language, f"{said}，对每个{about}", f"{said}, about each of: {about}")
    times = f"{duty.times}–{duty.want}" if duty.want else str(duty.times)
    if duty.times > 1 or duty.want:
        said += _pick(language, f"，{times} 次", f", {times} times")
    return _pick(language, f"周期：{said}", f"period: {said}")


def say_cadence(cadence: Cadence, language: str) -> str:
    """``每季度``; a length as ``每 7 天``."""
    if cadence.length is not None:
        length = say_length(cadence.length, language)
        return _pick(language, f"每 {length}", f"every {length}")
    zh, en = _EVERY[cadence.unit]
    return _pick(language, zh, en)


def say_population(policy: Policy, population: Population, language: str) -> str:
    subject = policy.subjects.get(population.of)
    if subject is not None:
        return subject.title.say(language)
    zh, en = _KINDS.get(population.of, (population.of, population.of))
    return _pick(language, zh, en)


def _say_owners(policy: Policy, duty: Duty, language: str) -> str:
    owed = duty.owed_by
    if duty.share is not None:
        owners = _join(
            (
                f"{title_of_role(policy, role).say(language)} ≥ {say_share(share)}"
                for role, share in duty.share.roles.items()
            ),
            language,
        )
    elif owed is not None and owed.head_of is not None:
        field = title_of_field(policy, owed.head_of).say(language)
        owners = _pick(language, f"{field}的上级", f"head of: {field}")
    elif owed is not None and owed.person is not None:
        owners = title_of_field(policy, owed.person).say(language)
    else:
        owners = _join((title_of_role(policy, r).say(language) for r in duty.roles), language)
    if duty.excluded_field is None:
        return owners
    excluded = title_of_field(policy, duty.excluded_field).say(language)
    return owners + _pick(language, f"，{excluded}本人除外", f", but not: {excluded}")


def say_clock(policy: Policy, duty: Duty, language: str) -> str:
    """By when it is due, counted from what."""
    if duty.at is not None:
        return title_of_field(policy, duty.at).say(language)
    if duty.lead is not None:
        lead = _say_one(policy, duty.lead, language)
        return _pick(language, f"提前 {lead}", f"{lead} ahead")
    if duty.within is None:
        return say_moment_in(duty.by, language)
    start = duty.counts_from
    if isinstance(start, StartOf):
        begun = title_of_fact(policy, start.fact).say(language)
        return _say_within(policy, duty.within, language) + _pick(
            language, f"，自首次{begun}起算", f", from the first: {begun}"
        )
    moment = _FROM[start][0 if language.startswith("zh") else 1]
    said = _say_within(policy, duty.within, language)
    return said + _pick(language, f"，自{moment}起算", f", from when {moment}")


def say_moment_in(moment: Moment | None, language: str) -> str:
    """The moment of a period by which something is due."""
    if moment is None:
        return _pick(language, "周期结束前", "by the end of the period")
    return _pick(language, f"周期内 {moment}", f"in the period: {moment}")


def _say_within(policy: Policy, within: Within, language: str) -> str:
    if within.length is not None:
        return say_length(within.length, language)
    if within.same_as is not None:
        title = title_of_duty(policy, within.same_as).say(language)
        return _pick(language, f"与“{title}”相同", f"as for {title}")
    if within.setting is not None:
        return _say_one(policy, SettingRef(setting=within.setting), language)
    declared = policy.fields.get(within.pick or "")
    said: list[str] = []
    for choice, length in lengths_of(within).items():
        choices = declared.choices if declared else ()
        chosen = choices[choice] if isinstance(choices, Mapping) and choice in choices else None
        name = chosen.say(language) if chosen else _pick(language, "其余", "otherwise")
        said.append(f"{name} {_say_one(policy, length, language)}")
    return _pick(language, "；", "; ").join(said)


def _say_one(policy: Policy, length: Length | SettingRef, language: str) -> str:
    if isinstance(length, Length):
        return say_length(length, language)
    return _say_setting(policy, length, language)


def _say_setting(policy: Policy, reference: SettingRef, language: str) -> str:
    setting = policy.settings.get(reference.setting)
    return setting.title.say(language) if setting else reference.setting


def _say_proof(policy: Policy, proof: Proof, language: str) -> str:
    if proof.fact is not None:
        return title_of_fact(policy, proof.fact).say(language)
    form = policy.forms.get(proof.record or "")
    title = form.title.say(language) if form else str(proof.record)
    if not proof.sent_to:
        return title
    receiver = _join((say_recipient(policy, name, language) for name in proof.sent_to), language)
    return _pick(language, f"{title}送达{receiver}", f"{title}, handed to: {receiver}")


def say_recipient(policy: Policy, name: str, language: str) -> str:
    """A person's field, a role or a party, as one calls it."""
    if "." in name:
        return title_of_field(policy, name).say(language)
    party = policy.parties.get(name)
    return party.title.say(language) if party else title_of_role(policy, name).say(language)


def _say_guard(guard: Guard, language: str) -> Iterator[str]:
    yield guard.title.say(language) if guard.title else guard.key
    acts = [builtin.ACTS.get(act, (act, act)) for act in guard.before]
    said = _join((_pick(language, zh, en) for zh, en in acts), language)
    yield "  " + _pick(language, f"门槛：{said}之前", f"before: {said}")


def _say_table(policy: Policy, table: Table, language: str) -> Iterator[str]:
    yield table.title.say(language) if table.title else table.key
    asked = title_of_role(policy, table.ask).say(language)
    results = _join((text.say(language) for text in table.results.values()), language)
    yield "  " + _pick(language, f"判定为：{results}", f"gives: {results}")
    yield "  " + _pick(language, f"无法判定时由{asked}判定", f"where it cannot say: {asked}")


def _say_score(policy: Policy, score: Score, language: str) -> Iterator[str]:
    yield score.title.say(language) if score.title else score.key
    points = score.points
    said = f"{points:+d}" if isinstance(points, int) else _say_setting(policy, points, language)
    opener = (
        say_cadence(score.every, language)
        if score.every is not None
        else title_of_fact(policy, score.on or "").say(language)
    )
    yield "  " + _pick(
        language, f"{opener}：{score.account} {said}", f"{opener}: {score.account} {said}"
    )


def _say_indicator(policy: Policy, rate: Indicator, language: str) -> Iterator[str]:
    yield rate.title.say(language)
    limits = (("≥", rate.at_least), ("≤", rate.at_most), ("<", rate.less_than))
    said = _join((f"{sign} {say_share(limit)}" for sign, limit in limits if limit), language)
    whole = say_population(policy, rate.whole, language)
    yield "  " + _pick(language, f"占{whole}的比例 {said}", f"part of {whole}: {said}")
