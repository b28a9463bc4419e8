"""Writes what a decision asked for, one statement per kind, inside the facts' transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import pack_of
from huiyin.core.copying import copy_rows, reserve_ids
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Target
from huiyin.notices import services as notices
from huiyin.obligations import blocking, booking, counting, settling
from huiyin.obligations.histories import ADOPTION, CAUSE
from huiyin.obligations.models import Obligation, Question
from huiyin.policy.clocks import period_end
from huiyin.policy.duties import Duty
from huiyin.policy.effects import (
    Ask,
    Book,
    Cancel,
    Count,
    Discharge,
    Effect,
    Emit,
    Extend,
    LookAgain,
    Open,
    Release,
    Reopen,
    Retract,
    Reverse,
    Tell,
    Tick,
)
from huiyin.policy.schema import Policy


@dataclass
class Applied:
    """What one application wrote: real ids behind the refs of the decision."""

    facts: dict[int, int] = field(default_factory=dict)
    obligations: dict[int, int] = field(default_factory=dict)

    def fact(self, ref: int) -> int:
        return self.facts.get(ref, ref)

    def obligation(self, ref: int) -> int:
        return self.obligations.get(ref, ref)


def apply_effects(adoption: Adoption, effects: Sequence[Effect], *, now: datetime) -> Applied:
    """Write the effects of one adoption. The order between kinds keeps every foreign key whole."""
    by_type: dict[type, list] = defaultdict(list)
    for effect in effects:
        by_type[type(effect)].append(effect)
    applied = Applied()
    _emit(adoption, by_type[Emit], applied, now=now)
    _retract(by_type[Retract], applied, now=now)
    _open(adoption, by_type[Open], applied, now=now)
    _settle(effects, applied)
    counting.count(adoption, by_type[Count], applied.fact)
    counting.tick(by_type[Tick], applied.obligation, applied.fact)
    settling.look_again(by_type[LookAgain], applied.obligation, applied.fact)
    booking.book(adoption, by_type[Book], applied.fact, now=now)
    booking.reverse(by_type[Reverse], now=now)
    dues = {effect.ref: effect.due for effect in by_type[Open]}
    _tell(adoption, by_type[Tell], applied, dues, now=now)
    _ask(adoption, by_type[Ask], now=now)
    return applied


SETTLING: Mapping[type, Callable[..., None]] = {
    Discharge: settling.discharge,
    Reopen: settling.reopen,
    Release: settling.release,
    Cancel: settling.cancel,
    Extend: settling.extend,
}


def _settle(effects: Sequence[Effect], applied: Applied) -> None:
    """One statement for each kind; what comes to one obligation in turn is written in turn."""
    turns: list[dict[type, list]] = []
    turn_of: dict[int, int] = defaultdict(int)
    for effect in effects:
        if not isinstance(effect, Discharge | Reopen | Release | Cancel | Extend):
            continue
        turn = turn_of[effect.obligation]
        turn_of[effect.obligation] += 1
        if turn == len(turns):
            turns.append(defaultdict(list))
        turns[turn][type(effect)].append(effect)
    for by_kind in turns:
        for kind, found in by_kind.items():
            SETTLING[kind](found, applied.obligation, applied.fact)


def _emit(adoption: Adoption, effects: Sequence[Emit], applied: Applied, *, now: datetime) -> None:
    """State the engine's facts; one that falls with another of them comes behind it."""
    waiting = list(effects)
    while waiting:
        ready = [e for e in waiting if e.cause is None or e.cause > 0 or e.cause in applied.facts]
        facts = ledger.append([_stated(adoption, e, applied, now) for e in ready], now=now)
        applied.facts.update((e.ref, fact.id) for e, fact in zip(ready, facts, strict=True))
        waiting = [effect for effect in waiting if effect.ref not in applied.facts]


def _stated(adoption: Adoption, effect: Emit, applied: Applied, now: datetime) -> ledger.NewFact:
    of_table = {}
    if effect.cause is not None:
        of_table = {CAUSE: applied.fact(effect.cause), ADOPTION: adoption.id}
    return ledger.NewFact(
        kind=effect.kind,
        target_id=effect.target,
        by_id=effect.by,
        recorded_by_id=None,
        happened_at=effect.happened,
        known_at=max(effect.happened, now),
        values={**effect.values, **of_table},
    )


def _retract(effects: Sequence[Retract], applied: Applied, *, now: datetime) -> None:
    """Engine facts that no longer hold are voided like any other."""
    ledger.append(
        [
            ledger.NewFact(
                kind=ledger.VOIDED,
                target_id=effect.target,
                by_id=None,
                recorded_by_id=None,
                happened_at=now,
                known_at=now,
                voids_id=applied.fact(effect.fact),
            )
            for effect in effects
        ],
        now=now,
    )


OPEN_COLUMNS = (
    "id",
    "adoption_id",
    "policy",
    "duty",
    "line",
    "clauses",
    "target_id",
    "opener_id",
    "key_opener",
    "period",
    "owed_roles",
    "holder_id",
    "excluded_id",
    "recipient_id",
    "ordinal",
    "values",
    "opened_at",
    "due_at",
    "plan_on",
    "provisional",
    "needed",
    "counted",
    "state",
    "next_look_at",
    "level",
    "missed",
    "blocked_by",
)


def _open(adoption: Adoption, effects: Sequence[Open], applied: Applied, *, now: datetime) -> None:
    if not effects:
        return
    ids = reserve_ids(Obligation, len(effects))
    applied.obligations.update(zip((effect.ref for effect in effects), ids, strict=True))
    policy = pack_of(adoption.policy_version_id).policy
    copy_rows(
        Obligation,
        OPEN_COLUMNS,
        [
            _open_row(effect, identity, adoption.id, policy, applied, now)
            for effect, identity in zip(effects, ids, strict=True)
        ],
    )
    blocking.refresh_opened(ids, now=now)


def _open_row(
    effect: Open, identity: int, adoption: int, policy: Policy, applied: Applied, now: datetime
) -> tuple:
    opener = None if effect.opener is None else applied.fact(effect.opener)
    return (
        identity,
        adoption,
        policy.policy,
        effect.duty,
        effect.line,
        list(effect.why.clauses),
        effect.target,
        opener,
        None if effect.once else opener,
        _period(policy.lines[effect.duty], effect),
        list(effect.roles),
        effect.holder,
        effect.excluded,
        effect.recipient,
        effect.ordinal,
        dict(effect.values),
        now,
        effect.due,
        effect.plan_on,
        effect.provisional,
        effect.needed,
        0,
        "blocked" if effect.blocked else "open",
        None if effect.blocked else effect.next_look,
        0,
        False,
        effect.blocked,
    )


def _period(duty: Duty, effect: Open) -> tuple[date, date] | None:
    """``[first day, day behind the last)`` of what is owed by period, or of a share."""
    if effect.period is None:
        return None
    if effect.period_after is not None:
        return effect.period, effect.period_after
    return (effect.period, period_end(effect.period, duty.share.per)) if duty.share else None


def _tell(
    adoption: Adoption,
    effects: Sequence[Tell],
    applied: Applied,
    dues: Mapping[int, datetime | None],
    *,
    now: datetime,
) -> None:
    if not effects:
        return
    policy = adoption.policy_version.policy
    labels = dict(
        Target.objects.filter(id__in={effect.about for effect in effects}).values_list(
            "id", "label"
        )
    )
    pack = pack_of(adoption.policy_version_id).policy
    notices.tell(
        [
            notices.Message(
                recipient_id=effect.person,
                about_id=effect.about,
                policy=policy,
                clause=effect.why.clauses[0] if effect.why.clauses else "",
                template=TEMPLATES[effect.template],
                params=_params(effect, labels[effect.about], pack)
                | _opened(effect, applied, dues.get(effect.obligation)),
                key=f"{effect.template}:{applied.obligation(effect.obligation)}:{effect.key}",
            )
            for effect in effects
        ],
        now=now,
    )


TEMPLATES = {"opened": "obligation_due", "overdue": "obligation_late"}
"""The notice that says what a Tell effect means."""


def _params(effect: Tell, label: str, pack: Policy) -> dict[str, object]:
    duty = pack.lines[str(effect.values["duty"])]
    # In every language: who reads it is not who caused it.
    matter = duty.title.model_dump() if duty.title else duty.key
    found = {**effect.values, "place": label, "matter": matter}
    role = str(effect.values.get("role", ""))
    title = getattr(pack.roles.get(role) or pack.fields.get(role), "title", None)
    return found | {"role_title": title.model_dump()} if title else found


def _opened(effect: Tell, applied: Applied, due: datetime | None) -> dict[str, object]:
    """Which obligation it is about, and the deadline of one that this decision opened."""
    known = effect.obligation is not None
    found = {"obligation": applied.obligation(effect.obligation)} if known else {}
    return found | {"due": due.isoformat()} if due else found


def _ask(adoption: Adoption, effects: Sequence[Ask], *, now: datetime) -> None:
    Question.objects.bulk_create(
        [
            Question(
                adoption=adoption,
                rule=effect.rule,
                clauses=list(effect.why.clauses),
                target_id=effect.target,
                missing=effect.missing,
                key=effect.key,
                asked_at=now,
            )
            for effect in effects
        ],
        ignore_conflicts=True,
    )
