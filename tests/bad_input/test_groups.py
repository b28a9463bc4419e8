"""The list of groups is whole: each has inputs here, or says where it is tried."""

from __future__ import annotations

from collections import Counter

from tests.bad_input.cells import CELLS
from tests.bad_input.costly import COSTLY
from tests.bad_input.fields import FIELDS
from tests.bad_input.groups import NOT_BUILT, TRIED
from tests.bad_input.packs import PACKS
from tests.bad_input.pictures import PICTURES
from tests.bad_input.requests import REQUESTS
from tests.bad_input.test_files import FILES

COUNTED = Counter(
    [*(each.group for each in (*FILES, *COSTLY, *CELLS, *FIELDS, *REQUESTS))]
    + [29] * len(PICTURES) + [51] * len(PACKS) + [52]
)  # fmt: skip


def test_every_group_is_tried() -> None:
    assert set(TRIED) == set(range(1, 53))
    assert {group for group in TRIED if not COUNTED[group]} == set()
    assert {int(each.partition(":")[0]) for each in NOT_BUILT} <= set(TRIED)


def test_no_two_inputs_of_a_kind_have_one_name() -> None:
    for inputs in (FILES, COSTLY, FIELDS, REQUESTS, PACKS, PICTURES):
        assert [name for name, times in Counter(map(str, inputs)).items() if times > 1] == []
