"""Putting packs into force: propose, approve by a second person, settle the open terms."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.accounts.abilities import may_adopt
from huiyin.accounts.models import Firm
from huiyin.accounts.queries import viewer_at
from huiyin.adoption import checks, queries, terms
from huiyin.adoption.models import (
    Acknowledgement,
    Adoption,
    Party,
    PolicyVersion,
    SettingChange,
)
from huiyin.core.errors import Conflict, Refused
from huiyin.core.words import require_reason
from huiyin.ledger import services as ledger
from huiyin.policy.loading import Pack


def digest_of(sources: Mapping[str, str]) -> str:
    """SHA-256 over the pack's files in canonical JSON, as hexadecimal text."""
    text = json.dumps(dict(sources), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def store_version(sources: Mapping[str, str]) -> tuple[PolicyVersion, Pack]:
    """Keep a pack's text once. Raises PackErrors when it does not parse.

    Raises Conflict when a published version was edited: a changed text needs a new number.
    """
    digest = digest_of(sources)
    pack = queries.parsed(digest, sources)
    document = pack.policy.document
    changed = PolicyVersion.objects.filter(policy=pack.id, version=document.version).exclude(
        digest=digest
    )
    if changed.filter(adoptions__mode=Adoption.Mode.FORCE).exists():
        raise Conflict(
            _("制度 %(policy)s 第 %(version)s 版已经施行，改动后的文本须用新的版本号。")
            % {"policy": pack.id, "version": document.version},
            code="version_edited",
        )
    version, _created = PolicyVersion.objects.get_or_create(
        digest=digest,
        defaults={
            "policy": pack.id,
            "version": document.version,
            "number": document.number,
            "sources": dict(sources),
        },
    )
    return version, pack


@transaction.atomic
def propose(  # noqa: PLR0913 - what two people sign: text, day, mode, start, roles
    sources: Mapping[str, str],
    *,
    starts_on: date,
    mode: str,
    start: str = Adoption.Start.HISTORY,
    role_map: Mapping[str, str] | None = None,
    by: int,
    now: datetime,
) -> Adoption:
    """Propose to put a pack into force from the start of a day in the firm's zone.

    ``start`` settles whether facts recorded since that day, but before the approval, open
    obligations (``live``) or not (``history``). ``role_map`` maps pack roles to the firm's
    positions; a role that is not named keeps its key.
    Raises PackErrors, Conflict, or Refused: by whom it may not be, or naming setting, role
    or the pack in force that it clashes with, with their clauses.
    """
    _require_authority(by, at=now)
    version, pack = store_version(sources)
    firm = Firm.objects.get()
    mapping = {role: role for role in pack.policy.roles} | dict(role_map or {})
    settings, beside = queries.settings_of(pack.id, pack), queries.packs_in_force()
    checks.require_adoptable(pack, mapping, settings, beside=beside, at=now)
    return Adoption.objects.create(
        policy_version=version,
        mode=mode,
        start=start,
        starts_at=datetime.combine(starts_on, time.min, ZoneInfo(firm.time_zone)),
        time_zone=firm.time_zone,
        role_map=mapping,
        proposed_by_id=by,
        proposed_at=now,
    )


@transaction.atomic
def approve(adoption: Adoption, *, by: int, now: datetime) -> Adoption:
    """Put a proposed adoption into force; the version in force before it ends when it starts.

    Maker and checker are two people, each heading the whole firm; in trial mode one may do both.
    Raises Refused, Conflict.
    """
    _require_authority(by, at=now)
    if adoption.mode == Adoption.Mode.FORCE and adoption.proposed_by_id == by:
        raise Refused(
            [], _("提出启用的人不能自己批准，请另一位有权限的人批准。"), rule="two_people"
        )
    if adoption.mode == Adoption.Mode.FORCE and Firm.objects.filter(trial=True).exists():
        raise Refused(
            [],
            _("试用期间不用登录，分不清是谁批准的；请先在“开始使用”里结束免登录。"),
            rule="open_house",
        )
    pack = queries.pack_of(adoption.policy_version_id)
    settings = queries.settings_of(pack.id, pack)
    beside = queries.packs_in_force()
    checks.require_adoptable(pack, adoption.role_map, settings, beside=beside, at=now)
    queries.plan_alone()
    versions = Adoption.objects.of_policy(pack.id)
    # Locked first: of two versions approved at once, the second finds the first in force.
    list(versions.order_by("id").select_for_update(of=("self",)))
    in_force = versions.filter(state=Adoption.State.IN_FORCE)
    if in_force.filter(starts_at__gt=adoption.starts_at).exists():
        raise Refused([], _("在用的版本施行得更晚；新的版本不能早于它施行。"), rule="version_order")
    in_force.update(state=Adoption.State.ENDED, ends_at=adoption.starts_at)
    changed = Adoption.objects.filter(id=adoption.id, state=Adoption.State.PROPOSED).update(
        state=Adoption.State.IN_FORCE, approved_by=by, approved_at=now
    )
    if not changed:
        raise Conflict(_("这次启用已经有人处理过了，请刷新页面。"), code="adoption_decided")
    _know_parties(pack)
    ledger.record([_adopted(adoption, pack, by=by, now=now)], now=now)
    adoption.refresh_from_db()
    return adoption


def _know_parties(pack: Pack) -> None:
    """Each recipient outside the firm gets the target that stands for it."""
    known = Party.objects.filter(policy=pack.id).values_list("key", flat=True)
    new = [key for key in pack.policy.parties if key not in set(known)]
    targets = ledger.create_targets(
        [ledger.NewTarget("party", pack.policy.parties[key].title.zh) for key in new]
    )
    Party.objects.bulk_create(
        Party(policy=pack.id, key=key, target_id=target)
        for key, target in zip(new, targets, strict=True)
    )


@transaction.atomic
def acknowledge(policy: str, *, person: int, now: datetime) -> Acknowledgement:
    """A person has read the declarative clauses of the version in force; said once for each.

    States ``policy.acknowledged`` about him. Raises NotFound.
    """
    adoption, _pack = queries.policy_in_force(policy)
    said, is_new = Acknowledgement.objects.get_or_create(
        person_id=person,
        policy_version_id=adoption.policy_version_id,
        defaults={"acknowledged_at": now},
    )
    if is_new:
        ledger.record(
            [
                ledger.NewFact(
                    kind="policy.acknowledged",
                    target_id=person,
                    by_id=person,
                    recorded_by_id=person,
                    happened_at=now,
                    known_at=now,
                    values={
                        "policy.id": policy,
                        "policy.version": adoption.policy_version.version,
                    },
                )
            ],
            now=now,
        )
    return said


def _require_authority(person: int, *, at: datetime) -> None:
    """A policy binds everybody, so only who heads the whole firm puts it into force."""
    if not may_adopt(viewer_at(person, at)):
        raise Refused(
            [],
            _("只有管辖整个公司的人（如经理、主管）可以提出或批准启用制度。"),
            rule="adoption_authority",
        )


def _adopted(adoption: Adoption, pack: Pack, *, by: int, now: datetime) -> ledger.NewFact:
    return ledger.NewFact(
        kind="policy.adopted",
        target_id=by,
        by_id=by,
        recorded_by_id=by,
        happened_at=now,
        known_at=now,
        values={
            "policy.id": pack.id,
            "policy.version": pack.policy.document.version,
            "policy.digest": adoption.policy_version.digest,
            "policy.adoption": adoption.id,
            "policy.mode": adoption.mode,
            "policy.start": adoption.start,
            "policy.starts": adoption.starts_at.isoformat(),
        },
    )


@transaction.atomic
def change_setting(
    policy: str, *, key: str, value: str, reason: str, by: int, now: datetime
) -> SettingChange:
    """Settle a term that the policy leaves open; logged with its reason.

    Raises Invalid for a value of another type or a reason that is not given; NotFound.
    """
    reason = require_reason(reason, missing=_("请写明更改的原因。"))
    pack = checks.pack_with_setting(policy, key)
    terms.require_setting_value(pack, key, value)
    change = SettingChange.objects.create(
        policy=policy, key=key, value=value, reason=reason, changed_by_id=by, changed_at=now
    )
    ledger.record(
        [
            ledger.NewFact(
                kind="setting.changed",
                target_id=by,
                by_id=by,
                recorded_by_id=by,
                happened_at=now,
                known_at=now,
                values={"setting.policy": policy, "setting.key": key, "setting.value": value},
                note=reason,
            )
        ],
        now=now,
    )
    return change
