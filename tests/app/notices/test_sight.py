"""What a reader saw when he was told, and what he may read of it now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from huiyin.ledger.models import Target
from huiyin.notices import messages, queries, services
from huiyin.notices.models import Notice
from huiyin.notices.services import Message
from tests.app.notices.posted import late, tell
from tests.people import SmallFirm, appoint, target

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def everybody(firm: SmallFirm) -> list[Any]:
    return [person for person in vars(firm).values() if hasattr(person, "number")]


def things(firm: SmallFirm) -> list[Target]:
    return [
        target("repair", unit=firm.zone_one),
        target("repair", unit=firm.zone_two),
        target("repair", unit=firm.zone_one, owner=firm.officer),
        target("repair", unit=firm.zone_two, owner=firm.officer),
        target("repair", owner=firm.stranger),
        target("repair", unit=firm.company),
        target("repair"),
        Target.objects.get(pk=firm.officer.pk),
        Target.objects.get(pk=firm.stranger.pk),
    ]


def test_what_is_kept_at_writing_is_what_the_one_predicate_says(firm, now):
    on = now.date()
    appoint(firm.stranger, "repair_lead", firm.zone_two, now=now, from_on=on + DAY)
    firm.far_repairer.posts.update(to_on=on)
    firm.far_officer.posts.update(to_on=on - DAY)
    firm.second_repairer.posts.update(position="supervisor")
    firm.repairer.posts.update(position="repair_lead", unit=firm.company.pk)
    firm.repair_lead.posts.update(position="officer")
    appoint(firm.repair_lead, "supervisor", firm.zone_two, now=now)
    type(firm.manager).objects.filter(pk=firm.manager.pk).update(left_on=on - DAY)
    unit_head, _made = type(firm.repair_lead.posts.get(position="officer").position).objects.get_or_create(
        code="unit_head", defaults={"title": "组长", "scope": "unit"}
    )  # fmt: skip
    firm.officer.posts.update(position=unit_head)
    pairs = [(person, about) for person in everybody(firm) for about in things(firm)]

    services.tell(
        [
            Message(person.pk, about.pk, "waived", f"{person.pk}:{about.pk}")
            for person, about in pairs
        ],
        now=now,
    )

    kept = dict(Notice.objects.values_list("key", "in_sight"))
    seen = {
        f"{person.pk}:{about.pk}": Target.objects.visible_to(firm.viewer(person, on))
        .filter(pk=about.pk)
        .exists()
        for person, about in pairs
    }
    assert kept == seen
    assert 10 < sum(kept.values()) < len(kept) - 10


def shown(firm: SmallFirm, person: Any) -> list[str]:
    with translation.override("zh-hans"):
        page = queries.inbox(firm.viewer(person))
        return [messages.render(notice) for notice in page.items]


HIDDEN = "这条通知所说的事已不在您的可见范围内"


def test_a_notice_of_what_one_lost_sight_of_says_nothing_of_it(firm, now):
    repair = target("repair", unit=firm.zone_one)
    tell(late(firm.repair_lead, repair), now)
    assert "WX-1" in shown(firm, firm.repair_lead)[0]

    firm.repair_lead.posts.update(unit=firm.zone_two.pk)

    assert shown(firm, firm.repair_lead) == [HIDDEN]
    assert [item.hidden for item in queries.inbox(firm.viewer(firm.repair_lead)).items] == [True]


def test_what_was_entrusted_to_somebody_else_is_not_ones_own_to_read_any_more(firm, now):
    repair = target("repair", unit=firm.zone_one, owner=firm.officer)
    tell(late(firm.officer, repair), now)

    Target.objects.filter(pk=repair.pk).update(owner=firm.far_officer.pk)

    assert shown(firm, firm.officer) == [HIDDEN]


def test_who_is_told_for_a_tie_of_his_own_reads_it_while_he_holds_a_post(firm, now):
    tell(late(firm.repairer, target("case", unit=firm.zone_one)), now)
    assert "WX-1" in shown(firm, firm.repairer)[0]

    firm.repairer.posts.update(to_on=now.date() - DAY)

    assert shown(firm, firm.repairer) == [HIDDEN]


def test_a_notice_of_a_later_version_does_not_break_the_list(firm, now):
    notice = tell(late(firm.repair_lead, target("repair", unit=firm.zone_one)), now)
    Notice.objects.filter(pk=notice.pk).update(template="of_a_later_version")

    assert shown(firm, firm.repair_lead) == ["通知"]
