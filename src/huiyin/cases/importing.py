"""What a row of a firm's table means for cases: what a customer brought up, and what came of it.

Old cases only: what was promised and owed about them is not reckoned up afterwards. A row whose
number is there already is a duplicate when it says the same, and refused when it says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.accounts import named
from huiyin.accounts.queries import moment_said
from huiyin.cases import bringing
from huiyin.cases.bringing import OldCase
from huiyin.cases.models import Case
from huiyin.cases.ways import ORIGINS
from huiyin.customers.importing import HOUSES
from huiyin.customers.models import Customer
from huiyin.customers.queries import numbers_taken
from huiyin.imports.errors import ImportStopped
from huiyin.imports.importer import (
    Brought,
    Candidate,
    Judged,
    Obstacle,
    Occasion,
    refused,
    slices,
    texts_in,
)
from huiyin.imports.reading import Notice
from huiyin.imports.refusals import Refused, only
from huiyin.imports.values import Expected
from huiyin.ledger.models import SKEW
from huiyin.records.imported import in_the_way

NUMBER_LENGTH = 80
MOST_TEXT = 20_000
"""Characters of a description or a reply: official answers are longer than what people type."""

OURS = re.compile(r"WT-\d{4}-\d{6}")
COMPARED = (
    ("kind", "kind"), ("description", "description"), ("raised", "raised_at"),
    ("reply", "reply_to_customer"), ("replied", "replied_at"), ("outcome", "outcome"),
    ("closed", "closed_at"),
)  # fmt: skip
"""What a row may say of a case that is there, by name and by field."""


class CaseImporter:
    """Takes in what customers brought up in the past, with the replies that they got."""

    title = gettext_lazy("事项和答复")
    modes = ("history",)
    most_rows = 200_000

    def kinds(self) -> Mapping[str, str]:
        """The kind of a case is a value of its row."""
        return {"": str(self.title)}

    def expected(self, kind: str) -> Mapping[str, Expected]:
        """Number, kind, customer, words, reply, outcome. Raises ImportStopped for a kind."""
        if kind:
            message = _("事项的类别是一列或一个固定值，映射里不要写 kind。")
            raise ImportStopped("import.kind_unknown", message)
        return _own() | _answers()

    def judge(self, rows: Sequence[Candidate], *, occasion: Occasion) -> list[Judged]:
        """Each row against the firm's customers, people and cases."""
        judging = _Judging(rows, occasion)
        return [judging.judged(row) for row in rows]

    def remarks(self, rows: Sequence[Judged]) -> list[Notice]:
        return []

    def apply(self, rows: Sequence[Judged], *, occasion: Occasion) -> list[Brought]:
        """Write the cases with their facts."""
        brought: list[Brought] = []
        for piece in slices(rows, occasion):
            plans = [row.plan for row in piece]
            ids = bringing.take_in(plans, recorded_by=occasion.by, now=occasion.now)
            brought += [
                Brought(row.number, id, row.act) for row, id in zip(piece, ids, strict=True)
            ]
        return brought

    def obstacles(self, rows: Sequence[Brought], *, occasion: Occasion) -> list[Obstacle]:
        return in_the_way(rows, occasion=occasion)

    def undo(self, rows: Sequence[Brought], *, occasion: Occasion, reason: str) -> None:
        cases = [row.target for row in rows]
        bringing.retract(cases, occasion.source, by=occasion.by, reason=reason, now=occasion.now)


IMPORTER = CaseImporter()


def _choice(given: Mapping[str, Any], **more: Any) -> Expected:
    """A choice as files name it; the reader sees the same titles in his language."""
    titles = {key: str(title) for key, title in given.items()}
    return Expected("choice", choices=titles, shown=titles, constant=True, **more)


def _own() -> dict[str, Expected]:
    return {
        "number": Expected(
            "code",
            required=True,
            title=_("编号"),
            aliases=("留言编号", "投诉编号", "工单号", "单号", "序号", "number"),
        ),
        "kind": _choice(
            dict(Case.Kind.choices),
            required=True,
            title=_("类别"),
            aliases=("类型", "事项类型", "kind"),
        ),
        "customer": Expected(
            "code",
            required=True,
            title=_("客户编号"),
            aliases=("留言用户", "户号", "住户编号", "客户", "customer"),
            parts=("楼栋", "楼号", "单元", "房号", "门牌号", "室"),
            stand_ins=HOUSES,
            joins=True,
            fronts=tuple(named.unit_paths()),
            known=numbers_taken,
        ),
        "description": Expected(
            "text",
            required=True,
            title=_("内容"),
            aliases=("留言详情", "投诉内容", "事项内容", "描述", "description"),
            parts=("留言主题", "主题", "标题"),
            joins=True,
        ),
        "raised": Expected(
            "datetime",
            required=True,
            title=_("提出时间"),
            aliases=("留言时间", "投诉时间", "来件时间", "受理时间", "raised"),
        ),
        "severity": _choice(
            dict(Case.Severity.choices), title=_("轻重"), aliases=("严重程度", "severity")
        ),
        "origin": _choice(ORIGINS, title=_("来源"), aliases=("渠道", "来件方式", "origin")),
        "raised_by": Expected(
            "name", title=_("登记人"), aliases=("受理人", "接待人", "raised by"), constant=True
        ),
    }


def _answers() -> dict[str, Expected]:
    return {
        "reply": Expected(
            "text",
            title=_("答复内容"),
            aliases=("答复意见", "答复", "回复", "回复内容", "处理结果", "reply"),
        ),
        "replied": Expected(
            "datetime", title=_("答复时间"), aliases=("回复时间", "答复日期", "replied")
        ),
        "channel": _choice(
            dict(Case.Channel.choices), title=_("答复方式"), aliases=("回复方式", "channel")
        ),
        "outcome": _choice(
            {key: title for key, title in Case.Outcome.choices if key != Case.Outcome.WITHDRAWN},
            title=_("结果"),
            aliases=("办理结果", "outcome"),
        ),
        "closed": Expected(
            "datetime", title=_("关闭时间"), aliases=("办结时间", "完成时间", "closed")
        ),
    }


class _Judging:
    """Loads what the rows speak of in three statements, then asks row by row."""

    def __init__(self, rows: Sequence[Candidate], occasion: Occasion) -> None:
        self.occasion = occasion
        customers = Customer.objects.filter(number__in=texts_in(rows, "customer"))
        self.customers = {row.number: row for row in customers.select_related("target")}
        self.people = named.person_ids(texts_in(rows, "raised_by"))
        known = Case.objects.filter(number__in=texts_in(rows, "number")).defer("search")
        self.known = {row.number: row for row in known}
        self.seen: dict[str, Candidate] = {}

    def judged(self, row: Candidate) -> Judged:
        try:
            return self._judged(row)
        except Refused as error:
            return refused(row, error)

    def _judged(self, row: Candidate) -> Judged:
        number = str(row.values["number"])
        first = self.seen.get(number)
        if first is not None:
            if first.values == row.values:
                return Judged(row.number, "duplicate")
            raise Refused("repeated", "number", detail=str(first.number))
        plan = self._meant(row, number)
        known = self.known.get(number)
        if known is None and OURS.fullmatch(number):
            raise Refused("own_number", "number")
        if known is not None:
            self._compare(plan, known, row)
        self.seen[number] = row
        if known is not None:
            return Judged(row.number, "duplicate")
        return Judged(row.number, "accepted", plan=plan)

    def _meant(self, row: Candidate, number: str) -> OldCase:
        """The row in the firm's own terms. Raises Refused."""
        values = row.values
        self._refuse_long(values)
        customer = self.customers.get(str(values["customer"]))
        if customer is None:
            raise Refused("unknown_customer", "customer")
        raised, replied, closed = self._moments(values)
        reply, outcome = str(values.get("reply") or ""), str(values.get("outcome") or "")
        if bool(reply) != (replied is not None):
            raise Refused("reply", "reply" if replied is not None else "replied")
        if closed is not None and not (reply and outcome):
            raise Refused("not_closed", "closed")
        return OldCase(
            number=number,
            kind=str(values["kind"]),
            customer=customer,
            description=str(values["description"]),
            raised_at=raised,
            severity=str(values.get("severity") or Case.Severity.MINOR),
            origin=str(values.get("origin") or "message"),
            raised_by_id=self._person(values.get("raised_by")),
            reply=reply,
            replied_at=replied,
            channel=str(values.get("channel") or ""),
            # What is open has no outcome yet, whatever stands for all rows.
            outcome=outcome if closed is not None else "",
            closed_at=closed,
            source=self.occasion.source_of(row.number),
        )

    def _refuse_long(self, values: Mapping[str, Any]) -> None:
        for name, most in (
            ("number", NUMBER_LENGTH),
            ("description", MOST_TEXT),
            ("reply", MOST_TEXT),
        ):
            if len(str(values.get(name) or "")) > most:
                raise Refused("too_long", name, detail=str(most))

    def _moments(
        self, values: Mapping[str, Any]
    ) -> tuple[datetime, datetime | None, datetime | None]:
        """Raised, replied, closed: in this order, none in the future. Raises Refused."""
        found: list[datetime | None] = []
        last: datetime | None = None
        for name in ("raised", "replied", "closed"):
            value = values.get(name)
            moment = None if value is None else datetime.fromisoformat(str(value))
            if moment is not None and moment > self.occasion.now + SKEW:
                raise Refused("future", name)
            if moment is not None and last is not None and moment < last:
                raise Refused("order", name, detail=moment_said(last))
            last = moment or last
            found.append(moment)
        assert found[0] is not None  # the map requires it
        return found[0], found[1], found[2]

    def _person(self, value: Any) -> int | None:
        if value is None:
            return None
        ids = self.people.get(str(value), [])
        return only(ids, "raised_by", "unknown_person", "several_persons")

    def _compare(self, plan: OldCase, known: Case, row: Candidate) -> None:
        """Raises Refused where the row says anything else than what is kept."""
        if plan.customer.pk != known.customer_id:
            raise Refused("changed", "customer")
        said = {"reply_to_customer": plan.reply}
        for name, field in COMPARED:
            given = said[field] if field in said else getattr(plan, field)
            kept = getattr(known, field)
            if row.values.get(name) is not None and given != kept:
                raise Refused("changed", name, detail=_kept(known, field))


def _kept(known: Case, field: str) -> str:
    """What the case holds already, in words."""
    kept = getattr(known, field)
    if isinstance(kept, datetime):
        return moment_said(kept)
    shown = getattr(known, f"get_{field}_display", lambda: kept or "")
    return str(shown())[:80] or _("系统里是空的")
