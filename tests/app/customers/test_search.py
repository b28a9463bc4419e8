"""客户 found by what people remember of them, and always by an index."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection
from django.urls import reverse

from huiyin.accounts.visibility import Viewer
from huiyin.config.scratch import Scratch
from huiyin.core.copying import copy_rows
from huiyin.core.pinyin import search_columns
from huiyin.customers.models import Contact, Customer
from huiyin.customers.services import NewContact, NewCustomer, register_customers
from huiyin.ledger.services import NewTarget, create_targets
from tests.app import scene as on
from tests.people import SmallFirm, small_firm

SINCE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗单曾仇解"
GIVEN = "子一文雨思嘉明晓安宁若清远书言知行景和舒建国志强伟芳娜秀英敏静丽"
KINDS_OF_QUERY = {
    "two characters": "建国",
    "one character": "㐂",
    "part of the number": "栋01",
    "number": "3栋0101",
    "initials": "zjg",
    "spelled": "zhangjianguo",
    "tail": "2046",
    "phone": "13812342046",
    "two words": "3栋 建国",
    "a wildcard": "%",
}


@pytest.fixture
def firm(db: None, now: datetime) -> SmallFirm:
    return small_firm(now)


@pytest.fixture
def customers(firm: SmallFirm, now: datetime) -> None:
    rows = [
        ("3栋1202", "张建国", "13812342046"), ("3栋1203", "单雄信", "13912342046"),
        ("㐂苑𠮷座0101", "", "13700001234"), ("KH-７", "北京示例商行（东区）", "01062342047"),
        ("100%_a\\b", "a.*b(c)+", "13600000000"), ("12栋302", "长孙无忌", "13500001202"),
    ]  # fmt: skip
    register_customers(
        [
            NewCustomer(
                number, "household", name, unit_id=firm.zone_one.pk, owner_id=firm.officer.pk,
                contacts=[NewContact(phone, "业主", "周住户")],
            )
            for number, name, phone in rows
        ],
        by=None, now=now,
    )  # fmt: skip


def found(words: str) -> list[str]:
    rows = Customer.objects.all().matching(words)
    return sorted(rows.values_list("number", flat=True))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("建国", ["3栋1202"]),
        ("国", ["3栋1202"]),
        ("张 建", ["3栋1202"]),
        ("3栋 雄信", ["3栋1203"]),
        ("栋12", ["3栋1202", "3栋1203"]),
        ("３栋，１２０２", ["3栋1202"]),
        ("㐂苑", ["㐂苑𠮷座0101"]),
        ("𠮷", ["㐂苑𠮷座0101"]),
        ("苑𠮷", ["㐂苑𠮷座0101"]),
        ("xyjz", ["㐂苑𠮷座0101"]),
        ("3d12", []),
        ("zjg", ["3栋1202"]),
        ("ZJ", ["3栋1202"]),
        ("zhangj", ["3栋1202"]),
        ("sxx", ["3栋1203"]),
        ("shan xiong", ["3栋1203"]),
        ("dxx", []),
        ("zswj", ["12栋302"]),
        ("bjslsh", ["KH-７"]),
        ("商行东区", ["KH-７"]),
        ("kh7", ["KH-７"]),
        ("KH-7", ["KH-７"]),
        ("2046", ["3栋1202", "3栋1203"]),
        ("２０４７", ["KH-７"]),
        ("010-6234 2047", ["KH-７"]),
        ("+86 138-1234-2046", ["3栋1202"]),
        ("1202", ["12栋302", "3栋1202"]),
        ("12342046", []),
        ("周住户", []),
        ("%", ["100%_a\\b"]),
        ("_a\\", ["100%_a\\b"]),
        (".*", ["100%_a\\b"]),
        ("3_1202", []),
        ("[0-9]", []),
        ("(a+)+$", []),
        ("' OR 1=1 --", []),
        ("-", []),
    ],
)
def test_customers_are_found_by_what_people_remember(
    customers: None, words: str, expected: list[str]
) -> None:
    assert found(words) == expected


def test_nothing_asked_is_everything(customers: None) -> None:
    assert len(found("")) == len(found(" \u3000")) == 6


def test_a_number_without_a_name_is_spelled_too(firm: SmallFirm, now: datetime) -> None:
    register_customers([NewCustomer("3栋1202", "household")], by=None, now=now)

    assert found("3d1202") == found("3dong12") == ["3栋1202"]


@pytest.mark.parametrize("words", ["建国", "zjg", "2046", "13812342046", "3栋1202"])
@pytest.mark.parametrize(("who", "sees"), [("officer", True), ("far_officer", False)])
def test_what_lies_in_another_unit_is_not_found(
    customers: None, firm: SmallFirm, words: str, who: str, sees: bool
) -> None:
    client = on.signed_in(getattr(firm, who))

    page = client.get(reverse("customers:list"), {"q": words}).content.decode()

    assert (">3栋1202<" in page) == sees


@pytest.fixture(scope="module")
def many(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Viewer]:
    """Four thousand customers in ten units, known to the planner; one viewer heads one unit."""
    from huiyin.config.scratch import scratch_database

    with django_db_blocker.unblock(), scratch_database() as scratch:  # type: ignore[attr-defined]
        yield generate(4_000, scratch)


def generate(count: int, scratch: Scratch) -> Viewer:
    chance = random.Random(7)
    units = create_targets([NewTarget("unit", "区", unit_is_self=True) for _ in range(10)])
    names = [
        (
            f"{n // 400 + 1}栋{n % 400 // 4 + 1:02d}{n % 4 + 1:02d}",
            chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN),
        )
        for n in range(count)
    ]
    rows = [NewTarget("customer", number, units[n % 10]) for n, (number, _) in enumerate(names)]
    ids = create_targets(rows)
    copy_rows(
        Customer,
        [
            "target_id",
            "number",
            "name",
            "customer_class",
            "fields",
            "registered_at",
            "initials",
            "pinyin",
        ],
        (
            (id, number, name, "household", {}, SINCE, *search_columns(name))
            for id, (number, name) in zip(ids, names, strict=True)
        ),
    )
    copy_rows(
        Contact,
        ["customer_id", "relation", "name", "phone", "phone_index", "phone_masked", "phone_tail"],
        ((id, "", "", "1", f"{id}", "1••1", f"{id % 10_000:04d}") for id in ids),
    )
    with psycopg.connect(scratch.owner, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")
    return Viewer(ids[0], (units[3],), owns=True)


@pytest.mark.parametrize("words", KINDS_OF_QUERY.values(), ids=KINDS_OF_QUERY.keys())
@pytest.mark.parametrize("whole_firm", [True, False])
def test_every_kind_of_search_has_an_index(many: Viewer, words: str, whole_firm: bool) -> None:
    viewer = Viewer(many.person_id, all=True) if whole_firm else many
    rows = Customer.objects.visible_to(viewer).matching(words).order_by("number", "pk")
    with connection.cursor() as cursor:
        # Four thousand rows are read faster than asked for; two hundred thousand are not.
        cursor.execute("SET enable_seqscan = off")
        plans = [rows[:51].explain(), rows.values("pk").order_by()[:10_001].explain()]
        cursor.execute("RESET enable_seqscan")

    for plan in plans:
        assert "Seq Scan on customers_" not in plan, plan
        assert any(
            f"Index Scan on {name}" in plan or f"using {name}" in plan
            for name in ("customer_signs", "customer_pairs", "contact_phone", "contact_phone_tail")
        ), plan


@pytest.mark.long
def test_two_hundred_thousand_are_searched_without_reading_them_all(scratch_db: Scratch) -> None:
    zone = generate(200_000, scratch_db)

    for viewer in (Viewer(zone.person_id, all=True), zone):
        for words in [*KINDS_OF_QUERY.values(), "王", "zj", "12", "栋"]:
            rows = Customer.objects.visible_to(viewer).matching(words)
            plan = rows.select_related("target__unit").order_by("number", "pk")[:51].explain()
            assert "Seq Scan on customers_" not in plan, (words, plan)
