"""Map files: what they may say, and where a mistake in one is named."""

from pathlib import Path

import pytest

from huiyin.imports.errors import MapRefused
from huiyin.imports.maps import load_map, parse_map

GOOD = """\
import: subjects
kind: repair
time_zone: Asia/Shanghai
dates: ["%Y-%m-%d", excel]
columns:
  number: {column: [工单号, 编号, 3]}
  unit: {column: 楼栋, values: {1栋: 一区}, else: 二区, default: 一区}
  repair.completed: {column: 完工时间, required: true}
  created: {column: "5"}
  repair.repairer: {constant: P4}
refuse:
  - {value: repair.completed, before: created, because: 完工早于报修}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(MapRefused) as caught:
        parse_map(text, name="m.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_a_whole_map() -> None:
    found = parse_map(GOOD, name="m.yaml").map

    assert found.columns["number"].column == ["工单号", "编号", 3]
    assert found.columns["created"].column == ["5"]
    assert found.columns["unit"].otherwise == "二区"
    assert found.columns["repair.repairer"].constant == "P4"
    assert found.refuse[0].before == "created"
    assert found.header


@pytest.mark.parametrize(
    ("change", "place", "speaks_of"),
    [
        (("kind: repair", "kynd: repair"), "m.yaml:2:1", "`kind`"),
        (("else: 二区", "elze: 二区"), "m.yaml:7:", "`else`"),
        (("Asia/Shanghai", "Asia/Shangai"), "m.yaml:3:", "Asia/Shanghai"),
        (('"%Y-%m-%d"', "yyyy-mm-dd"), "m.yaml:4:9", "%Y-%m-%d %H:%M:%S"),
        (("{constant: P4}", "{constant: P4, column: 1}"), "m.yaml:10:", "column | join | constant"),
        (("before: created", "before: creatd"), "m.yaml:12:", "creatd"),
        (("before: created, ", ""), "m.yaml:12:", "before | after | one_of"),
        (("import: subjects\n", ""), "m.yaml:1:1", "import"),
        (("kind: repair", "kind: repair\nkind: lot"), "m.yaml:3:1", "kind"),
        (("kind: repair", "kind: [repair"), "m.yaml:3:", "YAML"),
        (("kind: repair", "header: perhaps"), "m.yaml:2:", "perhaps"),
        (("kind: repair", "kind: &a repair\nsheet: *a"), "m.yaml:3:8", "YAML"),
        (("kind: repair", "header: false"), "m.yaml:6:", "5"),
    ],
)
def test_a_mistake_is_named_with_place_and_remedy(
    change: tuple[str, str], place: str, speaks_of: str
) -> None:
    found = problems(GOOD.replace(*change))

    assert found[0].startswith(place), found
    assert speaks_of in found[0]


def test_every_mistake_is_named_at_once() -> None:
    text = GOOD.replace("kind:", "kynd:").replace("else:", "elze:").replace("Shanghai", "Nowhere")

    assert len(problems(text)) == 3


@pytest.mark.parametrize("text", ["", "[]", "text", "- a", "1"])
def test_what_is_no_map_is_refused(text: str) -> None:
    assert problems(text)


def test_a_huge_text_is_refused() -> None:
    assert problems("# " + "x" * 300_000)


def test_a_map_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes("import: 维修".encode("gb18030"))

    with pytest.raises(MapRefused, match="UTF-8"):
        load_map(path)
