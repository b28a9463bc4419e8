"""当 … : what customers bring up, taken down, and what is done about it step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from huiyin.cases import services as cases
from huiyin.cases import ways
from huiyin.cases.given import Doing, Item
from huiyin.cases.models import Case
from huiyin.scenarios.errors import Misused, Unmet
from huiyin.scenarios.moments import read_moment
from huiyin.scenarios.vocabulary import then, when
from huiyin.scenarios.world import World

Given = Mapping[str, str]


@when("{person} 对 {target} 登记事项 {item}[ 来源 {origin}]")
def item_is_taken_down(
    world: World, person: str, target: str, item: str, origin: str | None
) -> None:
    """Something that reaches the front desk without a visit, about a customer or a subject."""
    by = world.person(person)
    origins = {str(title): key for key, title in ways.ORIGINS.items()}
    cases.raise_case(
        read_item(world, item),
        about=world.target(target),
        origin=key_of(origins, origin or "来电", _("来源")),
        doing=Doing(by=by, recorded_by=by, happened_at=world.now, now=world.now),
    )


@when("{person} 对 {target} 登记事项 {item} 共 {count#} 件")
def items_are_taken_down(world: World, person: str, target: str, item: str, count: str) -> None:
    """So many of one kind, one call after the other."""
    for _each in range(int(count)):
        item_is_taken_down(world, person, target, item, None)


@then("{case} 处在 {stage}")
def case_is_at(world: World, case: str, stage: str) -> None:
    found = Case.objects.get(pk=world.target(case))
    if found.get_stage_display() != stage:
        raise Unmet(stage, str(found.get_stage_display()))


def read_item(world: World, text: str) -> Item:
    """``询问：何时修好；约定 2026-03-05 17:00``: kind, words, and what else was said of it.

    Else: 当场答复 …, 轻重 …, 投诉 a person, 涉及安全.
    """
    first, *others = text.split("；")
    kind, colon, words = first.partition("：")
    if not colon:
        raise Misused(_("事项要写成“类别：原话；约定 时刻”的样子，不是“%s”") % text)
    given: dict[str, Any] = {}
    for part in others:
        word, _space, value = part.strip().partition(" ")
        if word not in PARTS:
            known = "、".join(PARTS)
            raise Misused(
                _("事项里没有“%(word)s”；现有：%(known)s") % {"word": word, "known": known}
            )
        name, read = PARTS[word]
        given[name] = read(world, value)
    return Item(kind=kind_of(kind), description=words, **given)


PARTS: Mapping[str, tuple[str, Callable[[World, str], Any]]] = {
    "当场答复": ("answer", lambda world, value: value),
    "约定": ("promised_reply_at", lambda world, value: read_moment(value, world.zone)),
    "轻重": ("severity", lambda world, value: severity_of(value)),
    "投诉": ("complained_about", lambda world, value: world.person(value)),
    "涉及安全": ("safety", lambda world, value: True),
}


def kind_of(title: str) -> str:
    return key_of({str(label): value for value, label in Case.Kind.choices}, title, _("类别"))


def severity_of(title: str) -> str:
    return key_of({str(label): value for value, label in Case.Severity.choices}, title, _("轻重"))


def key_of(known: Mapping[str, str], title: str, what: str) -> str:
    if title not in known:
        shown = {"title": title, "what": what, "known": "、".join(known)}
        raise Misused(_("没有名为“%(title)s”的%(what)s；现有：%(known)s") % shown)
    return known[title]


def reply(world: World, case: Case, given: Given, doing: Doing) -> None:
    channels = {str(label): value for value, label in Case.Channel.choices}
    channel = given.get("答复方式", "")
    text = given.get("答复内容", "")
    cases.reply(case, text=text, channel=channels.get(channel, channel), doing=doing)


def close(world: World, case: Case, given: Given, doing: Doing) -> None:
    outcomes = {str(label): value for value, label in Case.Outcome.choices}
    written = given.get("处理结果", "")
    cases.close(case, outcome=outcomes.get(written, written), doing=doing)


def decide(world: World, case: Case, given: Given, doing: Doing) -> None:
    decisions = {str(label): value for value, label in Case.Decision.choices}
    decision = key_of(decisions, given.get("决定", ""), _("决定"))
    cases.decide(case, decision=decision, reason=given.get("理由", ""), doing=doing)


def handle(world: World, case: Case, given: Given, doing: Doing) -> None:
    cases.handle(case, text=given.get("处理情况", ""), doing=doing)


def refer(world: World, case: Case, given: Given, doing: Doing) -> None:
    to = world.person(given.get("向谁", ""))
    cases.refer(case, to=to, text=given.get("请示内容", ""), doing=doing)


def rule(world: World, case: Case, given: Given, doing: Doing) -> None:
    cases.rule_on_referral(case, text=given.get("批复内容", ""), doing=doing)


def reclassify(world: World, case: Case, given: Given, doing: Doing) -> None:
    kind = kind_of(given["类别"]) if "类别" in given else case.kind
    severity = severity_of(given["轻重"]) if "轻重" in given else case.severity
    reason = given.get("原因", "")
    cases.reclassify(case, kind=kind, severity=severity, reason=reason, doing=doing)


def withdraw(world: World, case: Case, given: Given, doing: Doing) -> None:
    cases.withdraw(case, reason=given.get("原因", ""), doing=doing)


def supplement(world: World, case: Case, given: Given, doing: Doing) -> None:
    cases.supplement(case, text=given.get("内容", ""), doing=doing)


ACTS: Mapping[str, Callable[[World, Case, Given, Doing], None]] = {
    "答复": reply,
    "采纳决定": decide,
    "处理": handle,
    "请示": refer,
    "批复": rule,
    "改类": reclassify,
    "补充": supplement,
    "撤回": withdraw,
    "关闭": close,
}
"""What a person may be said to do to a case."""
