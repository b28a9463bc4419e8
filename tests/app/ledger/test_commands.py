"""`huiyin ledger …` as people and whoever audits them call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huiyin.cli import main
from huiyin.config.scratch import Scratch
from tests.app.ledger.sealed import FACTS, tampered

Captured = pytest.CaptureFixture[str]


def test_a_whole_ledger_is_exported_kept_and_verified(
    ledger: Scratch, tmp_path: Path, capsys: Captured
) -> None:
    kept, file = tmp_path / "kept.json", tmp_path / "ledger.jsonl"

    assert main(["ledger", "checkpoint", str(kept)]) == 0
    assert main(["ledger", "export", str(file)]) == 0
    assert main(["ledger", "verify", "--checkpoint", str(kept)]) == 0

    assert json.loads(kept.read_text())["seal"] == 4
    assert json.loads(file.read_text().splitlines()[-1]) == {"end": [4, FACTS + 1]}
    assert "4" in capsys.readouterr().out
    assert sorted(each.name for each in tmp_path.iterdir()) == ["kept.json", "ledger.jsonl"]

    tampered(ledger, "DELETE FROM ledger_fact WHERE id = 5")
    assert main(["ledger", "verify"]) == 1
    assert "fact 5 was removed" in capsys.readouterr().out


@pytest.mark.parametrize("action", ["checkpoint", "export"])
def test_what_is_there_is_never_written_over(
    ledger: Scratch, tmp_path: Path, capsys: Captured, action: str
) -> None:
    (tmp_path / "there").write_text("older")

    assert main(["ledger", action, str(tmp_path / "there")]) == 2
    assert main(["ledger", action, str(tmp_path / "no" / "where")]) == 2

    assert capsys.readouterr().err.count("请换一个文件名或文件夹") == 2
    assert (tmp_path / "there").read_text() == "older"
    assert [each.name for each in tmp_path.iterdir()] == ["there"]


def test_what_is_no_checkpoint_is_refused_in_words(
    ledger: Scratch, tmp_path: Path, capsys: Captured
) -> None:
    wrong = tmp_path / "wrong.json"
    for text in ("[]", '{"seal": [1], "chain": "x"}', "\udc80"):
        wrong.write_text(text, "utf-8", errors="surrogateescape")
        assert main(["ledger", "verify", "--checkpoint", str(wrong)]) == 2
        assert "读不了检查点" in capsys.readouterr().err
