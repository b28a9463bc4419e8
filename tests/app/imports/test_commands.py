"""`huiyin import subjects`: as a clerk's own terminal sees it."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from huiyin.config.scratch import Scratch
from huiyin.ledger.models import Fact
from tests.app.imports.estate import HEADER, MAP, estate

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ROWS = "WX-1,㐂园,漏水,P4,2026-02-27 08:00,2026-02-28 23:30\nWX-2,火星,其他,P4,2026-02-27,\n"


def huiyin(scratch: Scratch, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "huiyin", "import", *map(str, arguments)],
        env=scratch.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_dry_run_then_import_then_again(scratch_db: Scratch, tmp_path: Path) -> None:
    estate(NOW)
    table, text, errors = (tmp_path / name for name in ("t.csv", "m.yaml", "errors.csv"))
    table.write_bytes((HEADER + ROWS).encode("gb18030"))
    text.write_text(MAP, encoding="utf-8")
    asked = ("subjects", table, "--map", text, "--live", "--by", "P2", "--json")

    tried = huiyin(scratch_db, *asked, "--dry-run")
    done = huiyin(scratch_db, *asked, "--errors", errors)
    again = huiyin(scratch_db, *asked)

    sums = [json.loads(each.stdout) for each in (tried, done, again)]
    assert [(s["state"], s["accepted"], s["refused"], s["duplicate"]) for s in sums] == [
        ("staged", 1, 1, 0),
        ("applied", 1, 1, 0),
        ("applied", 0, 1, 1),
    ]
    assert [each.returncode for each in (tried, done, again)] == [1, 1, 1]
    told = huiyin(scratch_db, *asked[:-1], "--dry-run").stdout
    assert "共 2 行" in told
    assert "第 3 行 楼栋「火星」没有这个单位" in told
    assert "火星" in errors.read_text(encoding="utf-8-sig")
    assert Fact.objects.filter(kind="repair.completed").count() == 1


def test_what_is_wrong_is_said_in_words_and_nothing_is_done(
    scratch_db: Scratch, tmp_path: Path
) -> None:
    estate(NOW)
    table, text = tmp_path / "t.csv", tmp_path / "m.yaml"
    table.write_text(HEADER + ROWS, encoding="utf-8")
    text.write_text(MAP.replace("else", "elze").replace("kind", "kynd"), encoding="utf-8")

    for what, file, map_file, told in (
        ("subjects", table, text, "m.yaml:2:1"),
        ("subjects", table, tmp_path / "none.yaml", f"读不了“{tmp_path / 'none.yaml'}”"),
        ("everything", table, text, "subjects"),
    ):
        failed = huiyin(scratch_db, what, file, "--map", map_file)
        assert failed.returncode == 2
        assert told in failed.stderr
        assert "Traceback" not in failed.stderr
    assert not Fact.objects.filter(kind__startswith="repair.").exists()
