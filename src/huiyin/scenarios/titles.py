"""From the Chinese titles of a pack to the keys behind them, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huiyin.policy.declared import Form, FormField, Text
from huiyin.policy.schema import Policy
from huiyin.scenarios.errors import Misused
from huiyin.scenarios.moments import read_day, read_moment

STANDINGS: Mapping[str, str] = {
    "due": "待办",
    "met": "按时",
    "entered_late": "补录",
    "overdue": "逾期未办",
    "late": "逾期完成",
    "waived": "免除",
    "voided": "撤销",
    "blocked": "受阻",
}
CONCLUSIONS: Mapping[str, str] = {
    "met": "达标",
    "missed": "未达标",
    "running": "进行中",
    "nothing": "无事",
}
YES_NO: Mapping[str, str] = {"是": "true", "否": "false"}


class Titles:
    """The names that scenarios of one policy may use."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._roles = {role.title.zh: key for key, role in policy.roles.items()}

    def is_role(self, name: str) -> bool:
        return name in self._roles

    def role(self, title: str) -> str:
        return _key(self._roles, title, _("角色"))

    def role_title(self, role: str) -> str:
        return self.policy.roles[role].title.zh if role in self.policy.roles else role

    def setting(self, title: str) -> str:
        return _key({one.title.zh: key for key, one in self.policy.settings.items()}, title, "参数")

    def customer_class(self, title: str) -> str:
        return _key(_by_title(self.policy.customers.classes), title, _("客户类别"))

    def subject_kind(self, title: str) -> str:
        kinds = {one.title.zh: key for key, one in self.policy.subjects.items()}
        return _key(kinds, title, _("跟踪对象"))

    def subject_fact(self, kind: str, title: str) -> str:
        return _key(_by_title(self.policy.subjects[kind].facts), title, _("事实"))

    def customer_values(
        self, written: Mapping[str, str], zone: ZoneInfo, people: Any
    ) -> dict[str, Any]:
        return self._values(self.policy.customers.fields, written, zone, people)

    def party(self, title: str) -> str:
        return _key(
            {one.title.zh: key for key, one in self.policy.parties.items()}, title, "收件方"
        )

    def is_party(self, title: str) -> bool:
        return any(one.title.zh == title for one in self.policy.parties.values())

    def table_result(self, title: str) -> tuple[str, str]:
        """The table and the key of one of its results."""
        for table in self.policy.tables.values():
            for key, said in table.results.items():
                if said.zh == title:
                    return table.key, key
        raise Misused(_("没有判定表给出“%s”") % title)

    def indicator(self, name: str) -> str:
        """An indicator by its title, or by a clause that is bound to it."""
        for key, one in self.policy.indicators.items():
            if name == one.title.zh or name in one.clauses:
                return key
        raise Misused(_("没有指标“%s”") % name)

    def subject_values(
        self, kind: str, written: Mapping[str, str], zone: ZoneInfo, people: Any
    ) -> dict[str, Any]:
        return self._values(self.policy.subjects[kind].fields, written, zone, people)

    def form(self, title: str) -> tuple[str, Form]:
        forms = {one.title.zh: key for key, one in self.policy.forms.items()}
        key = _key(forms, title, _("单据"))
        return key, self.policy.forms[key]

    def field(self, form: Form, title: str) -> str:
        return _key({one.title.zh: key for key, one in form.fields.items()}, title, form.title.zh)

    def standing(self, code: str) -> str:
        return STANDINGS[code]

    def standing_code(self, title: str) -> str:
        return _key({zh: code for code, zh in STANDINGS.items()}, title, _("状态"))

    def conclusion_code(self, title: str) -> str:
        return _key({zh: code for code, zh in CONCLUSIONS.items()}, title, _("结论"))

    def _values(
        self,
        fields: Mapping[str, FormField],
        written: Mapping[str, str],
        zone: ZoneInfo,
        people: Any,
    ) -> dict[str, Any]:
        by_title = {field.title.zh: field for field in fields.values()}
        found = {}
        for title, text in written.items():
            field = by_title[_key({t: t for t in by_title}, title, _("字段"))]
            if text:
                found[field.key] = read_value(field, text, zone, people)
        return found


def read_value(field: FormField, text: str, zone: ZoneInfo, people: Any) -> Any:
    """What a cell says, as a form or an import would give it. ``people`` finds a person by name."""
    match field.type:
        case "choice" | "choice_ordered":
            return _key(_by_title(field.choices), text, field.title.zh)
        case "person":
            return people(text)
        case "people":
            return [people(name) for name in text.split("、")]
        case "boolean":
            return _key(YES_NO, text, field.title.zh)
        case "date":
            return read_day(text).isoformat()
        case "datetime":
            return read_moment(text, zone).isoformat()
        case _:
            return text


def _by_title(texts: Mapping[str, Text]) -> dict[str, str]:
    return {text.zh: key for key, text in texts.items()}


def _key(known: Mapping[str, str], title: str, what: str) -> str:
    if title not in known:
        raise Misused(
            _("制度里没有名为“%(title)s”的%(what)s；现有：%(known)s")
            % {"title": title, "what": what, "known": "、".join(known) or "无"}
        )
    return known[title]
