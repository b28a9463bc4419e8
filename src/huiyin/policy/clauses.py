"""``clauses.yaml``: the policy's document as people know it, restated clause by clause."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from huiyin.policy.declared import Part, Text


class Clause(Part):
    """One clause, restated in our words. ``reading`` says how a vague text is understood."""

    id: str = ""
    section: str = ""
    zh: str
    en: str
    reading: Text | None = None
    declarative: bool = False

    def say(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


class Section(Part):
    """A part of the document. ``lost`` says which of its text the source no longer has."""

    title: Text
    lost: Text | None = None
    clauses: Mapping[str, Clause] = Field(default_factory=dict)


class ClausesFile(Part):
    """The whole file: what the document is called, and its sections in their order."""

    sections: Mapping[str, Section]

    def by_id(self) -> dict[str, Clause]:
        """Every clause by its id, with its section, in the order of the document."""
        return {
            clause_id: clause.model_copy(update={"id": clause_id, "section": key})
            for key, section in self.sections.items()
            for clause_id, clause in section.clauses.items()
        }
