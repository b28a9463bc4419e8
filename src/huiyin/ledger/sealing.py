"""Sealing facts and verifying the seals of this house; what a seal is, `ledger.verifying` says."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max

from huiyin.core.locks import lock
from huiyin.core.transactions import readers_of_one_snapshot
from huiyin.ledger import verifying
from huiyin.ledger.models import Fact, Seal
from huiyin.ledger.verifying import FIRST, Finding, Sealed, Verified

RUN = 10_000
"""Facts of one seal: one row of a third of a megabyte, sealed within a second."""

READERS = 2
"""Connections that write out facts at once: one takes longer to write them than we to look at them."""


def _moment(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


# The id comes first and the transaction last: whoever reads a line looks for these two.
AS_JSON = f"""json_build_array(id, kind, target_id, by_id, recorded_by_id, {_moment("happened_at")},
    {_moment("known_at")}, {_moment("recorded_at")}, "values", live, voids_id, source, xact::text)::text"""

# The same put together by hand takes a fifth to a third less time. It is NULL for a row that no service
# of ours writes, such as one of an infinite date; these are written out the slow way.
LINE = f"""coalesce('[' || id || ', ' || to_json(kind)::text || ', ' || target_id
    || ', ' || coalesce(by_id::text, 'null') || ', ' || coalesce(recorded_by_id::text, 'null')
    || ', "' || {_moment("happened_at")} || '", "' || {_moment("known_at")}
    || '", "' || {_moment("recorded_at")} || '", ' || "values"::text || ', ' || live::text
    || ', ' || coalesce(voids_id::text, 'null') || ', ' || coalesce(to_json(source)::text, 'null')
    || ', "' || xact::text || '"]', {AS_JSON})"""

# By the column, not by the text of it that is selected, which would sort 10 before 9.
# Older than every transaction that still runs: whatever commits later sorts behind it.
DUE = f"""
SELECT id, xact::text, {LINE} FROM ledger_fact
WHERE id > %(after)s AND (xact, id) > (%(xact)s::xid8, %(id)s) AND {{finished}}
ORDER BY ledger_fact.xact, id LIMIT %(run)s
"""
FINISHED = "xact < pg_snapshot_xmin(pg_current_snapshot())"

OF_SEAL = f"""
SELECT id, {LINE} FROM ledger_fact WHERE id = ANY (SELECT unnest(facts) FROM ledger_seal WHERE number = %s)
"""
UNSEALED = f"""
WITH covered AS MATERIALIZED (SELECT DISTINCT unnest(facts) AS fact FROM ledger_seal)
SELECT id, {LINE} FROM ledger_fact
WHERE NOT EXISTS (SELECT FROM covered WHERE covered.fact = ledger_fact.id) ORDER BY id
"""

# No transaction of this number has begun; what is asked within one sees its own facts, too.
FOLLOWING = """
SELECT greatest(pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
                pg_current_xact_id_if_assigned()::text::bigint + 1)
"""


def seal(*, now: datetime) -> int:
    """Seal what is due, run by run, each a transaction of its own; returns how many facts."""
    sealed = 0
    while count := seal_run(now=now):
        sealed += count
    return sealed


@transaction.atomic
def seal_run(*, now: datetime, finished: str = FINISHED) -> int:
    """Seal the next run of at most RUN facts; returns how many, 0 if none is due.

    Writers are never waited for: a fact is due once no transaction runs that began before its own
    ended. Two who seal at once wait for one another.
    """
    lock("ledger.seal")
    last = _last()
    ahead = _following(last, now=now)
    given = {"after": ahead.after, "xact": str(ahead.last[0]), "id": ahead.last[1], "run": RUN}
    with connection.cursor() as cursor:
        cursor.execute(DUE.format(finished=finished), given)
        rows = cursor.fetchall()
    if not rows:
        return 0
    leaves = b"".join(verifying.leaf_of(line) for _id, _xact, line in rows)
    _write(
        replace(
            ahead,
            last=(int(rows[-1][1]), rows[-1][0]),
            facts=[id for id, _xact, _line in rows],
            leaves=leaves,
            root=verifying.root_of(leaves),
        )
    )
    return len(rows)


@transaction.atomic
def begin_epoch(*, now: datetime) -> None:
    """Seal everything at once and count transactions from anew: the rows were just restored.

    Nobody writes meanwhile, so nothing has to be finished; the numbers of transactions of the
    house that the rows came from mean nothing here.
    """
    while seal_run(now=now, finished="true"):
        pass
    ahead = _following(_last(), now=now)
    newest = Fact.objects.aggregate(last=Max("id"))["last"] or 0
    _write(replace(ahead, epoch=ahead.epoch + 1, after=newest, last=(0, 0)))


def verify(verified: Verified, *, newest: int | None = None) -> Iterator[Finding]:
    """Everything that is wrong with the ledger of this house, in one snapshot; seal by seal.

    ``newest`` looks at so many seals only, and for facts that none covers only where there are more
    of them than the seals say.
    """
    with readers_of_one_snapshot(READERS) as readers, connection.cursor() as cursor:
        numbers = _numbers()
        first = 0 if newest is None else max(0, len(numbers) - newest)
        before = _sealed(Seal.objects.get(pk=numbers[first - 1])) if first else None
        for one, facts in _written_out(numbers[first:], readers):
            yield from verifying.check_run(one, before, facts, verified)
            before = one
        if newest is None or _are_too_many(before):
            cursor.execute(UNSEALED)
            loose = cursor.fetchall()
            # Behind the facts: within somebody else's transaction there is no one snapshot.
            cursor.execute(FOLLOWING)
            [following] = cursor.fetchone()
            yield from verifying.check_unsealed(loose, before, verified, following)
        if verified.kept:
            yield from verifying.check_checkpoint(verified.chains, verified.kept)


def _are_too_many(last: Sealed | None) -> bool:
    """Whether there are more facts from before the end of the last seal than the seals cover."""
    if last is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT count(*) FROM ledger_fact WHERE id <= %s OR (xact, id) <= (%s::xid8, %s))
                    > (SELECT sum(cardinality(facts)) FROM ledger_seal)""",
            [last.after, str(last.last[0]), last.last[1]],
        )
        [found] = cursor.fetchone()
    return bool(found)


def export() -> Iterator[str]:
    """The ledger as `ledger.verifying` reads it, line by line."""
    seals = facts = 0
    with readers_of_one_snapshot(READERS) as readers, connection.cursor() as cursor:
        yield json.dumps(verifying.FORMAT)
        for one, rows in _written_out(_numbers(), readers):
            seals += 1
            facts += len(rows)
            yield json.dumps(one.as_json())
            places = {fact: place for place, fact in enumerate(one.facts)}
            yield from (line for _id, line in sorted(rows, key=lambda row: places[row[0]]))
        cursor.execute(UNSEALED)
        for _id, line in cursor:
            facts += 1
            yield line
    yield json.dumps({"end": [seals, facts]})


def checkpoint() -> Mapping[str, Any] | None:
    """What somebody outside keeps, to find a ledger that was rewritten whole; None before any seal."""
    last = _last()
    return last and {"seal": last.number, "chain": last.chain, "at": last.at}


def unsealed_since(*, before: datetime) -> datetime | None:
    """When the oldest fact was recorded that no seal covers, of those from before a moment."""
    ahead = _following(_last(), now=before)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT min(recorded_at) FROM ledger_fact
               WHERE id > %s AND (xact, id) > (%s::xid8, %s) AND recorded_at < %s""",
            [ahead.after, str(ahead.last[0]), ahead.last[1], before],
        )
        [oldest] = cursor.fetchone()
    found: datetime | None = oldest
    return found


def _last() -> Sealed | None:
    row = Seal.objects.order_by("-number").first()
    return row and _sealed(row)


def _numbers() -> Sequence[int]:
    return list(Seal.objects.order_by("number").values_list("number", flat=True))


def _written_out(
    numbers: Iterable[int], readers: Sequence[CursorWrapper]
) -> Iterator[tuple[Sealed, verifying.Facts]]:
    """Each seal with its facts; the database writes out the next ones while those are looked at."""

    def facts_of(number: int, reader: CursorWrapper) -> verifying.Facts:
        reader.execute(OF_SEAL, [number])
        rows: verifying.Facts = reader.fetchall()
        return rows

    asked: deque[tuple[Sealed, Future[verifying.Facts]]] = deque()

    def answered() -> tuple[Sealed, verifying.Facts]:
        one, coming = asked.popleft()
        return one, coming.result()

    with ThreadPoolExecutor(max_workers=len(readers)) as beside:
        for number, reader in zip(numbers, cycle(readers)):
            # Before the seal is read: a single reader is our own connection, and answers first.
            ready = answered() if len(asked) == len(readers) else None
            one = _sealed(Seal.objects.get(pk=number))
            asked.append((one, beside.submit(facts_of, number, reader)))
            if ready:
                yield ready
        while asked:
            yield answered()


def _sealed(row: Seal) -> Sealed:
    return Sealed(
        number=row.number,
        epoch=row.epoch,
        after=row.after,
        at=row.sealed_at.astimezone(UTC).isoformat(),
        last=(row.last_xact, row.last_id),
        facts=row.facts,
        leaves=bytes(row.leaves),
        root=row.root,
        previous=row.previous,
        chain=row.chain,
    )


def _following(last: Sealed | None, *, now: datetime) -> Sealed:
    """The next seal, with nothing in it yet."""
    return Sealed(
        number=last.number + 1 if last else 1,
        epoch=last.epoch if last else 1,
        after=last.after if last else 0,
        at=now.astimezone(UTC).isoformat(),
        last=last.last if last else (0, 0),
        facts=(),
        leaves=b"",
        root=verifying.root_of(b""),
        previous=last.chain if last else FIRST,
        chain="",
    )


def _write(one: Sealed) -> None:
    Seal.objects.create(
        number=one.number,
        epoch=one.epoch,
        after=one.after,
        sealed_at=datetime.fromisoformat(one.at),
        last_xact=one.last[0],
        last_id=one.last[1],
        facts=list(one.facts),
        leaves=one.leaves,
        root=one.root,
        previous=one.previous,
        chain=one.said,
    )
