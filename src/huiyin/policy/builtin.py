"""Facts, fields and acts that every firm has, whatever its policies: cases, records, follow-ups.

A pack declares its own subjects and forms beside these. ``required`` fields are those that the
product itself always fills when it states a fact of that kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BuiltinField:
    """A field that rules may read. ``choices`` is empty where the values are open."""

    type: str
    choices: tuple[str, ...] = ()
    required: bool = True


NAMED_BY_NOTICE = frozenset({"case.repairer"})
"""Persons who may be unknown until a notice to them is written."""


FACTS: Mapping[str, tuple[str, str]] = {
    "case.raised": ("提出事项", "case raised"),
    "case.answered": ("当场答复", "answered at once"),
    "case.sorted": ("首次处置", "first decision taken"),
    "case.decided": ("决定是否采纳", "adoption decided"),
    "case.handled": ("处理投诉", "complaint handled"),
    "case.referred": ("请示公司", "referred to the company"),
    "case.referral_decided": ("公司批复", "the company ruled"),
    "case.notified": ("送达整改通知", "notice handed over"),
    "case.rectified": ("整改完成", "rectification reported"),
    "case.revisited": ("复访问题", "visited again"),
    "case.revisit_attempted": ("复访未成", "visited again in vain"),
    "case.reclassified": ("改类", "reclassified"),
    "case.supplemented": ("补充", "supplemented"),
    "case.replied": ("答复客户", "customer answered"),
    "case.withdrawn": ("客户撤回", "withdrawn by the customer"),
    "case.closed": ("事项关闭", "case closed"),
    "record.filed": ("提交记录", "record filed"),
    "record.sent": ("送达单据", "record handed over"),
    "followup.planned": ("计划回访", "follow-up planned"),
    "followup.held": ("完成回访", "follow-up held"),
    "customer.registered": ("登记客户", "customer registered"),
    "customer.handed_over": ("客户移交", "customer handed over"),
    "post.started": ("任职", "post taken up"),
    "post.ended": ("离任", "post given up"),
    "breach.confirmed": ("认定违反", "breach confirmed"),
}

CASE_KINDS = (
    "problem", "complaint", "question", "opinion", "request", "suggestion", "finding",
)  # fmt: skip
SEVERITIES = ("minor", "moderate", "major")
CASE_STAGES = (
    "raised", "promised", "notified", "rectified", "revisited", "decided", "handled", "replied",
    "closed",
)  # fmt: skip

FIELDS: Mapping[str, BuiltinField] = {
    "case.kind": BuiltinField("choice", CASE_KINDS),
    "case.origin": BuiltinField("choice"),
    "case.at_visit": BuiltinField("boolean"),
    "case.severity": BuiltinField("choice_ordered", SEVERITIES),
    "case.safety": BuiltinField("boolean"),
    "case.topic": BuiltinField("choice", required=False),
    "case.round": BuiltinField("number"),
    "case.stage": BuiltinField("choice", CASE_STAGES),
    "case.complained_about": BuiltinField("person", required=False),
    "case.answered_at_once": BuiltinField("boolean"),
    # Stated whenever a reply was promised: what is not answered at once has to have one.
    "case.promised_reply_at": BuiltinField("datetime"),
    "case.decision": BuiltinField("choice", ("adopted", "not_adopted"), required=False),
    "case.decision_reason": BuiltinField("text", required=False),
    "case.referred": BuiltinField("boolean"),
    # Both only of a fact that reclassifies.
    "case.former_kind": BuiltinField("choice", CASE_KINDS),
    "case.former_severity": BuiltinField("choice_ordered", SEVERITIES),
    # Only of a fact that tells a re-visit.
    "case.solved": BuiltinField("boolean"),
    "case.rectify_by": BuiltinField("date", required=False),
    "case.repairer": BuiltinField("person"),
    "case.rectifier": BuiltinField("person"),
    "case.outcome": BuiltinField("text", required=False),
    "case.reply_to_customer": BuiltinField("text", required=False),
    "record.form": BuiltinField("choice"),
    "record.to": BuiltinField("person"),
    "record.present": BuiltinField("people"),
    "followup.channel": BuiltinField("choice", ("visit", "phone", "message")),
    "followup.items": BuiltinField("number"),
    "followup.result": BuiltinField("choice", ("reached", "no_answer", "refused")),
    "customer.class": BuiltinField("choice"),
    "customer.registered_on": BuiltinField("date"),
    "case.raised_at": BuiltinField("datetime"),
    "case.closed_at": BuiltinField("datetime", required=False),
    "record.id": BuiltinField("number"),
    "record.of": BuiltinField("number", required=False),
    "post.role": BuiltinField("roles"),
    "by.role": BuiltinField("roles"),
    "breach.person": BuiltinField("person"),
    "breach.clause": BuiltinField("text"),
    "breach.occurrence": BuiltinField("text"),
    "fact.by": BuiltinField("person"),
    "fact.happened": BuiltinField("datetime"),
    "fact.known": BuiltinField("datetime"),
    "target.owner": BuiltinField("person"),
    "score.account": BuiltinField("choice"),
    "score.points": BuiltinField("number"),
    "obligation.id": BuiltinField("number"),
    "obligation.holder": BuiltinField("person", required=False),
    "obligation.duty": BuiltinField("choice"),
    "obligation.late": BuiltinField("boolean"),
    "obligation.due": BuiltinField("datetime"),
    "obligation.state": BuiltinField("choice"),
    "score.rule": BuiltinField("choice"),
    "score.period": BuiltinField("date"),
    "contact.function": BuiltinField("choice"),
    "staff.booked": BuiltinField("roles"),
    "owned.kind": BuiltinField("choice"),
    "owned.count": BuiltinField("number"),
    "clock.now": BuiltinField("datetime"),
    "clock.today": BuiltinField("date"),
}

KINDS = ("customer", "case", "person", "contact", "score", "obligation", "staff", "owned")
"""Kinds of targets, or of what belongs to one, beside a pack's own subjects."""

FIELD_TITLES: Mapping[str, tuple[str, str]] = {
    "case.kind": ("事项类别", "kind of case"),
    "case.origin": ("事项来源", "origin of the case"),
    "case.at_visit": ("回访所得", "found at a visit"),
    "case.severity": ("轻重", "severity"),
    "case.safety": ("涉及安全", "concerns safety"),
    "case.topic": ("事由", "topic"),
    "case.round": ("第几次整改", "round"),
    "case.stage": ("阶段", "stage"),
    "case.complained_about": ("被投诉人", "complained about"),
    "case.answered_at_once": ("当场答复", "answered at once"),
    "case.promised_reply_at": ("预约答复时间", "promised time of the reply"),
    "case.decision": ("采纳决定", "decision on adoption"),
    "case.decision_reason": ("决定的理由", "reason of the decision"),
    "case.referred": ("已请示", "referred"),
    "case.former_kind": ("原类别", "former kind"),
    "case.former_severity": ("原轻重", "former severity"),
    "case.solved": ("复访已解决", "solved at the re-visit"),
    "case.rectify_by": ("整改期限", "rectification date"),
    "case.repairer": ("负责整改的人", "who has to rectify"),
    "case.rectifier": ("整改人", "who rectified"),
    "case.outcome": ("处理结果", "outcome"),
    "case.reply_to_customer": ("给客户的答复", "answer to the customer"),
    "record.form": ("表单", "form"),
    "record.to": ("接收人", "receiver"),
    "record.present": ("在场人员", "persons present"),
    "followup.channel": ("回访方式", "channel"),
    "followup.items": ("带回的事项", "cases brought back"),
    "fact.by": ("经办人", "who did it"),
    "by.role": ("经办人的角色", "role of who did it"),
    "customer.class": ("客户类别", "class of customer"),
    "breach.person": ("违反者", "who broke it"),
    "breach.clause": ("违反的条款", "clause broken"),
}

ACTS: Mapping[str, tuple[str, str]] = {
    "case.raise": ("提出事项", "raise a case"),
    "case.answer": ("当场答复", "answer at once"),
    "case.decide": ("决定是否采纳", "decide on adoption"),
    "case.handle": ("处理投诉", "handle a complaint"),
    "case.refer": ("请示公司", "refer to the company"),
    "case.rule": ("批复请示", "rule on a referral"),
    "case.rectify": ("报告整改", "report a rectification"),
    "case.reclassify": ("改类", "reclassify a case"),
    "case.supplement": ("补充", "supplement a case"),
    "case.reply": ("答复客户", "answer the customer"),
    "case.withdraw": ("客户撤回", "withdraw a case"),
    "case.close": ("关闭事项", "close a case"),
    "record.file": ("提交记录", "file a record"),
    "record.send": ("送达单据", "hand over a record"),
    "followup.plan": ("计划回访", "plan a follow-up"),
    "followup.hold": ("进行回访", "hold a follow-up"),
    "breach.confirm": ("认定违反", "confirm a breach"),
    "person.leave": ("离任", "leave a post"),
    "export": ("导出", "export"),
}

ABOUT = ("case", "customer", "person", "unit")
"""Kinds of target that a form may be about, beside the pack's own subjects."""
