"""What the answers of a follow-up state by themselves: an item for each kind, in the form's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from huiyin.cases.given import Item
from huiyin.cases.models import Case
from huiyin.core.punctuation import explained, sentences


def stated_by(form: Any, answers: Mapping[str, Any]) -> list[Item]:
    """The items that ``answers`` (by field) raise; nobody rated them yet, whoever goes on may."""
    language = get_language() or "zh"
    words: dict[str, list[str]] = {}
    for key, field in form.fields.items():
        choice = str(answers.get(key, ""))
        if choice in field.raises:
            said = explained(field.title.say(language), field.choices[choice].say(language))
            words.setdefault(field.raises[choice], []).append(said)
    return [Item(kind, sentences(said), Case.Severity.MINOR) for kind, said in words.items()]
