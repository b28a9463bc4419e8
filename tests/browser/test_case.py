"""A follow-up that finds a problem, on a phone: every step until the case is closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hands
from tests.browser.conftest import House, Watch

pytestmark = pytest.mark.browser

POLICY = "/policy/property-management/"
LEAKS = "闭门器仍关不严"


def at(page: Page, step: str) -> bool:
    """Whether the stepper says: all before this step is done, it is next, the rest comes later."""
    steps = page.locator(".stepper__step").all()
    states = [str(each.get_attribute("class")).rsplit("--", 1)[1] for each in steps]
    done = states.index("next")
    later = len(states) - done - 1
    assert states == ["done"] * done + ["next"] + ["later"] * later
    return step in steps[done].inner_text()


def submit(page: Page, name: str) -> None:
    page.locator(".action-bar").get_by_role("button", name=name, exact=True).tap()


def verdict(page: Page, clause: str) -> str:
    page.goto(POLICY)
    return page.locator(f"[id='{clause}'] .clause__proof").inner_text()


def notices_owed(page: Page) -> int:
    """By the clause's own page: a notice due tomorrow may belong to the next month's verdict."""
    page.goto(f"{POLICY}B.4.a/")
    return page.locator(".row__action", has_text="开通知单").count()


def test_a_problem_goes_all_its_way_to_closing(phone: Page, house: House, watch: Watch) -> None:
    assert notices_owed(phone) == 0
    hands.look_as(phone, "丙负责")

    case = _visit_finds_a_problem(phone, house)
    assert at(phone, "开具整改通知")
    assert notices_owed(phone) == 1
    _closing_is_refused(phone, watch, case, clauses=["C.1.4.c", "B.4.b", "C.1.4.b"])
    _notice_is_written(phone, case)
    assert at(phone, "送达")
    _notice_is_handed_over(phone)
    assert at(phone, "整改")
    _repairer_answers(phone, case)
    assert at(phone, "复访")
    _somebody_else_visits_again(phone, case)
    assert at(phone, "请示公司")
    _company_is_asked(phone)
    assert at(phone, "公司批复")
    _company_rules(phone)
    assert at(phone, "答复")
    _customer_is_told(phone)
    assert at(phone, "关闭")
    _case_is_closed(phone)

    expect(phone.locator(".stepper__step--done")).to_have_count(9)
    assert notices_owed(phone) == 0
    assert "达标" in verdict(phone, "B.4.a")
    assert "拒绝" in verdict(phone, "C.1.4.c")


def _visit_finds_a_problem(page: Page, house: House) -> str:
    """The head of repairs at the late visit; returns the path of the case."""
    page.goto("/")
    page.locator(".row--late", has_text="安全设施").locator(".row__open").tap()
    page.wait_for_url(f"**/followups/new/{house.estate.safety.pk}/")
    hands.ready(page)
    tick = page.locator("[data-problem]")
    expect(tick).not_to_be_checked()
    for question, answer in (
        ("实地查看", "未修好"),
        ("维修时在场的是", "家人"),
        ("维修人员服务", "一般"),
        ("改进意见", "无意见"),
        ("收费核对", "免费"),
    ):
        hands.choose(page, question, answer)
    expect(tick).to_be_checked()
    page.locator("[data-item='1'] > .tick").tap()
    expect(tick).to_be_checked()  # what an answer states cannot be put out of sight
    hands.choose(page, "类别", "问题")
    page.locator("[data-item='1']").get_by_label("客户原话，或发现了什么").fill(LEAKS)
    hands.choose(page, "轻重", "一般")
    hands.sign(page)
    submit(page, "提交")
    expect(page.locator("main")).to_contain_text(LEAKS)
    expect(page.locator("main")).to_contain_text("B.4.a")
    page.get_by_role("link", name="去开整改通知").tap()
    expect(page.get_by_label("整改要求")).to_be_visible()
    page.locator(".back").tap()
    expect(page.locator(".stepper")).to_be_visible()
    return page.url


def _closing_is_refused(page: Page, watch: Watch, case: str, *, clauses: list[str]) -> None:
    page.goto(f"{case}closure/")
    hands.ready(page)
    hands.choose(page, "处理结果", "已解决")
    watch.expected.add(409)
    with page.expect_response(lambda answer: answer.status == 409):
        submit(page, "关闭")
    alert = page.locator("#alerts")
    for clause in clauses:
        expect(alert).to_contain_text(clause)
    watch.expected.remove(409)


def _notice_is_written(page: Page, case: str) -> None:
    page.goto(case)
    hands.follow(page, "开整改通知")
    expect(page.get_by_label("存在问题")).to_have_value(LEAKS)
    page.get_by_label("整改要求").fill("调整闭门器，试关十次")
    assert page.get_by_label("整改期限").input_value()
    submit(page, "开具，下一步送达")
    expect(page.get_by_role("heading", level=1)).to_have_text("送达整改通知")
    page.goto(case)


def _notice_is_handed_over(page: Page) -> None:
    hands.follow(page, "送达通知")
    hands.choose(page, "送达方式", "当面")
    hands.sign(page)
    submit(page, "登记送达")
    expect(page.locator(".stepper")).to_be_visible()


def _repairer_answers(page: Page, case: str) -> None:
    hands.look_as(page, "丁维修")
    page.goto(f"{case}answer/")
    hands.ready(page)
    page.get_by_label("整改措施").fill("闭门器已更换")
    submit(page, "登记整改")
    expect(page.locator(".stepper")).to_be_visible()


def _somebody_else_visits_again(page: Page, case: str) -> None:
    hands.look_as(page, "甲经理")
    page.goto(case)
    hands.follow(page, "去复访")
    for question, answer in (
        ("实地查看", "已修好"),
        ("维修时在场的是", "家人"),
        ("维修人员服务", "满意"),
        ("改进意见", "无意见"),
        ("收费核对", "免费"),
    ):
        hands.choose(page, question, answer)
    hands.sign(page)
    submit(page, "提交")
    expect(page.get_by_role("heading", level=1)).to_have_text("回访已登记")
    page.get_by_role("link", name="打开问题").tap()
    expect(page.locator(".stepper")).to_be_visible()


def _company_is_asked(page: Page) -> None:
    page.get_by_role("link", name="请示公司").first.tap()
    page.wait_for_load_state("networkidle")
    hands.choose(page, "向谁请示", "申公司")
    expect(page.get_by_label("请示的内容")).to_have_value(LEAKS)
    submit(page, "提交请示")
    expect(page.locator(".stepper")).to_be_visible()


def _company_rules(page: Page) -> None:
    page.get_by_role("link", name="登记批复").first.tap()
    page.wait_for_load_state("networkidle")
    page.get_by_label("批复的内容").fill("同意")
    submit(page, "登记批复")
    expect(page.locator(".stepper")).to_be_visible()


def _customer_is_told(page: Page) -> None:
    hands.follow(page, "登记答复")
    hands.choose(page, "答复方式", "电话")
    page.get_by_label("答复内容").fill("闭门器已更换，请放心。")
    submit(page, "登记答复")
    expect(page.locator(".stepper")).to_be_visible()


def _case_is_closed(page: Page) -> None:
    hands.follow(page, "关闭事项")
    hands.choose(page, "处理结果", "已解决")
    submit(page, "关闭")
    expect(page.locator("main")).to_contain_text("事项已关闭")
