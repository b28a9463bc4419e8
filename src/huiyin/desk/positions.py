"""The positions that a firm begins with: one for each role of its pack, placed as in the sample."""

from __future__ import annotations

from huiyin.accounts import services as accounts
from huiyin.accounts.models import Position
from huiyin.adoption.packs import Pack
from huiyin.desk.demo.sample import Sample


def create_positions_of(pack: Pack, sample: Sample | None) -> None:
    """Without a sample every position sees what is its holder's own, and none governs."""
    roles, placed = pack.policy.roles, sample.positions if sample else {}
    accounts.create_positions(
        [
            (key, role.title.zh, placed[key].scope if key in placed else Position.Scope.OWN)
            for key, role in roles.items()
        ],
        english={key: role.title.en for key, role in roles.items()},
        governing=sample.governing if sample else (),
        overlooking=sample.overlooking if sample else (),
    )
