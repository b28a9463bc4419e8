"""The sample firm: everything in it is made up, and stands there as a real firm would have it."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from huiyin.accounts.models import Post
from huiyin.desk import commands
from huiyin.desk.demo.build import build
from huiyin.subjects.models import Subject
from tests.app.scene import PACK

pytestmark = pytest.mark.django_db


def test_every_repair_says_what_is_broken_and_is_done_by_repair_staff(
    tmp_path: Path, now: datetime
) -> None:
    pack = tmp_path / "property-management"
    shutil.copytree(PACK, pack)
    sample = pack / "sample.yaml"
    sample.write_text(sample.read_text("utf-8").replace("days: 120", "days: 4"), "utf-8")

    build(pack, now=now)

    repairs = list(Subject.objects.of_kind("repair").values_list("fields", flat=True))
    staff = set(Post.objects.filter(position="repairer").values_list("person", flat=True))
    assert len(repairs) > 4
    assert all(fields["description"] for fields in repairs)
    assert {fields["repairer"] for fields in repairs} <= staff


@pytest.mark.parametrize(
    ("named", "said"),
    [("zh_CN.UTF-8", "示例公司：第 10/121 天"), ("C.UTF-8", "Sample firm: day 10/121")],
)
def test_in_a_file_every_tenth_day_is_a_line_in_the_language_of_the_machine(
    named: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", named)

    for done in range(1, 122):
        commands._show(done, 121)

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 13 and said in lines[0]
    assert "121/121" in lines[-1]
