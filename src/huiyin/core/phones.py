"""Phone numbers as people and spreadsheets write them, in one form; and masked.

The one form: 11 digits for a mobile; area code and number, joined by a hyphen, for a landline,
with `转` and the extension if there is one; `400` and `95…` service numbers as digits.
"""

from __future__ import annotations

import re
import unicodedata

FLOAT = re.compile(r"(\d+)\.0+")
SCIENTIFIC = re.compile(r"\d\.\d{9,10}[eE]\+?1[01]")
COUNTRY = re.compile(r"^(?:\+|00)86")
EXTENSION = re.compile(r"(?:转|ext\.?|#|x)(\d{1,6})$", re.IGNORECASE)
MOBILE = re.compile(r"1[3-9]\d{9}")
# Area codes of three digits are 010 and 02x; all others have four.
LANDLINE = re.compile(r"(010|02\d|0[3-9]\d{2})([2-8]\d{6,7})")
SERVICE = re.compile(r"[48]00\d{7}|9[56]\d{3,6}|12\d{3}")
HOTLINE = re.compile(r"12\d{3}")
MASKED_MOBILE = re.compile(r"1[3-9]\d••••\d{4}")
BETWEEN_NUMBERS = re.compile(r"[/,;、，；|\n\r\t]+|\s{2,}|(?<=\d)\s+(?=(?:\+86\s*)?1[3-9]\d)|或|和")
FILLERS = re.compile(r"[\s\-‐-―−－()\[\].·'’`]+")


class NotAPhone(ValueError):
    """The text is no phone number of the mainland; `text` is what was given."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def normalize(text: str | int | float) -> str:
    """One number in the one form. Raises NotAPhone, also when there are several."""
    parts = _parts(text)
    if [is_number for _part, is_number in parts] != [True]:
        raise NotAPhone(str(text))
    return parts[0][0]


def as_far_as_numbers(text: str | int | float) -> list[str]:
    """Every number in a cell, in order and once each; a blank cell has none.

    A part that is no number stands as it is written, in half width: digits are never guessed.
    """
    return [part for part, _is_number in _parts(text)]


def _parts(text: str | int | float) -> list[tuple[str, bool]]:
    """What stands in a cell, and of each part whether it is a number."""
    plain = unicodedata.normalize("NFKC", str(text)).strip().strip("'’`")
    whole = _one(plain)
    if whole is not None:
        return [(whole, True)]
    parts = [(_one(part), part.strip()) for part in BETWEEN_NUMBERS.split(plain) if part.strip()]
    return list(dict.fromkeys((number or part, number is not None) for number, part in parts))


def is_phone(text: str) -> bool:
    """Whether somebody of a customer can be reached there: behind a hotline is no household."""
    try:
        return not is_hotline(normalize(text))
    except NotAPhone:
        return False


def is_hotline(number: str) -> bool:
    """`12345`, `12315` and their like: whoever answers there is the authorities, nobody's home."""
    return HOTLINE.fullmatch(number) is not None


def mask(number: str) -> str:
    """What lists show: `138••••2046`, `010-••••1234`; of anything else only the last two."""
    if MOBILE.fullmatch(number):
        return f"{number[:3]}••••{number[-4:]}"
    area, hyphen, rest = number.partition("-")
    if hyphen:
        line, _turn, _extension = rest.partition("转")
        return f"{area}-••••{line[-4:]}"
    return f"{'•' * max(len(number) - 2, 0)}{number[-2:]}"


def shows_mobile(masked: str) -> bool:
    """Whether a masked number is that of a mobile, and so a number for sure."""
    return MASKED_MOBILE.fullmatch(masked) is not None


def tail(number: str) -> str:
    """The last four digits of the line, by which people look for a number."""
    return number.partition("转")[0][-4:]


def _one(text: str) -> str | None:
    digits = _without_spreadsheet(text.strip())
    digits, extension = _split_extension(digits)
    # Behind the country's code an area code stands without its zero; nowhere else.
    digits, abroad = COUNTRY.subn("", FILLERS.sub("", digits))
    if MOBILE.fullmatch(digits):
        # A mobile has no switchboard: something was glued to it.
        return None if extension else digits
    if match := LANDLINE.fullmatch(f"0{digits}" if abroad else digits):
        turned = f"转{extension}" if extension else ""
        return f"{match[1]}-{match[2]}{turned}"
    return digits if SERVICE.fullmatch(digits) and not extension else None


def _without_spreadsheet(text: str) -> str:
    if match := FLOAT.fullmatch(text):
        return match[1]
    return f"{float(text):.0f}" if SCIENTIFIC.fullmatch(text) else text


def _split_extension(text: str) -> tuple[str, str]:
    match = EXTENSION.search(FILLERS.sub("", text))
    if match is None:
        return text, ""
    return FILLERS.sub("", text)[: match.start()], match[1]
