"""What models and migrations declare in the database, so that one can ask whether it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL

Named = tuple[str, str, str]  # what it is, its table, its name or its column

TRIGGER = re.compile(r"\b(CREATE|DROP) TRIGGER (\w+)[^;]*? ON (\w+)")


@cache
def declared() -> tuple[Named, ...]:
    """Constraints, keys and indexes of models, triggers of migrations."""
    made = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]
    return (*(each for model in made for each in _of(model)), *_triggers())


def _of(model: type[models.Model]) -> Iterator[Named]:
    table = model._meta.db_table
    for each in (*model._meta.constraints, *model._meta.indexes):
        yield "constraint or index", table, each.name
    for field in model._meta.local_concrete_fields:
        if field.primary_key:
            yield "primary key", table, field.column
        elif field.unique:
            yield "unique", table, field.column
        if isinstance(field, models.ForeignKey) and field.db_constraint:
            yield "foreign key", table, field.column


def _triggers() -> Iterator[Named]:
    """Those that our migrations leave behind; Django's models know of none."""
    graph, left = MigrationLoader(None).graph, set[tuple[str, str]]()
    plan = [key for leaf in graph.leaf_nodes() for key in graph.forwards_plan(leaf)]
    for app, name in dict.fromkeys(plan):
        if not apps.get_app_config(app).name.startswith("huiyin."):
            continue
        for operation in graph.nodes[app, name].operations:
            if isinstance(operation, RunSQL):
                for verb, trigger, table in TRIGGER.findall(str(operation.sql)):
                    (left.add if verb == "CREATE" else left.discard)((table, trigger))
    return (("trigger", table, trigger) for table, trigger in sorted(left))
