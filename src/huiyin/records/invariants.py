"""What holds for records and their pictures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.core.health import Invariant

FILED = """
SELECT record.id, fact.id AS fact FROM records_record record
FULL JOIN (SELECT id, (values ->> 'record.id')::bigint AS record FROM ledger_fact
           WHERE kind IN ('record.filed', 'record.amended')) fact ON fact.record = record.id
WHERE record.id IS NULL OR fact.id IS NULL
"""
ORPHANS = """
SELECT sha256, size FROM records_blob blob
WHERE NOT EXISTS (SELECT 1 FROM records_signature s WHERE s.blob_id = blob.sha256)
  AND NOT EXISTS (SELECT 1 FROM records_photo p WHERE p.blob_id = blob.sha256)
  AND NOT EXISTS (SELECT 1 FROM records_handover h WHERE h.blob_id = blob.sha256)
"""
# Another slice every day, or all: reading every photo takes minutes in a large house.
PICTURES = """
SELECT sha256, size FROM records_blob WHERE sha256 IN (
    SELECT sha256 FROM records_blob
    ORDER BY sha256 < encode(sha256(convert_to((%(now)s::timestamptz)::date::text, 'UTF8')), 'hex'),
             sha256
    LIMIT CASE WHEN %(full)s THEN NULL ELSE 500 END)
  AND (encode(sha256(content), 'hex') <> sha256 OR octet_length(content) <> size)
"""
MOMENTS = """
SELECT id, number, happened_at, recorded_at FROM records_record
WHERE happened_at > recorded_at + interval '10 minutes'
UNION ALL
SELECT record.id, record.number, record.happened_at, handover.handed_at
FROM records_handover handover JOIN records_record record ON record.id = handover.record_id
WHERE handover.handed_at < record.happened_at
"""

ALL = (
    Invariant("I8", _("每份记录有它的事实，每个归档的事实有它的记录"), FILED),
    Invariant("I25", _("没有无主的图片"), ORPHANS),
    Invariant("I25", _("图片与它的 SHA-256 一致"), PICTURES),
    Invariant("I26", _("记录先发生、后登记、再送达"), MOMENTS),
)
