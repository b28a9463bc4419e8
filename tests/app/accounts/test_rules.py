"""What the firm asks of its heads: a second factor, after a grace period, logged with its reason."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.db.utils import ProgrammingError
from django.test import Client
from django.urls import reverse

from huiyin.accounts.models import Firm, Person
from huiyin.accounts.signin import queries, services
from huiyin.accounts.signin.models import RuleChange
from huiyin.core.errors import Conflict, Forbidden, Invalid
from huiyin.ledger.models import Fact
from tests.people import appoint
from tests.signing import code, confirmed, entered, signed_in, with_codes

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


def ask(firm, now, days=7, **more):
    given = {"heads_need_factor": True, "grace_days": days, "reason": "防盗用"} | more
    return services.change_rule(**given, by=firm.manager.pk, now=now)


def test_nothing_is_asked_before_somebody_asks_it(firm):
    assert queries.rule() == queries.Rule(heads_need_factor=False, grace_days=7, since=None)
    assert queries.factor_due(firm.manager, on=date(2026, 3, 2)) is None


def test_a_change_is_kept_with_who_when_and_why(firm, now):
    ask(firm, now)

    assert queries.rule() == queries.Rule(True, 7, date(2026, 3, 2))
    fact = Fact.objects.get(kind="signin.rule_changed")
    assert (fact.by_id, fact.note.text) == (firm.manager.pk, "防盗用")
    assert fact.values["rule.heads_need_factor"] is True
    page = signed_in(firm.officer).get("/settings/signin/").content.decode()
    assert "甲经理" in page and "防盗用" in page and "必须使用，宽限期 7 天" in page
    assert "保存更改" not in page


def test_the_form_changes_it(firm, now):
    browser = signed_in(firm.manager)
    given = {"heads_need_factor": "on", "grace_days": "0", "reason": "试行"}

    assert browser.post("/settings/signin/", given).status_code == 302

    assert queries.rule().heads_need_factor
    assert "已更改" in browser.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"reason": "  "}, Invalid),
        ({"grace_days": 91}, Invalid),
        ({"grace_days": -1}, Invalid),
        ({"heads_need_factor": False, "grace_days": 7}, Conflict),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(firm, now, more, error):
    with pytest.raises(error):
        ask(firm, now, **more)

    assert not RuleChange.objects.exists()


def test_only_heads_of_the_firm_change_it(firm, now):
    for who in (firm.repair_lead, firm.officer):
        with pytest.raises(Forbidden):
            services.change_rule(
                heads_need_factor=True, grace_days=1, reason="x", by=who.pk, now=now
            )


def test_the_log_cannot_be_rewritten(firm, now):
    ask(firm, now)

    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("UPDATE signin_rulechange SET grace_days = 90")


@pytest.mark.parametrize(
    ("who", "asked"),
    [("manager", True), ("repair_lead", True), ("officer", False), ("stranger", False)],
)
def test_it_is_asked_of_positions_that_see_a_sub_tree(firm, now, who, asked):
    ask(firm, now)

    due = queries.factor_due(getattr(firm, who), on=date(2026, 3, 2))

    assert due == (date(2026, 3, 9) if asked else None)


def test_who_becomes_a_head_later_has_the_grace_from_then(firm, now):
    ask(firm, now)
    appoint(firm.officer, "repair_lead", firm.zone_one, now=now, from_on=date(2026, 4, 1))

    assert queries.factor_due(firm.officer, on=date(2026, 3, 31)) is None
    assert queries.factor_due(firm.officer, on=date(2026, 4, 1)) == date(2026, 4, 8)


def test_within_the_grace_the_sign_in_says_until_when(firm, now):
    ask(firm, now)

    page = signed_in(firm.manager).get("/").content.decode()

    assert "请在 3月9日 前启用" in page


@pytest.mark.parametrize(("days", "led"), [(6, False), (7, False), (8, True)])
def test_after_the_last_day_of_the_grace_every_page_leads_to_setting_it_up(
    firm, clock, now, days, led
):
    ask(firm, now)
    clock.move_to(now + days * DAY)

    browser = signed_in(firm.manager)

    answer = browser.get("/customers/")
    assert (answer.status_code, answer.headers.get("Location")) == (
        (302, "/account/") if led else (200, None)
    )


@pytest.fixture
def owing(firm, clock, now):
    """A manager who signed in after the grace was over."""
    ask(firm, now, days=0)
    clock.move_to(now + DAY)
    return signed_in(firm.manager)


def test_who_owes_it_does_nothing_else_meanwhile(firm, owing):
    facts = Fact.objects.count()

    posted = owing.post(reverse("desk:adoptions"), {"pack": "property-management"})
    piece = owing.get("/customers/", headers={"HX-Request": "true"})

    assert posted.url == "/account/"
    assert (piece.status_code, piece.headers["HX-Redirect"]) == (204, "/account/")
    assert Fact.objects.count() == facts
    assert "宽限期已过" in owing.get("/account/").content.decode()


def test_who_owes_it_may_set_it_up_change_his_language_and_leave(owing):
    for path in ("/account/", "/account/password/", "/account/sessions/", "/account/confirmation/"):
        assert owing.get(path).status_code == 200
    assert owing.post("/i18n/setlang/", {"language": "en"}).status_code == 302
    assert owing.post("/signout/").url == "/signin/"


def test_setting_it_up_opens_the_pages_again(firm, owing, now):
    with_codes(owing, now + DAY)

    assert owing.get("/customers/").status_code == 200


def test_taking_it_off_again_owes_it_at_once(firm, owing, now):
    with_codes(owing, now + DAY)
    confirmed(owing).post("/account/totp/removal/")

    assert owing.get("/customers/").url == "/account/"


def test_a_head_with_a_second_factor_is_asked_nothing(firm, owing, clock, now):
    secret, _spare = with_codes(owing, now + DAY)
    clock.move_to(now + 2 * DAY)

    browser, _answer = entered(firm.manager.user.username)
    browser.post("/signin/code/", {"code": code(secret, now + 2 * DAY)})

    assert browser.get("/customers/").status_code == 200


def test_the_visitors_of_a_demo_owe_nothing(firm, clock, now):
    ask(firm, now, days=0)
    Firm.objects.update(demo=True)
    clock.move_to(now + DAY)

    assert Client().get("/customers/").status_code == 200


def test_the_list_of_logins_says_whom_it_is_asked_of(firm, now):
    ask(firm, now)
    browser = signed_in(firm.manager)
    with_codes(browser, now)
    signed_in(firm.repair_lead)

    rows = {row.name: row for row in browser.get("/settings/logins/").context["rows"]}
    page = browser.get("/settings/logins/").content.decode()

    assert (rows["甲经理"].guarded, rows["甲经理"].is_head) == (True, True)
    assert (rows["丙负责"].guarded, rows["丙负责"].is_head) == (False, True)
    assert (rows["己物管"].guarded, rows["己物管"].is_head) == (False, False)
    assert page.count("要求启用") == 1


def test_the_list_of_logins_costs_the_same_for_many_people(firm, now, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from huiyin.accounts.services import NewPerson, create_people

    browser = signed_in(firm.manager)
    with CaptureQueriesContext(connection) as few:
        browser.get("/settings/logins/")
    create_people([NewPerson("某人", f"Q{n}") for n in range(30)], by=None, now=now)

    with django_assert_num_queries(len(few)):
        page = browser.get("/settings/logins/")
    assert len(page.context["rows"]) == Person.objects.count()
