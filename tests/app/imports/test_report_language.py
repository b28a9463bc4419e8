"""What a report says of a row is in the language of who reads it, not of who tried the file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from django.utils.translation import override

from huiyin.imports.queries import refusals
from tests.app.imports.test_customers import plain
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db


def test_the_row_that_a_number_repeats_is_named_in_the_reader_s_language(
    adopted: SmallFirm, now: datetime, tmp_path: Path
) -> None:
    batch = plain(tmp_path, "101,张一,,一区\n101,李二,,一区\n", now)

    [chinese] = refusals(batch)
    with override("en"):
        [english] = refusals(batch)

    assert chinese.problem == "同一编号在文件里出现了不同的内容（第 2 行）"
    assert english.problem.endswith("with different content (row 2)")
