"""Why a row is refused or in doubt, and what to do about it: one code, two sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huiyin.core.punctuation import bracketed, explained
from huiyin.core.words import YEARS
from huiyin.imports.moments import DAYS


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is wrong, and what to write or do instead. Both are translated when shown."""

    problem: Any
    remedy: Any


def _year(years: range) -> Remedy:
    problem = format_lazy(_("年份须在 {first} 与 {last} 之间"), first=years[0], last=years[-1])
    return Remedy(problem, _("请核对年份。"))


REMEDIES: dict[str, Remedy] = {
    "encoding": Remedy(
        _("这一行的编码与其余各行不同"), _("请把整个文件另存为 CSV UTF-8 或 XLSX。")
    ),
    "nul": Remedy(_("这一行里有空字节"), _("请在表格软件里打开，重新输入这一行后重新另存。")),
    "quotes": Remedy(_("引号的位置不对"), _("单元格里的引号请写成两个，并把整格用引号括起来。")),
    "cells": Remedy(_("这一行的列数多于表头"), _("含分隔符的单元格请用引号括起来。")),
    "broken_cell": Remedy(_("单元格是错误值，或公式没有计算结果"), _("请改成数值后保存。")),
    "control": Remedy(_("文字里有控制字符"), _("请删去看不见的控制字符。")),
    "too_long": Remedy(_("文字过长"), _("请缩短到限度以内。")),
    "empty": Remedy(_("必填，却是空的"), _("请补填；整列都一样的，也可以给整列填一个固定的值。")),
    "field": Remedy(_("不符合这个字段的要求"), _("请按括号里的说明更正。")),
    "choice": Remedy(_("不是可选的值"), _("请改成可选的值，或说明它对应哪一个。")),
    "boolean": Remedy(_("不是“是”或“否”"), _("请写“是”或“否”。")),
    "number": Remedy(_("不是数"), _("请只写数字，例如 1234.5。")),
    "digits_lost": Remedy(
        _("数字超过 15 位，末几位已经丢失"), _("请把这一列设成文本格式，从原始资料重新填写。")
    ),
    "scientific": Remedy(
        _("是科学记数法：表格软件这样写长的数字，末几位已经丢失"),
        _("请把这一列设成文本格式，从原始资料重新填写。"),
    ),
    "date": Remedy(_("不是能认出的日期"), _("请写成 2026-11-23 14:30，或把这一列设成日期格式。")),
    "no_such_date": Remedy(_("没有这个日期或时刻"), _("请核对年月日和时分。")),
    "year": _year(YEARS),
    "year_of_day": _year(DAYS),
    "uncertain_day": Remedy(
        _("是 1900 年 3 月以前的日期格，表格软件在那里差一天"),
        _("请把这一列设成文本格式，从原始资料重新填写。"),
    ),
    "time_skipped": Remedy(
        _("时钟拨快时跳过了这个时刻，当地没有过这个时间"), _("请核对原始时间，或写上时区偏移。")
    ),
    "time_twice": Remedy(
        _("时钟拨慢时这个时刻出现过两次"),
        _("请写上时区偏移，例如 +08:00。"),
    ),
    "phone": Remedy(
        _("不是一个电话号码"), _("请写能拨通的号码，例如 13800002046；有几个的，用“/”隔开。")
    ),
    "date_cell": Remedy(
        _("单元格是日期：像 3-12 这样的编号被表格软件改成了日期"),
        _("请把这一列设成文本格式，从原始资料重新填写。"),
    ),
    "part_empty": Remedy(
        _("合成它的几列里，头一列或末一列是空的"), _("请把每一行的楼栋和房号都填上。")
    ),
    "order": Remedy(_("与另一列矛盾"), _("请核对两列的值。")),
    "too_early": Remedy(
        _("不能早于登记时间"), _("请核对两个时间：先登记，后发生；改正写错的那一个。")
    ),
    "unknown_unit": Remedy(_("没有这个单位"), _("请先在“设置 → 单位”里建立，或改成已有的名称。")),
    "several_units": Remedy(_("有几个单位同名"), _("请给它们不同的名称，或说明指的是哪一个。")),
    "unknown_person": Remedy(_("没有这个人"), _("请写工号或全名，或先在设置里建立。")),
    "several_persons": Remedy(_("有几个人同名"), _("请改写工号。")),
    "unknown_customer": Remedy(_("没有这个客户"), _("请先导入客户，或改正编号。")),
    "unknown_subject": Remedy(_("没有这个编号"), _("请先导入它，或改正编号。")),
    "future": Remedy(_("时间在将来"), _("已经发生的事不能晚于现在，请核对。")),
    "changed": Remedy(
        _("系统里已有不同的值"),
        _("导入不会改写已有的记录：请先撤销原来的事实或在页面上更正，再导入。"),
    ),
    "elsewhere": Remedy(
        _("这个编号已是别处的一户"),
        _(
            "两个小区有相同房号时，请重新对应各列，选“编号前加小区名”。"
            "确是同一户的，请先在页面上更正它的所属，再导入。"
        ),
    ),
    "renamed": Remedy(
        _("这个编号已有一户，名称不同"),
        _(
            "两个小区有相同房号时，请重新对应各列，选“编号前加小区名”。"
            "确是同一户的，请先在页面上更正名称，再导入。"
        ),
    ),
    "voided": Remedy(_("这件事登记过，后来被撤销"), _("确属误撤的，请在页面上重新登记。")),
    "not_closed": Remedy(
        _("写着已办结，却没有答复或结果"), _("请补上答复内容、答复时间和结果，或不要写办结时间。")
    ),
    "own_number": Remedy(
        _("这种编号由系统自己编"), _("请用原来系统的编号，或在前面加上几个字以示区别。")
    ),
    "reply": Remedy(_("答复内容和答复时间只有一样"), _("请两样都填，或两样都不填。")),
    "repeated": Remedy(_("同一编号在文件里出现了不同的内容"), _("请只留下正确的一行。")),
}

DOUBTS: dict[str, Remedy] = {
    "phone_kept": Remedy(
        _("不是有效的电话号码，原样记下，标为待核对"),
        _("这一行已收下。请问清号码，在客户页面上更正。"),
    ),
    "phone_left": Remedy(
        _("不是电话号码，没有记下"), _("这一行已收下。请问清号码，在客户页面上补填。")
    ),
    "date_left": Remedy(
        _("日期不能用，没有记下"), _("这一行已收下。请问清日期，在客户页面上补填。")
    ),
    "registered_left": Remedy(
        _("登记时间不能用，没有按它登记"),
        _("这一行已收下，新客户从导入时起登记。要按原来的时间，请先改正，再导入。"),
    ),
}
"""Of a row that is taken all the same: what has to be looked into."""

NOTICES: dict[str, Any] = {
    "other_sheets": _("只读取了工作表“%(text)s”，其余工作表没有读。"),
    "title_row": _("第 %(row)d 行在表头之前，已跳过：%(text)s"),
    "total_row": _("第 %(row)d 行是合计行，已跳过：%(text)s"),
    "header_row": _("第 %(row)d 行又是表头，已跳过。"),
    "blank_rows": _("跳过了 %(text)s 个空行。"),
    "hidden_rows": _("有 %(text)s 行是隐藏的或被筛选掉的，也读取了。"),
    "hidden_columns": _("%(text)s 列是隐藏的，也读取了。"),
    "no_zone": _(
        "有 %(text)s 行不属于任何下级单位：它们的回访没有人负责，条款也会判为未达标。"
        "请重新对应各列，选出哪一列是“所属单位”（没有这一列，就选楼号那一列，"
        "再说明每个楼号属于哪个单位），或给所有行同一个单位。"
    ),
    "unplaced": _(
        "有 %(text)s 行没有写所属，只按编号认作已有的客户，内容会补充到那一户。"
        "如果这份表格是另一个小区的，请重新对应各列，选“编号前加小区名”，"
        "或选出哪一列是“所属单位”，或给所有行同一个单位。"
    ),
    "merged_cells": _("第 %(text)s 行起有上下合并的单元格，其中每一行都按合并的值读取。"),
}

REMARKS = ("no_zone", "unplaced")
"""Notices about what the rows mean, not about how they were read."""


def remedy_of(code: str) -> Remedy:
    """What is wrong with a row that is refused or in doubt."""
    return REMEDIES.get(code) or DOUBTS[code]


def sentence(code: str, *, value: str = "", detail: str = "") -> str:
    """The problem of such a row in one sentence, with the value as it stands in the file.

    Which row it repeats is kept as a number, and said in the language of who reads it.
    """
    problem = str(remedy_of(code).problem)
    shown = explained(problem, value) if value else problem
    if code == "repeated" and detail.isdecimal():
        detail = str(_("第 %(row)d 行") % {"row": int(detail)})
    return bracketed(shown, detail) if detail else shown
