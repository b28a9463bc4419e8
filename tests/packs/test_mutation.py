"""A seeded sixtieth of every pack's mutants; `huiyin policy mutate PACK` takes them all."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from huiyin.policy.loading import load_pack
from huiyin.scenarios import features
from huiyin.scenarios.equivalents import read_equivalents
from huiyin.scenarios.mutate import choose, identity, mutate
from huiyin.scenarios.stage import stage_for

PACKS = sorted(place.parent for place in Path(settings.HUIYIN_PACKS).glob("*/policy.yaml"))
SEED = 20260302
FIRST = "property-management"
PARTS = [
    pytest.param(folder, id=folder.name, marks=[] if folder.name == FIRST else pytest.mark.long)
    for folder in PACKS
]


@pytest.mark.parametrize("folder", PARTS)
def test_a_part_of_the_mutants_is_killed(db: None, folder: Path) -> None:
    pack = load_pack(folder)
    chosen = choose(pack, share=1 / 60, seed=SEED)
    equivalents = read_equivalents(folder, pack)

    with stage_for(pack) as stage:
        scenarios = features.of_pack(folder)
        found = mutate(chosen, scenarios, stage, equivalents=equivalents, hints={})

    assert found.of("survived") == []
    assert found.verdicts


@pytest.mark.parametrize("folder", PARTS)
def test_listed_equivalents_are_mutants_still(folder: Path) -> None:
    pack = load_pack(folder)

    assert set(read_equivalents(folder, pack)) <= set(map(identity, choose(pack)))
