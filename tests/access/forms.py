"""Every form of the product as it goes through, and what each of its fields cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.access.signin_routes import NEW, RULE, WHOSE
from tests.access.staff_routes import DAYS, NEWCOMER, POST
from tests.access.world import NOTICE, Again
from tests.app import scene as on
from tests.people import PASSWORD

LONG = "字" * 350_000
"""A megabyte of text."""


def file(content: str | bytes) -> Again:
    return Again("x.csv", content.encode() if isinstance(content, str) else content, "text/csv")


BAD: dict[str, tuple[Any, ...]] = {
    "text": ("", "  \n ", "\0", "好\0", LONG),
    "may be empty": ("\0", LONG),
    "choice": ("no-such-choice", "__proto__", "经理", "\0", "1" * 5000, ["visit", "[]"]),
    "moment": ("昨天", "2026-02-30T10:00", "2026-03-02T24:00", "0001-01-01T00:00",
               "9999-12-31T23:59", "1" * 5000, "\0"),
    "time": ("", "24:00", "25:61", "6 pm", "1" * 5000, "18:00:00", "\0"),
    "notice": ("", "2027-01-01,休,元旦", file(""), file("\0"), file("2027-01-01"),
               file("2027-02-30,休,春节"), file(LONG), file(b"PK\3\4 not a table"),
               file(b"\xff\xfe\x00"), file(b"\x81"), file("2027-01-01,休," + "节" * 41),
               file("0001-01-01,休,元旦"), file("\"" * 51)),
    "day": ("2026-02-30", "10000-01-01", "0001-01-01", "9999-12-31", "2026", "\0"),
    "clock": ("25:00", "noon", "8:5:5:5", "\0"),
    "address": ("x", "a@b", "a@b.example\r\nBcc: c@d.example", "李@b.example", LONG, "\0"),
    "port": ("0", "65536", "-1", "1" * 5000, "²", "\0"),
    "site": ("a.example", "javascript:alert(1)", "https://a.example/\"><x>", LONG, "\0"),
    "host": ("https://a.example", "a b", "a:25", "..", "", LONG, "\0"),
    "person": ("-1", "0", "9223372036854775808", "1" * 5000, "٣", "²", "张伟", "\0"),
    "number": ("", "-1", "91", "x", "1" * 5000, "²", "7.5", "\0"),
    "signature": ("x", "data:text/html;base64,PHNjcmlwdD4=", "data:image/png;base64,!!!!",
                  "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=", "data:image/jpeg;base64,/9j/",
                  "data:image/png;base64," + "A" * 400_000, "javascript:alert(1)", "\0"),
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """A form that goes through as it stands; `fields`: what each field is, and its title."""

    name: str
    names: dict[str, str]
    good: dict[str, Any]
    fields: dict[str, tuple[str, str]]
    who: str = "supervisor"
    also: tuple[int, ...] = field(default=())


INTAKE = {"origin": "phone", "item-kind": "suggestion", "item-description": "挪快递柜"}
CASE_MOMENT = {"happened_at": ("moment", "时间")}
VISIT = on.SATISFIED | {"visited": on.drawing(), "channel": "visit"}
FORMS = [
    Form("desk:waiver", {"obligation": "obligation"}, {"reason": "住户外出"},
         {"reason": ("text", "原因")}),
    Form("desk:decision", {"obligation": "question"}, {"results": "fast", "reason": "伤了人"},
         {"results": ("choice", "判定为"), "reason": ("text", "理由")}),
    Form("desk:extension", {"obligation": "inspect"}, {"reason": "住户外出"},
         {"reason": ("text", "原因")}),
    Form("desk:paper", {"form": "job_sheet", "target_id": "broken"}, {"result": "good"},
         {"result": ("choice", "结果"), "by": ("person", "办理人"),
          "happened_at": ("moment", "时间")}),
    Form("desk:handover", {"record_id": "report"},
         {"to": "bureau", "channel": "in_person", "receipt": on.drawing()},
         {"to": ("person", "接收方"), "channel": ("choice", "方式"),
          "receipt": ("signature", "签")} | CASE_MOMENT),
    Form("desk:breaches", {"person": "scored"},
         {"clause": "second:1.c", "reason": "没有巡查", "occurrence": "x"},
         {"clause": ("choice", "条款"), "matter": ("may be empty", ""), "reason": ("text", "")}),
    Form("desk:contest", {"entry": "booked"}, {"reason": "当天停电"},
         {"reason": ("text", "")}, who="repairer"),
    Form("desk:ruling", {"entry": "contested"}, {"decision": "upheld", "reason": "查明"},
         {"decision": ("choice", "异议"), "reason": ("text", "")}),
    Form("desk:withdraw_breach", {"entry": "booked"}, {"reason": "看错了"},
         {"reason": ("text", "")}),
    Form("desk:adoptions", {}, {"pack": "property-management", "starts_on": "2026-05-01",
                                "mode": "trial", "start": "history"},
         {"pack": ("choice", "制度包"), "starts_on": ("day", "施行日期"), "mode": ("choice", "方式"),
          "start": ("choice", "已登记的事实")}),
    Form("desk:calendar_days", {"year": 2026},
         {"day": "2026-03-14", "worked": "on", "reason": "盘点"},
         {"day": ("day", "日期"), "worked": ("choice", "安排"), "reason": ("text", "原因")}),
    Form("desk:calendar_removal", {"year": 2026, "day_id": "own_day"}, {"reason": "取消"},
         {"reason": ("text", "原因")}),
    Form("desk:calendar_notices", {"year": 2026}, {"file": NOTICE}, {"file": ("notice", "通知文件")}),
    Form("desk:calendar_confirmation", {"year": 2027}, {"source": "通知"},
         {"source": ("text", "依据")}),
    Form("desk:calendar_hours", {"year": 2026}, {"end_of_work": "17:30"},
         {"end_of_work": ("time", "下班时间")}),
    Form("desk:saved_views", {}, {"room": "customers", "query": "q=1", "name": "甲"},
         {"room": ("choice", "列表"), "query": ("may be empty", "条件"), "name": ("text", "名称"),
          "shared_with": ("choice", "共享")}),
    Form("desk:saved_view", {"view_id": "view"}, {"name": "甲"},
         {"name": ("text", "名称"), "shared_with": ("choice", "共享")}),
    Form("desk:exports", {}, {"room": "customers", "query": "q=1"},
         {"room": ("choice", "列表"), "query": ("may be empty", "条件")}),
    Form("desk:start_units", {}, {"units": "三区"}, {"units": ("text", "每行一个")}),
    Form("desk:units", {}, {"name": "三区", "parent": "company"},
         {"name": ("text", "单位名称"), "parent": ("person", "上级单位")}),
    Form("desk:unit", {"unit": "zone"}, {"name": "壹区", "parent": "company"},
         {"name": ("text", "单位名称"), "parent": ("person", "上级单位")}),
    Form("desk:people", {}, NEWCOMER,
         {"name": ("text", "姓名"), "number": ("text", "编号"), "unit": ("person", "单位"),
          "position": ("choice", "岗位"), "from_on": ("day", "从哪天起")}),
    Form("desk:person", WHOSE, {"name": "改名", "number": "N2"},
         {"name": ("text", "姓名"), "number": ("text", "编号")}),
    Form("desk:person_posts", WHOSE, POST,
         {"unit": ("person", "单位"), "position": ("choice", "岗位"),
          "from_on": ("day", "从哪天起"), "to_on": ("day", "到哪天止")}),
    Form("desk:person_leaves", WHOSE, DAYS,
         {"from_on": ("day", "从哪天起"), "to_on": ("day", "到哪天止"),
          "deputy": ("person", "代理人")}),
    Form("desk:departure", WHOSE, {"last_on": "2026-03-31"},
         {"last_on": ("day", "最后一天"), "successor": ("person", "接手的人")}),
    Form("desk:post_end", {"post": "post"}, {"last_on": "2026-03-31"},
         {"last_on": ("day", "最后一天")}),
    Form("desk:leave_end", {"leave": "leave"}, {"to_on": "2026-03-19"},
         {"to_on": ("day", "休假最后一天")}),
    Form("desk:roles", {}, POST | {"person": "colleague"},
         {"person": ("person", "人员"), "unit": ("person", "单位"),
          "position": ("choice", "岗位"), "from_on": ("day", "从哪天起")}),
    Form("desk:positions", {}, {"title": "门岗", "scope": "own"},
         {"title": ("text", "岗位名称"), "scope": ("choice", "能看多远"),
          "code": ("choice", "对应制度里的角色")}),
    Form("desk:assignments", {}, {"obligation": "obligation", "to": "lead"},
         {"to": ("person", "分派给")}),
    Form("customers:reveal", {"contact_id": "contact_id"}, {"reason": "约回访"},
         {"reason": ("may be empty", "")}),
    Form("customers:consents", {"customer_id": "customer_id"},
         {"decision": "withdrawn", "channel": "phone", "purpose": "followup", "how": "phone",
          "evidence": "录音 0302"},
         {"decision": ("choice", "客户的表示"), "channel": ("choice", "联系方式"),
          "purpose": ("choice", "联系目的"), "how": ("choice", "怎样表示的"),
          "evidence": ("text", "凭据"), "happened_at": ("moment", "时间")}),
    Form("customers:consent_void", {"customer_id": "customer_id", "fact_id": "statement"},
         {"reason": "听错了"}, {"reason": ("text", "原因")}),
    Form("subjects:register", {"kind": "repair", "customer_id": "customer_id"},
         {"number": "", "f-category": "leak", "f-repairer": "who_repaired"},
         {"number": ("may be empty", "维修单编号"), "f-category": ("choice", "类别"),
          "f-repairer": ("person", "维修人员"), "reported_at": ("moment", "登记时间")}),
    Form("subjects:event", {"kind": "repair", "subject_id": "open"}, {"event": "completed"},
         {"event": ("choice", "事件"), "happened_at": ("moment", "时间")}),
    Form("subjects:void", {"kind": "repair", "subject_id": "done", "fact_id": "completion"},
         {"reason": "登记错了"}, {"reason": ("text", "原因")}),
    Form("cases:notice", {"case_id": "raised"},
         {"problem": "滴水", "requirement": "更换", "rectify_by": "2026-03-09"},
         {"problem": ("text", "问题"), "requirement": ("text", "要求"),
          "rectify_by": ("day", "期限"), "relaxed": ("may be empty", "缘由")} | CASE_MOMENT),
    Form("cases:handover", {"case_id": "written"},
         {"channel": "in_person", "receipt": on.drawing()},
         {"channel": ("choice", "方式"), "receipt": ("signature", "签")} | CASE_MOMENT),
    Form("cases:answer", {"case_id": "notified"}, {"measures": "已更换接头"},
         {"measures": ("text", "措施")} | CASE_MOMENT),
    Form("cases:reply", {"case_id": "raised"}, {"text": "已修好", "channel": "phone"},
         {"text": ("text", "答复"), "channel": ("choice", "方式")} | CASE_MOMENT),
    Form("cases:closure", {"case_id": "raised"}, {"outcome": "solved"},
         {"outcome": ("choice", "结果")} | CASE_MOMENT),
    Form("cases:intake", {"customer_id": "customer_id"}, INTAKE,
         {"origin": ("choice", "怎么来的"), "about": ("person", "关于哪一单"),
          "item-kind": ("choice", "类别"), "item-description": ("text", "客户原话")} | CASE_MOMENT),
    Form("cases:decision", {"case_id": "suggested"}, {"decision": "adopted", "reason": "方便"},
         {"decision": ("choice", "决定"), "reason": ("may be empty", "理由")} | CASE_MOMENT),
    Form("cases:handling", {"case_id": "complained"}, {"text": "属实，已道歉"},
         {"text": ("text", "查明")} | CASE_MOMENT),
    Form("cases:referral", {"case_id": "asked"}, {"to": "head_office", "text": "请准停梯"},
         {"to": ("person", "向谁请示"), "text": ("text", "请示的内容")} | CASE_MOMENT),
    Form("cases:ruling", {"case_id": "referred"}, {"text": "同意"},
         {"text": ("text", "批复的内容")} | CASE_MOMENT),
    Form("cases:supplement", {"case_id": "suggested"}, {"text": "是东门"},
         {"text": ("text", "补充的内容")} | CASE_MOMENT),
    Form("cases:classification", {"case_id": "complained"},
         {"kind": "opinion", "severity": "minor", "reason": "不是投诉"},
         {"kind": ("choice", "类别"), "severity": ("choice", "轻重"),
          "reason": ("text", "原因")} | CASE_MOMENT),
    Form("cases:withdrawal", {"case_id": "suggested"}, {"reason": "不用了"},
         {"reason": ("text", "原因")} | CASE_MOMENT),
    Form("followups:workbench", {"target_id": "done"}, VISIT,
         {"onsite_check": ("choice", "现场"), "visited": ("signature", "签"),
          "channel": ("choice", "方式"), "by": ("person", "回访人"),
          "present": ("person", "一同回访"), "happened_at": ("moment", "回访时间"),
          "item-1-severity": ("choice", "轻重"), "item-1-kind": ("choice", "类别"),
          "item-1-description": ("text", "发现了什么")}),
    Form("followups:plan", {"target_id": "done"},
         {"channel": "phone", "planned_for": "2026-03-09T10:00"},
         {"channel": ("choice", "方式"), "planned_for": ("moment", "时间")}),
    Form("followups:cancel", {"followup_id": "planned"}, {"reason": "住户改期"},
         {"reason": ("text", "原因")}),
    Form("notices:preferences", {}, on.WISHES,
         {"address": ("address", "邮件地址"), "language": ("choice", "语言"),
          "hours": ("choice", "免打扰"), "quiet_from": ("clock", "开始"),
          "quiet_to": ("clock", "结束"), "way_late": ("choice", "逾期")}),
    Form("notices:channel", {}, on.CHANNEL,
         {"host": ("host", "服务器"), "port": ("port", "端口"), "security": ("choice", "加密"),
          "sender_address": ("address", "发件地址"), "base_url": ("site", "网址"),
          "username": ("may be empty", "用户名"), "password": ("may be empty", "密码"),
          "sender_name": ("may be empty", "发件人"), "quiet_from": ("clock", "开始"),
          "quiet_to": ("clock", "结束"), "digest_at": ("clock", "汇总时间")}),
    Form("notices:trial", {}, {"to": "a@b.example"}, {"to": ("address", "收件地址")},
         also=(409,)),
    Form("notices:read_all", {}, {"upto": "1"}, {"upto": ("choice", "页面")}),
    Form("accounts:signin", {}, {"username": "supervisor", "password": "x"},
         {"username": ("text", "用户名"), "password": ("text", "密码")}, who="nobody", also=(422,)),
    Form("account_reauthenticate", {}, {"password": PASSWORD}, {"password": ("text", "密码")}),
    Form("account_change_password", {}, NEW,
         {"current": ("text", "当前密码"), "password": ("text", "新密码"),
          "again": ("text", "再输入一次新密码")}),
    Form("signin:rules", {}, RULE,
         {"grace_days": ("number", "宽限期"), "reason": ("text", "原因")}),
    Form("signin:switchings", WHOSE, {"on": "0", "reason": "离岗"}, {"reason": ("text", "原因")}),
]  # fmt: skip
BY_NAME = {form.name: form for form in FORMS}
PROBLEM = {"item-1": "on", "item-1-kind": "problem", "item-1-severity": "minor",
           "item-1-description": "滴水"}  # fmt: skip
