"""Says in words what a clause makes the engine do, and how a result came about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from huiyin.policy import builtin
from huiyin.policy.declared import Text
from huiyin.policy.effects import Step
from huiyin.policy.leaves import Leaf, walk
from huiyin.policy.lengths import Length, parse_length, say_length
from huiyin.policy.refusals import title_of_duty, title_of_field
from huiyin.policy.schema import Duty, Guard, Policy, SettingRef, Within, lengths_of

Names = Callable[[int], str]
"""The name of a person by id; the caller knows who may see it."""

_FROM = {"happened": ("发生", "it happened"), "known": ("得知", "it became known"),
         "recorded": ("登记", "it was recorded")}  # fmt: skip

_STEPS: Mapping[str, tuple[str, str]] = {
    "clock": (
        "“{fact}”自{from}时刻 {start} 起算，{length}，到 {due} 止",
        "{fact}: {length} from when {from}, {start}, until {due}",
    ),
    "stated": ("期限由“{field}”写明：{value}，到 {due} 止", "{field} states {value}: until {due}"),
    "share_floor": (
        "本期第 {items} 件可由{role}承担；{share} 即至少 {floor} 件，此前已分 {allotted} 件",
        "item {items} that {role} may take; {share} is at least {floor}, allotted before: {allotted}",
    ),
    "share_arrears": (
        "没有角色会低于比例；每件至少一次，{role}欠得最多（{items} 件的 {share}，已分 {allotted} 件）",
        "no role would fall below its share; every item gets one, and {role} is furthest behind"
        " ({share} of {items}, allotted {allotted})",
    ),
    "share_closing": (
        "期末补齐{role}欠下的件数（{period} 起的周期）",
        "what {role} was still short of at the end of the period that began {period}",
    ),
    "nobody_eligible": (
        "每个角色的在任者都是{person}本人，须另行指定",
        "every holder of every role is {person}; somebody else has to be appointed",
    ),
    "excluded": ("{person}本人除外", "not {person}"),
    "missing": (
        "“{fact}”没有给出“{field}”，须由人补明",
        "{fact} does not say {field}; a person has to",
    ),
    "proven": ("由“{fact}”证明，时间 {happened}", "proven by {fact} at {happened}"),
    "voided": ("引起它的事实已撤销", "the fact that opened it was voided"),
    "missed": ("到 {due} 仍未履行", "not done by {due}"),
    "late": ("期限 {due} 过后 {after}", "{after} after {due}"),
}


def say_step(
    policy: Policy, step: Step, *, language: str, zone: ZoneInfo, names: Names = str
) -> str:
    """One step of a derivation as a sentence, in ``zh`` or ``en``, moments in ``zone``."""
    zh, en = _STEPS[step.key]
    said = {
        key: _say_value(policy, key, value, language=language, zone=zone, names=names)
        for key, value in step.values.items()
    }
    return (zh if language.startswith("zh") else en).format_map(said)


def _say_value(
    policy: Policy, key: str, value: object, *, language: str, zone: ZoneInfo, names: Names
) -> str:
    text = str(value)
    if key in ("start", "due", "happened"):
        return say_moment(datetime.fromisoformat(text), zone)
    if key in ("length", "after"):
        return say_length(parse_length(text), language)
    if key == "from":
        return _FROM[text][0 if language.startswith("zh") else 1]
    if key == "role":
        return title_of_role(policy, text).say(language)
    if key == "fact":
        return title_of_fact(policy, text).say(language)
    if key == "field":
        return title_of_field(policy, text).say(language)
    if key == "share":
        return say_share(Fraction(text))
    return names(value) if key == "person" and isinstance(value, int) else text


def say_moment(moment: datetime, zone: ZoneInfo) -> str:
    """``2026-03-05 24:00`` for midnight, else date and time, with seconds only where there are."""
    local = moment.astimezone(zone)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        day = datetime.fromtimestamp(local.timestamp() - 1, tz=zone)
        return f"{day:%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def say_share(share: Fraction) -> str:
    return f"{float(share * 100):g}%"


def title_of_role(policy: Policy, key: str) -> Text:
    role = policy.roles.get(key)
    return role.title if role else Text(zh=key, en=key)


def title_of_fact(policy: Policy, kind: str) -> Text:
    """A fact's title; engine facts are named after their duty."""
    duty, _, ending = kind.rpartition(".")
    if ending in ("met", "missed") and duty in policy.duties:
        title = title_of_duty(policy, duty)
        zh, en = ("已履行", "met") if ending == "met" else ("逾期未履行", "missed")
        return Text(zh=f"{title.zh}{zh}", en=f"{title.say('en')}: {en}")
    return policy.facts.get(kind, Text(zh=kind, en=kind))


def explain(policy: Policy, clause: str, *, language: str = "zh") -> str:
    """What the clause is bound to, leaf by leaf, each rule said once in plain words."""
    leaves = [leaf for leaf in walk(policy) if clause in leaf.clauses]
    if not leaves:
        return f"{clause}\n  " + _pick(language, "没有绑定到任何规则", "bound to nothing") + "\n"
    lines = [clause]
    for rule in dict.fromkeys(leaf.rule for leaf in leaves):
        lines.extend(f"  {line}" for line in _say_rule(policy, rule, language))
        lines.extend(f"    {_say_leaf(leaf)}" for leaf in leaves if leaf.rule == rule)
    return "\n".join(lines) + "\n"


def _pick(language: str, zh: str, en: str) -> str:
    return zh if language.startswith("zh") else en


def _say_leaf(leaf: Leaf) -> str:
    return f"{leaf.path}: {leaf.value}"


def _say_rule(policy: Policy, rule: str, language: str) -> Iterator[str]:
    part, _, key = rule.partition(".")
    if part == "duties":
        yield from say_duty(policy, policy.duties[key], language)
    elif part == "guards":
        yield from _say_guard(policy.guards[key], language)
    elif part == "acknowledge":
        yield _pick(language, "由每位在任者签阅", "acknowledged by everybody in post")
    else:
        yield getattr(policy, part)[key].title.say(language)


def say_duty(policy: Policy, duty: Duty, language: str) -> Iterator[str]:
    """A duty in a few lines: title, what opens it, who owes it, by when, what proves it."""
    yield title_of_duty(policy, duty.key).say(language)
    opener = title_of_fact(policy, duty.on).say(language)
    yield "  " + _pick(language, f"起因：{opener}", f"after: {opener}")
    yield "  " + _pick(language, "责任：", "owed by: ") + _say_owners(policy, duty, language)
    yield "  " + _pick(language, "时限：", "within: ") + _say_clock(policy, duty, language)
    yield "  " + _pick(language, "证明：", "proven by: ") + _say_proof(policy, duty, language)


def _say_owners(policy: Policy, duty: Duty, language: str) -> str:
    comma = _pick(language, "、", ", ")
    if duty.share is not None:
        roles = (
            f"{title_of_role(policy, role).say(language)} ≥ {say_share(share)}"
            for role, share in duty.share.roles.items()
        )
        owners = comma.join(roles)
    elif duty.owed_by is not None and duty.owed_by.person is not None:
        owners = title_of_field(policy, duty.owed_by.person).say(language)
    else:
        owners = comma.join(title_of_role(policy, role).say(language) for role in duty.roles)
    if duty.excluded_field is None:
        return owners
    excluded = title_of_field(policy, duty.excluded_field).say(language)
    return owners + _pick(language, f"，{excluded}本人除外", f", but not: {excluded}")


def _say_clock(policy: Policy, duty: Duty, language: str) -> str:
    if duty.at is not None:
        return title_of_field(policy, duty.at).say(language)
    assert duty.within is not None
    start = _FROM[duty.counts_from][0 if language.startswith("zh") else 1]
    said = _say_within(policy, duty.within, language)
    return said + _pick(language, f"，自{start}起算", f", from when {start}")


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
    setting = policy.settings.get(length.setting)
    return setting.title.say(language) if setting else length.setting


def _say_proof(policy: Policy, duty: Duty, language: str) -> str:
    if duty.proof.fact is not None:
        return title_of_fact(policy, duty.proof.fact).say(language)
    form = policy.forms.get(duty.proof.record or "")
    title = form.title.say(language) if form else str(duty.proof.record)
    if duty.proof.sent_to is None:
        return title
    receiver = title_of_field(policy, duty.proof.sent_to).say(language)
    return _pick(language, f"{title}送达{receiver}", f"{title}, handed to: {receiver}")


def _say_guard(guard: Guard, language: str) -> Iterator[str]:
    yield guard.title.say(language) if guard.title else guard.key
    acts = [builtin.ACTS.get(act, (act, act)) for act in guard.before]
    said = _pick(language, "、", ", ").join(_pick(language, zh, en) for zh, en in acts)
    yield "  " + _pick(language, f"门槛：{said}之前", f"before: {said}")
