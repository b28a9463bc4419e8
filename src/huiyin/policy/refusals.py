"""What a refusal says to the person who asked for the act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from huiyin.policy import builtin
from huiyin.policy.conditions import Condition, Met, Seen, leaves_of
from huiyin.policy.declared import FormField, Text
from huiyin.policy.duties import Duty
from huiyin.policy.rules import Guard
from huiyin.policy.schema import Policy

Message = Mapping[str, str]
_LANGUAGES = ("zh", "en")


def title_of_field(policy: Policy, name: str) -> Text:
    """A field's title, with its plain name where nothing is declared."""
    if name in builtin.FIELD_TITLES:
        zh, en = builtin.FIELD_TITLES[name]
        return Text(zh=zh, en=en)
    field = policy.fields.get(name)
    return field.title if isinstance(field, FormField) else Text(zh=name, en=name)


def title_of_duty(policy: Policy, key: str) -> Text:
    duty = policy.lines.get(key)
    return duty.title if duty and duty.title else Text(zh=key, en=key)


def _join(titles: Iterable[Text], language: str) -> str:
    said = dict.fromkeys(title.say(language) for title in titles)
    return ("、" if language == "zh" else ", ").join(said)


def say_guard(
    policy: Policy, guard: Guard, leaves: tuple[str, ...], missing: tuple[str, ...]
) -> Message:
    """Which of a guard's demands is not fulfilled."""
    heads = {language: guard.title.say(language) if guard.title else "" for language in _LANGUAGES}
    parts = {
        language: _demands(policy, guard, leaves, missing, language) for language in _LANGUAGES
    }
    return {
        language: f"{heads[language]}{'：' if language == 'zh' else ': '}{parts[language]}"
        if heads[language]
        else parts[language]
        for language in _LANGUAGES
    }


def _demands(
    policy: Policy, guard: Guard, leaves: tuple[str, ...], missing: tuple[str, ...], language: str
) -> str:
    zh = language == "zh"
    said: list[str] = []
    if missing:
        fields = _join((title_of_field(policy, name) for name in missing), language)
        said.append(f"还缺{fields}" if zh else f"still missing: {fields}")
    undone = [_undone(policy, item, language) for item in _failing(guard, leaves)]
    said += [text for text in undone if text]
    if not said:
        said.append("条件不满足" if zh else "the condition does not hold")
    return ("；" if zh else "; ").join(dict.fromkeys(said))


def _failing(guard: Guard, leaves: tuple[str, ...]) -> Iterable[Met | Seen]:
    for leaf in leaves:
        name, _, number = leaf.partition(".")
        item: str | Condition | None = guard.deny if name == "deny" else None
        if name == "require" and number:
            item = guard.require[int(number)]
        if item is not None and not isinstance(item, str):
            yield from (x for x in leaves_of(item) if isinstance(x, (Met, Seen)))


def _undone(policy: Policy, leaf: Met | Seen, language: str) -> str:
    zh = language == "zh"
    if isinstance(leaf, Met):
        title = title_of_duty(policy, leaf.duty).say(language)
        return f"“{title}”尚未完成" if zh else f"not done yet: {title}"
    fact = policy.facts.get(leaf.fact, Text(zh=leaf.fact, en=leaf.fact)).say(language)
    return f"“{fact}”尚未发生" if zh else f"has not happened yet: {fact}"


def say_excluded(policy: Policy, duty: Duty) -> Message:
    """A person present is the one whom the duty excludes."""
    field = title_of_field(policy, duty.excluded_field or "")
    title = title_of_duty(policy, duty.key)
    return {
        "zh": f"{field.say('zh')}本人不得进行“{title.say('zh')}”",
        "en": f"{title.say('en')}: not by the person named as “{field.say('en')}”",
    }


def say_not_eligible(policy: Policy, duty: Duty) -> Message:
    """Nobody present holds a role that may do it."""
    title = title_of_duty(policy, duty.key)
    roles = [policy.roles[role].title for role in duty.roles if role in policy.roles]
    return {
        "zh": f"“{title.say('zh')}”只能由{_join(roles, 'zh')}进行",
        "en": f"{title.say('en')} is for: {_join(roles, 'en')}",
    }


def say_not_yours(policy: Policy, field: FormField) -> Message:
    """A field that other roles write."""
    roles = [policy.roles[role].title for role in field.by if role in policy.roles]
    return {
        "zh": f"“{field.title.say('zh')}”只能由{_join(roles, 'zh')}填写",
        "en": f"{field.title.say('en')} is written by: {_join(roles, 'en')}",
    }
