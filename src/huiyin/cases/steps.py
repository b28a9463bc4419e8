"""The steps of one case to its closing, as its page shows them: done by whom, owed by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiyin.adoption import queries as adoptions
from huiyin.cases import queries, ways
from huiyin.cases.models import Case, Referral
from huiyin.cases.queries import ANSWER_FORM, NOTICE_FORM, Said
from huiyin.obligations.models import Obligation

RUNNING = {"due", "overdue", "blocked"}

FACTS = {
    "case.notified": "handover",
    "case.rectified": "answer",
    "case.revisited": "revisit",
    "case.decided": "decision",
    "case.handled": "handling",
    "case.referred": "referral",
    "case.referral_decided": "ruling",
    "case.answered": "reply",
    "case.replied": "reply",
    "case.closed": "closure",
    "case.withdrawn": "closure",
}
"""Which step a fact is; the other steps are known from the case itself."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One duty on the case, the step it asks for, and how it stands."""

    obligation: Obligation
    gate: str
    standing: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One step to closing: ``state`` is done, next, missing (overdue) or later."""

    key: str
    title: Any
    state: str
    done_at: datetime | None = None
    done_by: str = ""
    owed: Owed | None = None


@dataclass(frozen=True)
class Progress:
    """How far a case has come: what is owed about it, what was said, who was asked for a ruling."""

    case: Case
    now: datetime
    owed: Sequence[Owed]
    said: Sequence[Said]
    referral: Referral | None

    @classmethod
    def of(cls, case: Case, *, now: datetime) -> Progress:
        """Four statements. ``owed`` has the duties of all rounds, newest first."""
        rows = (
            Obligation.objects.about(case.pk)
            .select_related("opener", "holder__as_person", "adoption")
            .order_by("-id")
        )
        owed = [Owed(row, gate=_gate_of(row, case), standing=row.standing(now)) for row in rows]
        referral = case.referrals.select_related("to").order_by("-id").first()
        return cls(case, now, owed, queries.said(case), referral)

    @property
    def keys(self) -> list[str]:
        """The steps that the case has, in order: those of its way, and those of a referral."""
        case = self.case
        asked = case.severity == Case.Severity.MAJOR or case.safety or self.referral is not None
        found: list[str] = []
        for key in ways.WAYS[case.kind].steps:
            if key == "reply" and asked:
                found += ways.REFERRED
            if not ways.STEPS[key].optional or getattr(case, ways.STEPS[key].field):
                found.append(key)
        return found

    def gates(self) -> list[Gate]:
        """The steps of the running round, each with who did it when, or what is owed for it."""
        done, by = self._done(), self._by_whom()
        upcoming = next((key for key in self.keys if done[key] is None), "")
        running = {each.gate: each for each in reversed(self.owed) if each.standing in RUNNING}
        return [
            Gate(
                key=key,
                title=ways.STEPS[key].title,
                state=_state(done[key], key == upcoming, running.get(key)),
                done_at=done[key],
                done_by=by.get(key, "") if done[key] else "",
                owed=running.get(key) or self._settled(key),
            )
            for key in self.keys
            # What a closed case never went through is no step of it any more.
            if self.case.is_open or done[key]
        ]

    def left(self) -> list[Gate]:
        """What the case still owes of a kind that it is no longer: late, so that it was kept."""
        keys = set(self.keys)
        return [
            Gate(each.gate, ways.STEPS[each.gate].title, "missing", owed=each)
            for each in self.owed
            if each.standing == "overdue" and each.gate in ways.STEPS and each.gate not in keys
        ]

    def _done(self) -> dict[str, datetime | None]:
        """When each step was done."""
        case, referral = self.case, self.referral
        return {
            "raised": case.raised_at,
            "promise": case.raised_at if case.promised_reply_at else None,
            "notice": case.notice.happened_at if case.notice else None,
            "handover": case.notified_at,
            "answer": case.rectified_at,
            "revisit": case.revisited_at,
            "decision": case.decided_at,
            "handling": case.handled_at,
            "referral": referral and referral.asked_at,
            "ruling": referral and referral.ruled_at,
            "reply": case.replied_at,
            "closure": case.closed_at,
        }

    def _by_whom(self) -> dict[str, str]:
        """Who did each step, the last one if several did."""
        raiser = self.case.raised_by.name if self.case.raised_by else ""
        found = {FACTS[each.kind]: each.by for each in self.said if each.kind in FACTS}
        return {"raised": raiser, "promise": raiser} | found

    def _settled(self, key: str) -> Owed | None:
        return next((each for each in self.owed if each.gate == key), None)


def _gate_of(row: Obligation, case: Case) -> str:
    """The step that a duty asks for, by what proves it."""
    duty = adoptions.pack_of(row.adoption.policy_version_id).policy.lines.get(row.duty)
    proof = duty and duty.proof
    if proof is None:
        return ""
    if proof.record == NOTICE_FORM:
        return "handover" if proof.sent_to else "notice"
    if proof.record == ANSWER_FORM:
        return "answer"
    if row.opener and row.opener.kind == "case.rectified":
        return "revisit"
    if proof.fact == "case.sorted":
        return _first_decision(case.kind)
    return FACTS.get(proof.fact or "", "")


def _first_decision(kind: str) -> str:
    """The first step behind its raising that such a case waits for."""
    return next(key for key in ways.WAYS[kind].steps[1:] if not ways.STEPS[key].optional)


def _state(done_at: datetime | None, is_next: bool, running: Owed | None) -> str:
    if done_at is not None:
        return "done"
    if running is not None and running.standing == "overdue":
        return "missing"
    return "next" if is_next else "later"
