"""What somebody else reads of a ledger: changed, cut or made up, he is told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from huiyin.config.scratch import Scratch
from huiyin.ledger import sealing
from huiyin.ledger.verifying import Sealed, leaf_of, root_of
from tests.app.ledger.sealed import FACTS, VERIFIER, filed
from tests.people import target


def read(place: Path, lines: list[str], kept: str = "") -> tuple[int, list[str]]:
    """Exit status and words of the stand-alone verifier about an export that somebody changed."""
    (place / "changed.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    (place / "checkpoint.json").write_text(kept, "utf-8")
    files = ["changed.jsonl", *(["checkpoint.json"] if kept else [])]
    told = subprocess.run(
        [sys.executable, "-I", VERIFIER, *files], capture_output=True, text=True, cwd=place
    )
    assert "Traceback" not in told.stderr
    return told.returncode, [*told.stdout.splitlines(), *told.stderr.splitlines()]


def forged(like: Sequence[str], **changed: Any) -> tuple[str, str]:
    """A fact that never was, and a seal over it alone that looks right: like a seal and its fact."""
    seal, fact = map(json.loads, like)
    fact[0], fact[8] = 7_777_777, {"repair.category": "paid"}
    leaf = leaf_of(text := json.dumps(fact))
    covering = {"facts": [fact[0]], "leaves": leaf.hex(), "root": root_of(leaf)}
    return text, json.dumps({**seal, **covering, **changed})


def test_a_seal_that_somebody_adds_is_named_whatever_its_number(
    ledger: Scratch, tmp_path: Path
) -> None:
    kept = json.dumps(sealing.checkpoint())
    head, *rest, _end = sealing.export()
    end = json.dumps({"end": [5, FACTS + 2]})

    for number in (-5, 0, 1, 3, 9):
        fact, seal = forged(rest[:2], seal=number, chain="0" * 64, after=0, last=["0", 0])
        for lines in ([head, *rest, seal, fact], [head, seal, fact, *rest]):
            status, said = read(tmp_path, [*lines, end], kept)
            assert status == 1
            assert any(f"seal {number} " in each for each in said), (number, said)


def test_a_second_line_of_one_fact_is_named_wherever_it_stands(
    ledger: Scratch, tmp_path: Path
) -> None:
    head, seal, first, *rest, _end = sealing.export()
    fact = json.loads(first)
    fact[8] = {"forged": 1}
    late = json.dumps([*fact[:-1], "999999999"])
    end = json.dumps({"end": [4, FACTS + 2]})

    for lines in (
        [head, seal, json.dumps(fact), first, *rest],
        [head, seal, first, json.dumps(fact), *rest],
        [head, seal, first, *rest, late],
    ):
        status, said = read(tmp_path, [*lines, end])
        assert status == 1
        assert any(f"fact {fact[0]} was put in" in each for each in said), said


def test_what_is_no_checkpoint_is_not_read(ledger: Scratch, tmp_path: Path) -> None:
    lines = list(sealing.export())
    for kept in ("[]", "null", "5", '"x"', '{"seal": [1], "chain": "x"}', "{", '{"seal": 1}'):
        status, [said] = read(tmp_path, lines, kept)
        assert status == 2 and "不能读取" in said, (kept, said)


def test_a_line_that_is_none_is_named(ledger: Scratch, tmp_path: Path) -> None:
    head, seal, *rest = sealing.export()
    broken = ({"facts": None}, {"facts": ["1"]}, {"seal": "1"}, {"leaves": 5}, {"last": 5})
    seals = [json.dumps(json.loads(seal) | each) for each in broken]

    for line in (*seals, '{"seal": 1}', "", "[]", "null", "hello", "[1", "[[", '{"end": 5}'):
        status, [said] = read(tmp_path, [head, line, seal, *rest])
        assert status == 2 and "不能读取" in said, (line, said)
        assert ("line 3" if "end" in line else "line 2") in said, (line, said)


def test_a_bad_line_does_not_hide_what_was_found_before_it(ledger: Scratch, tmp_path: Path) -> None:
    head, seal, first, second, *rest = sealing.export()

    status, said = read(tmp_path, [head, seal, second, *rest[:12], "", *rest[12:]])

    assert status == 1
    assert f"fact {json.loads(first)[0]} was removed" in said[0]
    assert "line 16" in said[-1]


def test_an_end_that_is_cut_off_is_seen(ledger: Scratch, tmp_path: Path) -> None:
    filed(target("repair"), target("person"), datetime.fromisoformat("2026-03-03T01:00Z"))
    lines = list(sealing.export())

    for lost in (1, 2, 15, FACTS + 4):
        status, said = read(tmp_path, lines[:-lost])
        assert status == 2 and "cut short" in said[-1], (lost, said)
    assert read(tmp_path, [*lines[:-2], lines[-1]])[0] == 2
    assert read(tmp_path, [*lines, lines[3]])[0] == 2


def test_a_seal_written_out_and_read_is_the_same(ledger: Scratch) -> None:
    for line in sealing.export():
        if line.startswith('{"seal"'):
            assert json.dumps(Sealed.of(json.loads(line)).as_json()) == line


def test_the_verifier_stays_small_and_alone() -> None:
    text = VERIFIER.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert "huiyin." not in "\n".join(line for line in text.splitlines() if "import" in line)
