"""Looks up the names that a pack uses, and says where one is used that nothing declares."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from huiyin.policy import builtin
from huiyin.policy.conditions import (
    Condition,
    FieldRef,
    Items,
    Met,
    Operand,
    Seen,
    SettingValue,
    Span,
    Test,
    Total,
    fields_of,
    leaves_of,
)
from huiyin.policy.declared import Population
from huiyin.policy.errors import PackError
from huiyin.policy.pack import POLICY_FILE, Pack
from huiyin.policy.settled import is_whole

Path = tuple[str | int, ...]


class Names:
    """Everything that the pack declares, with the places of its text."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.policy = pack.policy
        self.at = pack.positions[POLICY_FILE]
        self.facts = {
            *self.policy.facts,
            *(f"{duty}.{ending}" for duty in self.policy.lines for ending in ("met", "missed")),
            *(table.fact for table in self.policy.tables.values()),
        }
        self.kinds = (*builtin.KINDS, *self.policy.subjects)

    def _known(
        self, code: str, name: str, known: Collection[str], path: Path, *, of_key: bool = False
    ) -> Iterator[PackError]:
        if name not in known:
            nearest = next(iter(difflib.get_close_matches(name, list(known), n=1)), "")
            yield self.at.error(code, path, of_key=of_key, value=name, nearest=nearest)

    def role(self, name: str, path: Path, *, of_key: bool = False) -> Iterator[PackError]:
        yield from self._known("unknown_role", name, self.policy.roles, path, of_key=of_key)

    def recipient(self, name: str, path: Path) -> Iterator[PackError]:
        """A role, the obligation's holder, or the person in a field."""
        if "." in name:
            yield from self.field(name, path, "person")
        elif name != "holder":
            yield from self.role(name, path)

    def duty(self, name: str, path: Path) -> Iterator[PackError]:
        yield from self._known("unknown_duty", name, self.policy.duties, path)

    def form(self, name: str, path: Path) -> Iterator[PackError]:
        yield from self._known("unknown_form", name, self.policy.forms, path)

    def fact(self, name: str, path: Path) -> Iterator[PackError]:
        yield from self._known("unknown_fact", name, self.facts, path)

    def about(self, kind: str, path: Path) -> Iterator[PackError]:
        known = [*self.policy.subjects, *builtin.ABOUT]
        if kind not in known:
            yield self.at.error("unknown_about", path, value=kind, allowed=", ".join(known))

    def setting(self, name: str, path: Path, *, wanted: str = "") -> Iterator[PackError]:
        yield from self._known("unknown_setting", name, self.policy.settings, path)
        declared = self.policy.settings.get(name)
        if declared and wanted and declared.type != wanted:
            yield self.at.error("wrong_type", path, value=name, type=declared.type, wanted=wanted)

    def counting(self, name: str, path: Path) -> Iterator[PackError]:
        """A setting that something is counted with."""
        yield from self.setting(name, path, wanted="number")
        declared = self.policy.settings.get(name)
        if declared and declared.type == "number" and not is_whole(declared.default or "0"):
            yield self.at.error("not_whole", path, value=name)

    def field(
        self, name: str, path: Path, *wanted: str, of_key: bool = False
    ) -> Iterator[PackError]:
        """The field is declared and has one of the ``wanted`` types."""
        yield from self._known("unknown_field", name, self.policy.fields, path, of_key=of_key)
        declared = self.policy.fields.get(name)
        if declared and wanted and declared.type not in wanted:
            yield self.at.error(
                "wrong_type",
                path,
                of_key=of_key,
                value=name,
                type=declared.type,
                wanted=" / ".join(wanted),
            )

    def deciding(
        self, name: str, path: Path, *wanted: str, of_key: bool = False
    ) -> Iterator[PackError]:
        """A field without which a rule cannot decide: it has to be filled always."""
        yield from self.field(name, path, *wanted, of_key=of_key)
        declared = self.policy.fields.get(name)
        if declared and not declared.required:
            yield self.at.error("not_required", path, of_key=of_key, value=name)

    def choices(self, name: str) -> Collection[str]:
        declared = self.policy.fields.get(name)
        return declared.choices if declared else ()

    def choice_of(
        self, name: str, value: str, path: Path, *, of_key: bool = False
    ) -> Iterator[PackError]:
        """The value is a choice of the field; a field with open choices takes any."""
        choices = self.choices(name)
        if choices and value not in choices:
            allowed = ", ".join(choices)
            yield self.at.error(
                "unknown_choice", path, of_key=of_key, value=value, field=name, allowed=allowed
            )

    def kind(self, name: str, path: Path, *, of_key: bool = False) -> Iterator[PackError]:
        """A kind of target that has a population, or of things that belong to a target."""
        yield from self._known("unknown_kind", name, self.kinds, path, of_key=of_key)

    def population(self, population: Population, path: Path) -> Iterator[PackError]:
        yield from self.kind(population.of, path)
        if population.where is not None:
            yield from self.condition(population.where, path)
            yield from self._selecting(population, population.where, path)
        if population.during is not None:
            yield from self.field(population.during, path, "date", "datetime")

    def _selecting(
        self, population: Population, condition: Condition, path: Path
    ) -> Iterator[PackError]:
        """A population is selected by its own fields, its customer's, results and history."""
        own = (population.of, "customer", "clock", *self.policy.tables)
        also = ("target.owner", "fact.happened")
        for leaf in leaves_of(condition):
            if isinstance(leaf, (Items, Total)):
                word = leaf.quantity if isinstance(leaf, Items) else leaf.kind
                yield self.at.error("not_selecting", path, value=word)
        for name in fields_of(condition):
            if name.partition(".")[0] not in own and name not in also:
                yield self.at.error("not_selecting", path, value=name)

    def condition(
        self, condition: Condition, path: Path, *, must_be_filled: bool = False
    ) -> Iterator[PackError]:
        """Fields, choices, duties and facts of a condition; its place is its first key."""
        look_up = self.deciding if must_be_filled else self.field
        for leaf in leaves_of(condition):
            if isinstance(leaf, Test):
                yield from self._test(leaf, (*path, leaf.field), must_be_filled=must_be_filled)
            elif isinstance(leaf, Span):
                yield from look_up(leaf.field, (*path, leaf.field), "date", "datetime", of_key=True)
                yield from look_up(leaf.of, (*path, leaf.field), "date", "datetime")
            elif isinstance(leaf, Seen):
                yield from self.fact(leaf.fact, (*path, "seen"))
            elif isinstance(leaf, Met):
                yield from self.duty(leaf.duty, (*path, "met"))
            else:
                yield from self._things(leaf, path)

    def _things(self, leaf: Items | Total, path: Path) -> Iterator[PackError]:
        word = leaf.quantity if isinstance(leaf, Items) else leaf.kind
        here = (*path, word)
        yield from self.kind(leaf.of, (*here, "of"))
        if leaf.where is not None:
            yield from self.condition(leaf.where, (*here, "where"))
        if isinstance(leaf, Total):
            if leaf.kind == "sum":
                yield from self.field(leaf.field, (*here, "field"), "number", "money")
            yield from self._operand(leaf.operand, here)

    def _test(self, test: Test, path: Path, *, must_be_filled: bool) -> Iterator[PackError]:
        look_up = self.deciding if must_be_filled else self.field
        yield from look_up(test.field, path, of_key=True)
        if test.operator in ("below", "above") and test.field not in self.policy.orders:
            yield self.at.error("not_ordered", path, of_key=True, value=test.field)
        for operand in test.operands:
            if isinstance(operand, FieldRef) and must_be_filled:
                yield from self.deciding(operand.name, path)
            elif isinstance(operand, (FieldRef, SettingValue)):
                yield from self._operand(operand, path)
            elif test.field == "by.role":
                yield from self.role(str(operand), path)
            else:
                yield from self.choice_of(test.field, str(operand), path)

    def _operand(self, operand: Operand, path: Path) -> Iterator[PackError]:
        if isinstance(operand, FieldRef):
            yield from self.field(operand.name, path)
        elif isinstance(operand, SettingValue):
            yield from self.setting(operand.key, path)
