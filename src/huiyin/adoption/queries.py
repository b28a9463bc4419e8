"""Which policies are in force, parsed once per text and process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from huiyin.accounts.calendar_queries import CALENDAR_TEXT
from huiyin.adoption.calendars import CALENDAR, calendar_from, work_calendar
from huiyin.adoption.models import Adoption, PolicyVersion, SettingChange
from huiyin.adoption.querysets import DECIDED
from huiyin.core.errors import NotFound
from huiyin.core.locks import lock, share
from huiyin.core.once import forget, once, remember
from huiyin.policy.calendar import WorkCalendar
from huiyin.policy.lengths import NotALength, parse_length, say_length
from huiyin.policy.loading import Pack, parse_pack
from huiyin.policy.schema import Form
from huiyin.policy.state import InForce

POLICIES = "policies"
"""The name of the lock."""

_changed: dict[int, Pack] = {}
_parsed: dict[str, Pack] = {}


@lru_cache(maxsize=64)
def pack_of(version_id: int) -> Pack:
    """The parsed pack of a stored version. A stored version never changes, so it is kept."""
    if version_id in _changed:
        return _changed[version_id]
    version = PolicyVersion.objects.get(id=version_id)
    return parsed(version.digest, version.sources)


def parsed(digest: str, sources: Mapping[str, str]) -> Pack:
    """The pack of a text, parsed once per process. Raises PackErrors."""
    if digest not in _parsed:
        _parsed[digest] = parse_pack(dict(sources))
    return _parsed[digest]


@contextmanager
def standing_in(version_id: int, pack: Pack) -> Iterator[None]:
    """Within this block a pack stands for a version that nobody has read yet.

    Mutation changes the parsed tree of a policy, not its text; so there is no text to parse.
    """
    _changed[version_id] = pack
    try:
        yield
    finally:
        del _changed[version_id]


def settings_of(policy: str, pack: Pack) -> dict[str, str]:
    """The values in force: the newest change, else the pack's default; an unset one is absent."""
    changes = SettingChange.objects.filter(policy=policy).order_by("key", "-id").distinct("key")
    return defaults_of(pack) | dict(changes.values_list("key", "value"))


def in_words(value: str, language: str) -> str:
    """A setting's value as a person says it: 7 天 for ``7d``; anything but a length as it is."""
    try:
        return say_length(parse_length(value), language)
    except NotALength:
        return value


def defaults_of(pack: Pack) -> dict[str, str]:
    """The settings that the pack itself gives a value."""
    return {
        key: str(setting.default)
        for key, setting in pack.policy.settings.items()
        if setting.default is not None
    }


def as_in_force(
    adoption: Adoption,
    changed: Mapping[str, str] | None = None,
    calendar: WorkCalendar | None = None,
) -> InForce:
    """What the engine needs to know of one adoption.

    ``changed``: its changed settings, ``calendar``: the firm's, both if they are known.
    """
    pack = pack_of(adoption.policy_version_id)
    return InForce(
        adoption=adoption.id,
        policy=pack.policy,
        zone=ZoneInfo(adoption.time_zone),
        starts=adoption.starts_at,
        ends=adoption.ends_at,
        settings=settings_of(pack.id, pack) if changed is None else defaults_of(pack) | changed,
        calendar=work_calendar() if calendar is None else calendar,
    )


def decided() -> list[tuple[Adoption, InForce]]:
    """Every adoption that may decide about a fact: in force, or ended (for facts of that time)."""
    return [
        (
            adoption,
            as_in_force(
                adoption,
                adoption.changed,
                calendar_from(adoption.calendar_text),
            ),
        )
        for adoption in known()
    ]


def current() -> Sequence[tuple[Adoption, Pack]]:
    """The adoptions in force, with their packs, for pages; each page asks once."""
    return once("adoptions in force", _current)


def _current() -> tuple[tuple[Adoption, Pack], ...]:
    return tuple(
        (adoption, pack_of(adoption.policy_version_id))
        for adoption in known()
        if adoption.state == Adoption.State.IN_FORCE
    )


def known() -> Sequence[Any]:
    """Every adoption that is or was in force, by age, with its changed settings and the calendar.

    One statement, since this is asked before every act and with every fact; a page asks once.
    """
    return once("adoptions", _known, lasting=True)


def hold_still(*, alone: str = "") -> None:
    """Nobody changes the policies until the use case ends; from here on it goes by what stands.

    ``alone``: what it locks for itself right behind them.
    """
    if share(POLICIES, alone=alone):
        forget()


def hold_back() -> None:
    """Whoever changes the policies waits for all who go by them, and they for him."""
    lock(POLICIES)
    forget()


def plan_alone() -> None:
    """Nobody else plans what returns by period until the transaction ends.

    Whoever brings a version into force says so before he locks anything else: the planner needs
    the versions when it is done.
    """
    lock("plan")


def _known() -> tuple[Any, ...]:
    rows = tuple(Adoption.objects.raw(KNOWN, [list(DECIDED)]))
    for adoption in rows:
        # Without its sources, a whole text, which is parsed once and kept.
        told = [json.loads(adoption.of_version)[name] for name in OF_VERSION]
        adoption.policy_version = PolicyVersion.from_db(adoption._state.db, OF_VERSION, told)
        adoption.changed = json.loads(adoption.changed_settings or "{}")
        remember(CALENDAR, calendar_from(adoption.calendar_text))
    return rows


OF_VERSION = ("id", "policy", "version", "number", "digest")
"""In the order of the model's fields."""
# Written out: it takes longer to put together from querysets than the server takes to answer it.
KNOWN = f"""
SELECT adoption.*,
    jsonb_build_object('id', version.id, 'policy', version.policy, 'version', version.version,
                       'number', version.number, 'digest', version.digest)::text AS of_version,
    (SELECT jsonb_object_agg(key, value)::text
     FROM (SELECT DISTINCT ON (key) key, value FROM adoption_settingchange
           WHERE policy = version.policy ORDER BY key, id DESC) newest) AS changed_settings,
    ({CALENDAR_TEXT}) AS calendar_text
FROM adoption_adoption adoption
JOIN adoption_policyversion version ON version.id = adoption.policy_version_id
WHERE adoption.state = ANY(%s) ORDER BY adoption.id
"""


def packs_in_force() -> list[Pack]:
    """The packs in force, each once."""
    return [pack for _adoption, pack in current()]


def policy_in_force(policy: str) -> tuple[Adoption, Pack]:
    """The adoption of one policy that is in force; raises NotFound."""
    for adoption, pack in current():
        if pack.id == policy:
            return adoption, pack
    raise NotFound


def form(key: str) -> tuple[Adoption, Form]:
    """The form of that key in the policies in force; raises NotFound when no pack has it."""
    for adoption, pack in current():
        if key in pack.policy.forms:
            return adoption, pack.policy.forms[key]
    raise NotFound


def role_title(adoption: Adoption, role: str, language: str = "zh") -> str:
    """The pack's title of a role."""
    found = pack_of(adoption.policy_version_id).policy.roles.get(role)
    return found.title.say(language) if found else role
