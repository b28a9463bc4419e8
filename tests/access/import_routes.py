"""Lines of the access table about importing: only heads of the whole firm do, and see what came in."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

# nobody · supervisor · head · owner · repairer · colleague · outsider · far_head · left · off
SEES = "302 200 403 403 403 403 403 403 302 302"
DOES = "302 302 403 403 403 403 403 403 302 302"
WRONG = "302 422 403 403 403 403 403 403 302 302"
LATE = "302 409 403 403 403 403 403 403 302 302"
NONE = "302 404 403 403 403 403 403 403 302 302"


class Table(SimpleUploadedFile):
    """A file that can be sent any number of times."""

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            self.file.seek(0)
        return self.file.read(size)

    def chunks(self, chunk_size: int | None = None) -> Any:
        self.seek(0)
        return super().chunks(chunk_size)


TABLE = Table("t.csv", "户号,姓名\nA1,张一\n".encode(), "text/csv")
COLUMNS = {"header": "1", "column-1": "number", "column-2": "name", "constant-class": "household"}

# route, what its address names, what is posted (None: GET), a status per role
IMPORT_TABLE: list[tuple[str, dict[str, Any], dict[str, Any] | None, str]] = [
    ("imports:list", {}, None, SEES),
    ("imports:list", {}, {"what": "customers", "file": TABLE}, DOES),
    ("imports:list", {}, {"what": "customers"}, WRONG),
    ("imports:page", {"batch_id": "applied"}, None, SEES),
    ("imports:page", {"batch_id": "no_batch"}, None, NONE),
    ("imports:columns", {"batch_id": "uploaded"}, None, SEES),
    ("imports:columns", {"batch_id": "uploaded"}, COLUMNS, DOES),
    ("imports:sheet", {"batch_id": "uploaded"}, {"sheet": ""}, DOES),
    ("imports:sheet", {"batch_id": "applied"}, {"sheet": ""}, LATE),
    ("imports:application", {"batch_id": "tried"}, {}, DOES),
    ("imports:application", {"batch_id": "uploaded"}, {}, LATE),
    ("imports:undoing", {"batch_id": "applied"}, {"reason": "导错了"}, DOES),
    ("imports:undoing", {"batch_id": "applied"}, {"reason": ""}, WRONG),
    ("imports:cancellation", {"batch_id": "uploaded"}, {}, DOES),
    ("imports:cancellation", {"batch_id": "applied"}, {}, LATE),
    ("imports:refusals", {"batch_id": "applied"}, None, SEES),
    ("imports:doubts", {"batch_id": "applied"}, None, SEES),
]
