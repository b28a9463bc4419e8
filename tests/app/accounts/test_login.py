"""Giving people a login, and taking leave with empty hands."""

from datetime import date

import pytest
import time_machine
from django.test import Client

from huiyin import cli
from huiyin.accounts import owned, services
from huiyin.core.errors import Conflict, Invalid
from huiyin.ledger.models import Fact
from tests.people import PASSWORD, small_firm
from tests.signing import entered, signed_in, with_codes


@pytest.fixture
def firm(db, now):
    return small_firm(now)


def give(person, now, **given):
    values = {"username": "officer", "password": PASSWORD} | given
    return services.give_login(
        person, values["username"], password=values["password"], by=None, now=now
    )


def test_a_login_belongs_to_its_person_and_is_a_fact(firm, now):
    user = give(firm.officer, now)

    firm.officer.refresh_from_db()
    assert firm.officer.user == user
    assert user.check_password(PASSWORD)
    assert Fact.objects.filter(kind="person.login_given", target=firm.officer.pk).count() == 1


def test_a_person_has_one_login(firm, now):
    give(firm.officer, now)

    with pytest.raises(Conflict):
        give(firm.officer, now, username="second")


@pytest.mark.parametrize(
    ("field", "given"), [("password", {"password": "12345678"}), ("username", {})]
)
def test_a_weak_password_and_a_taken_name_are_refused_at_their_field(firm, now, field, given):
    if field == "username":
        give(firm.manager, now)

    with pytest.raises(Invalid) as refused:
        give(firm.officer, now, **given)

    assert list(refused.value.errors) == [field]


def test_the_command_gives_a_login(scratch_db, now, monkeypatch):
    import io

    firm = small_firm(now)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))

    assert cli.main(["login", firm.officer.number, "officer", "--password-stdin"]) == 0
    assert cli.main(["login", "P99", "nobody", "--password-stdin"]) == 1

    firm.officer.refresh_from_db()
    assert firm.officer.user.check_password(PASSWORD)


def test_without_a_name_the_command_asks_for_one(scratch_db, now, capsys):
    firm = small_firm(now)

    assert cli.main(["login", firm.officer.number]) == 1

    assert "请填写用户名" in capsys.readouterr().err


def test_the_command_gives_a_link_that_works(scratch_db, now, capsys):
    firm = small_firm(now)
    number = firm.officer.number

    assert cli.main(["login", number, "new", "--link", "--address", "https://firm.example/"]) == 0
    address = capsys.readouterr().out.strip()
    assert cli.main(["login", number, "--link"]) == 0
    second = capsys.readouterr().out.strip()

    assert address.startswith("https://firm.example/signin/link/")
    assert second.startswith("http://127.0.0.1:8000/signin/link/")
    browser = Client()
    browser.get(second.removeprefix("http://127.0.0.1:8000"))
    chosen = {"password": PASSWORD, "again": PASSWORD}
    assert browser.post("/signin/password/", chosen).status_code == 302
    assert entered("new")[1].status_code == 302
    assert Fact.objects.filter(kind="person.link_given", by=None).count() == 2


def test_the_command_takes_off_a_lock_and_lost_factors(scratch_db, now):
    firm = small_firm(now)
    with time_machine.travel(now, tick=False):
        with_codes(signed_in(firm.officer, "officer"), now)
    for _n in range(6):
        entered("officer", "wrong")
    assert entered("officer")[1].status_code == 429

    assert cli.main(["login", firm.officer.number, "--unlock", "--forget-second-factor"]) == 0

    assert entered("officer")[1].url == "/"
    assert cli.main(["login", firm.officer.number, "--forget-second-factor"]) == 1


@pytest.fixture
def customers(monkeypatch):
    """Things in the care of people, by person."""
    monkeypatch.setattr(owned, "_registered", {})
    held = {}

    def hand_over(person, *, to, by, now):
        moved = held.pop(person, 0)
        held[to] = held.get(to, 0) + moved
        return moved

    owned.register("customer", "客户", lambda person: held.get(person, 0), hand_over)
    return held


def test_nobody_leaves_with_something_in_his_care(firm, now, customers):
    customers[firm.officer.pk] = 3

    with pytest.raises(Conflict, match="客户 3"):
        services.leave(firm.officer, date(2026, 3, 31), by=None, now=now)

    firm.officer.refresh_from_db()
    assert firm.officer.left_on is None


def test_what_is_handed_over_is_anothers(firm, now, customers):
    customers[firm.officer.pk] = 3

    services.leave(firm.officer, date(2026, 3, 31), hand_over_to=firm.far_officer, by=None, now=now)

    assert customers == {firm.far_officer.pk: 3}
