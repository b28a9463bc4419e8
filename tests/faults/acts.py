"""Use cases that no form of the access table comes to; each is a preparation and what it is about.

A preparation is called with the world of the access table and returns the act that is broken off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.urls import reverse

from huiyin.accounts import services as accounts
from huiyin.accounts.models import Person, User
from huiyin.accounts.signin import services as signin
from huiyin.adoption import services as adoption
from huiyin.cases import services as cases
from huiyin.cases.given import Item
from huiyin.customers import changing
from huiyin.customers.changing import Wanted
from huiyin.customers.models import Customer
from huiyin.desk import handing, staffing, undoing
from huiyin.desk import services as lists
from huiyin.desk.staffing import Departure
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact, Note
from huiyin.notices import channels, outbox
from huiyin.notices.models import Delivery
from huiyin.notices.smtp import Trouble
from huiyin.obligations import extending, scores
from huiyin.obligations import services as obligations
from huiyin.obligations.models import Obligation, ScoreEntry
from huiyin.policy.loading import load_pack
from huiyin.subjects import services as subjects
from huiyin.subjects.models import Subject
from tests.access.world import DAY, HOUR, World
from tests.app import scene as on
from tests.app.notices import posted
from tests.faults.breaking import Act
from tests.people import PASSWORD, appoint
from tests.signing import confirmed

Prepare = Callable[[World], Act]
STRONG = "a-password-nobody-guesses-1202"


def give_login(w: World) -> Act:
    pk = accounts.create_person("辰新人", number="P90", by=None, now=w.later).pk
    given = {"password": STRONG, "by": None, "now": w.later}
    return lambda: accounts.give_login(Person.objects.get(pk=pk), "chen", **given)


def give_link(w: World) -> Act:
    by = w.place.firm.manager.pk
    return lambda: signin.give_link(w.people["colleague"], by=by, now=w.later)


def use_link(w: World) -> Act:
    secret = signin.give_link(w.people["colleague"], by=w.place.firm.manager.pk, now=w.later)
    return lambda: signin.use_link(signin.digest_of(secret), STRONG, now=w.later)


def forget_factors(w: World) -> Act:
    user = User.objects.get(username="far_head")
    given = {"reason": "手机丢了", "by": w.place.firm.manager.pk, "now": w.later}
    return lambda: signin.forget_factors(user.person, **given)


def sent(role: str, name: str, given: dict[str, str], **named: str) -> Prepare:
    """A form of somebody who gave his password a moment ago; also one that a rule refuses."""

    def prepare(w: World) -> Act:
        browser = w.browser(role)
        confirmed(browser)
        browser.raise_request_exception = False
        address = reverse(name, kwargs={key: w.ids[value] for key, value in named.items()})
        return lambda: browser.post(address, given | {"key": name})

    return prepare


SENT = {
    "change the password": sent(
        "owner",
        "account_change_password",
        {"current": PASSWORD, "password": STRONG, "again": STRONG},
    ),
    "take a passkey off": sent("far_head", "mfa_remove_webauthn", {}, pk="passkey"),
    "be refused": sent("supervisor", "cases:closure", {"outcome": "solved"}, case_id="raised"),
}


def change_setting(w: World) -> Act:
    given = {"key": "rectify_within", "value": "5d", "reason": "试", "by": w.place.firm.manager.pk}
    return lambda: adoption.change_setting("property-management", **given, now=w.later)


def adopt_live(w: World) -> Act:
    """The next version decides about what was recorded before it."""
    sources = dict(load_pack(on.PACK).sources)
    sources["policy.yaml"] = sources["policy.yaml"].replace("version: 1}", "version: 3}")
    proposed = adoption.propose(
        sources, starts_on=date(2026, 3, 1), mode="trial", start="live",
        by=w.place.firm.manager.pk, now=w.later,
    )  # fmt: skip
    return lambda: adoption.approve(proposed, by=w.place.firm.supervisor.pk, now=w.later)


def answered(w: World) -> Any:
    """The case whose notice was handed over, put right."""
    return on.rectified(on.fresh(cases.Case.objects.get(pk=w.ids["notified"])), w.later)


def revisit(w: World) -> Act:
    case, lead = answered(w), w.place.firm.repair_lead
    return lambda: on.visit(case.pk, lead, w.later + HOUR)


def revisit_in_vain(w: World) -> Act:
    case, lead = answered(w), w.place.firm.repair_lead
    return lambda: on.visit(
        case.pk, lead, w.later + HOUR, answers=on.filled(on.UNSOLVED), problem=on.LEAKS
    )


def close(w: World) -> Act:
    case, lead = answered(w), w.place.firm.repair_lead
    on.visit(case.pk, lead, w.later + HOUR)
    by = on.doing(w.place.firm.manager, w.later + 2 * HOUR)
    cases.reply(on.fresh(case), text="已修好", channel="phone", doing=by)
    return lambda: cases.close(on.fresh(case), outcome="solved", doing=by)


def consent(w: World) -> Act:
    row = Obligation.objects.get(pk=w.ids["inspect"])
    given = {"reason": "等零件", "key": "c", "by": w.place.firm.manager.pk, "now": w.later}
    return lambda: handing.consent(row, **given)


def decline(w: World) -> Act:
    row = Obligation.objects.get(pk=w.ids["inspect"])
    by = row.holder_id or w.place.firm.supervisor.pk
    extending.ask_extension(row, reason="等零件", by=by, now=w.later)
    given = {"reason": "不等", "by": w.place.firm.manager.pk, "now": w.later}
    return lambda: extending.decline_extension(row, **given)


def contest(w: World) -> Act:
    entry = ScoreEntry.objects.get(pk=w.ids["booked"])
    given = {"reason": "当天停电", "by": w.place.firm.repairer.pk, "now": w.later}
    return lambda: scores.contest(entry, **given)


def confirm_points(w: World) -> Act:
    booked = ScoreEntry.objects.filter(pk=w.ids["booked"])
    booked.update(confirm="manager", counts_at=None)
    return lambda: scores.confirm(booked.get(), by=w.place.firm.manager.pk, now=w.later)


def make_export(w: World) -> Act:
    row = lists.Export.objects.create(
        requested_by=w.place.firm.supervisor, requested_at=w.later, room="customers", rows=1,
        language="zh-hans",
    )  # fmt: skip

    def act() -> None:
        # Where it failed it is asked for once more.
        lists.Export.objects.filter(pk=row.pk, state="failed").update(state="waiting")
        lists.make_export(row.pk, now=w.later)

    return act


def delete_outlived(w: World) -> Act:
    return lambda: lists.delete_outlived(now=w.later + 30 * DAY)


def undo(did: Callable[[World], Any]) -> Prepare:
    """What somebody did last is taken back; ``did`` does it and returns the person."""

    def prepare(w: World) -> Act:
        person = did(w)
        given = {"reason": "登记错了", "now": w.later, "language": "zh"}
        return lambda: undoing.undo(person.pk, **given)

    return prepare


def visited(w: World) -> Any:
    lead = w.place.firm.repair_lead
    on.visit(w.ids["done"], lead, w.later, answers=on.filled(on.UNSOLVED), problem=on.LEAKS)
    return lead


def registered(w: World) -> Any:
    on.repair(on.Scene(w.place.firm, w.place.customer, w.later), "WX-77")
    return w.place.firm.manager


def raised(w: World) -> Any:
    item = Item("suggestion", "快递柜挪到门口")
    on.taken_down(w.place, item, w.place.firm.officer, w.later)
    return w.place.firm.officer


def replied(w: World) -> Any:
    by = on.doing(w.place.firm.manager, w.later)
    case = on.fresh(cases.Case.objects.get(pk=w.ids["raised"]))
    cases.reply(case, text="已经安排", channel="phone", doing=by)
    return w.place.firm.manager


def waived(w: World) -> Any:
    row = Obligation.objects.get(pk=w.ids["obligation"])
    obligations.waive(row, by=w.place.firm.manager.pk, reason="住户外出", now=w.later)
    return w.place.firm.manager


def void_note(w: World) -> Act:
    note = Note.objects.earliest("pk")
    return lambda: ledger.erase_note(note.pk)


def correct_event(w: World) -> Act:
    fact = Fact.objects.get(pk=w.ids["completion"])
    by = {"by": w.place.firm.repairer.pk, "recorded_by": w.place.firm.manager.pk}
    at = {"happened_at": w.place.now - HOUR, "known_at": w.place.now, "now": w.later}
    return lambda: subjects.correct_event(fact, reason="完工更早", **by, **at)


def hand_on(w: World) -> Act:
    """Somebody leaves; his customers, appointments and work pass to another of his role."""
    firm, lead = w.place.firm, w.place.firm.repair_lead
    heir = accounts.create_person("巳接手", number="P91", by=None, now=w.place.now)
    appoint(heir, "repair_lead", firm.zone_one, now=w.place.now)
    going = Departure(w.later.date() + DAY, heir, accepted=True)
    given = {"by": firm.manager.pk, "now": w.later, "language": "zh"}
    return lambda: staffing.dismiss(lead, going, **given)


def hand_customers_on(w: World) -> Act:
    firm, owner = w.place.firm, w.place.firm.officer
    going = Departure(w.later.date() + DAY, firm.far_officer, accepted=True)
    given = {"by": firm.manager.pk, "now": w.later, "language": "zh"}
    return lambda: staffing.dismiss(owner, going, **given)


def move_customer(w: World) -> Act:
    """It belongs to another zone and another officer from now on, and what is owed about it too."""
    firm = w.place.firm
    home = Customer.objects.get(pk=w.place.customer)
    wanted = Wanted(
        home.number, "household", home.name, firm.zone_two.pk, firm.far_officer.pk,
        reason="划到二区",
    )  # fmt: skip
    viewer, by = firm.viewer(firm.manager), firm.manager.pk
    seen = changing.version(home.pk)
    return lambda: changing.change(home.pk, wanted, seen=seen, viewer=viewer, by=by, now=w.later)


def mail(w: World) -> None:
    """A channel, and a mail that waits."""
    firm = w.place.firm
    posted.set_up(firm, 25, w.later, quiet_from=None, quiet_to=None)
    posted.wish(firm.repair_lead, w.later, ways={"late": "now", "case": "digest"})
    about = Subject.objects.get(pk=w.ids["done"]).target
    posted.tell(posted.late(firm.repair_lead, about, "late:9"), w.later)
    message = posted.late(firm.repair_lead, about, "case:9", template="case_raised")
    posted.tell(message, w.later)


def claim(w: World) -> Act:
    mail(w)
    return lambda: outbox.claim(now=w.later)


def mark_sent(w: World) -> Act:
    mail(w)
    claimed = outbox.claim(now=w.later)
    assert isinstance(claimed, outbox.Claimed)
    return lambda: outbox.mark_sent(claimed, now=w.later)


def mark_failed(w: World) -> Act:
    mail(w)
    claimed = outbox.claim(now=w.later)
    assert isinstance(claimed, outbox.Claimed)
    return lambda: outbox.mark_failed(claimed, Trouble("timeout"), now=w.later)


def requeue_stale(w: World) -> Act:
    mail(w)
    outbox.claim(now=w.later)
    assert Delivery.objects.filter(state="sending").exists()
    return lambda: outbox.requeue_stale(now=w.later + HOUR)


def make_digests(w: World) -> Act:
    mail(w)
    return lambda: outbox.make_digests(now=w.later + DAY)


def send_again(w: World) -> Act:
    mail(w)
    Delivery.objects.update(state="failed")
    return lambda: channels.requeue_failed(by=w.place.firm.manager.pk, now=w.later)


ONE_BY_ONE: tuple[Prepare, ...] = (
    give_login, give_link, use_link, forget_factors, change_setting, adopt_live, revisit,
    revisit_in_vain, close, consent, decline, contest, confirm_points, delete_outlived, void_note,
    correct_event, hand_on, hand_customers_on, move_customer, claim, mark_sent, mark_failed,
    requeue_stale, make_digests, send_again,
)  # fmt: skip
TAKEN_BACK = (visited, registered, raised, replied, waived)
ACTS: dict[str, Prepare] = (
    {each.__name__.replace("_", " "): each for each in ONE_BY_ONE}
    | SENT
    | {f"undo: {each.__name__}": undo(each) for each in TAKEN_BACK}
)
