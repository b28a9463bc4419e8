"""Says in words how a result came about, step by step; and the titles that all words use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from huiyin.policy.declared import Text
from huiyin.policy.effects import Step
from huiyin.policy.lengths import parse_length, say_length
from huiyin.policy.refusals import title_of_duty, title_of_field
from huiyin.policy.schema import Policy

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
    "period": ("周期 {first} 至 {last}，到 {due} 止", "the period {first} to {last}: until {due}"),
    "silence": (
        "自“{since}”已过去太久；自 {start} 起 {length}，到 {due} 止",
        "too long since {since}; {length} from {start}, until {due}",
    ),
    "lead": (
        "“{field}”为 {value}，提前 {length}：到 {due} 止",
        "{field} is {value}, {length} ahead of it: until {due}",
    ),
    "ended": ("“{fact}”发生于 {happened}，不再需要", "{fact} at {happened}: no longer needed"),
    "reopened": ("原来的证明已撤销，重新待办", "what had met it was voided, so it waits again"),
    "given": ("判定表“{table}”判定为“{result}”", "the table {table} gives {result}"),
    "undecided": (
        "判定表“{table}”无法判定，须由人判定",
        "the table {table} cannot say; a person has to",
    ),
    "booked": ("因“{fact}”记 {points} 分", "{points} points for {fact}"),
    "quota": (
        "本期须 {number}，按在岗与客户数为 {needed}",
        "{number} in this period, {needed} of them owed",
    ),
    "drawn": ("抽取 {share}（共 {items}，种子 {seed}）", "drawn: {share} of {items}, seed {seed}"),
    "left": ("已不在范围内，不再需要", "no longer among those it is about"),
    "extended": ("经同意延期到 {due}", "extended by consent, until {due}"),
    "weekend": ("{from} 至 {to} 是周末", "{from} to {to} is a weekend"),
    "holiday": ("{from} 至 {to} 放假（{name}）", "{from} to {to} is a holiday ({name})"),
    "off": ("{from} 至 {to} 本单位不上班", "{from} to {to} is not worked here"),
    "worked": ("{day} 是调休工作日", "{day} is a make-up working day"),
    "rolled": (
        "最后一天 {day} 不上班，移到 {to}",
        "the last day {day} is not worked: moved to {to}",
    ),
    "unconfirmed": (
        "{years} 年的工作日历尚未确认，暂按周末计算",
        "the calendar of {years} is not confirmed: counted by weekends for now",
    ),
}


def say_step(
    policy: Policy, step: Step, *, language: str, zone: ZoneInfo, names: Names = str
) -> str:
    """One step of a derivation as a sentence, in ``zh`` or ``en``, moments in ``zone``."""
    zh, en = _STEPS[step.key]
    values = dict(step.values)
    if step.key in ("weekend", "holiday", "off"):
        return _say_days(step, language)
    if "after" in values and "first" in values:  # a period ends with the day before
        after = date.fromisoformat(str(values.pop("after")))
        values["last"] = (after - timedelta(days=1)).isoformat()
    said = {
        key: _say_value(policy, key, value, language=language, zone=zone, names=names)
        for key, value in values.items()
    }
    return (zh if language.startswith("zh") else en).format_map(said)


def _say_days(step: Step, language: str) -> str:
    zh, en = _STEPS[step.key]
    given = dict(step.values)
    said = {"from": given.pop("first"), "to": given.pop("last"), **given}
    return (zh if language.startswith("zh") else en).format_map(said)


def _say_value(
    policy: Policy, key: str, value: object, *, language: str, zone: ZoneInfo, names: Names
) -> str:
    text = str(value)
    if key == "last":
        return text
    if key in ("start", "due", "happened"):
        return say_moment(datetime.fromisoformat(text), zone)
    if key in ("length", "after"):
        return say_length(parse_length(text), language)
    if key == "from":
        return _FROM[text][0 if language.startswith("zh") else 1]
    if key == "role":
        return title_of_role(policy, text).say(language)
    if key in ("fact", "since"):
        return title_of_fact(policy, text).say(language)
    if key == "table":
        return title_of_duty(policy, text).say(language)
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
    rule, _, ending = kind.rpartition(".")
    if ending == "decided" and rule in policy.tables:
        title = title_of_duty(policy, rule)
        return Text(zh=f"{title.zh}已判定", en=f"{title.say('en')}: decided")
    if ending in ("met", "missed") and rule in policy.lines:
        title = title_of_duty(policy, rule)
        zh, en = ("已履行", "met") if ending == "met" else ("逾期未履行", "missed")
        return Text(zh=f"{title.zh}{zh}", en=f"{title.say('en')}: {en}")
    return policy.facts.get(kind, Text(zh=kind, en=kind))
