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


FACTS: Mapping[str, tuple[str, str]] = {
    "case.raised": ("提出问题", "case raised"),
    "case.rectified": ("整改完成", "rectification reported"),
    "case.replied": ("答复客户", "customer answered"),
    "case.closed": ("问题关闭", "case closed"),
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

CASE_KINDS = ("problem", "question", "complaint", "suggestion", "finding")
SEVERITIES = ("minor", "moderate", "major")

FIELDS: Mapping[str, BuiltinField] = {
    "case.kind": BuiltinField("choice", CASE_KINDS),
    "case.origin": BuiltinField("choice"),
    "case.severity": BuiltinField("choice_ordered", SEVERITIES),
    "case.rectify_by": BuiltinField("date", required=False),
    "case.rectifier": BuiltinField("person"),
    "case.outcome": BuiltinField("text", required=False),
    "case.reply_to_customer": BuiltinField("text", required=False),
    "record.form": BuiltinField("choice"),
    "record.to": BuiltinField("person"),
    "record.present": BuiltinField("people"),
    "followup.channel": BuiltinField("choice", ("visit", "phone", "message")),
    "followup.result": BuiltinField("choice", ("reached", "no_answer", "refused")),
    "customer.class": BuiltinField("choice"),
    "customer.registered_on": BuiltinField("date"),
    "case.topic": BuiltinField("choice", required=False),
    "case.raised_at": BuiltinField("datetime"),
    "case.closed_at": BuiltinField("datetime", required=False),
    "case.stage": BuiltinField("choice"),
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
    "case.kind": ("问题类别", "kind of case"),
    "case.origin": ("问题来源", "origin of the case"),
    "case.severity": ("严重程度", "severity"),
    "case.rectify_by": ("整改期限", "rectification date"),
    "case.rectifier": ("整改人", "who rectified"),
    "case.outcome": ("处理结果", "outcome"),
    "case.reply_to_customer": ("给客户的答复", "answer to the customer"),
    "record.form": ("表单", "form"),
    "record.to": ("接收人", "receiver"),
    "record.present": ("在场人员", "persons present"),
    "followup.channel": ("回访方式", "channel"),
    "fact.by": ("经办人", "who did it"),
    "by.role": ("经办人的角色", "role of who did it"),
    "customer.class": ("客户类别", "class of customer"),
    "case.topic": ("问题主题", "topic"),
    "breach.person": ("违反者", "who broke it"),
    "breach.clause": ("违反的条款", "clause broken"),
}

ACTS: Mapping[str, tuple[str, str]] = {
    "case.raise": ("提出问题", "raise a case"),
    "case.rectify": ("报告整改", "report a rectification"),
    "case.reply": ("答复客户", "answer the customer"),
    "case.close": ("关闭问题", "close a case"),
    "record.file": ("提交记录", "file a record"),
    "record.send": ("送达单据", "hand over a record"),
    "followup.plan": ("计划回访", "plan a follow-up"),
    "followup.hold": ("进行回访", "hold a follow-up"),
    "case.answer": ("回答问题", "answer a question"),
    "breach.confirm": ("认定违反", "confirm a breach"),
    "person.leave": ("离任", "leave a post"),
    "export": ("导出", "export"),
}

ABOUT = ("case", "customer", "person", "unit")
"""Kinds of target that a form may be about, beside the pack's own subjects."""
