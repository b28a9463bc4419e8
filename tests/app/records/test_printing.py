"""What stands on the paper of a record, of a notice, of an empty form; and who printed it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from huiyin.accounts.models import Person
from huiyin.cases import services as cases
from huiyin.cases.models import Case
from huiyin.core.errors import Invalid, NotFound
from huiyin.ledger.models import Fact, Target
from huiyin.records import access, queries
from huiyin.records.answers import Sent
from huiyin.records.models import Photo, Record
from huiyin.records.printing.papers import Imprint
from huiyin.records.services import MOST_RECORDS, amend_record, print_empty, print_records
from huiyin.subjects.models import Subject
from tests.app import scene as on
from tests.app.records.drawing import photograph, refused
from tests.app.records.pdf_reading import Reader

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
ADDRESS = "http://192.168.1.20:8000/"


def imprint(place: on.Scene, *, hours: int = 30, by: Person | None = None) -> Imprint:
    by = by or place.firm.manager
    return Imprint(by, place.firm.viewer(by), place.now + hours * HOUR, ADDRESS)


def printed(place: on.Scene, *records: int, **how: Any) -> Reader:
    who = imprint(place, **how)
    return Reader(print_records(access.for_printing(who.viewer, records), who))


@pytest.fixture
def visited(place: on.Scene) -> Record:
    """The visit of a satisfied household."""
    done = on.completed(place, "WX-9")
    return on.visit(done.pk, place.firm.repair_lead, place.now + HOUR).record


@pytest.fixture
def case(place: on.Scene) -> Case:
    """A problem of which the repairer was notified in writing; not handed over yet."""
    found = on.case_of(place, on.completed(place), place.now + HOUR)
    return on.notice(found, place.firm.repair_lead, place.now + 2 * HOUR)


def test_a_follow_up_record_says_who_where_when_and_every_answer(
    place: on.Scene, visited: Record
) -> None:
    made = printed(place, visited.pk)

    [page] = made.pages
    for words in (
        "示例物业", "维修回访记录", "物业公司客户回访制度 WY-HF-01 第 1 版（试行）",
        "编号 WXHF-2026-0001", "客户3栋1202", "所属单位一区", "维修单WX-9", "类别漏水",
        "维修人员丁维修", "完工2026-03-02 09:00", "办理人丙负责（维修负责人）", "在场人员丙负责",
        "发生时间2026-03-02 10:00", "应办时限2026-03-05", "实地查看§ B.3.1□✓已修好□部分修好□未修好",
        "维修人员服务§ B.3.2□很差□较差□一般□满意□✓很好", "改进意见§ B.3.3□✓无意见□有，写在下面",
        "意见原话§ B.3.3/", "收费核对§ B.3.4□✓相符□不符□免费", "现场照片/", "带回的事项/",
        "填表人审核批准", "打印：2026-03-03 15:00 甲经理 · 第 1 次打印", "第 1 页　共 1 页",
    ):  # fmt: skip
        assert words in page.text, words
    assert made.images == 1, "the drawn signature"
    assert "被回访人签名§ B.3.5带回的事项" in page.text


def test_a_refused_signature_stands_there_with_its_reason(place: on.Scene) -> None:
    answers = on.filled(signatures={"visited": refused("老人在家，不便签名")})
    held = on.visit(on.completed(place).pk, place.firm.manager, place.now + HOUR, answers=answers)

    made = printed(place, held.record_id)

    assert "被回访人签名§ B.3.5未签名：老人在家，不便签名" in made.text
    assert made.images == 0


def test_texts_stand_there_whole_and_photos_small(place: on.Scene) -> None:
    words = "#粗 *体* $x$ @参\n第二行：李㐂和𠮷先生"
    given = on.SATISFIED | {"suggestions": "some", "suggestion_text": words}
    answers = on.filled(given, photos={"photo": [photograph(3_000, 2_000), photograph(800, 600)]})
    held = on.visit(on.completed(place).pk, place.firm.manager, place.now + HOUR, answers=answers)

    content = print_records([held.record], imprint(place))
    made = Reader(content)

    assert "意见原话§ B.3.3#粗 *体* $x$ @参第二行：李㐂和20BB7先生" in made.text
    assert "方框是打印字体没有的字，请手写" in made.text
    assert "现场照片 第 1 张" in made.text and "现场照片 第 2 张" in made.text
    assert made.images == 3
    assert len(content) < 300_000


def test_forty_photos_run_on_over_pages(place: on.Scene, visited: Record) -> None:
    other = on.filled(photos={"photo": [photograph(60 + n, 40) for n in range(12)]})
    held = on.visit(on.completed(place, "WX-2").pk, place.firm.manager, place.now, answers=other)
    blobs = list(held.record.photos.values_list("blob_id", flat=True))
    Photo.objects.bulk_create(
        Photo(record=visited, field="photo", ordinal=n, blob_id=blobs[n % 12]) for n in range(1, 41)
    )

    made = printed(place, visited.pk)

    captions = re.findall(r"现场照片 第 (\d+) 张", made.text)
    assert [int(each) for each in captions] == list(range(1, 41))
    assert 3 <= len(made.pages) <= 5
    assert "填表人审核批准" in made.pages[-1].text


def test_what_was_called_in_is_on_the_visit(place: on.Scene, visited: Record, case: Case) -> None:
    words = "厨房水管接头滴水，柜板泡胀，" * 40
    Subject.objects.update(fields={"description": words})

    record, sheet = printed(place, visited.pk), printed(place, case.notice_id)

    assert f"报修内容{words}" in record.text
    assert "报修内容" not in sheet.text
    assert len(sheet.pages) == 1


def test_a_second_version_says_so_and_an_old_one_that_it_is_old(
    place: on.Scene, visited: Record
) -> None:
    newer = amend_record(
        visited, Sent(on.SATISFIED | {"fees": "free"}), reason="收费记错",
        by=place.firm.supervisor.pk, now=place.now + 3 * HOUR,
    )  # fmt: skip

    old, new = printed(place, visited.pk).text, printed(place, newer.pk).text

    assert "旧版本：已由第 2 版代替" in old and "□✓相符" in old
    assert "第 2 版：更改原因：收费记错" in new and "□✓免费" in new and "旧版本" not in new
    told = "已签名，见先前的版本；签的是更改前的内容"
    assert f"被回访人签名§ B.3.5{told}签名日期" in new, "it may be signed anew"


def test_a_notice_is_one_sheet_with_room_for_receipt_answer_and_second_look(
    place: on.Scene, case: Case
) -> None:
    made = printed(place, case.notice_id)

    [page] = made.pages
    for words in (
        "整改通知单", "编号 ZG-2026-0001", "责任人丁维修", "签发时间2026-03-02 11:00", "客户3栋1202",
        "事项编号WT-2026-000001", "维修单WX-1", "类别漏水", "发现时间2026-03-02 10:00",
        "整改次数第 1 次", "依据§ B.4.a、§ B.4.b", "问题性质□一般□✓较重□重大",
        "存在问题§ B.4.a接头滴水", "整改要求§ B.4.a更换接头", "整改期限§ B.4.b2026年3月9日",
        "签发人丙负责（维修负责人）签字", "签收接收人签字签收时间",
        "整改回执（责任人填写，交回签发人）原因分析整改措施§ B.4.b整改照片另附照片（张）",
        "整改人签字完成时间　　　年　　月　　日", "复查（由整改人以外的人办理）",
        "复查结果□合格□不合格，另发整改通知单另发通知单编号复查说明复查人签字复查时间",
        "关闭批准签字日期", "一式三份",
    ):  # fmt: skip
        assert words in page.text, words


def test_a_longer_time_with_its_reason_stays_on_one_sheet(place: on.Scene) -> None:
    more = {"rectify_by": "2026-03-20", "relaxed": "阀芯要向厂家订货，到货约需两周，住户已同意等待"}
    lead, at = place.firm.repair_lead, place.now
    case = on.case_of(place, on.completed(place), at + HOUR)
    case = on.notice(
        case, lead, at + 2 * HOUR, problem="厨房水管接头还在滴水，柜板已经泡胀",
        requirement="更换接头和泡坏的柜板，试水半小时以上", **more,
    )  # fmt: skip

    written = printed(place, case.notice_id)
    case = on.handed_over(case, lead, at + 3 * HOUR)

    assert "放宽的缘由§ B.4.b阀芯要向厂家订货" in written.text
    assert [len(made.pages) for made in (written, printed(place, case.notice_id))] == [1, 1]


def test_the_sheet_fills_as_the_case_goes_on(place: on.Scene, case: Case) -> None:
    firm, at = place.firm, place.now
    case = on.handed_over(case, firm.repair_lead, at + 3 * HOUR)
    received = printed(place, case.notice_id)
    case = on.rectified(case, at + 4 * HOUR)
    answered = printed(place, case.notice_id).text
    on.visit(case.pk, firm.manager, at + 5 * HOUR)
    doing = on.doing(firm.manager, at + 6 * HOUR)
    cases.reply(on.fresh(case), text="修好了", channel="phone", doing=doing)
    cases.close(on.fresh(case), outcome="solved", doing=doing)
    closed = printed(place, case.notice_id)

    assert "签收丁维修 · 当面 · 2026-03-02 12:00整改回执" in received.text
    assert received.images == 1, "the receiver's signature"
    assert "原因分析/整改措施§ B.4.b已更换接头并试水整改照片/整改人丁维修HZ-2026-0001" in answered
    assert "完成时间2026-03-02 13:00" in answered
    assert "复查人签字" in answered
    assert "复查结果□✓合格□不合格，另发整改通知单复查说明实地查看：已修好" in closed.text
    assert "维修回访记录 WXHF-2026-0002复查人甲经理（经理）复查时间2026-03-02 14:00" in closed.text
    assert "关闭批准甲经理 · 2026-03-02 15:00" in closed.text
    assert len(closed.pages) == 1


def test_a_refused_receipt_is_on_the_notice(place: on.Scene, case: Case) -> None:
    doing = on.doing(place.firm.repair_lead, place.now + 3 * HOUR)
    cases.hand_over_notice(case, channel="in_person", receipt=refused("不认可"), doing=doing)

    made = printed(place, case.notice_id)

    assert "签收丁维修 · 当面 · 2026-03-02 12:00拒签：不认可" in made.text


def test_each_round_has_its_own_sheet(place: on.Scene, case: Case) -> None:
    firm, at, first = place.firm, place.now, case.notice_id
    case = on.rectified(on.handed_over(case, firm.repair_lead, at + 3 * HOUR), at + 4 * HOUR)
    on.visit(case.pk, firm.manager, at + 5 * HOUR, answers=on.filled(on.UNSOLVED), problem=on.LEAKS)
    case = on.notice(on.fresh(case), firm.manager, at + 6 * HOUR, problem="还在滴水")

    one, two = printed(place, first).text, printed(place, case.notice_id).text

    assert "整改次数第 1 次" in one and "□✓不合格，另发整改通知单" in one
    assert "已更换接头并试水" in one and "WXHF-2026-0002" in one
    assert "整改次数第 2 次" in two and "还在滴水" in two
    assert "发现时间2026-03-02 14:00" in two
    assert "□✓不合格" not in two and "已更换接头" not in two


def test_a_record_names_the_problem_it_found_to_those_who_may_see_it(
    place: on.Scene, case: Case
) -> None:
    found = Record.objects.get(form="repair_visit")
    Target.objects.filter(pk=found.about_id).update(owner=place.firm.second_repairer.pk)

    by_lead = printed(place, found.pk, by=place.firm.repair_lead).text
    by_other = printed(place, found.pk, by=place.firm.second_repairer).text

    assert "带回的事项WT-2026-000001，整改通知单 ZG-2026-0001" in by_lead
    assert "WT-2026" not in by_other and "ZG-2026" not in by_other


def test_an_empty_form_has_everything_but_answers(place: on.Scene) -> None:
    made = Reader(print_empty("repair_visit", imprint(place)))

    [page] = made.pages
    assert "✓" not in page.text and made.images == 0 and not page.modules
    for words in (
        "维修回访记录", "物业公司客户回访制度 WY-HF-01 第 1 版（试行）", "编号 ______________",
        "类别□安全设施□漏水□其他", "发生时间　　　年　　月　　日　　时　　分",
        "实地查看*§ B.3.1□已修好□部分修好□未修好", "意见原话§ B.3.3", "现场照片另附照片（张）",
        "被回访人签名*§ B.3.5签名日期不愿签名的缘由", "带回的事项书面通知编号",
        "带 * 的必须填写。", "空白表",
    ):  # fmt: skip
        assert words in page.text, words


def test_an_empty_form_may_be_about_something(place: on.Scene) -> None:
    done = on.completed(place)
    about = access.target_for_printing(place.firm.viewer(place.firm.manager), done.pk)

    made = Reader(print_empty("repair_visit", imprint(place), about=about))

    for words in ("客户3栋1202", "维修单WX-1", "类别漏水", "维修人员丁维修", "应办时限2026-03-05"):
        assert words in made.text, words
    assert made.pages[0].modules, "it leads back to the repair"
    stated = Fact.objects.get(kind="form.printed")
    assert (stated.target_id, stated.values) == (done.pk, {"record.form": "repair_visit"})


def test_an_empty_notice_is_a_sheet_of_the_same_layout(place: on.Scene) -> None:
    [page] = Reader(print_empty("rectification_notice", imprint(place))).pages

    assert "问题性质□一般□较重□重大" in page.text
    assert "整改期限*§ B.4.b　　　年　　月　　日" in page.text
    assert "复查结果□合格□不合格" in page.text


def test_an_empty_form_is_of_a_policy_in_force_and_about_its_kind(place: on.Scene) -> None:
    customer = Target.objects.get(pk=place.customer)

    with pytest.raises(NotFound):
        print_empty("no_such_form", imprint(place))
    with pytest.raises(Invalid):
        print_empty("repair_visit", imprint(place), about=customer)
    assert not Fact.objects.filter(kind="form.printed").exists()


def test_every_printing_is_stated_and_counted(place: on.Scene, visited: Record) -> None:
    printed(place, visited.pk)
    again = printed(place, visited.pk, hours=31, by=place.firm.supervisor)

    facts = Fact.objects.filter(kind="record.printed").order_by("id")
    assert [fact.values["record.printing"] for fact in facts] == [1, 2]
    assert {fact.target_id for fact in facts} == {visited.about_id}
    assert facts[1].by_id == place.firm.supervisor.pk
    assert facts[1].happened_at == place.now + 31 * HOUR
    assert facts[1].values["record.number"] == "WXHF-2026-0001"
    assert "2026-03-03 16:00 乙主管 · 第 2 次打印" in again.text
    assert [each.nth for each in queries.printings([visited])[visited.pk]] == [1, 2]


def test_what_cannot_be_set_is_not_stated(
    place: on.Scene, visited: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huiyin.records.printing.typesetting.MOST_PAGES", 0)

    with pytest.raises(Invalid):
        printed(place, visited.pk)

    assert not Fact.objects.filter(kind="record.printed").exists()


def test_the_same_record_moment_and_count_give_the_same_bytes(
    place: on.Scene, visited: Record
) -> None:
    def digest(**how: Any) -> str:
        from huiyin.records.printing import papers
        from huiyin.records.printing.material import Asked

        [record] = access.for_printing(place.firm.viewer(place.firm.manager), [visited.pk])
        content = papers.pdf([Asked.filed(record)], imprint(place, **how), nth=[1])
        return sha256(content).hexdigest()

    assert digest() == digest()
    assert digest() != digest(hours=31)


def test_several_records_are_one_pdf_each_from_its_page_one(
    place: on.Scene, visited: Record, case: Case
) -> None:
    first = Record.objects.filter(form="repair_visit").exclude(pk=visited.pk).get()

    made = printed(place, case.notice_id, visited.pk, first.pk)

    assert [page.runs[1] for page in made.pages] == ["整改通知单", "维修回访记录", "维修回访记录"]
    assert all("第 1 页　共 1 页" in page.text for page in made.pages)
    assert Fact.objects.filter(kind="record.printed").count() == 3


def test_a_pile_has_its_limit_and_nothing_is_no_pile(place: on.Scene, visited: Record) -> None:
    with pytest.raises(Invalid) as many:
        print_records([visited] * (MOST_RECORDS + 1), imprint(place))
    with pytest.raises(Invalid) as none:
        print_records([], imprint(place))

    assert "选了 201 份记录，一次最多打印 200 份" in str(many.value)
    assert "至少选择一份" in str(none.value)


def test_whoever_may_not_read_one_of_them_prints_none(
    place: on.Scene, visited: Record, case: Case
) -> None:
    for who in (place.firm.officer, place.firm.far_officer, place.firm.stranger):
        with pytest.raises(NotFound):
            printed(place, visited.pk, case.notice_id, by=who)


def test_a_pile_costs_as_many_statements_as_one(place: on.Scene, case: Case) -> None:
    for n in range(4):
        on.visit(on.completed(place, f"WX-3{n}").pk, place.firm.manager, place.now + 2 * HOUR)
    visits = Record.objects.filter(form="repair_visit").order_by("pk")
    ids = list(visits.values_list("pk", flat=True))

    def statements(work: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as captured:
            work()
        return len(captured)

    printed(place, *ids)
    one, all = statements(lambda: printed(place, ids[0])), statements(lambda: printed(place, *ids))

    assert len(ids) == 5
    assert all <= one + 3 and all <= 45


def test_no_phone_number_is_on_any_paper(place: on.Scene, visited: Record, case: Case) -> None:
    made = printed(place, *Record.objects.values_list("pk", flat=True))

    assert not re.search("1381234|2046", made.text)


def test_in_english_the_layout_speaks_english(place: on.Scene, case: Case) -> None:
    ids = list(Record.objects.values_list("pk", flat=True))
    with translation.override("en"):
        made = printed(place, *ids)
        empty = Reader(print_empty("repair_visit", imprint(place)))

    for words in ("Repair visit record", "Rectification notice", "Responsible", "On-site check",
                  "Page 1 of 1", "Second look"):  # fmt: skip
        assert words in made.text, words
    own = re.compile(
        "示例物业|3栋1202|一区|[甲丙丁]经理|丙负责|丁维修|经理|维修负责人|接头滴水|更换接头"
    )
    for reader in (made, empty):
        assert not re.search("[\u3000-\u9fff\uff00-\uffef]", own.sub("", reader.text))
