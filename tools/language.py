"""The reference of the policy language: docs/policy-language.md from docs/language and the schema.

    python tools/language.py write     writes it anew
    python tools/language.py check     fails where it is behind the chapters, the words or the schema

A chapter holds prose, examples in ```yaml and ```gherkin, and marks ``<!-- words: Duty Late -->``
where the words of these parts of the schema stand. A test lints and plays every example.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huiyin.policy import declared, duties, limits, rules, schema
from huiyin.policy.declared import Part
from huiyin.policy.yaml_text import read_yaml

CHECKOUT = Path(__file__).resolve().parent.parent
CHAPTERS = CHECKOUT / "docs" / "language"
REFERENCE = CHECKOUT / "docs" / "policy-language.md"

HEAD = """\
# The policy language

<!-- Written by tools/language.py from docs/language and the schema; change those. -->

A pack's `policy.yaml` has four kinds of rules, **duties, guards, scores and indicators**, and declarations around them. YAML 1.2:
`on`, lengths and ids are read as text. `huiyin policy lint PACK` names every mistake with its place. The steps of the scenarios
are in [scenarios.md](scenarios.md). A file has at most 512 KB, 24 levels and 20,000 keys and values; a length is a hundred years at most,
and a duty owes at most 1,000 times a year about each member.

Every example below stands on `docs/language/base.yaml` and is linted and played by the tests.

"""
MARK = re.compile(r"^<!-- words: ([A-Za-z ]+) -->$", re.MULTILINE)
BLOCK = re.compile(r"^```(yaml|gherkin)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_WRITTEN = ("key",)
"""Fields of the schema that no author writes."""


@dataclass(frozen=True, slots=True)
class Example:
    """Rules and the scenarios that show what they do. ``place``: chapter and number."""

    place: str
    rules: str
    scenarios: str


def examples() -> list[Example]:
    """Every pair of blocks of every chapter. Raises ValueError for one that stands alone."""
    found = []
    for chapter in sorted(CHAPTERS.glob("*.md")):
        blocks = BLOCK.findall(chapter.read_text("utf-8"))
        pairs = list(zip(blocks[::2], blocks[1::2], strict=True))
        for number, ((rules_are, written), (scenarios_are, played)) in enumerate(pairs, 1):
            if (rules_are, scenarios_are) != ("yaml", "gherkin"):
                raise ValueError(f"{chapter.name}: example {number} has no rules or no scenarios")
            found.append(Example(f"{chapter.stem}-{number}", written, played))
    return found


def words_of(part: str) -> list[str]:
    """The words of a part of the schema, as an author writes them."""
    for module in (schema, duties, declared, rules, limits):
        found = getattr(module, part, None)
        if isinstance(found, type) and issubclass(found, Part):
            fields = found.model_fields.items()
            return [field.alias or key for key, field in fields if key not in NOT_WRITTEN]
    raise KeyError(part)


def meanings() -> Mapping[str, Mapping[str, str]]:
    """What each word means, by part of the schema."""
    path = CHAPTERS / "words.yaml"
    found: Any = read_yaml(path.read_text("utf-8"), str(path))[0]
    return dict(found)


def reference() -> str:
    """The whole text. Raises ValueError for a word without a meaning, or a meaning without a word."""
    said = meanings()
    marked: set[str] = set()

    def tables(mark: re.Match[str]) -> str:
        parts = mark[1].split()
        marked.update(parts)
        return "\n\n".join(_table(part, said.get(part, {})) for part in parts)

    chapters = [MARK.sub(tables, path.read_text("utf-8")) for path in sorted(CHAPTERS.glob("*.md"))]
    if unused := set(said) - marked:
        raise ValueError(f"parts that no chapter shows: {', '.join(sorted(unused))}")
    return HEAD + "\n".join(chapters)


def _table(part: str, said: Mapping[str, str]) -> str:
    words = words_of(part)
    if differing := set(words) ^ set(said):
        raise ValueError(f"{part}: said or declared alone: {', '.join(sorted(differing))}")
    return "\n".join(_rows(part, words, said))


def _rows(part: str, words: list[str], said: Mapping[str, str]) -> Iterator[str]:
    yield f"| {part} | |"
    yield "|---|---|"
    yield from (f"| `{word}` | {said[word]} |" for word in words)


def main(arguments: list[str]) -> int:
    if arguments == ["write"]:
        REFERENCE.write_text(reference(), "utf-8")
        return 0
    if arguments == ["check"]:
        if REFERENCE.read_text("utf-8") == reference():
            return 0
        print(f"{REFERENCE.name} is behind: python tools/language.py write")
        return 1
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
