from fractions import Fraction

import pytest

from huiyin.policy.lengths import (
    Length,
    NotALength,
    NotAPercentage,
    parse_length,
    parse_percent,
    say_length,
)


@pytest.mark.parametrize("text", ["24h", "2d", "15wd", "1w", "3mo", "eod"])
def test_a_length_reads_back_as_it_was_written(text: str) -> None:
    assert str(parse_length(text)) == text


@pytest.mark.parametrize("text", ["7 dais", "7 days", "-1d", "1.5d", "d", "", "٣d", "1y", "24 h"])
def test_what_is_no_length_is_never_guessed(text: str) -> None:
    with pytest.raises(NotALength):
        parse_length(text)


def test_only_working_days_ask_the_calendar() -> None:
    asked = [text for text in ("24h", "2d", "15wd", "1w", "3mo", "eod") if _counts(text)]

    assert asked == ["15wd"]


def _counts(text: str) -> bool:
    return parse_length(text).counts_workdays


@pytest.mark.parametrize(
    ("text", "share"), [("10%", Fraction(1, 10)), ("33.3%", Fraction(333, 1000)), ("100 %", 1)]
)
def test_a_percentage_is_exact(text: str, share: Fraction) -> None:
    assert parse_percent(text) == share


@pytest.mark.parametrize("text", ["10", "%", "-1%", "1e1%"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(NotAPercentage):
        parse_percent(text)


def test_lengths_are_said_in_both_languages() -> None:
    assert say_length(Length(3, "d"), "zh") == "3 天"
    assert say_length(Length(1, "w"), "en") == "1 week"
    assert say_length(Length(15, "wd"), "zh") == "15 个工作日"
    assert say_length(Length(15, "wd"), "en") == "15 working days"
    assert say_length(Length(1, "wd"), "en") == "1 working day"
    assert say_length(Length(0, "eod"), "en") == "the same day"
