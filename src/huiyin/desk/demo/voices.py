"""What the residents of the sample firm say: at home, and to the front desk.

Of its own dice, so that the repairs of a day stay what they are.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from huiyin.cases import services as cases
from huiyin.cases.given import Doing, Item
from huiyin.customers.models import Customer
from huiyin.desk.demo.life import Life
from huiyin.followups import services as followups
from huiyin.followups.services import Visit
from huiyin.records.answers import Sent

WORDS = {
    "question": ("地下车库的灯什么时候换？", "物业费可以分季交吗？", "垃圾房几点开门？"),
    "opinion": ("楼道打扫得不够勤。", "花园的灯晚上太暗。"),
    "request": ("想在楼下加一个晾衣架。", "希望帮忙联系清洗外窗。"),
    "suggestion": ("快递柜挪到东门口更方便。", "遛狗区立个牌子，提醒清理。"),
    "complaint": ("门岗登记太慢，态度也不好。", "报修打了三次电话才有人接。"),
}
KINDS = tuple(WORDS)
WEIGHTS = (5, 3, 2, 2, 1)

STILL_OPEN = {2: ("question",), 1: ("suggestion", "complaint")}
"""So many days ago the front desk took down what the visitor finds open."""

VISIT_EVERY, CALL_EVERY = 2, 4
"""Every so many days an officer visits a household at home, and somebody calls."""


def speak(life: Life, day: date) -> None:
    """The visits at home and the calls of a day."""
    ordinal = day.toordinal()
    if ordinal % VISIT_EVERY == 0 and day < life.today:
        _visit(life, day)
    if ordinal % CALL_EVERY == 0 and day < life.today - timedelta(days=max(STILL_OPEN)):
        _call(life, day, _kind(life))
    for kind in STILL_OPEN.get((life.today - day).days, ()):
        _call(life, day, kind)


def _visit(life: Life, day: date) -> None:
    """An officer at one of his households; one in three brings something back."""
    place = life.voices.choice(life.places)
    by = place.target.owner_id or life.staff["officer"][0].pk
    at = life.at(day, life.voices.uniform(17, 20))
    given = {"met": life.voices.choice(("owner", "family")), "satisfaction": _satisfied(life)}
    items = [_item(life, _kind(life), at)] if life.voices.random() < 0.34 else []
    followups.hold(
        Visit(about=place.pk, form="visit_record", present=(by,)),
        answers=Sent(given, {}, {}),
        items=items,
        doing=Doing(by=by, recorded_by=by, happened_at=at, now=at),
    )


def _call(life: Life, day: date, kind: str) -> None:
    place: Customer = life.voices.choice(life.places)
    by = life.staff["clerk"][0].pk
    at = life.at(day, life.voices.uniform(9, 17))
    doing = Doing(by=by, recorded_by=by, happened_at=at, now=at)
    cases.raise_case(_item(life, kind, at), about=place.pk, origin="phone", doing=doing)


def _item(life: Life, kind: str, at: datetime) -> Item:
    """Some are answered at once; for the others a time is told, within the next days."""
    words = life.voices.choice(WORDS[kind])
    if kind not in ("question", "opinion", "request"):
        return Item(kind, words)
    if life.voices.random() < 0.4 and (life.today - at.date()).days not in STILL_OPEN:
        return Item(kind, words, answer="当面说明，住户清楚了")
    due = life.at_end(at.astimezone(life.zone).date() + timedelta(days=3)) - timedelta(hours=7)
    return Item(kind, words, promised_reply_at=due)


def _kind(life: Life) -> str:
    return life.voices.choices(KINDS, WEIGHTS)[0]


def _satisfied(life: Life) -> str:
    return life.voices.choice(("3", "4", "4", "5", "5"))
