"""What stops a whole file or a whole map. What stops one row is in remedies.py.

ImportStopped
├── FileRefused   the file cannot be read as a table
└── MapRefused    the map file is wrong, or does not fit the table
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from huiyin.core.errors import HuiyinError


class ImportStopped(HuiyinError):
    """Nothing was written; the message says what was found and what to do instead."""

    status = 422


class FileRefused(ImportStopped):
    """The file is not a table that can be read safely."""


@dataclass(frozen=True, slots=True)
class MapProblem:
    """One mistake in a map file. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}  {self.message} {self.remedy}".rstrip()


class MapRefused(ImportStopped):
    """The map file has mistakes; ``problems`` names the place, the value and the right form."""

    def __init__(self, problems: Sequence[MapProblem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(str(problem) for problem in self.problems)
        super().__init__(
            code="import.map",
            message=_("导入映射有 %(count)d 处错误：\n%(lines)s")
            % {"count": len(self.problems), "lines": lines},
        )
