"""A longer limit by consent: asked before the first one is over, counted from the consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from huiyin.policy.clocks import Deadline, deadline
from huiyin.policy.duties import Duty
from huiyin.policy.effects import Extend as Extended
from huiyin.policy.effects import Refusal, Step, Why
from huiyin.policy.limits import Extend
from huiyin.policy.refusals import title_of_duty
from huiyin.policy.schema import Policy
from huiyin.policy.state import InForce, OpenObligation, RoleIn


def consent_needs(duty: Duty, obligation: OpenObligation) -> frozenset[RoleIn]:
    """Who may consent: the holders of one role for the obligation's unit."""
    if duty.extend is None:
        return frozenset()
    return frozenset({(duty.extend.consent, obligation.unit)})


def extended(
    in_force: InForce,
    obligation: OpenObligation,
    *,
    consented_by: int,
    holders: Mapping[RoleIn, Sequence[int]],
    now: datetime,
) -> Extended | Refusal:
    """The new limit, or why the policy does not give one."""
    duty = in_force.policy.lines[obligation.duty]
    if duty.extend is None:
        return _refuse(in_force, duty, "", "制度没有规定延期", "the policy knows no extension")
    if obligation.due is not None and now > obligation.due:
        zh, en = "期限已过，不能再申请延期", "its time is over: too late to ask"
        return _refuse(in_force, duty, "extend.from", zh, en)
    if consented_by not in holders.get((duty.extend.consent, obligation.unit), ()):
        zh, en = _who(in_force.policy, duty.extend.consent)
        return _refuse(in_force, duty, "extend.consent", zh, en)
    if consented_by == obligation.holder:
        zh, en = "不能自己同意自己延期", "nobody consents to his own extension"
        return _refuse(in_force, duty, "extend.consent", zh, en)
    due = longer_limit(in_force, duty, duty.extend, due=obligation.due, consented=now)
    if obligation.due is not None and due.moment <= obligation.due:
        zh, en = (
            "延期后的期限不晚于现在的期限",
            "the extended limit is no later than the present one",
        )
        return _refuse(in_force, duty, "extend.until", zh, en)
    why = Why(duty.clauses_at("extend.until"), (Step("extended", {"due": due.moment.isoformat()}),))
    return Extended(
        obligation=obligation.id,
        fact=0,
        due=due.moment,
        provisional=due.provisional,
        why=why,
    )


def longer_limit(
    in_force: InForce, duty: Duty, extend: Extend, *, due: datetime | None, consented: datetime
) -> Deadline:
    """The limit that a consent gives, from its own moment on or from the limit before it."""
    start = consented if extend.start == "consent" or due is None else due
    return deadline(start, extend.until, in_force.zone, in_force.calendar, duty.roll)


def _who(policy: Policy, role: str) -> tuple[str, str]:
    title = policy.roles[role].title
    return f"延期须由{title.say('zh')}同意", f"an extension needs the consent of: {title.say('en')}"


def _refuse(in_force: InForce, duty: Duty, leaf: str, zh: str, en: str) -> Refusal:
    title = title_of_duty(in_force.policy, duty.key)
    return Refusal(
        adoption=in_force.adoption,
        rule=duty.key,
        clauses=duty.clauses_at(leaf) if leaf else tuple(duty.clauses),
        message={"zh": f"“{title.say('zh')}”：{zh}", "en": f"{title.say('en')}: {en}"},
    )
