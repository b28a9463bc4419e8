"""Packs that a firm adopts side by side: no key of one means something else in another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

import pytest
from django.conf import settings

from huiyin.policy.loading import load_pack
from huiyin.policy.schema import Policy

PACKS = sorted(place.parent for place in Path(settings.HUIYIN_PACKS).glob("*/policy.yaml"))
PAIRS = list(combinations(PACKS, 2))


def fields_of(declared: Mapping[str, object]) -> Iterator[str]:
    """Subjects and customers unify by kind: the same field has to be of one type everywhere."""
    for key, field in getattr(declared, "fields", {}).items():
        yield f"{key}: {field.type} {sorted(field.choices)}"


def clashes(one: Policy, other: Policy) -> list[str]:
    """A form and a table are looked up by their key alone, whatever policy they stand in."""
    found = [
        f"{part}.{key}"
        for part in ("forms", "tables")
        for key in set(getattr(one, part)) & set(getattr(other, part))
    ]
    pairs = [
        *((f"subjects.{k}", one.subjects[k], other.subjects[k])
          for k in set(one.subjects) & set(other.subjects)),
        ("customers", one.customers, other.customers),
    ]  # fmt: skip
    for name, here, there in pairs:
        same = set(here.fields) & set(there.fields)
        differing = {line.partition(":")[0] for line in {*fields_of(here)} ^ {*fields_of(there)}}
        found += [f"{name}.{key}" for key in sorted(same & differing)]
    return found


@pytest.mark.parametrize(
    ("one", "other"), PAIRS, ids=[f"{one.name}+{other.name}" for one, other in PAIRS]
)
def test_no_key_means_two_things(one: Path, other: Path) -> None:
    assert clashes(load_pack(one).policy, load_pack(other).policy) == []


def test_a_form_of_the_same_key_and_a_field_of_another_type_would_be_seen() -> None:
    policy = load_pack(PACKS[0]).policy
    kind = next(iter(policy.subjects))
    raw = {**policy.raw, "subjects": {kind: {**policy.raw["subjects"][kind]}}}
    field = next(iter(policy.subjects[kind].fields))
    changed = {"title": "另一种", "type": "photo"}
    raw["subjects"][kind]["fields"] = {**raw["subjects"][kind]["fields"], field: changed}

    found = clashes(policy, Policy.of(raw))

    assert f"subjects.{kind}.{field}" in found
    assert {f"forms.{key}" for key in policy.forms} <= set(found)
