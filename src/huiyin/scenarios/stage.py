"""The ground that scenarios stand on: a firm in which one pack came into force long ago."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.accounts import services as accounts
from huiyin.accounts.models import Person, Post, Unit
from huiyin.adoption import queries as adoptions
from huiyin.adoption import services as adoption
from huiyin.adoption.models import Adoption, PolicyVersion
from huiyin.policy.loading import Pack
from huiyin.policy.schema import Policy

ZONE = "Asia/Shanghai"
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
FOUNDING = BEGINNING - timedelta(days=1)
OPEN_TERMS = {"length": "30d", "number": "1", "percent": "10%", "text": "-"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A firm of one unit. The two founders held every role on the day before the pack came into
    force, so that it could be adopted, and none after it. Lives inside one transaction that is
    rolled back.
    """

    pack: Pack
    adoption: int
    root: Unit
    proposer: int
    approver: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(ZONE)

    @contextmanager
    def in_charge(self, *, at: datetime) -> Iterator[int]:
        """Within this block a founder heads the firm, for what only its head may do."""
        [position] = accounts.create_positions([("founder", "公司负责人", "tree")])
        founder = Person.objects.get(pk=self.proposer)
        post = Post.objects.create(
            person=founder,
            position=position,
            unit=self.root,
            from_on=at.astimezone(self.zone).date(),
        )
        try:
            yield founder.pk
        finally:
            post.delete()

    @contextmanager
    def under(self, policy: Policy) -> Iterator[None]:
        """Within this block another policy stands in the place of the adopted one."""
        with transaction.atomic():
            version = PolicyVersion.objects.get(adoptions=self.adoption)
            changed = PolicyVersion.objects.create(
                policy=version.policy,
                version=version.version,
                number=version.number,
                digest=f"changed {id(policy)}",
                sources=version.sources,
            )
            Adoption.objects.filter(pk=self.adoption).update(policy_version=changed)
            try:
                with adoptions.standing_in(changed.pk, replace(self.pack, policy=policy)):
                    yield
            finally:
                transaction.set_rollback(True)


@contextmanager
def stage_for(pack: Pack) -> Iterator[Stage]:
    """Set the stage in the current database, which must hold no firm; leave it as it was."""
    # Versions are kept by id, and ids begin anew in every database.
    adoptions.pack_of.cache_clear()
    with transaction.atomic():
        try:
            stage = _set_up(pack)
            version = Adoption.objects.values_list("policy_version", flat=True).get(
                pk=stage.adoption
            )
            with adoptions.standing_in(version, pack):
                yield stage
        finally:
            transaction.set_rollback(True)
            adoptions.pack_of.cache_clear()


def _set_up(pack: Pack) -> Stage:
    accounts.create_firm("示例公司", time_zone=ZONE)
    root = accounts.create_unit("公司", kind="firm", by=None, now=FOUNDING)
    proposer, approver = (
        accounts.create_person(name, number=number, unit=root, by=None, now=FOUNDING)
        for name, number in (("制度提议人", "F1"), ("制度批准人", "F2"))
    )
    for founder in (proposer, approver):
        _hold_every_role_for_a_day(pack, founder, root)
    _settle_open_terms(pack, proposer)
    proposed = adoption.propose(
        pack.sources,
        # Not at the founding: what returns by period would be owed from then on. The first of a
        # month, so that steps of months, which count from it, are the calendar's.
        starts_on=BEGINNING.date(),
        mode=Adoption.Mode.FORCE,
        by=proposer.pk,
        now=FOUNDING,
    )
    adopted = adoption.approve(proposed, by=approver.pk, now=FOUNDING)
    return Stage(pack, adopted.pk, root, proposer.pk, approver.pk)


def _settle_open_terms(pack: Pack, founder: Person) -> None:
    """Terms without a default keep a firm from adopting; here they stand at ``OPEN_TERMS``, and
    scenarios settle those that they are about (参数 … 为 …).
    """
    adoption.store_version(pack.sources)
    for key, setting in pack.policy.settings.items():
        if setting.default is None:
            adoption.change_setting(
                pack.id,
                key=key,
                value=OPEN_TERMS[setting.type],
                reason=_("场景设定"),
                by=founder.pk,
                now=FOUNDING,
            )


def _hold_every_role_for_a_day(pack: Pack, person: Person, root: Unit) -> None:
    first_day = FOUNDING.astimezone(ZoneInfo(ZONE)).date()
    roles = pack.policy.roles.items()
    positions = accounts.create_positions([(key, role.title.zh, "tree") for key, role in roles])
    for position in positions:
        post = accounts.appoint(person, position, root, first_day, by=None, now=FOUNDING)
        accounts.end_post(post, first_day, by=None, now=FOUNDING + timedelta(hours=1))
