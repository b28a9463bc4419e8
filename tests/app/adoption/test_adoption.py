"""A pack comes into force by two people, with every role held and every open term settled."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from huiyin.adoption import queries, services
from huiyin.adoption.models import Adoption, PolicyVersion, SettingChange
from huiyin.core.errors import Conflict, Invalid, NotFound, Refused
from huiyin.ledger.models import Fact
from tests.adopted import adopt, sources
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db


def propose(firm: SmallFirm, *, now: datetime, mode: str = "force", **changed: str) -> Adoption:
    texts = sources() | changed
    return services.propose(
        texts, starts_on=date(2026, 1, 1), mode=mode, by=firm.supervisor.pk, now=now
    )


def test_nobody_approves_what_he_proposed(firm: SmallFirm, now: datetime) -> None:
    proposed = propose(firm, now=now)

    with pytest.raises(Refused):
        services.approve(proposed, by=firm.supervisor.pk, now=now)

    assert Adoption.objects.get().state == Adoption.State.PROPOSED


def test_on_trial_one_person_may_do_both(firm: SmallFirm, now: datetime) -> None:
    proposed = propose(firm, now=now, mode="trial")

    services.approve(proposed, by=firm.supervisor.pk, now=now)

    assert Adoption.objects.get().state == Adoption.State.IN_FORCE


def test_an_adoption_starts_at_midnight_in_the_firms_zone(firm: SmallFirm, now: datetime) -> None:
    adoption = adopt(firm, now=now, starts_on=date(2026, 2, 1))

    assert adoption.starts_at == datetime.fromisoformat("2026-02-01T00:00:00+08:00")


def test_an_adoption_is_a_fact(firm: SmallFirm, now: datetime) -> None:
    adopt(firm, now=now)

    [fact] = Fact.objects.filter(kind="policy.adopted")
    assert fact.values["policy.id"] == "property-management"
    assert fact.by_id == firm.manager.pk


def test_a_role_that_nobody_holds_is_refused_by_name_and_clause(
    firm: SmallFirm, now: datetime
) -> None:
    from huiyin.accounts import services as accounts

    for post in firm.repair_lead.posts.all():
        accounts.end_post(post, date(2026, 2, 1), by=None, now=now)

    with pytest.raises(Refused) as refused:
        propose(firm, now=now)

    assert "维修负责人" in str(refused.value)
    assert "B.1.d" in refused.value.clauses
    assert not Adoption.objects.exists()


def test_a_setting_without_a_value_is_refused_by_name_and_clause(
    firm: SmallFirm, now: datetime
) -> None:
    unset = sources()["policy.yaml"].replace("default: 7d", "default: null", 1)

    with pytest.raises(Refused) as refused:
        propose(firm, now=now, **{"policy.yaml": unset})

    assert "整改期限" in str(refused.value)
    assert "B.4.b" in refused.value.clauses
    assert not PolicyVersion.objects.exists()


def test_a_version_in_force_cannot_be_edited_under_its_number(
    firm: SmallFirm, now: datetime
) -> None:
    adopt(firm, now=now)
    edited = sources()["policy.yaml"].replace("leak: 3d", "leak: 4d")

    with pytest.raises(Conflict):
        propose(firm, now=now, **{"policy.yaml": edited})


def test_a_new_version_ends_the_one_before(firm: SmallFirm, now: datetime) -> None:
    first = adopt(firm, now=now)
    second_text = sources()["policy.yaml"].replace("version: 1", "version: 2")
    second = services.propose(
        sources() | {"policy.yaml": second_text},
        starts_on=date(2026, 3, 1),
        mode="force",
        by=firm.supervisor.pk,
        now=now,
    )

    services.approve(second, by=firm.manager.pk, now=now)

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.state == Adoption.State.ENDED
    assert first.ends_at == second.starts_at
    assert [each.adoption for _row, each in queries.decided()] == [first.id, second.id]


def test_a_setting_is_changed_with_a_reason_and_logged(firm: SmallFirm, now: datetime) -> None:
    adopt(firm, now=now)
    change = {"key": "rectify_within", "reason": "雨季来得快", "by": firm.manager.pk}

    services.change_setting("property-management", value="5d", **change, now=now)
    services.change_setting(
        "property-management", value="3d", **change, now=now + timedelta(days=1)
    )

    [(_adoption, in_force)] = queries.decided()
    assert in_force.settings["rectify_within"] == "3d"
    assert SettingChange.objects.count() == 2


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        ("rectify_within", "7 dais", Invalid),
        ("sort_within", "0d", Invalid),
        ("no_such_setting", "7d", NotFound),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    firm: SmallFirm, now: datetime, key: str, value: str, error: type[Exception]
) -> None:
    adopt(firm, now=now)

    with pytest.raises(error):
        services.change_setting(
            "property-management", key=key, value=value, reason="试", by=firm.manager.pk, now=now
        )


def test_policies_in_force_are_read_in_one_statement(
    firm: SmallFirm, now: datetime, django_assert_num_queries
) -> None:
    adopt(firm, now=now)
    queries.decided()

    with django_assert_num_queries(1):
        queries.decided()


def test_a_setting_is_not_changed_without_a_reason(firm: SmallFirm, now: datetime) -> None:
    adopt(firm, now=now)

    with pytest.raises(Invalid, match="原因"):
        services.change_setting(
            "property-management",
            key="rectify_within",
            value="5d",
            reason=" ",
            by=firm.manager.pk,
            now=now,
        )

    assert not SettingChange.objects.exists()
