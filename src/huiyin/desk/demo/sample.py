"""``sample.yaml`` of a pack: how large the sample firm is and how it works."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "子一文雨思嘉明晓安宁若清远书言知行景和舒"


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Zone(Part):
    buildings: int


class Households(Part):
    per_building: int
    per_floor: int
    customer_class: str = Field(alias="class")


class SamplePosition(Part):
    """``title``: of one that is no role of the pack."""

    title: Mapping[str, str] = {}
    scope: str
    leads: bool = True
    governs: bool = False
    place: str = Field(alias="in")
    people: int


class Repairs(Part):
    """``urgent``: the category whose follow-up is due soonest, which the first run shows first."""

    a_day: int
    urgent: str
    category: Mapping[str, int]
    description: Mapping[str, tuple[str, ...]]


class Sample(Part):
    """The sample firm of a pack."""

    firm: Mapping[str, str]
    subject: str
    days: int
    zones: Mapping[str, Zone]
    households: Households
    positions: Mapping[str, SamplePosition]
    repairs: Repairs

    @property
    def governing(self) -> list[str]:
        """The positions that give the firm its rules."""
        return [code for code, position in self.positions.items() if position.governs]

    @property
    def overlooking(self) -> list[str]:
        """The positions that see units and do not lead them."""
        return [code for code, position in self.positions.items() if not position.leads]


def load_sample(folder: Path) -> Sample:
    """Read ``sample.yaml`` of a pack; raises FileNotFoundError, yaml.YAMLError, pydantic.ValidationError."""
    text = (folder / "sample.yaml").read_text(encoding="utf-8")
    return Sample.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))


def names(chance: random.Random) -> Iterator[str]:
    """Made-up names, each once."""
    seen: set[str] = set()
    while True:
        name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
        if name not in seen:
            seen.add(name)
            yield name


def households(sample: Sample) -> Iterator[tuple[str, str]]:
    """(zone, 3栋1202) for every household, building by building."""
    building = 0
    for zone, part in sample.zones.items():
        for _number in range(part.buildings):
            building += 1
            for n in range(sample.households.per_building):
                floor, door = divmod(n, sample.households.per_floor)
                yield zone, f"{building}栋{floor + 1:02d}{door + 1:02d}"
