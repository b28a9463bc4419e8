"""Every bad pack, through `huiyin policy lint`: nothing is built of it, and its place is named."""

from __future__ import annotations

import contextlib
import io
import time
from pathlib import Path

import pytest

from huiyin import cli
from tests.bad_input.answers import Refused, wrong_words
from tests.bad_input.packs import PACKS, BadPack
from tests.policy.small_pack import CLAUSES

SOON = 5.0


def linted(folder: Path, policy: bytes) -> tuple[int, str]:
    """Exit status and words of `huiyin policy lint FOLDER`."""
    folder.joinpath("policy.yaml").write_bytes(policy)
    folder.joinpath("clauses.yaml").write_text(CLAUSES, encoding="utf-8")
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = cli.main(["policy", "lint", str(folder)])
    return status, said.getvalue()


@pytest.mark.parametrize("pack", PACKS, ids=str)
def test_a_bad_pack_gets_its_answer(tmp_path: Path, pack: BadPack) -> None:
    began = time.process_time()

    status, told = linted(tmp_path, pack.policy())

    assert time.process_time() - began < SOON
    assert wrong_words(pack.answer, told) == []
    assert status == (1 if isinstance(pack.answer, Refused) else 0)
