"""Units and people by what others call them: in a file, on a command line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from huiyin.accounts.models import Person, Unit

STEP = re.compile(r"\s*[/／>＞\\]\s*")


def unit_ids() -> dict[str, list[int]]:
    """Units by name and by every end of their path (`一区`, `公司/一区`); several may share one."""
    rows = list(Unit.objects.values_list("pk", "name", "path"))
    names = {pk: name for pk, name, _path in rows}
    found: dict[str, list[int]] = defaultdict(list)
    for pk, _name, path in rows:
        steps = [names[int(each)] for each in path.strip("/").split("/")]
        for first in range(len(steps)):
            found[unit_key("/".join(steps[first:]))].append(pk)
    return found


def unit_paths() -> list[str]:
    """Every unit as it is told apart from all others: by name, or by its whole path."""
    by_key = unit_ids()
    longest: dict[int, str] = {}
    shortest: dict[int, str] = {}
    for key, ids in by_key.items():
        for pk in ids:
            longest[pk] = max(longest.get(pk, ""), key, key=len)
            if len(ids) == 1:
                shortest[pk] = min(shortest.get(pk, key), key, key=len)
    return sorted(shortest.get(pk, path) for pk, path in longest.items())


def paths_of(units: Collection[int]) -> dict[int, str]:
    """Each of these units with those above it, but for the firm itself: `阳光花园/一区`."""
    rows = list(Unit.objects.values_list("pk", "name", "path"))
    names = {pk: name for pk, name, _path in rows}
    steps = {pk: [names[int(each)] for each in path.strip("/").split("/")] for pk, _n, path in rows}
    return {pk: "/".join(steps[pk][1:] or steps[pk]) for pk in units}


def unit_names() -> Callable[[str], bool]:
    """Whether a text names one unit and no other; asked of many, the units are read once."""
    ids = unit_ids()
    return lambda text: len(ids.get(unit_key(text), ())) == 1


def unit_key(text: str) -> str:
    """A name or path as ``unit_ids`` knows it."""
    return "/".join(part for part in STEP.split(text.strip()) if part)


def person_ids(texts: Collection[str]) -> dict[str, list[int]]:
    """People by number or by name; a number wins over somebody's name. Two statements."""
    by_name = Person.objects.filter(name__in=texts).values_list("name", "pk")
    by_number = Person.objects.filter(number__in=texts).values_list("number", "pk")
    return {**_grouped(by_name), **_grouped(by_number)}


def _grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for name, pk in pairs:
        found[name].append(pk)
    return found
