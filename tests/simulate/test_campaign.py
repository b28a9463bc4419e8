"""The campaign proves something, or says that it does not."""

from __future__ import annotations

import pytest

from huiyin.config.scratch import Scratch
from tests.simulate import campaign, life


def test_numbers_begin_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign.options(["3", "20"]) == {"seeds": 3, "days": 20, "first": 1}

    for wrong in (["0", "20"], ["1", "-3"], ["x", "y", "z"], ["1", "1", "0"]):
        with pytest.raises(SystemExit, match="2"):
            campaign.options(wrong)
        assert "no number from 1 on" in capsys.readouterr().err


def test_a_rule_that_crashes_is_no_violation(
    scratch_db: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(life, "RULES", {n: (w, _crash) for n, (w, _rule) in life.RULES.items()})

    _seed, counts, wrong, _seconds = campaign.play(1, 30)

    assert counts["crashes"] == 1 and not counts["violations"]
    assert "TypeError" in wrong


def _crash(*_given: object) -> str:
    raise TypeError("no such thing")
