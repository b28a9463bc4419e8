"""What somebody has to do so that an obligation is met, for the pages that lead there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from huiyin.adoption import queries as adoptions
from huiyin.obligations.models import Obligation
from huiyin.policy.duties import Duty
from huiyin.policy.schema import Policy

Kind = Literal["followup", "record", "sending", "fact", "decision", "count"]


@dataclass(frozen=True, slots=True)
class Way:
    """How a duty is met: a follow-up or another record on ``form``, the sending of one, a ``fact``.

    A quota is met by counting facts of its kind, a question by deciding it. Only ``channels``
    meet it, where it names any.
    """

    kind: Kind
    form: str = ""
    fact: str = ""
    channels: tuple[str, ...] = ()

    @property
    def followup_form(self) -> str:
        """The form of the follow-up that meets it; empty where none does."""
        return self.form if self.kind == "followup" else ""


def way_of(row: Obligation) -> Way:
    """How the obligation is met; ``row`` comes with its adoption."""
    return way_under(row.adoption.policy_version_id, row.duty)


def way_under(version: int, key: str) -> Way:
    """How a duty is met under a version of a policy; what that no longer knows, by a fact."""
    policy = adoptions.pack_of(version).policy
    duty = policy.lines.get(key)
    return way_to(policy, duty) if duty is not None else Way("fact")


def way_to(policy: Policy, duty: Duty) -> Way:
    """How a duty of the policy is met."""
    if duty.quota is not None:
        return Way("count", fact=duty.quota.of)
    if duty.key in policy.tables:
        return Way("decision")
    proof = duty.proof
    if proof is None or proof.record is None:
        return Way("fact", fact=(proof and proof.fact) or "")
    if proof.sent_to:
        return Way("sending", form=proof.record)
    form = policy.forms.get(proof.record)
    is_contact = form is not None and policy.is_contact(form)
    return Way("followup" if is_contact else "record", form=proof.record, channels=duty.channel)
