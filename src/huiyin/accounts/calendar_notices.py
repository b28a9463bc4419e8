"""What public notices say about a year: those that came with the software, and files of days.

Nothing here reads or writes the database.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huiyin.core.errors import Invalid

CHINA = "cn"
FIRST_PUBLISHED, LAST_PUBLISHED = 2024, 2026
"""The years whose notice the pinned `holidays` library holds.

For later years it guesses without saying so. Whoever raises the library's version raises the last
year as well, once the notice is out and in the library.
"""
YEARS = range(2000, 2201)
NAME_LENGTH = 40
JOINED_BY = "、"
"""Stands between the names of holidays that fall into one time off."""
MOST_ERRORS = 8

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """A day off with the holiday's name, or a weekend day that is worked for one."""

    day: date
    worked: bool
    name: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice says: its year, and the days, some of which may lie in a year beside it."""

    year: int
    days: tuple[NoticeDay, ...]


def published_years(calendar: str) -> range:
    """The years whose notice came with the software; none for a calendar of another country."""
    return range(FIRST_PUBLISHED, LAST_PUBLISHED + 1) if calendar == CHINA else range(0)


def source_of(year: int) -> str:
    """What the notice of a year is called; the State Council names them all alike."""
    return f"国务院办公厅关于{year}年部分节假日安排的通知"


def published(calendar: str, year: int) -> Notice | None:
    """The notice of a year as it came with the software; None where there is none."""
    if year not in published_years(calendar):
        return None
    import holidays  # takes a while, and few processes ask

    # The year before, too: a holiday may begin with its last days.
    known = holidays.country_holidays("CN", years=(year - 1, year), language="zh_CN")
    worked = set(known.weekend_workdays)
    found: dict[date, NoticeDay] = {}
    for day in sorted(known):
        if day.year == year and _holiday(known[day]) and day not in found:
            found |= {each.day: each for each in _time_off(day, known, worked)}
    return Notice(year, tuple(found[day] for day in sorted(found)))


_INSTEAD_OF = re.compile(r"休息日（由 ([0-9-]{10}) 调休）")


def _time_off(day: date, known: Mapping[date, str], worked: set[date]) -> list[NoticeDay]:
    """The whole time off around a holiday, weekends included, and the days worked for it."""

    def is_off(other: date) -> bool:
        return other in known or (other.weekday() >= SATURDAY and other not in worked)

    first = last = day
    while is_off(first - DAY):
        first -= DAY
    while is_off(last + DAY):
        last += DAY
    days = [first + n * DAY for n in range((last - first).days + 1)]
    told = [known[each] for each in days if each in known]
    name = JOINED_BY.join(dict.fromkeys(_holiday(text) for text in told if _holiday(text)))
    made_up = [date.fromisoformat(found[1]) for text in told if (found := _INSTEAD_OF.match(text))]
    return [
        *(NoticeDay(each, False, name) for each in days),
        *(NoticeDay(each, True, name) for each in made_up),
    ]


def _holiday(told: str) -> str:
    """The holiday's own name; empty for a day off in exchange for a weekend day."""
    name = told.partition("（")[0]
    return {"休息日": "", "农历除夕": "春节"}.get(name, name)


def read_notice(text: str) -> Notice:
    """The days of a CSV file: date, 班 or 休, the holiday's name; a head line may stand above.

    Raises Invalid (field ``file``) naming line, value and remedy of everything that is wrong.
    """
    rows = [(line, _read_row(cells)) for line, cells in _rows(text)]
    if not rows:
        raise Invalid({"file": [_("文件里没有日期。每行写三栏：日期、班或休、节日名称。")]})
    read = [(line, found) for line, found in rows if isinstance(found, NoticeDay)]
    year = _year_of(read)
    errors = [(line, found) for line, found in rows if isinstance(found, str)]
    errors += [(line, wrong) for line, found in read if (wrong := _astray(found.day, year))]
    errors += _twice(read)
    if errors:
        raise Invalid({"file": _shortened([_at(*error) for error in sorted(errors)])})
    return Notice(year, tuple(sorted((found for _line, found in read), key=lambda each: each.day)))


Read = Sequence[tuple[int, NoticeDay]]


def _year_of(read: Read) -> int:
    """The year that most days are of."""
    years = Counter(found.day.year for _line, found in read)
    return years.most_common(1)[0][0] if years else 0


def _twice(read: Read) -> list[tuple[int, str]]:
    times = Counter(found.day for _line, found in read)
    return [
        (line, _("%s 出现了两次，请只留一行。") % found.day)
        for line, found in read
        if times[found.day] > 1
    ]


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that say something, with their number, cells stripped; without the head line."""
    lines = unicodedata.normalize("NFKC", text.removeprefix("\ufeff")).splitlines()
    delimiter = next((mark for mark in "\t;," if any(mark in line for line in lines)), ",")
    reader = csv.reader(lines, delimiter=delimiter)
    head = True
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if not head or not _is_head(stripped):
                yield reader.line_num, stripped
            head = False
    except csv.Error:
        text = _("这一行不像表格，请核对引号和逗号。")
        raise Invalid({"file": [_at(reader.line_num, text)]}) from None


def _is_head(cells: Sequence[str]) -> bool:
    """The titles of the columns: no date and, unless the first is “date”, neither word."""
    if cells[0].lower() in ("日期", "day", "date"):
        return True
    return _date(cells[0]) is None and _is_worked(cells) is None


def _read_row(cells: Sequence[str]) -> NoticeDay | str:
    """The day of a row, or what is wrong with it."""
    day, worked = _date(cells[0]), _is_worked(cells)
    name = cells[2] if len(cells) > 2 else ""
    if day is None or day.year not in YEARS:
        return _("“%s”不是日期，请写成 2027-01-01 的样子。") % cells[0][:NAME_LENGTH]
    if worked is None:
        given = cells[1][:NAME_LENGTH] if len(cells) > 1 else ""
        return _("第二栏“%s”应当是“班”或“休”。") % given
    if not worked and not name:
        return _("%s 没有写节日名称，请写在第三栏。") % day
    if len(name) > NAME_LENGTH:
        return _("“%(name)s”太长，节日名称最多 %(most)s 个字。") % {
            "name": name[:NAME_LENGTH],
            "most": NAME_LENGTH,
        }
    if worked and day.weekday() < SATURDAY:
        return _("%s 不是周末，本来就上班，请核对日期。") % day
    return NoticeDay(day, worked, name)


_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_WORDS = {
    **dict.fromkeys(("班", "上班", "work"), True),
    **dict.fromkeys(("休", "放假", "休息", "off"), False),
}


def _date(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _is_worked(cells: Sequence[str]) -> bool | None:
    return _WORDS.get(cells[1].lower()) if len(cells) > 1 else None


def _astray(day: date, year: int) -> str:
    """A notice reaches at most into the December before its year and the January after it."""
    if day.year == year or (day.year, day.month) in ((year - 1, 12), (year + 1, 1)):
        return ""
    return _("%(day)s 不在 %(year)s 年，请把每年的通知分成一个文件。") % {"day": day, "year": year}


def _at(line: int, text: str) -> str:
    return _("第 %(line)s 行：%(text)s") % {"line": line, "text": text}


def _shortened(errors: list[str]) -> list[str]:
    more = len(errors) - MOST_ERRORS
    if more <= 0:
        return errors
    words = ngettext("另外还有 %(n)s 处。", "另外还有 %(n)s 处。", more) % {"n": more}
    return [*errors[:MOST_ERRORS], words]
