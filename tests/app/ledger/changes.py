"""What somebody with every right over the database could do to a ledger."""

from __future__ import annotations

from typing import Any

CHANGED = {
    "kind": "'repair.other'",
    "target_id": "by_id",
    "by_id": "NULL",
    "recorded_by_id": "target_id",
    "happened_at": "happened_at - interval '1 microsecond'",
    "known_at": "known_at + interval '1 microsecond'",
    "recorded_at": "recorded_at + interval '1 second'",
    "values": '\'{"repair.category": "other"}\'',
    "live": "NOT live",
    "voids_id": "2",
    "source": "'1:3'",
    "xact": "'3'",
}
"""Every column of a fact besides its id, and what it is changed to."""


def unguarded(session: Any) -> None:
    """Without the triggers and keys that refuse it; ``session`` is the owner's."""
    for table in ("ledger_fact", "ledger_seal"):
        session.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    found = session.execute(
        """SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
           FROM pg_constraint WHERE contype = 'f' AND 'ledger_fact'::regclass IN (conrelid, confrelid)"""
    )
    for (statement,) in (found or session).fetchall():
        session.execute(statement)
