"""The sample firm: everything in it is made up, and stands there as a real firm would have it."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from huiyin.accounts.models import Post
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
