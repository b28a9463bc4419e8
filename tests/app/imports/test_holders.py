"""Whom a table may name where the policy says whose holders a field names."""

from datetime import datetime
from pathlib import Path

import pytest

from huiyin.imports.queries import refusals
from huiyin.subjects.models import Subject
from huiyin.subjects.services import NewSubject, register
from tests.app.imports.estate import bring_in, counts, estate

pytestmark = pytest.mark.django_db


def test_who_is_no_holder_is_named_and_who_stands_there_already_stays(
    tmp_path: Path, now: datetime
) -> None:
    firm = estate(now)
    known = NewSubject(
        "WX-1", {"category": "other", "repairer": firm.repairer.pk}, unit_id=firm.zone_one.pk
    )
    register("repair", [known], by=None, now=now)
    Subject.objects.update(fields={"category": "other", "repairer": firm.officer.pk})
    rows = "WX-1,一区,其他,己物管,,\nWX-2,一区,其他,己物管,,\n"

    batch = bring_in(tmp_path, rows, now=now)

    assert counts(batch) == (0, 1, 1)
    [refused] = refusals(batch)
    assert (refused.row, refused.column) == (3, "维修人员")
    assert refused.value == "己物管"
    assert "己物管没有在这个单位或上级单位担任过维修人员、维修负责人" in refused.problem
