"""Stopwatch, shared buffers, statements and memory."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from django.db import connection

READS = ("SELECT", "WITH")


def seconds(do: Callable[..., Any], *given: Any, **named: Any) -> float:
    """How long it takes with what is given, commit included."""
    began = time.perf_counter()
    do(*given, **named)
    return time.perf_counter() - began


@dataclass
class Statements:
    """What one piece of work asked of the database, in turn."""

    asked: list[tuple[str, Any]] = field(default_factory=list)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        self.asked.append((sql, params))
        return execute(sql, params, *rest)

    @property
    def reads(self) -> list[tuple[str, Any]]:
        return [each for each in self.asked if each[0].lstrip().upper().startswith(READS)]


@contextmanager
def listening() -> Iterator[Statements]:
    """Every statement that Django sends within the block; what opens and closes a transaction aside."""
    heard = Statements()
    with connection.execute_wrapper(heard):
        yield heard


@dataclass(frozen=True)
class Plan:
    """What the server said of a statement: seconds with planning, buffers, and the nodes it used."""

    seconds: float
    buffers: int
    nodes: tuple[tuple[str, str], ...]

    def scans_in_sequence(self, table: str) -> bool:
        return any("Seq Scan" in node and on == table for node, on in self.nodes)


def explained(sql: str, params: Any = None, *, rounds: int = 5) -> Plan:
    """The median plan of a reading statement on Django's connection."""
    plans = [_explain(sql, params) for _round in range(rounds)]
    return Plan(median(p.seconds for p in plans), plans[-1].buffers, plans[-1].nodes)


def together(statements: list[tuple[str, Any]], *, rounds: int = 5) -> Plan:
    """Several statements as one: their medians summed."""
    plans = [explained(sql, params, rounds=rounds) for sql, params in statements]
    return Plan(
        sum(p.seconds for p in plans),
        sum(p.buffers for p in plans),
        tuple(node for p in plans for node in p.nodes),
    )


def _explain(sql: str, params: Any) -> Plan:
    with connection.cursor() as cursor:
        # Without the clock at each node: it would cost more than what it measures.
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params)
        (found,) = cursor.fetchone()
    [said] = json.loads(found) if isinstance(found, str) else found
    top = said["Plan"]
    return Plan(
        (said["Planning Time"] + said["Execution Time"]) / 1000,
        top["Shared Hit Blocks"] + top["Shared Read Blocks"],
        tuple(_nodes(top)),
    )


def _nodes(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield plan["Node Type"], plan.get("Relation Name", "")
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


TOUCHED = """
SELECT coalesce(sum(heap_blks_hit + heap_blks_read
       + coalesce(idx_blks_hit, 0) + coalesce(idx_blks_read, 0)
       + coalesce(toast_blks_hit, 0) + coalesce(toast_blks_read, 0)
       + coalesce(tidx_blks_hit, 0) + coalesce(tidx_blks_read, 0)), 0)
FROM pg_statio_user_tables WHERE schemaname = 'public'
"""


def buffers(
    owner: psycopg.Connection, do: Callable[..., Any], *given: Any, **named: Any
) -> tuple[int, float]:
    """Shared buffers of the product's own tables and indexes that it touches, and its seconds."""
    before = _touched(owner)
    taken = seconds(do, *given, **named)
    return _touched(owner) - before, taken


def _touched(owner: psycopg.Connection) -> int:
    # A session tells the others what it did about once a second; the numbers are wanted now.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")
    owner.execute("SELECT pg_stat_force_next_flush()")
    owner.execute("SELECT pg_stat_clear_snapshot()")
    found = owner.execute(TOUCHED).fetchone()
    assert found is not None
    return int(found[0])


@contextmanager
def memory_peak() -> Iterator[list[int]]:
    """Bytes that this process held at most within the block, as the only item of the list."""
    found: list[int] = []
    # 5 resets the high-water mark of the process itself.
    Path("/proc/self/clear_refs").write_text("5")
    yield found
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    found.append(int(peak.split()[1]) * 1024)
