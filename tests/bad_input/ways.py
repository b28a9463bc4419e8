"""The ways in: `huiyin import` as a terminal sees it, and what is in every table afterwards."""

from __future__ import annotations

import argparse
import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps

from huiyin.customers.models import Customer
from huiyin.imports.commands import run_import
from tests import tables

MAP = """\
import: customers
columns:
  number: {column: [户号, 房号]}
  class: {constant: household}
  name: {column: 姓名, required: false}
  phone: {column: 电话, required: false}
  registered: {column: 登记时间, required: false}
  customer.area: {column: 面积, required: false}
  customer.fee: {column: 物业费, required: false}
  customer.born: {column: 生日, required: false}
  customer.moved: {column: 迁入时间, required: false}
  customer.pets: {column: 养宠物, required: false}
  customer.mood: {column: 满意度, required: false}
  customer.card: {column: 身份证号, required: false}
  customer.note: {column: 备注, required: false}
"""
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "import.md"


@dataclass(frozen=True)
class Told:
    """What a command answered: its exit status and everything that it printed."""

    status: int
    text: str


def imported(
    path: Path,
    *,
    by_map: bytes = MAP.encode(),
    errors: Path | None = None,
    doubts: Path | None = None,
) -> Told:
    """`huiyin import customers PATH --map MAP --errors ERRORS --doubts DOUBTS`, in this process."""
    map_file = path.with_name("map.yaml")
    map_file.write_bytes(by_map)
    options = argparse.Namespace(
        what="customers", file=path, map=map_file, dry_run=False, live=False, by=None,
        errors=errors, doubts=doubts, json=False, server=contextlib.nullcontext,
    )  # fmt: skip
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = run_import(options)
    return Told(status, said.getvalue())


def customers() -> tuple[tuple[str, str], ...]:
    """Number and name of everybody who is there, in the order in which they came."""
    return tuple(Customer.objects.order_by("pk").values_list("number", "name"))


def counted() -> dict[str, int]:
    """How many rows each table has; numbers that are given out and searched words aside."""
    managed = (model for model in apps.get_models() if model._meta.managed)
    return tables.counted(model._meta.db_table for model in managed)
