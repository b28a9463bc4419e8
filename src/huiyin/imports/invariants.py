"""What holds for imported files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.core.health import Invariant

# The rows of a batch may have been erased; then its own numbers still add up. What was read and not
# judged yet counts as accepted.
ADDS_UP = """
SELECT batch.id, batch.file_name, batch.row_count, counted.rows
FROM imports_importbatch batch LEFT JOIN LATERAL (
    SELECT count(*) AS rows,
           count(*) FILTER (WHERE outcome = 'accepted'
                            OR outcome = 'read' AND batch.state = 'staged') AS accepted,
           count(*) FILTER (WHERE outcome = 'refused') AS refused,
           count(*) FILTER (WHERE outcome = 'duplicate') AS duplicate
    FROM imports_stagedrow row WHERE row.batch_id = batch.id) counted ON true
WHERE batch.state IN ('staged', 'applied') AND (
    batch.row_count <> batch.accepted + batch.refused + batch.duplicate
    OR (counted.rows > 0 AND (counted.rows, counted.accepted, counted.refused, counted.duplicate)
        IS DISTINCT FROM (batch.row_count, batch.accepted, batch.refused, batch.duplicate)))
"""

ALL = (Invariant("I11", _("导入的每一行都有着落，数目相符"), ADDS_UP),)
