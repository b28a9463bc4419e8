"""更改: who may mend a filed record on its page, with which answers, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import override

from huiyin.cases.models import Case
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.records.models import Record
from tests.app import scene as on
from tests.app.records.pdf_reading import Reader

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
WHY = "amended-why"


@pytest.fixture
def place(founded: on.Scene, now: datetime) -> Iterator[on.Scene]:
    with time_machine.travel(now + 2 * HOUR, tick=False):
        yield founded


@pytest.fixture
def held(place: on.Scene) -> Followup:
    about = on.completed(place)
    answers = on.filled(photos={"photo": [on.photograph()]})
    return on.visit(about.pk, place.firm.repair_lead, place.now + HOUR, answers=answers)


def page(record: Record) -> str:
    return reverse("desk:amendment", args=[record.pk])


def sent(**more: Any) -> dict[str, Any]:
    return on.SATISFIED | {"key": "k-1", WHY: "收费记错"} | more


def test_the_form_shows_the_answers_as_they_stand(place: on.Scene, held: Followup) -> None:
    shown = on.signed_in(place.firm.repair_lead).get(page(held.record)).content.decode()

    for name, value in on.SATISFIED.items():
        assert f'name="{name}" value="{value}"' in shown, name
    assert shown.count(" checked") >= 4
    assert "先前的签名留在原来的版本上" in shown
    assert "原有的 1 张照片留在新版本里" in shown


def test_a_record_is_mended_by_a_new_version_with_the_reason(
    place: on.Scene, held: Followup
) -> None:
    client = on.signed_in(place.firm.repair_lead)
    owed = list(Obligation.objects.order_by("pk").values_list("pk", "state"))
    more = SimpleUploadedFile("p.jpg", on.photograph(), content_type="image/jpeg")

    answer = client.post(page(held.record), sent(fees="free", photo=more))

    newer = Record.objects.get(version=2)
    assert answer.headers["Location"] == reverse("records:page", args=[newer.pk])
    assert newer.values["repair_visit.fees"] == "free"
    assert newer.texts.get(field="").text == "收费记错"
    assert list(newer.photos.order_by("ordinal").values_list("ordinal", flat=True)) == [1, 2]
    assert not newer.signatures.exists() and held.record.signatures.exists()
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "已签名，见先前的版本；签的是更改前的内容" in shown and ">signed<" not in shown
    assert list(Obligation.objects.order_by("pk").values_list("pk", "state")) == owed
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "第 2 版" in shown and "收费记错" in shown and "登记事项" not in shown


def test_the_same_submission_twice_makes_one_version(place: on.Scene, held: Followup) -> None:
    client = on.signed_in(place.firm.repair_lead)

    answers = [client.post(page(held.record), sent(fees="free")) for _again in range(2)]

    assert {answer.headers["Location"] for answer in answers} == {
        reverse("records:page", args=[Record.objects.get(version=2).pk])
    }
    assert Fact.objects.filter(kind="record.amended").count() == 1


def test_what_is_wrong_is_said_at_its_field_and_above(place: on.Scene, held: Followup) -> None:
    client = on.signed_in(place.firm.repair_lead)

    answer = client.post(page(held.record), sent(fees="", **{WHY: " "}))

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#field-fees"' in shown and f'href="#field-{WHY}"' in shown
    assert "请写明更改的原因。" in shown
    assert Record.objects.count() == 1


def test_only_the_newest_version_is_mended(place: on.Scene, held: Followup) -> None:
    client = on.signed_in(place.firm.repair_lead)
    client.post(page(held.record), sent(fees="free"))
    newer = Record.objects.get(version=2)

    asked = client.get(page(held.record), follow=True)
    late = client.post(page(held.record), sent(fees="match", key="k-2"))

    assert asked.redirect_chain == [(page(newer), 302)]
    assert "已有更新的版本" in asked.content.decode()
    assert late.status_code == 409 and "已有更新的版本" in late.content.decode()
    assert Record.objects.count() == 2


def test_a_signature_of_an_earlier_version_need_not_be_given_for_the_third(
    place: on.Scene, held: Followup
) -> None:
    client = on.signed_in(place.firm.repair_lead)
    client.post(page(held.record), sent(fees="free"))

    answer = client.post(page(Record.objects.get(version=2)), sent(key="k-2"))

    assert answer.status_code == 302
    assert Record.objects.get(version=3).values["repair_visit.fees"] == "match"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("repair_lead", 200),  # he made it
        ("manager", 200),  # he heads the firm
        ("supervisor", 200),
        ("officer", 403),  # it is entrusted to him
        ("far_officer", 404),
        ("stranger", 404),
    ],
)
def test_who_made_it_and_who_heads_the_unit_may(
    place: on.Scene, held: Followup, who: str, status: int
) -> None:
    held.about.__class__.objects.filter(pk=held.about_id).update(owner_id=place.firm.officer.pk)
    client = on.signed_in(getattr(place.firm, who))

    shown = client.get(reverse("records:page", args=[held.record_id])).content.decode()
    led = client.get(reverse("followups:page", args=[held.pk])).content.decode()

    assert client.get(page(held.record)).status_code == status
    assert client.post(page(held.record), sent()).status_code == (302 if status == 200 else status)
    assert (page(held.record) in shown) == (status == 200)
    assert (page(held.record) in led) == (status == 200)


def test_an_amended_answer_that_states_a_problem_takes_it_down_and_says_so(
    place: on.Scene, held: Followup
) -> None:
    client = on.signed_in(place.firm.repair_lead)

    answer = client.post(page(held.record), sent(onsite_check="not_fixed"))

    shown = client.get(answer.headers["Location"]).content.decode()
    case = Case.objects.get()
    assert "未修好" in shown and f"已由此登记事项 {case.number}" in shown
    assert "更改记录不会因此登记问题" not in shown
    assert (case.origin, case.description) == ("repair_visit", "实地查看：未修好")


def test_the_new_version_is_printed_as_such(place: on.Scene, held: Followup) -> None:
    client = on.signed_in(place.firm.repair_lead)
    client.post(page(held.record), sent(fees="free"))
    newer = Record.objects.get(version=2)

    printed = client.post(reverse("records:printing", args=[newer.pk]))

    text = Reader(printed.content).text
    assert "第 2 版" in text and "收费记错" in text


def test_the_page_speaks_english(place: on.Scene, held: Followup) -> None:
    client = on.signed_in(place.firm.repair_lead)
    client.cookies["django_language"] = "en"

    with override("en"):
        shown = client.get(page(held.record)).content.decode()

    assert 'lang="en"' in shown and "Reason for the change" in shown
