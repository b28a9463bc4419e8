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


def empty() -> FileRefused:
    """Nothing stands in it."""
    return FileRefused(
        code="import.empty",
        message=_("文件里什么也没有。请打开原来的表格核对，另存为 XLSX 或 CSV UTF-8 后再导入。"),
    )


def no_rows() -> FileRefused:
    """Below the header nothing stands in it."""
    return FileRefused(
        code="import.no_rows",
        message=_("文件里只有表头，没有要导入的行。请核对选的是不是这个文件、这个工作表。"),
    )


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
