"""The languages that pages are tried in: English, and one that accents whatever is marked."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.test import override_settings
from django.utils import translation

PSEUDO = "en-xa"
"""English with accents, as browsers' makers call it: dates and pack texts are in English."""

ACCENTS = str.maketrans("aceinosuyACEINOSUY", "áćéíñóšúýÁĆÉÍÑÓŠÚÝ")


def tool() -> ModuleType:
    """tools/messages.py, which is not part of the package."""
    path = Path(__file__).resolve().parents[2] / "tools" / "messages.py"
    spec = importlib.util.spec_from_file_location("messages_tool", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def speaking(language: str, folder: Path) -> Iterator[None]:
    """The catalogue as it would be compiled now is the only one; for PSEUDO, what code marks."""
    catalogue = _accented() if language == PSEUDO else _english()
    place = folder / translation.to_locale(language) / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "django.mo").open("wb") as compiled:
        write_mo(compiled, catalogue)
    offered = [("zh-hans", "简体中文"), (language, "Tried")]
    with (
        override_settings(LOCALE_PATHS=[folder], LANGUAGES=offered),
        translation.override(language),
    ):
        yield


def _english() -> Catalog:
    messages = tool()
    return messages.read(messages.LOCALE / "en" / "LC_MESSAGES" / messages.DOMAIN)


@cache
def _accented() -> Catalog:
    """Every message that code and templates mark, as ⟦its placeholders amid accents⟧."""
    messages, english = tool(), _english()
    catalogue = Catalog(locale="en", domain="django")
    for message in messages.collected():
        if not message.id:
            continue
        if message.context == "date format":
            string = english.get(message.id, message.context).string
        else:
            said = [
                _with_accents(text, messages.PLACEHOLDER) for text in messages.forms(message.id)
            ]
            string = tuple(said) if message.pluralizable else said[0]
        catalogue.add(message.id, string, context=message.context)
    return catalogue


def _with_accents(text: str, placeholder: Any) -> str:
    kept = " ".join(placeholder.findall(text))
    return f"⟦{f'message of {len(text)}'.translate(ACCENTS)} {kept}⟧"
