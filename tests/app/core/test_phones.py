"""Phones as people and spreadsheets write them."""

import pytest

from huiyin.core.phones import NotAPhone, as_far_as_numbers, mask, normalize, tail


@pytest.mark.parametrize(
    "written",
    [
        "13812342046",
        "138-1234-2046",
        "138 1234 2046",
        "+86 138 1234 2046",
        "+8613812342046",
        "0086-13812342046",
        "１３８１２３４２０４６",
        "13812342046.0",
        "1.3812342046E10",
        "1.3812342046e+10",
        "'13812342046",
        "（138）1234-2046",
        13812342046,
        13812342046.0,
    ],
)
def test_every_way_to_write_a_mobile_becomes_the_same_eleven_digits(written):
    assert normalize(written) == "13812342046"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("010-67891234", "010-67891234"),
        ("（010）6789 1234", "010-67891234"),
        ("+86 10 6789 1234", "010-67891234"),
        ("0571-8765432", "0571-8765432"),
        ("（010）6789 1234转8", "010-67891234转8"),
        ("010-67891234 ext.805", "010-67891234转805"),
        ("400-820-8820", "4008208820"),
        ("95588", "95588"),
    ],
)
def test_a_landline_keeps_area_code_and_extension(written, expected):
    assert normalize(written) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "13812342046/13912342047",
        "13812342046、13912342047",
        "13812342046 13912342047",
        "13812342046；139-1234-2047",
        "13812342046\n13912342047",
        "13812342046 或 13912342047",
    ],
)
def test_two_phones_in_a_cell_become_a_list_in_their_order(cell):
    assert as_far_as_numbers(cell) == ["13812342046", "13912342047"]


def test_the_same_phone_twice_in_a_cell_is_one():
    assert as_far_as_numbers("13812342046,+8613812342046") == ["13812342046"]


def test_what_is_no_number_in_a_cell_stands_as_it_is_written():
    assert as_far_as_numbers("138 0000/13812342046、１３８０") == [
        "138 0000",
        "13812342046",
        "1380",
    ]


def test_a_blank_cell_has_no_phones():
    assert as_far_as_numbers("  ") == []


@pytest.mark.parametrize(
    "written", ["1381234204", "138123420461", "12812342046", "无", "1.38E+10", "3栋1202", "abc"]
)
def test_digits_are_never_guessed(written):
    with pytest.raises(NotAPhone) as refused:
        normalize(written)

    assert refused.value.text == written


def test_one_number_is_asked_for_and_two_are_refused():
    with pytest.raises(NotAPhone):
        normalize("13812342046/13912342047")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812342046", "138••••2046"),
        ("010-67891234", "010-••••1234"),
        ("010-67891234转8", "010-••••1234"),
        ("95588", "•••88"),
    ],
)
def test_a_masked_phone_hides_its_middle(number, shown):
    assert mask(number) == shown


def test_the_tail_is_of_the_line_and_not_of_the_extension():
    assert tail("010-67891234转805") == "1234"
