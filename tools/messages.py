"""Messages of the screens: extract, compile and check the catalogues of src/huiyin/locale.

    python tools/messages.py extract    collects what code and templates say into every .po
    python tools/messages.py compile    makes the .mo files, or only those of the .po files named
    python tools/messages.py check      fails where a catalogue is behind the code or untranslated

Babel and Django's own template reader do most of the work, since a fresh machine has no gettext tools.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

CHECKOUT = Path(__file__).resolve().parent.parent
SOURCE = CHECKOUT / "src" / "huiyin"
LOCALE = SOURCE / "locale"
DOMAIN = "django.po"

KEYWORDS: dict[str, Any] = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Without dates and line numbers, so that an extraction that finds nothing new changes nothing.
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals};\\n"

"""
PLACEHOLDER = re.compile(r"%\(\w+\)[-#0 +.\d]*[a-zA-Z]|%[-#0 +.\d]*[sdrfi]|(?<!\{)\{\w*[^{}]*\}")
# Words of a step or of a table are quoted as they have to be written.
QUOTED = re.compile(r"“[^”]*”")
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")


def main(arguments: list[str]) -> int:
    commands: dict[str, Callable[[list[str]], int]] = {
        "extract": lambda _named: extract_messages(),
        "compile": compile_catalogues,
        "check": lambda _named: check_catalogues(),
    }
    if not arguments or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    return commands[arguments[0]](arguments[1:])


def extract_messages() -> int:
    """Brings every catalogue up to the code; what is gone stays, marked as gone."""
    said = collected()
    for path in catalogues():
        catalogue = read(path)
        catalogue.update(said, no_fuzzy_matching=True, update_header_comment=False)
        path.write_text(written(catalogue), encoding="utf-8")
        untold = sum(1 for message in catalogue if message.id and not is_translated(message))
        print(f"{path.relative_to(CHECKOUT)}: {len(catalogue)} messages, {untold} untranslated")
    return 0


def compile_catalogues(named: list[str]) -> int:
    for path in [Path(name).resolve() for name in named] or catalogues():
        with path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read(path))
    return 0


def check_catalogues() -> int:
    wrong = list(faults())
    for fault in wrong:
        print(fault, file=sys.stderr)
    return 1 if wrong else 0


def faults() -> Iterator[str]:
    """What the catalogues lack, one line each."""
    said = collected()
    for path in catalogues():
        where = f"{path.parent.parent.name}: "
        catalogue = read(path)
        for message in said:
            told = message.id and catalogue.get(message.id, message.context)
            if message.id and not told:
                yield f"{where}missing {message.id!r}"
            elif told:
                yield from (f"{where}{fault} {message.id!r}" for fault in _faults_of(told))


def _faults_of(message: Message) -> Iterator[str]:
    if message.fuzzy or not is_translated(message):
        yield "untranslated"
        return
    # The singular may say "an hour" where the plural says "%(n)s hours".
    *_singular, last = forms(message.string)
    if placeholders(last) != placeholders(forms(message.id)[-1]):
        yield f"other placeholders in {last!r} than in"
    if any(CHINESE.search(QUOTED.sub("", form)) for form in forms(message.string)):
        yield f"still Chinese {message.string!r}:"


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """A message's text, or its singular and plural."""
    return list(text) if isinstance(text, (tuple, list)) else [text or ""]


def is_translated(message: Message) -> bool:
    return all(forms(message.string))


def collected() -> Catalog:
    """Every message that code and templates mark, with the files that say it."""
    said = Catalog(charset="utf-8")
    for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]):
        file = path.relative_to(SOURCE.parents[1]).as_posix()
        source = path.read_text(encoding="utf-8")
        found = _in_template(source, file) if path.suffix == ".html" else in_code(source)
        for text, context in found:
            said.add(text, locations=[(file, 0)], context=context)
    return said


def in_code(source: str) -> Iterator[tuple[Any, str | None]]:
    """What Python code marks. From its tree, since Babel does not look into f-strings."""
    for node in ast.walk(ast.parse(source)):
        name = node.func if isinstance(node, ast.Call) else None
        called = name.id if isinstance(name, ast.Name) else getattr(name, "attr", "")
        if isinstance(node, ast.Call) and called in KEYWORDS:
            places = KEYWORDS[called] or (1,)
            context = [_text(node, place[0]) for place in places if isinstance(place, tuple)]
            texts = [_text(node, place) for place in places if isinstance(place, int)]
            if all((*texts, *context)):
                yield texts[0] if len(texts) == 1 else tuple(texts), (context or [None])[0]


def _text(call: ast.Call, place: int) -> str:
    given = call.args[place - 1] if len(call.args) >= place else None
    return str(given.value) if isinstance(given, ast.Constant) else ""


def _in_template(source: str, file: str) -> Iterator[tuple[Any, str | None]]:
    """What a template marks: Django reads it as calls of gettext amid filler. The indentation,
    which Python's tokenizer would stumble on, is taken away."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    lines = [line.lstrip() for line in templatize(source, origin=file).splitlines()]
    code = io.BytesIO("\n".join([*lines, ""]).encode())
    for _line, text, _comments, context in extract("python", code, keywords=KEYWORDS):
        yield text, context


def catalogues() -> list[Path]:
    return sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}"))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, domain="django", charset="utf-8")


def written(catalogue: Catalog) -> str:
    body = io.BytesIO()
    write_po(body, catalogue, omit_header=True, width=0, sort_output=True, include_lineno=False)
    header = HEADER.format(language=catalogue.locale, plurals=catalogue.plural_forms.rstrip(";"))
    return header + body.getvalue().decode().lstrip("\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
