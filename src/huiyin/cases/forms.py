"""What the page of each act on a case asks for, and how it is read. One page shape for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from huiyin.cases import queries
from huiyin.cases.models import Case
from huiyin.cases.ways import ORIGINS
from huiyin.core.errors import HuiyinError, Refused
from huiyin.records import backdating
from huiyin.ui.fields import Control, summary

Choices = Callable[[Case, datetime], Sequence[tuple[Any, Any]]]


@dataclass(frozen=True)
class Asked:
    """One control. ``starts`` is what stands in it at first; an answer is never chosen for anyone.

    What a policy alone demands is not ``required`` here: then the refusal names its clause, and
    ``fills`` is what the policy calls it.
    """

    kind: str
    name: str
    title: Any
    choices: Choices | None = None
    starts: Callable[[Case], Any] = field(default=lambda case: "")
    help: Any = ""
    required: bool = True
    fills: str = ""


@dataclass(frozen=True)
class ActPage:
    """The page of one act: what it is called, what it asks for, what is said when it is done."""

    act: str
    title: Any
    button: Any
    done: Any
    asked: tuple[Asked, ...]
    when: Any = gettext_lazy("发生时间")

    def controls(
        self,
        case: Case,
        sent: QueryDict,
        errors: Mapping[str, Sequence[Any]],
        *,
        now: datetime,
        demanded: Sequence[str] = (),
    ) -> list[Control]:
        """The controls, with what was entered or else what they start with.

        ``demanded``: what the policies demand by now, by its name there.
        """
        return [
            Control.of(
                each.kind,
                each.name,
                str(each.title),
                {
                    "value": sent.get(each.name, "" if sent else each.starts(case)),
                    "choices": each.choices(case, now) if each.choices else (),
                    "help": str(each.help),
                    "errors": errors.get(each.name, ()),
                    "required": each.required or each.fills in demanded,
                    "rows": 4,
                },
            )
            for each in self.asked
        ]

    def errors_of(self, error: HuiyinError | None) -> Mapping[str, Sequence[Any]]:
        """What is wrong by control: what cannot be taken, or what a policy still misses."""
        if not isinstance(error, Refused):
            return getattr(error, "errors", {})
        missing = error.values.get("missing", ())
        return {each.name: [_("请填写。")] for each in self.asked if each.fills in missing}

    def mending(self, case: Case, error: HuiyinError | None) -> list[dict[str, str]]:
        """Where a refusal is put right: the control that is empty, the step that comes before."""
        if not isinstance(error, Refused):
            return []
        entries = summary(self.errors_of(error), self.labels)
        if "case.reply_to_customer" in error.values.get("missing", ()):
            url = reverse("cases:reply", args=[case.pk])
            entries.append({"message": _("还没有答复客户，先去登记答复"), "url": url})
        return entries

    @property
    def labels(self) -> dict[str, str]:
        return {each.name: str(each.title) for each in self.asked} | {
            "happened_at": str(self.when),
            backdating.FIELD: _("补录原因"),
            "": str(self.title),
        }


def words(title: Any, *, starts: Callable[[Case], Any] = lambda case: "") -> Asked:
    return Asked("textarea", "text", title, starts=starts)


def reason(title: Any, help: Any = "", *, required: bool = True, fills: str = "") -> Asked:
    return Asked("textarea", "reason", title, help=help, required=required, fills=fills)


ACTS: Mapping[str, ActPage] = {
    "decision": ActPage(
        "case.decide",
        gettext_lazy("决定是否采纳"),
        gettext_lazy("登记决定"),
        gettext_lazy("决定已登记，接着答复客户。"),
        (
            Asked(
                "choice", "decision", gettext_lazy("决定"), lambda case, now: Case.Decision.choices
            ),
            reason(
                gettext_lazy("理由"),
                gettext_lazy("答复客户时用得上；采纳的写怎样落实。"),
                required=False,
                fills="case.decision_reason",
            ),
        ),
    ),
    "handling": ActPage(
        "case.handle",
        gettext_lazy("处理投诉"),
        gettext_lazy("登记处理"),
        gettext_lazy("处理已登记，接着答复客户。"),
        (words(gettext_lazy("查明了什么，怎样处理")),),
    ),
    "referral": ActPage(
        "case.refer",
        gettext_lazy("请示公司"),
        gettext_lazy("提交请示"),
        gettext_lazy("已请示，等待批复。"),
        (
            Asked(
                "choice",
                "to",
                gettext_lazy("向谁请示"),
                lambda case, now: list(queries.company(at=now).items()),
            ),
            words(gettext_lazy("请示的内容"), starts=lambda case: case.description),
        ),
        when=gettext_lazy("请示时间"),
    ),
    "ruling": ActPage(
        "case.rule",
        gettext_lazy("公司批复"),
        gettext_lazy("登记批复"),
        gettext_lazy("批复已登记。"),
        (words(gettext_lazy("批复的内容")),),
        when=gettext_lazy("批复时间"),
    ),
    "reply": ActPage(
        "case.reply",
        gettext_lazy("答复客户"),
        gettext_lazy("登记答复"),
        gettext_lazy("已登记答复。"),
        (
            Asked(
                "choice",
                "channel",
                gettext_lazy("答复方式"),
                lambda case, now: Case.Channel.choices,
            ),
            words(gettext_lazy("答复内容"), starts=lambda case: case.reply_to_customer),
        ),
        when=gettext_lazy("答复时间"),
    ),
    "supplement": ActPage(
        "case.supplement",
        gettext_lazy("补充或更正"),
        gettext_lazy("登记补充"),
        gettext_lazy("已补充；原来的话照样保留。"),
        (words(gettext_lazy("补充的内容")),),
    ),
    "classification": ActPage(
        "case.reclassify",
        gettext_lazy("改类"),
        gettext_lazy("登记改类"),
        gettext_lazy("已改类，原来的类别照样留存并计数。"),
        (
            Asked(
                "choice",
                "kind",
                gettext_lazy("类别"),
                lambda case, now: Case.Kind.choices,
                lambda case: case.kind,
            ),
            Asked(
                "choice",
                "severity",
                gettext_lazy("轻重"),
                lambda case, now: Case.Severity.choices,
                lambda case: case.severity,
            ),
            reason(gettext_lazy("改类的原因")),
        ),
        when=gettext_lazy("改类时间"),
    ),
    "withdrawal": ActPage(
        "case.withdraw",
        gettext_lazy("客户撤回"),
        gettext_lazy("登记撤回"),
        gettext_lazy("已登记撤回，这一件到此为止。"),
        (reason(gettext_lazy("撤回的原因")),),
        when=gettext_lazy("撤回时间"),
    ),
    "closure": ActPage(
        "case.close",
        gettext_lazy("关闭事项"),
        pgettext_lazy("button", "关闭"),
        gettext_lazy("事项已关闭。"),
        (
            Asked(
                "choice",
                "outcome",
                gettext_lazy("处理结果"),
                lambda case, now: [
                    choice for choice in Case.Outcome.choices if choice[0] != Case.Outcome.WITHDRAWN
                ],
                required=False,
                fills="case.outcome",
            ),
        ),
        when=gettext_lazy("关闭时间"),
    ),
}


def person(text: str, known: Mapping[int, str]) -> int | None:
    """The person that was chosen, if he is one of those that were offered."""
    return {str(person): person for person in known}.get(text)


def origins(errors: Mapping[str, Sequence[Any]], sent: QueryDict) -> Control:
    """How an item reached the front desk; asked before the item itself."""
    given = {"required": True, "choices": list(ORIGINS.items()), "value": sent.get("origin", "")}
    return Control.of(
        "choice", "origin", _("怎么来的"), given | {"errors": errors.get("origin", ())}
    )
