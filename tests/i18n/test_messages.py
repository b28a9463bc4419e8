"""The catalogues keep up with the code, and nothing Chinese in the code escapes them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.template.base import Lexer, TokenType

from tests.i18n.languages import tool

messages = tool()
SOURCE: Path = messages.SOURCE
CHINESE = messages.CHINESE
MARKS = {*messages.KEYWORDS, "gettext_noop"}
BOTH_LANGUAGES = {"400.html", "403_csrf.html", "500.html"}
"""Shown when neither a person nor a language is known."""

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
NOT_MESSAGES = {
    "policy": "says everything in Chinese and English by itself; it knows no Django",
    "ledger/verifying.py": "stands alone, and says everything twice",
    "scenarios": "the words of steps, which are written in Chinese",
    "desk/demo": "the sample firm's own names and words",
    "bench": "the bench firm's own names and words, and its files",
    "accounts/calendar_notices.py": "holidays and kinds of days as notices and tables name them",
    "imports/binding.py": "words of rows with totals in people's tables",
    "imports/exporting.py": "signs that a spreadsheet takes for a formula",
    "imports/moments.py": "dates as they are written in tables",
    "imports/reading.py": "a separator in tables",
    "imports/values.py": "yes, no and large units as they are written in tables",
    "imports/cells.py": "a bracket in numbers as people write them",
    "accounts/named.py": "signs between the steps of a path, as tables have them",
    "customers/importing.py": "titles that columns bear in people's tables",
    "subjects/importing.py": "titles that columns bear in people's tables",
    "cases/importing.py": "titles that columns bear in people's tables",
    "core/phones.py": "marks of extensions and separators in numbers",
    "core/pinyin.py": "surnames with their readings",
    "core/search.py": "signs that a search passes over",
    "config/settings.py": "each language's own name",
    "cli.py": "the motto, beside its English",
}


def test_every_message_is_there_in_english_with_its_placeholders() -> None:
    assert list(messages.faults()) == []


def test_an_extraction_that_finds_nothing_new_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "en" / "LC_MESSAGES" / messages.DOMAIN
    copied.parent.mkdir(parents=True)
    copied.write_text(messages.catalogues()[0].read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(messages, "catalogues", lambda: [copied])
    monkeypatch.setattr(messages, "CHECKOUT", tmp_path)
    monkeypatch.setattr(messages, "collected", cache(messages.collected))

    messages.extract_messages()
    first = copied.read_text(encoding="utf-8")
    messages.extract_messages()

    assert copied.read_text(encoding="utf-8") == first
    assert "2026" not in first.split("#:")[0]
    assert not re.search(r"^#: .*:\d", first, re.MULTILINE)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("", "untranslated"),
        ("row %(line)s", "other placeholders"),
        ("row", "other placeholders"),
        ("第 row %(row)s", "still Chinese"),
        ("row %(row)s of “合计”", None),
    ],
)
def test_a_wrong_translation_is_named(said: str, fault: str | None) -> None:
    catalogue = Catalog(locale="en")
    message = catalogue.add("第 %(row)s 行", said)

    found = list(messages._faults_of(message))

    assert [fault in each for each in found] == ([True] if fault else [])


def test_messages_are_found_wherever_code_says_them() -> None:
    source = """_("一"); f"{_('二')} {n}"; pgettext("c", "三"); ngettext("四", "五", n); _(name)"""

    assert set(messages.in_code(source)) == {
        ("一", None), ("二", None), ("三", "c"), (("四", "五"), None),
    }  # fmt: skip


def test_templates_mark_every_chinese_sign() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line}: {text.strip()[:80]}"
        for path in sorted(SOURCE.rglob("*.html"))
        if path.name not in BOTH_LANGUAGES
        for line, text in unmarked_in_template(path.read_text(encoding="utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize("name", sorted(BOTH_LANGUAGES))
def test_a_page_that_stands_alone_says_everything_twice(name: str) -> None:
    source = (SOURCE / "ui" / "templates" / name).read_text(encoding="utf-8")
    english = re.findall(r'<p lang="en">([^<]+)</p>', source)

    assert english and not any(CHINESE.search(text) for text in english)
    assert len(re.findall(r"<p>[^<]*[\u4e00-\u9fff][^<]*</p>", source)) == len(english)


def test_code_marks_every_chinese_text() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line}: {text}"
        for path in sorted(SOURCE.rglob("*.py"))
        if not _is_exempt(path.relative_to(SOURCE).as_posix())
        for line, text in unmarked_in_code(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_scripts_and_styles_say_nothing_themselves() -> None:
    found = [
        path.name
        for kind in ("*.js", "*.css", "*.svg")
        for path in SOURCE.rglob(kind)
        if "vendor" not in path.parts
        and CHINESE.search(COMMENT.sub("", path.read_text(encoding="utf-8")))
    ]

    assert found == []


def test_what_is_exempt_is_still_there() -> None:
    for place in NOT_MESSAGES:
        files = [SOURCE / place] if place.endswith(".py") else (SOURCE / place).rglob("*.py")

        assert any(list(unmarked_in_code(file.read_text(encoding="utf-8"))) for file in files), (
            place
        )


def unmarked_in_template(source: str) -> Iterator[tuple[int, str]]:
    inside = False
    for token in Lexer(source).tokenize():
        text = token.contents
        if token.token_type == TokenType.BLOCK:
            if text.startswith(("blocktrans", "endblocktrans")):
                inside = not text.startswith("end")
            if text.startswith("trans"):
                continue
        if token.token_type == TokenType.COMMENT or inside:
            continue
        if CHINESE.search(re.sub(r"""_\((["']).*?\1\)""", "", text)):
            yield token.lineno, text


def unmarked_in_code(source: str) -> Iterator[tuple[int, str]]:
    """Chinese texts that are neither a docstring nor handed to gettext."""
    tree = ast.parse(source)
    fine: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name_of(node.func) in MARKS:
            fine.update(part for given in node.args for part in ast.walk(given))
        elif isinstance(node, ast.Expr):
            fine.add(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in fine:
            if CHINESE.search(node.value):
                yield node.lineno, node.value


def _name_of(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _is_exempt(file: str) -> bool:
    return "/migrations/" in file or any(
        file == place or file.startswith(f"{place}/") for place in NOT_MESSAGES
    )
