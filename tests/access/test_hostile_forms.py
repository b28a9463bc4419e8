"""What no honest page sends, sent to every form: refused in words, and nothing half written.

Each field of each form gets what its kind cannot be. The answer is 4xx, speaks Chinese, names the
field, and no fact, record, obligation or case is more or fewer afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from tests.access.world import World, undone
from tests.app import scene as on

pytestmark = pytest.mark.django_db

LONG = "字" * 350_000
"""A megabyte of text."""
BAD: dict[str, tuple[Any, ...]] = {
    "text": ("", "  \n ", "\0", "好\0", LONG),
    "may be empty": ("\0", LONG),
    "choice": ("no-such-choice", "__proto__", "经理", "\0", "1" * 5000, ["visit", "[]"]),
    "moment": ("昨天", "2026-02-30T10:00", "2026-03-02T24:00", "0001-01-01T00:00",
               "9999-12-31T23:59", "1" * 5000, "\0"),
    "day": ("2026-02-30", "10000-01-01", "0001-01-01", "9999-12-31", "2026", "\0"),
    "person": ("-1", "0", "9223372036854775808", "1" * 5000, "٣", "²", "张伟", "\0"),
    "signature": ("x", "data:text/html;base64,PHNjcmlwdD4=", "data:image/png;base64,!!!!",
                  "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=", "data:image/jpeg;base64,/9j/",
                  "data:image/png;base64," + "A" * 400_000, "javascript:alert(1)", "\0"),
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """A form that goes through as it stands; `fields`: what each field is, and its title."""

    name: str
    names: dict[str, str]
    good: dict[str, Any]
    fields: dict[str, tuple[str, str]]
    who: str = "supervisor"
    also: tuple[int, ...] = field(default=())


CASE_MOMENT = {"happened_at": ("moment", "时间")}
VISIT = on.SATISFIED | {"visited": on.drawing(), "channel": "visit"}
FORMS = [
    Form("desk:waiver", {"obligation": "obligation"}, {"reason": "住户外出"},
         {"reason": ("text", "原因")}),
    Form("desk:adoptions", {}, {"pack": "property-management", "starts_on": "2026-05-01",
                                "mode": "trial", "start": "history"},
         {"pack": ("choice", "制度包"), "starts_on": ("day", "施行日期"), "mode": ("choice", "方式"),
          "start": ("choice", "已登记的事实")}),
    Form("desk:saved_views", {}, {"room": "customers", "query": "q=1", "name": "甲"},
         {"room": ("choice", "列表"), "query": ("may be empty", "条件"), "name": ("text", "名称"),
          "shared_with": ("choice", "共享")}),
    Form("desk:saved_view", {"view_id": "view"}, {"name": "甲"},
         {"name": ("text", "名称"), "shared_with": ("choice", "共享")}),
    Form("desk:exports", {}, {"room": "customers", "query": "q=1"},
         {"room": ("choice", "列表"), "query": ("may be empty", "条件")}),
    Form("customers:reveal", {"contact_id": "contact_id"}, {"reason": "约回访"},
         {"reason": ("may be empty", "")}),
    Form("subjects:event", {"kind": "repair", "subject_id": "open"}, {"event": "completed"},
         {"event": ("choice", "事件"), "happened_at": ("moment", "时间")}),
    Form("subjects:void", {"kind": "repair", "subject_id": "done", "fact_id": "completion"},
         {"reason": "登记错了"}, {"reason": ("text", "原因")}),
    Form("cases:notice", {"case_id": "raised"},
         {"problem": "滴水", "requirement": "更换", "rectify_by": "2026-03-10"},
         {"problem": ("text", "问题"), "requirement": ("text", "要求"),
          "rectify_by": ("day", "期限")} | CASE_MOMENT),
    Form("cases:handover", {"case_id": "written"},
         {"channel": "in_person", "receipt": on.drawing()},
         {"channel": ("choice", "方式"), "receipt": ("signature", "签")} | CASE_MOMENT),
    Form("cases:answer", {"case_id": "notified"}, {"measures": "已更换接头"},
         {"measures": ("text", "措施")} | CASE_MOMENT),
    Form("cases:reply", {"case_id": "raised"}, {"text": "已修好", "channel": "phone"},
         {"text": ("text", "答复"), "channel": ("choice", "方式")} | CASE_MOMENT),
    Form("cases:closure", {"case_id": "raised"}, {"outcome": "solved"},
         {"outcome": ("choice", "结果")} | CASE_MOMENT),
    Form("followups:workbench", {"target_id": "done"}, VISIT,
         {"onsite_check": ("choice", "现场"), "visited": ("signature", "签"),
          "channel": ("choice", "方式"), "by": ("person", "回访人"),
          "present": ("person", "一同回访"), "happened_at": ("moment", "回访时间"),
          "problem-severity": ("choice", "轻重"), "problem-kind": ("choice", "类别"),
          "problem-description": ("text", "发现了什么")}),
    Form("followups:plan", {"target_id": "done"},
         {"channel": "phone", "planned_for": "2026-03-09T10:00"},
         {"channel": ("choice", "方式"), "planned_for": ("moment", "时间")}),
    Form("followups:cancel", {"followup_id": "planned"}, {"reason": "住户改期"},
         {"reason": ("text", "原因")}),
    Form("accounts:signin", {}, {"username": "supervisor", "password": "x"},
         {"username": ("text", "用户名"), "password": ("text", "密码")}, who="nobody", also=(422,)),
]  # fmt: skip
BY_NAME = {form.name: form for form in FORMS}
PROBLEM = {"problem": "on", "problem-kind": "problem", "problem-severity": "minor",
           "problem-description": "滴水"}  # fmt: skip


def rows() -> dict[str, int]:
    """How many rows there are of everything that a form may write."""
    kept = ("ledger", "obligations", "records", "cases", "followups", "adoption", "notices")
    return {
        model._meta.label: model.objects.count()
        for model in apps.get_models()
        # That a policy refused is kept as proof; it is no half of anything.
        if model._meta.app_label in kept and model.__name__ != "Refusal"
    }


def sent(place: World, form: Form, given: dict[str, Any], **more: Any) -> Any:
    client = place.browser(form.who)
    client.raise_request_exception = False
    address = reverse(form.name, kwargs={k: place.ids.get(v, v) for k, v in form.names.items()})
    return client.post(address, form.good | given, **more)


def wrong_answer(answer: Any, label: str) -> str:
    """Empty, or what is wrong with an answer to a form that had to be refused."""
    text = re.sub(r"<(script|style|head).*?</\1>", "", answer.content.decode(), flags=re.S)
    if not 400 <= answer.status_code < 500:
        return f"{answer.status_code}"
    if not re.search("[一-鿿]{4}", text):
        return "no words"
    return "" if label in text else f"does not name {label}"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_form_goes_through_as_it_stands(place: World, form: Form) -> None:
    with undone():
        answer = sent(place, form, {})

    # A case with open gates is refused by the policy, which is not what is tried here.
    assert answer.status_code in {200, 302, *form.also, *([409] if "closure" in form.name else [])}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_what_a_field_cannot_be_is_refused_in_words(place: World, form: Form) -> None:
    wrong = []
    before = rows()
    for name, (kind, label) in form.fields.items():
        for value in BAD[kind]:
            extra = PROBLEM if name.startswith("problem-") else {}
            with undone():
                answer = sent(place, form, extra | {name: value})
                if answer.status_code >= 400:
                    # A NUL is refused at the door, where only the field's own name is known.
                    named = name if "\0" in str(value) else label
                    written = rows() != before
                    if (told := wrong_answer(answer, named)) or written:
                        wrong.append(f"{name}={str(value)[:30]!r}: {told} {written=}")
                elif kind != "may be empty":
                    wrong.append(f"{name}={str(value)[:30]!r}: {answer.status_code}")

    assert wrong == []


def test_every_form_is_tried(place: World) -> None:
    from tests.access.test_every_route import TABLE

    without_fields = {
        "desk:copies",
        "desk:delete_view",
        "desk:deliveries",
        "set_language", "accounts:signout", "accounts:switch", "desk:approval",
        "notices:read", "notices:delivered", "notices:copied",
    }  # fmt: skip
    posted = {name for name, _names, posted, _statuses in TABLE if posted is not None}

    assert posted - without_fields == set(BY_NAME)


MARK = "<script>alert('回')</script>\"'><img src=x onerror=alert(1)>{{7*7}}%s\u202e\x1b[31m&amp;"


def test_markup_is_shown_and_not_run(place: World) -> None:
    pages = [
        ("cases:page", {"case_id": "raised"}), ("cases:list", {}),
        ("cases:notice", {"case_id": "raised"}), ("followups:workbench", {"target_id": "raised"}),
        ("subjects:page", {"kind": "repair", "subject_id": "open"}),
        ("subjects:list", {"kind": "repair"}), ("desk:today", {}), ("followups:list", {}),
        ("customers:page", {"customer_id": "customer_id"}), ("customers:list", {}),
        ("desk:obligation", {"obligation": "obligation"}),
        ("followups:page", {"followup_id": "held"}), ("records:page", {"record_id": "record"}),
    ]  # fmt: skip
    with undone():
        _plant(place)
        client = place.browser("supervisor")
        found = {
            (name, str(names)): client.get(
                reverse(name, kwargs={k: place.ids.get(v, v) for k, v in names.items()})
            ).content.decode()
            for name, names in pages
        }

    assert [page for page, text in found.items() if "<script>alert" in text] == []
    assert [page for page, text in found.items() if "<img src=x" in text] == []
    assert [page for page, text in found.items() if ">49" in text and "{{7*7}}" not in text] == []
    shown = [page for page, text in found.items() if "&lt;script&gt;alert" in text]
    assert len(shown) >= 6, shown


def _plant(place: World) -> None:
    """The markup wherever a person may type, by the forms themselves."""
    from huiyin.customers.models import Contact, Customer
    from huiyin.ledger.models import Target
    from huiyin.subjects.models import Subject

    for name, given in {
        "desk:waiver": {"reason": MARK},
        "cases:reply": {"text": MARK},
        "followups:cancel": {"reason": MARK},
        "customers:reveal": {"reason": MARK},
        "cases:answer": {"measures": MARK},
    }.items():
        assert sent(place, BY_NAME[name], given).status_code in (200, 302), name
    found = PROBLEM | {"problem-description": MARK}
    assert sent(place, BY_NAME["followups:workbench"], found).status_code == 302
    # Names come by import; they are as little trusted as what is typed here.
    Customer.objects.update(name=MARK[:40])
    Contact.objects.update(relation=MARK[:20])
    Subject.objects.filter(pk=place.ids["open"]).update(number=MARK[:80])
    Target.objects.filter(pk=place.ids["open"]).update(label=MARK[:80])


def test_a_search_is_shown_and_not_run(place: World) -> None:
    for name in ("customers:list", "subjects:list"):
        address = reverse(name, kwargs={"kind": "repair"} if name == "subjects:list" else {})
        page = place.browser("supervisor").get(address, {"q": MARK}).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page


CURSORS = (
    "x", "\0", "%", "e30", "W10", "WyJvIl0", "bnVsbA", "A" * 400, "字", "-1",
    # ["o", Infinity, Infinity] · ["o", "\ud800", 1] · ["o", "\u0000", 1] · ["o", {}, 1] · numbers
    "WyJvIiwgSW5maW5pdHksIEluZmluaXR5XQ", "WyJvIiwiXHVkODAwIiwxXQ", "WyJvIiwiXHUwMDAwIiwxXQ",
    "WyJvIix7fSwxXQ", "WyJvIiwxMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAsMV0", "WyJvIix0cnVlLHRydWVd",
    "WyJvIiwiMjAyNi0wMy0wMlQwMDowMDowMFoiLCIxIl0", "W1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tb",
)  # fmt: skip


def test_made_up_page_numbers_open_nothing_and_break_nothing(place: World) -> None:
    lists = [
        ("customers:list", {}, "after"), ("subjects:list", {"kind": "repair"}, "after"),
        ("cases:list", {}, "page"), ("cases:list", {}, "stage"),
        ("customers:page", {"customer_id": place.place.customer}, "after"),
        ("subjects:page", {"kind": "repair", "subject_id": place.ids["open"]}, "after"),
    ]  # fmt: skip
    client = place.browser("supervisor")
    client.raise_request_exception = False
    wrong = []
    for name, names, parameter in lists:
        for cursor in (*CURSORS, "[" * 20_000):
            with undone():
                status = client.get(reverse(name, kwargs=names), {parameter: cursor}).status_code
            if status not in (200, 302, 422):
                wrong.append(f"{name} {parameter}={cursor[:30]!r}: {status}")

    assert wrong == []


def test_what_cannot_be_read_as_a_form_is_refused_in_words(place: World) -> None:
    form = BY_NAME["cases:reply"]
    address = reverse(form.name, kwargs={"case_id": place.ids["raised"]})
    bodies = {
        "invalid UTF-8": (b"text=\xff\xfe&channel=\xc0\x80", "application/x-www-form-urlencoded"),
        "JSON": (b'{"text": "x"}', "application/json"),
        "deep JSON": (b"[" * 100_000, "application/json"),
        "no boundary": (b"--x\r\n", "multipart/form-data"),
        "cut off": (b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nab',
                    "multipart/form-data; boundary=x"),
        "two thousand fields": (b"&".join(b"f%d=1" % n for n in range(2000)),
                                "application/x-www-form-urlencoded"),
        "13 MB": (b"text=" + b"a" * 13_000_000, "application/x-www-form-urlencoded"),
    }  # fmt: skip
    before, wrong = rows(), []
    client = place.browser("supervisor")
    client.raise_request_exception = False
    for what, (body, kind) in bodies.items():
        with undone():
            answer = client.post(address, body, content_type=kind)
            if told := wrong_answer(answer, ""):
                wrong.append(f"{what}: {told}")
            assert rows() == before, what

    assert wrong == []


def test_without_the_pages_token_nothing_is_done(place: World) -> None:
    wrong, before = [], rows()
    for form in FORMS:
        with undone():
            client = place.browser(form.who, csrf=True)
            address = reverse(
                form.name, kwargs={k: place.ids.get(v, v) for k, v in form.names.items()}
            )
            answer = client.post(address, form.good)
            if answer.status_code != 403 or "页面已过期" not in answer.content.decode():
                wrong.append(f"{form.name}: {answer.status_code}")
            assert rows() == before

    assert wrong == []


STALE = {
    "desk:waiver", "subjects:event", "subjects:void", "cases:notice", "cases:handover",
    "cases:answer", "followups:plan", "followups:cancel",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(STALE))
def test_a_page_that_is_out_of_date_writes_nothing(place: World, name: str) -> None:
    with undone():
        assert sent(place, BY_NAME[name], {}).status_code == 302
        between = rows()

        answer = sent(place, BY_NAME[name], {})

        assert wrong_answer(answer, "") == ""
        assert answer.status_code in (404, 409)
        assert rows() == between


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("cases:answer", {"case_id": "raised"}),
        ("cases:answer", {"case_id": "written"}),
        ("cases:handover", {"case_id": "notified"}),
        ("cases:notice", {"case_id": "notified"}),
    ],
)
def test_a_step_out_of_its_order_writes_nothing(
    place: World, name: str, given: dict[str, str]
) -> None:
    form = BY_NAME[name]
    before = rows()

    with undone():
        answer = sent(place, Form(name, given, form.good, form.fields), {})
        after = rows()

    assert answer.status_code == 409
    assert after == before


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        # The repair was completed on 2 March at 09:00, the case raised at 10:00, its notice
        # written at 11:00 and handed over at 12:00.
        ("followups:workbench", "2026-03-02T08:59"),
        ("cases:notice", "2026-03-02T09:59"),
        ("cases:reply", "2026-03-02T09:59"),
        ("cases:closure", "2026-03-02T09:59"),
        ("cases:handover", "2026-03-02T10:59"),
        ("cases:answer", "2026-03-02T11:59"),
    ],
)
def test_nothing_happens_before_what_it_follows(place: World, name: str, moment: str) -> None:
    before = rows()

    with undone():
        answer = sent(place, BY_NAME[name], {"happened_at": moment})
        after = rows()

    assert answer.status_code == 422
    assert wrong_answer(answer, "不能早于") == ""
    assert after == before


@pytest.mark.parametrize("name", [form.name for form in FORMS if "happened_at" in form.fields])
def test_nothing_happens_in_the_future(place: World, name: str) -> None:
    before = rows()

    with undone():
        answer = sent(place, BY_NAME[name], {"happened_at": "2026-03-05T09:00"})
        after = rows()

    assert answer.status_code == 422
    assert wrong_answer(answer, "时间在将来") == ""
    assert after == before
