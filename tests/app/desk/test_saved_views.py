"""常用视图: kept, shared, opened by whoever may; each sees in it what he may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huiyin.desk import services
from huiyin.desk.models import SavedView
from huiyin.desk.services import ViewForm
from tests.app import scene as on
from tests.app.desk.many import add

pytestmark = pytest.mark.django_db

QUERY = "q=A&unit={unit}&sort=-number&column=customer&column=phone"


@pytest.fixture
def place(founded: on.Scene, now: datetime) -> Iterator[on.Scene]:
    with time_machine.travel(now, tick=False):
        made = founded
        add(made, 3, prefix="A")
        yield made


def save(client: Client, query: str = "", **given: Any) -> Any:
    form = {"room": "customers", "query": query, "name": "我的客户", "pinned": "true"} | given
    return client.post("/views/", form)


def test_a_view_is_saved_and_opens_the_same_list(place: on.Scene, manager: Client) -> None:
    query = QUERY.format(unit=place.firm.zone_one.pk)

    answer = save(manager, f"{query}&after=x")

    view = SavedView.objects.get()
    page = manager.get(answer.headers["Location"])
    shown = page.content.decode()
    assert view.query == query
    assert answer.headers["Location"] == f"/customers/?{query}"
    assert [row["first"].text for row in page.context["rows"]] == ["A002", "A001", "A000"]
    assert "已存为常用视图“我的客户”" in shown
    tab = f'<a class="views__view" href="/customers/?{query.replace("&", "&amp;")}"'
    assert f'{tab} aria-current="page">我的客户</a>' in shown


def test_unknown_parameters_are_dropped_with_a_notice(manager: Client) -> None:
    answer = save(manager, "q=A&order_by=password&class=vip&owner=me")

    assert SavedView.objects.get().query == "q=A&owner=me"
    shown = manager.get(answer.headers["Location"]).content.decode()
    assert "已略去：order_by、class" in shown


def test_what_a_stale_view_asked_is_left_out_and_named(manager: Client) -> None:
    save(manager, "q=A")
    SavedView.objects.update(query="class=gone&q=A")

    assert "已不适用：class" in manager.get("/views/").content.decode()
    assert len(manager.get("/customers/?class=gone&q=A").context["rows"]) == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "名称"), ({"name": "字" * 41}, "名称"), ({"name": "\0"}, "name"),
        ({"query": "q=13812342046"}, "电话号码"), ({"query": "q=" + "字" * 3000}, "条件太长"),
        ({"shared_with": "no-such"}, "共享"),
    ],
)  # fmt: skip
def test_what_cannot_be_saved_is_said_in_words(
    manager: Client, given: dict[str, str], said: str
) -> None:
    answer = save(manager, **given)

    assert answer.status_code == 422 and said in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_name_is_taken_once_in_a_room(manager: Client) -> None:
    save(manager)

    assert save(manager).status_code == 422
    assert save(manager, room="cases").status_code == 302


def test_a_room_without_a_list_has_no_views(manager: Client) -> None:
    assert save(manager, room="people").status_code == 404


def test_one_view_of_a_room_opens_it(place: on.Scene, manager: Client) -> None:
    save(manager, "q=A", name="甲", is_default="true")
    save(manager, "q=B", name="乙", is_default="true")
    save(manager, "state=completed", name="丙", is_default="true", room="subjects:repair")
    save(manager, "state=planned", name="丁", is_default="true", room="followups")

    today = manager.get("/").content.decode()
    assert list(SavedView.objects.filter(is_default=True).values_list("name", flat=True)) == [
        "乙", "丙", "丁",
    ]  # fmt: skip
    assert 'href="/followups/?state=planned"' in today
    assert 'href="/customers/?q=B"' in today and 'href="/subjects/repair/?state=completed"' in today
    assert 'href="/customers/"' in on.signed_in(place.firm.supervisor).get("/").content.decode()
    assert manager.get("/customers/?q=B").context["rooms"][1]["current"]


def test_a_shared_view_shows_the_colleague_only_what_he_may_see(
    place: on.Scene, manager: Client
) -> None:
    save(manager, "q=A")
    view = SavedView.objects.get()
    before = on.signed_in(place.firm.officer).get("/customers/").content.decode()
    manager.post(f"/views/{view.pk}/", {"name": "A 栋", "pinned": "true", "shared_with": "officer"})

    seen = {}
    for who in ("officer", "far_officer", "repairer"):
        client = on.signed_in(getattr(place.firm, who))
        seen[who] = (
            "A 栋" in client.get("/customers/").content.decode(),
            len(client.get("/customers/?q=A").context["rows"]),
        )

    assert "我的客户" not in before
    assert seen == {"officer": (True, 3), "far_officer": (True, 0), "repairer": (False, 0)}


@pytest.mark.parametrize(("who", "status"), [("officer", 403), ("supervisor", 404)])
def test_only_its_owner_changes_a_view(
    place: on.Scene, manager: Client, who: str, status: int
) -> None:
    save(manager)
    SavedView.objects.update(shared_with="officer")
    view = SavedView.objects.get()
    other = on.signed_in(getattr(place.firm, who))

    for path in (f"/views/{view.pk}/", f"/views/{view.pk}/deletion/"):
        assert other.post(path, {"name": "别的"}).status_code == status
    assert other.get(f"/views/{view.pk}/").status_code == status
    assert SavedView.objects.get().name == "我的客户"


def test_a_view_is_renamed_unpinned_and_deleted(manager: Client) -> None:
    save(manager, "q=A")
    page = f"/views/{SavedView.objects.get().pk}/"

    offered = manager.get(page).content.decode()
    wrong = manager.post(page, {"name": " "})
    manager.post(page, {"name": "改了"})
    listed = manager.get("/customers/").content.decode()
    kept = manager.get("/views/").content.decode()
    manager.post(f"{page}deletion/")

    assert "经理" in offered and 'value="我的客户"' in offered
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.content.decode()
    assert "改了" not in listed and "改了" in kept
    assert not SavedView.objects.exists()


def test_nobody_keeps_more_than_fifty(place: on.Scene, now: datetime) -> None:
    viewer = place.firm.viewer(place.firm.manager)
    for n in range(services.MOST_VIEWS):
        services.save_view("customers", f"q={n}", ViewForm(str(n)), viewer=viewer, now=now)

    assert save(on.signed_in(place.firm.manager)).status_code == 422


def test_fifty_views_take_as_many_statements_as_one(
    place: on.Scene, manager: Client, now: datetime
) -> None:
    viewer = place.firm.viewer(place.firm.manager)

    def statements(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert manager.get(path).status_code == 200
        return len(queries)

    services.save_view("cases", "", ViewForm("一"), viewer=viewer, now=now)
    services.save_view("customers", "", ViewForm("一"), viewer=viewer, now=now)
    few = [statements("/views/"), statements("/customers/")]
    for n in range(30):
        services.save_view("customers", f"q={n}", ViewForm(str(n)), viewer=viewer, now=now)

    assert [statements("/views/"), statements("/customers/")] == few
