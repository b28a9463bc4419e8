"""Checks what was entered in a form and gives it types; numbers and prefills a new one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from huiyin.policy.calendar import PLAIN, WorkCalendar
from huiyin.policy.clocks import shift
from huiyin.policy.conditions import Test, fields_of
from huiyin.policy.days import Days, last_day, wrong_days
from huiyin.policy.declared import Form, FormField, Text
from huiyin.policy.facts import Value
from huiyin.policy.lengths import NotALength, parse_length
from huiyin.policy.matching import Around, is_empty, matches, missing_fields
from huiyin.policy.schema import Policy

MAX_TEXT = 2_000
"""Characters of an answer, unless its field declares another ``max``."""
# Others are slips of the finger, and clocks could not add to the very first and last ones.
YEARS = range(1900, 2201)
# Control characters, and signs that turn the direction of the words around them.
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
SERIAL = re.compile(r"\{serial(?::(\d))?\}")


@dataclass(frozen=True, slots=True)
class SignatureGiven:
    """What came for a signature field: a drawing, or a refusal with its reason."""

    drawn: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Raised:
    """An answer that opens a case of this kind."""

    field: str
    answer: str
    kind: str


@dataclass(frozen=True, slots=True)
class FormResult:
    """Typed values (fit for JSON), the errors by field, and the cases that answers open."""

    values: Mapping[str, Value]
    errors: Mapping[str, Sequence[Text]] = field(default_factory=dict)
    raises: tuple[Raised, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.errors


class _Wrong(ValueError):
    """A value that does not have the form of its field."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.message = Text(zh=zh, en=en)


REQUIRED = Text(zh="请填写", en="Please fill this in")
CHOOSE = Text(zh="请选择一项", en="Please choose one")
SIGN = Text(zh="请签名", en="Please sign")
SIGN_OR_REASON = Text(
    zh="请签名，或写明不签的缘由", en="Please sign, or say why there is no signature"
)
UNKNOWN = Text(zh="表单没有这一栏", en="The form has no such field")


def validate(
    form: Form,
    given: Mapping[str, Any],
    *,
    signatures: Mapping[str, SignatureGiven],
    photos: Mapping[str, int],
    zone: ZoneInfo,
    days: Days | None = None,
) -> FormResult:
    """Type and check one filled-in form.

    Typed: choice → key, number → int or float, money → text with two decimals, date → ISO date,
    datetime → ISO instant in UTC (without an offset it is read in ``zone``), person → id,
    people → ids, photo → how many, signature → ``signed`` or ``refused``. Empty fields are absent.
    ``days``: when it is filled in, where dates are limited by that.
    """
    values: dict[str, Value] = {}
    errors: dict[str, list[Text]] = {
        name: [UNKNOWN] for name in (*given, *signatures, *photos) if name not in form.fields
    }
    for key, declared in form.fields.items():
        try:
            value = _typed(declared, given.get(key), signatures.get(key), photos.get(key, 0), zone)
        except _Wrong as wrong:
            errors[key] = [wrong.message]
            continue
        if not is_empty(value) and not (declared.type == "photo" and value == 0):
            values[key] = value
    named = {f"{form.key}.{key}": value for key, value in values.items()}
    for key, declared in form.fields.items():
        if key not in values and key not in errors and _is_required(declared, named, errors, form):
            errors[key] = [_demand(declared)]
    if days is not None:
        errors = wrong_days(form, values, days) | errors
    return FormResult(values=values, errors=errors, raises=_raised(form, values))


def _is_required(
    declared: FormField, named: Mapping[str, Value], errors: Mapping[str, object], form: Form
) -> bool:
    if declared.type == "list":
        return False
    if declared.required:
        return True
    if declared.required_if is None:
        return False
    holds = matches(declared.required_if, named, Around(orders=_orders(form)))
    if holds is None:
        # The answer that decides is itself wrong or due: its own error is enough.
        open_fields = missing_fields(declared.required_if, named)
        keys = [name.removeprefix(f"{form.key}.") for name in open_fields]
        return not any(key in errors or form.fields[key].required for key in keys)
    return holds


def when_required(form: Form, declared: FormField) -> Text | None:
    """Which answer makes a field required; None where none does."""
    if declared.required_if is None:
        return None
    test = declared.required_if
    asked = [name.removeprefix(f"{form.key}.") for name in fields_of(test)]
    deciding = [form.fields[key] for key in asked if key in form.fields]
    zh, en = (_join([field.title for field in deciding], language) for language in ("zh", "en"))
    if isinstance(test, Test) and test.operator in ("eq", "in") and len(deciding) == 1:
        choices = [deciding[0].choices.get(str(value)) for value in test.operands]
        titles = [choice for choice in choices if choice is not None]
        if len(titles) == len(choices):
            chosen, picked = _join(titles, "zh"), _join(titles, "en")
            return Text(zh=f"“{zh}”是“{chosen}”时必填。", en=f"Needed where “{en}” is “{picked}”.")
    return Text(zh=f"是否必填，看“{zh}”。", en=f"Whether it is needed depends on “{en}”.")


def _join(titles: Sequence[Text], language: str) -> str:
    mark = "”或“" if language == "zh" else "” or “"
    return mark.join(title.say(language) for title in titles)


def _orders(form: Form) -> Mapping[str, Sequence[str]]:
    return {
        f"{form.key}.{key}": tuple(declared.choices)
        for key, declared in form.fields.items()
        if declared.type == "choice_ordered"
    }


def _demand(declared: FormField) -> Text:
    if declared.type in ("choice", "choice_ordered", "boolean"):
        return CHOOSE
    if declared.type == "signature":
        return SIGN_OR_REASON if declared.or_reason else SIGN
    return REQUIRED


def _raised(form: Form, values: Mapping[str, Value]) -> tuple[Raised, ...]:
    return tuple(
        Raised(field=key, answer=str(values[key]), kind=declared.raises[str(values[key])])
        for key, declared in form.fields.items()
        if key in values and str(values[key]) in declared.raises
    )


def _typed(
    declared: FormField,
    value: Any,
    signature: SignatureGiven | None,
    photos: int,
    zone: ZoneInfo,
) -> Value:
    if declared.type == "signature":
        return _signature(declared, signature)
    if declared.type == "photo":
        return photos
    if declared.type == "list":
        return None  # filled when the record is filed, by nobody
    if is_empty(value):
        return None
    if declared.type in ("choice", "choice_ordered"):
        return _choice(declared, value)
    if declared.type in ("date", "datetime"):
        return _moment(declared, str(value), zone)
    if declared.type == "people":
        return [_person(item) for item in (value if isinstance(value, list) else [value])]
    return _PLAIN[declared.type](declared, value)


def _signature(declared: FormField, given: SignatureGiven | None) -> Value:
    if given is None:
        return None
    if given.drawn:
        return "signed"
    if not given.reason.strip():
        return None
    if not declared.or_reason:
        raise _Wrong("此处必须签名", "A signature is needed here")
    return "refused"


def _choice(declared: FormField, value: Any) -> str:
    if (
        isinstance(value, (str, int))
        and not isinstance(value, bool)
        and str(value) in declared.choices
    ):
        return str(value)
    raise _Wrong("没有这个选项", "There is no such choice")


def _text(declared: FormField, value: Any) -> str:
    text = str(value).strip()
    if UNSEEN.search(text):
        raise _Wrong(
            "里面有看不见的控制字符，请删去后重新输入",
            "Holds a control character that nobody sees; delete it and write it again",
        )
    limit = declared.maximum or MAX_TEXT
    if len(text) > limit:
        raise _Wrong(
            f"最多 {limit} 个字，现在有 {len(text)} 个，请写短一些",
            f"At most {limit} characters; there are {len(text)}, please write less",
        )
    return text


def _decimal(value: Any) -> Decimal:
    text = unicodedata.normalize("NFKC", str(value)).strip()
    # Of Python's ways to write a number one is nobody else's: 1_000.
    try:
        number = Decimal("NaN" if "_" in text else text) + 0
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or abs(number) >= Decimal("1e15"):
        raise _Wrong("请填写数字，例如 12.5", "Write a number, for example 12.5")
    return number


def _number(declared: FormField, value: Any) -> int | float:
    number = _decimal(value)
    low, high = declared.minimum, declared.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise _Wrong(f"须在 {low} 与 {high} 之间", f"Has to be between {low} and {high}")
    return int(number) if number == number.to_integral_value() else float(number)


def _money(declared: FormField, value: Any) -> str:
    number = _decimal(value)
    if number != number.quantize(Decimal("0.01")):
        raise _Wrong("金额最多两位小数", "Money has two decimals at most")
    return f"{number:.2f}"


def _boolean(declared: FormField, value: Any) -> bool:
    if value in (True, "true", "on", "1"):
        return True
    if value in (False, "false", "off", "0"):
        return False
    raise _Wrong("请选择是或否", "Choose yes or no")


def _person(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise _Wrong("没有这个人", "There is no such person")
    return int(text)


def _moment(declared: FormField, text: str, zone: ZoneInfo) -> str:
    try:
        if declared.type == "date":
            moment = datetime.combine(date.fromisoformat(text), time.min)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        shape = "2026-03-05" if declared.type == "date" else "2026-03-05T14:30"
        raise _Wrong(f"请写成 {shape}", f"Write it as {shape}") from None
    if moment.year not in YEARS:
        raise _Wrong(
            f"年份须在 {YEARS[0]} 与 {YEARS[-1]} 之间",
            f"The year has to be between {YEARS[0]} and {YEARS[-1]}",
        )
    if declared.type == "date":
        return moment.date().isoformat()
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).isoformat()


_PLAIN: Mapping[str, Callable[[FormField, Any], Value]] = {
    "text": _text,
    "number": _number,
    "money": _money,
    "boolean": _boolean,
    "person": lambda declared, value: _person(value),
}


def fact_values(form: Form, values: Mapping[str, Value]) -> dict[str, Value]:
    """What rules may read of a filed record, as ``<form>.<field>``: never free text."""
    return {
        f"{form.key}.{key}": value
        for key, value in values.items()
        if form.fields[key].type != "text"
    }


def format_number(form: Form, *, year: int, serial: int) -> str:
    """The number of a record: ``ZG-{year}-{serial:4}`` gives ``ZG-2026-0007``."""
    numbered = SERIAL.sub(lambda found: f"{serial:0{found[1] or 1}d}", form.number)
    return numbered.replace("{year}", str(year))


def prefill(  # noqa: PLR0913 - what a form reads when it opens
    policy: Policy,
    form: Form,
    *,
    settings: Mapping[str, str],
    values: Mapping[str, Value],
    now: datetime,
    zone: ZoneInfo,
    calendar: WorkCalendar = PLAIN,
) -> dict[str, Value]:
    """What stands in a new form: a length from a setting becomes a date counted from today."""
    found: dict[str, Value] = {}
    for key, declared in form.fields.items():
        if declared.prefill is None:
            continue
        if declared.prefill.setting is not None:
            text = policy.setting(declared.prefill.setting, settings)
            value = _from_setting(declared, text, now, zone, calendar)
        else:
            value = values.get(declared.prefill.field or "")
        if not is_empty(value):
            found[key] = value
    return found


def _from_setting(
    declared: FormField, text: str | None, now: datetime, zone: ZoneInfo, calendar: WorkCalendar
) -> Value:
    if text is None or declared.type not in ("date", "datetime"):
        return text
    if declared.type == "date":
        day = last_day(text, now, zone, calendar)
        return day.isoformat() if day else None
    try:
        return shift(now, parse_length(text), zone, calendar).isoformat()
    except NotALength:
        return None
