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
}

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
    "person.leave": ("离任", "leave a post"),
    "export": ("导出", "export"),
}

ABOUT = ("case", "customer")
"""Kinds of target that a form may be about, beside the pack's own subjects."""
