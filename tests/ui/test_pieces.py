"""What the pieces promise to those who use them, read from the HTML they give."""

import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.utils import translation
from showing import ERRORS, PAGES, page, piece, whole

from huiyin.ui import drawing, fields
from huiyin.ui.fields import read_signature

GALLERY = sorted(path.stem for path in PAGES.glob("*.html"))


@dataclass
class PackField:
    key: str
    title: Any
    type: str
    choices: Any = None
    required: bool = False
    or_reason: bool = False


@pytest.mark.parametrize("name", GALLERY)
def test_no_page_carries_what_the_content_policy_refuses(name: str) -> None:
    html = page(name, errors=ERRORS)

    assert not re.search(r"<[^>]+\sstyle\s*=", html)
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert "<style" not in html


@pytest.mark.parametrize("name", GALLERY)
def test_ids_are_unique_and_labels_find_their_control(name: str) -> None:
    html = page(name)
    ids = re.findall(r'\sid="([^"]+)"', html)

    assert len(ids) == len(set(ids))
    assert set(re.findall(r'<label[^>]*\sfor="([^"]+)"', html)) <= set(ids)


@pytest.mark.parametrize("kind", ["choice", "choice_ordered", "boolean", "person", "people"])
def test_nothing_is_chosen_before_somebody_chooses(kind: str) -> None:
    choices = [("a", "甲"), ("b", "乙")]

    html = piece("{% field kind 'f' 'F' choices=choices %}", kind=kind, choices=choices)

    assert "checked" not in html
    assert "selected" not in html


def test_what_was_chosen_stays_chosen() -> None:
    html = piece("{% field 'choice' 'f' 'F' choices=c value='b' %}", c=[("a", "甲"), ("b", "乙")])

    assert re.search(r'value="b" checked', html)
    assert not re.search(r'value="a" checked', html)


def test_zero_and_false_are_answers() -> None:
    number = piece("{% field 'number' 'f' 'F' value=0 %}")
    truth = piece("{% field 'boolean' 'f' 'F' value=v %}", v=False)

    assert 'value="0"' in number
    assert re.search(r'value="false" checked', truth)


def test_several_people_stay_chosen_by_id() -> None:
    html = piece("{% field 'people' 'f' 'F' choices=c value=v %}", c=[(1, "甲"), (2, "乙"), (12, "丙")],
                 v=[1, 12])  # fmt: skip

    assert re.findall(r'value="(\d+)" checked', html) == ["1", "12"]


def test_an_error_stands_beside_its_field_and_is_tied_to_it() -> None:
    html = piece("{% field 'text' 'f' 'F' errors=e %}", e=["请填写。"])

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="field-f-error"' in html
    assert re.search(r'id="field-f-error" data-field-error>.*请填写。', html, re.S)


def test_a_field_without_error_keeps_the_place_hidden() -> None:
    html = piece("{% field 'text' 'f' 'F' %}")

    assert re.search(r'id="field-f-error" data-field-error hidden', html)
    assert "aria-invalid" not in html


def test_what_people_typed_is_escaped() -> None:
    html = piece("{% field 'textarea' 'f' 'F' value=v %}", v="</textarea><b>")
    row = piece("{% obligation_row t copy_text=t %}", t='"><b>')

    assert "<b>" not in html
    assert "<b>" not in row


def test_a_signature_may_be_refused_only_where_the_policy_lets_it() -> None:
    free = piece("{% field 'signature' 's' 'S' refusable=True %}")
    strict = piece("{% field 'signature' 's' 'S' %}")

    assert 'name="s-refused"' in free and 'name="s-reason"' in free
    assert "s-refused" not in strict


def test_a_refused_signature_sends_no_picture() -> None:
    sent = QueryDict("s=data:image/png;base64,AA&s-refused=true&s-reason=+不愿+")

    given = read_signature(sent, "s")

    assert given == fields.GivenSignature(image="", refused=True, reason="不愿")


def test_a_pack_field_brings_its_words_its_mark_and_its_answers() -> None:
    spec = PackField("work", {"zh": "查看", "en": "Look"}, "choice",
                     choices={"ok": {"zh": "已修好", "en": "Mended"}}, required=True)  # fmt: skip

    chinese = piece("{% pack_field spec %}", spec=spec)
    with translation.override("en"):
        english = piece("{% pack_field spec %}", spec=spec)

    assert "查看" in chinese and "已修好" in chinese and "required" in chinese
    assert "Look" in english and "Mended" in english


def test_a_django_field_takes_the_kind_of_its_widget() -> None:
    class Shape(forms.Form):
        since = forms.DateField(label="自", required=False)
        mood = forms.ChoiceField(choices=[("", "--"), ("a", "甲")], widget=forms.RadioSelect)

    bound = Shape({"mood": "x"})
    bound.is_valid()
    since = piece("{% bound_field f kind='date' %}", f=bound["since"])
    mood = piece("{% bound_field f %}", f=bound["mood"])

    assert 'type="date"' in since
    assert 'id="field-since"' in since
    assert mood.count('type="radio"') == 1
    assert "field--wrong" in mood


@pytest.mark.parametrize("tag", ["{% field 'text' 'f' 'F' colour='red' %}",
                                 "{% obligation_row 'x' colour='red' %}"])  # fmt: skip
def test_an_unknown_variable_is_an_error(tag: str) -> None:
    with pytest.raises(TypeError, match="colour"):
        piece(tag)


def test_an_unknown_kind_tone_and_verdict_are_errors() -> None:
    with pytest.raises(KeyError):
        piece("{% field 'slider' 'f' 'F' %}")
    with pytest.raises(ValueError, match="purple"):
        piece("{% pill 'x' 'purple' %}")
    with pytest.raises(KeyError):
        piece("{% verdict_pill 'fine' %}")


def test_nothing_fell_due_is_never_shown_as_met() -> None:
    html = piece("{% verdict_pill 'nothing' %}")

    assert "无事" in html
    assert "pill--met" not in html


@pytest.mark.parametrize(
    ("value", "target", "fill", "tick"),
    [
        (8, 10, "80.00", ""),
        (10, 10, "100.00", ""),
        (31, 30, "100.00", "96.77"),
        (0, 10, "0.00", ""),
        (40, 0, "40.00", ""),
        (-1, 10, "0.00", ""),
    ],
)
def test_a_meter_ends_at_the_larger_of_value_and_target(
    value: float, target: float, fill: str, tick: str
) -> None:
    assert drawing.meter(value, target) == drawing.Meter(fill, tick)


def test_a_period_without_cases_is_a_stub_without_a_meaning() -> None:
    shown = drawing.spark([SimpleNamespace(value=None, tone="late"), {"value": 1, "tone": "met"}])

    assert [bar.tone for bar in shown.bars] == ["", "met"]
    assert [bar.height for bar in shown.bars] == ["3.0", "24.0"]


def test_an_empty_spark_is_still_a_picture() -> None:
    assert "<svg" in piece("{% spark points %}", points=[])


def test_the_pager_is_absent_where_there_is_one_page() -> None:
    assert "<nav" not in piece("{% pager '' '' %}")
    assert 'rel="next"' in piece("{% pager '' '/x?older' %}")


def test_a_revealed_number_carries_its_mask_to_return_to() -> None:
    html = piece("{% masked_phone '138••••2046' reveal_url='/r' number='13800002046' %}")

    assert 'href="tel:13800002046"' in html
    assert re.search(r"<template>.*138••••2046.*</template>", html, re.S)


def test_a_masked_number_may_stand_inside_a_form() -> None:
    html = piece("{% masked_phone '138••••2046' reveal_url='/r' %}")

    assert "<form" not in html
    assert 'hx-params="none"' in html


@pytest.mark.parametrize("template", ["403.html", "404.html", "409.html", "422.html", "500.html"])
def test_error_pages_stand_without_any_context(template: str) -> None:
    html = whole(template)

    assert "<h1" in html
    assert 'href="/"' in html or template == "422.html"


def test_the_summary_links_to_the_fields() -> None:
    html = piece("{% error_summary errors labels %}", errors={"f": ["请填写。"], "": ["时间冲突。"]},
                 labels={"f": "意见"})  # fmt: skip

    assert 'href="#field-f"' in html and "意见：请填写。" in html
    assert "有 2 处需要补正" in html


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ({"f": ["Empty."]}, "1 place needs completing"),
        ({"f": ["Empty."], "": ["Twice."]}, "2 places need completing"),
    ],
)
def test_the_summary_counts_in_english(errors: dict[str, list[str]], said: str) -> None:
    with translation.override("en"):
        html = piece("{% error_summary errors labels %}", errors=errors, labels={"f": "Opinion"})

    assert said in html
