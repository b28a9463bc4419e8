"""The example of the manual is a map that works."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from huiyin.imports.services import import_file
from huiyin.subjects.importing import IMPORTER
from huiyin.subjects.models import Subject
from tests.app.imports.estate import HEADER, counts, estate, order

MANUAL = Path(__file__).resolve().parents[3] / "docs" / "import.md"


@pytest.mark.django_db
def test_the_example_of_the_manual(tmp_path: Path, now: datetime) -> None:
    firm = estate(now)
    [example] = re.findall(r"```yaml\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "t.csv"
    header = f"{HEADER.strip()},故障描述\n"
    path.write_text(
        header + "A,㐂园,电梯,,2026/2/27 8:00,2026-02-28 09:00,困人\n", encoding="utf-8"
    )

    batch = import_file(order(path, text=example), importer=IMPORTER, now=now)

    assert counts(batch) == (1, 0, 0)
    [subject] = Subject.objects.all()
    assert subject.fields == {
        "category": "safety", "description": "困人", "repairer": firm.repairer.pk
    }  # fmt: skip
