"""Every bad file, through `huiyin import`: it gets the answer that stands beside it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.access.world import undone
from tests.bad_input import maps, texts, workbooks
from tests.bad_input.answers import File, Refused, wrong_words
from tests.bad_input.firm import Place
from tests.bad_input.ways import GUIDE, MAP, counted, customers, imported

pytestmark = pytest.mark.django_db

FILES = [*texts.FILES, *maps.FILES, *workbooks.FILES]
SOON = 5.0
"""Seconds within which there is an answer to anything."""


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_bad_file_gets_its_answer(
    place: Place, before: dict[str, int], tmp_path: Path, file: File
) -> None:
    path = tmp_path / file.called
    path.write_bytes(file.make())

    began = time.process_time()
    with undone():
        told = imported(path, by_map=MAP.encode() if file.by_map is None else file.by_map)
        took = time.process_time() - began
        taken = customers()
        written = isinstance(file.answer, Refused) and counted() != before

    answer = file.answer
    assert wrong_words(answer, told.text, GUIDE.read_text(encoding="utf-8")) == []
    assert "Traceback" not in told.text
    if isinstance(answer, Refused):
        assert taken == answer.beside
        assert told.status == (1 if answer.beside else 2)
        assert answer.beside or not written
    else:
        assert (told.status, taken) == (0, answer.into)
    assert took < SOON
