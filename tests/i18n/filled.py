"""Forms of every room, filled in rightly and wrongly."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse, reverse_lazy

from huiyin.accounts.models import CalendarDay, Person
from huiyin.adoption.models import Adoption
from huiyin.cases.models import Case
from huiyin.customers import changing
from huiyin.customers.models import Customer
from huiyin.desk.models import SavedView
from huiyin.followups.models import Followup
from huiyin.imports.models import ImportBatch
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.subjects.models import Subject
from tests.app import scene as on
from tests.i18n.filled_duties import wrong_duties
from tests.i18n.filled_staff import right_staff

POLICY = "property-management"
CHANNEL = on.CHANNEL | {"sender_name": "Sample Estates"}


WRONG_LOGINS = [
    (reverse_lazy("signin:rules"), {"grace_days": "x", "reason": "x" * 3000}),
    (reverse_lazy("account_change_password"), {"current": "x", "password": "1", "again": "2"}),
    (reverse_lazy("account_reauthenticate"), {"password": "x"}),
]


def wrongly_filled() -> list[tuple[str, dict[str, Any]]]:
    """Forms that break one rule each."""
    subject = Subject.objects.get(number="WX-11")
    event = reverse("subjects:event", args=["repair", subject.pk])
    bench = reverse("followups:workbench", args=[subject.pk])
    plan = reverse("followups:plan", args=[subject.pk])
    done = on.SATISFIED | {"visited": on.drawing(), "key": "k"}
    case = {stage: _case(stage) for stage in (*Case.Stage.values,)}
    closure = reverse("cases:closure", args=[case["raised"]])
    reply = reverse("cases:reply", args=[case["raised"]])
    handover = reverse("cases:handover", args=[case["notified"]])
    return [
        (bench, done | {"by": "999999"}),
        *wrong_consents(),
        (bench, done | {"happened_at": "gestern"}),
        (bench, done | {"happened_at": "2026-12-01T09:00"}),
        (bench, done | {"visited": "data:image/png;base64,AAAA"}),
        (bench, done | {"visited": "", "visited-refused": "true"}),
        (bench, done | {"onsite_check": "perhaps", "service": "9", "fees": ""}),
        *wrong_items(bench, done),
        (bench, done),
        (plan, {"channel": "visit", "planned_for": "2026-01-01T10:00"}),
        (plan, {"channel": "pigeon", "planned_for": "2026-12-01T10:00"}),
        (event, {"event": "no-such-event"}),
        (event, {"event": "completed", "happened_at": "2026-12-01T09:00"}),
        (event, {"event": "completed", "happened_at": "x"}),
        (closure, {"outcome": "solved"}),
        (closure, {"outcome": "x"}),
        (reverse("cases:closure", args=[case["rectified"]]), {"outcome": "solved"}),
        (reverse("cases:closure", args=[case["closed"]]), {"outcome": "solved"}),
        (reply, {"text": "Yes", "channel": "pigeon"}),
        (reply, {"text": "Yes", "channel": "phone", "happened_at": "x"}),
        (handover, {"channel": "in_person"}),
        (handover, {"channel": "in_person", "receipt-refused": "true"}),
        *wrong_duties(),
        (reverse("desk:adoptions"), {"pack": "x", "starts_on": "x", "mode": "x"}),
        (
            reverse("desk:adoptions"),
            {"pack": POLICY, "starts_on": "2026-05-01", "mode": "force"},
        ),
        (reverse("customers:list") + "?after=x", {}),
        (reverse("records:empty_form", args=["no_such_form"]), {}),
        (reverse("records:empty_form_about", args=["rectification_notice", subject.pk]), {}),
        *wrong_notices(),
        *wrong_elsewhere(),
    ]


def wrong_elsewhere() -> list[tuple[str, dict[str, Any]]]:
    printings = (reverse("records:printings"), {})
    return [printings, *WRONG_LOGINS, *wrong_lists(), *wrong_calendars(), *wrong_imports()]


def wrong_imports() -> list[tuple[str, dict[str, Any]]]:
    """No file, no table, columns that cannot be."""
    page, batch = reverse("imports:list"), _uploaded()
    columns = reverse("imports:columns", args=[batch])
    applied = ImportBatch.objects.filter(state="applied")[0].pk
    return [
        (page, {"what": "customers"}),
        (page, {"what": "x", "file": file("a,b\n1,2")}),
        *((page, {"what": "cases", "file": file(text)}) for text in ("a,b\n", "%PDF", "<html>")),
        (columns, {"column-1": "name", "column-2": "name", "column-3": "x", "constant-unit": "x"}),
        (reverse("imports:application", args=[batch]), {}),
        (reverse("imports:undoing", args=[applied]), {"reason": ""}),
        (reverse("imports:cancellation", args=[applied]), {}),
    ]


def wrong_lists() -> list[tuple[str, dict[str, Any]]]:
    """Views that cannot be kept, and a list that is none."""
    view = {"room": "customers", "name": "x"}
    wrong = (
        {"name": ""}, {"name": "x" * 41}, {"name": "Mine"}, {"room": "gone"},
        {"query": "q=13812342046"}, {"query": "q" * 2001},
    )  # fmt: skip
    return [
        *((reverse("desk:saved_views"), view | given) for given in wrong),
        (reverse("desk:exports"), {"room": "gone"}),
    ]


def wrong_calendars() -> list[tuple[str, dict[str, Any]]]:
    """What may be wrong with a day, a notice, a confirmation."""
    days, notices = reverse("desk:calendar_days", args=[2026]), "desk:calendar_notices"
    lines = ("x,off,Feast", "2028-02-30,off,F", "2028-01-03,off", "2028-01-03,perhaps,F",
             "2028-01-03,work,F", "2028-01-02,off,F\n2028-01-02,off,F\n2027-06-01,off,F", '"' * 51,
             "", "x,off,F\n" * 30)  # fmt: skip
    return [
        (days, {"day": "2026-03-14", "worked": "off", "reason": "Closed"}),
        (days, {"day": "2026-03-04", "worked": "on", "reason": "Open"}),
        (days, {"day": "2026-03-07", "worked": "on", "reason": "Again"}),
        (days, {"day": "2026-03-08", "worked": "on", "reason": " "}),
        (days, {"day": "2026-03-08", "worked": "on", "reason": "x" * 3000}),
        *((reverse(notices, args=[2026]), {"file": file(line)}) for line in lines),
        (reverse(notices, args=[2026]), {"file": file("PK")}),
        (reverse("desk:calendar_confirmation", args=[2026]), {"source": "Notice"}),
        (reverse("desk:calendar_confirmation", args=[2029]), {"source": "Notice"}),
        (reverse("desk:calendar_confirmation", args=[2027]), {"source": "x" * 201}),
    ]


def file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("days.csv", text.encode(), "text/csv")


def wrong_items(bench: str, done: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The same of what customers bring up, and of each act on it."""
    intake = reverse("cases:intake", args=[_household()])
    return [
        (bench, done | {"item-1": "1", "item-1-kind": "x", "item-1-severity": ""}),
        (bench, done | {"item-1": "1", "item-1-kind": "question", "item-1-description": "When?"}),
        *(
            (bench, done | {"item-1": "1", "item-1-kind": "request"} | more)
            for more in (
                {"item-1-answering": "answered"},
                {"item-1-answering": "promised"},
                {"item-1-answering": "promised", "item-1-promised_at": "x"},
                {"item-1-answering": "x"},
                {"item-1-kind": "complaint", "item-1-complained_about": "x"},
            )
        ),
        (intake, {"origin": "x"}),
        (intake, {"origin": "phone", "item-kind": "suggestion", "about": "x"}),
        (intake, {"origin": "phone", "item-kind": "question", "item-description": "When?"}),
        (act("decision", "suggestion"), {"decision": "adopted", "reason": ""}),
        (act("decision", "suggestion"), {"decision": "x"}),
        (act("decision", "complaint"), {"decision": "adopted", "reason": "x"}),
        (act("handling", "suggestion"), {"text": "x"}),
        (act("notice", "suggestion"), {"problem": "x", "requirement": "x", "rectify_by": "x"}),
        (act("referral", "suggestion"), {"to": "x", "text": ""}),
        (act("ruling", "suggestion"), {"text": "x"}),
        (act("classification", "suggestion"), {"kind": "suggestion", "severity": "minor"}),
        (
            act("classification", "suggestion"),
            {"kind": "suggestion", "severity": "minor", "reason": "x"},
        ),
        (act("classification", "complaint"), {"kind": "x", "severity": "x", "reason": "x"}),
        (act("withdrawal", "suggestion"), {"reason": ""}),
    ]


def rightly_filled() -> list[tuple[str, dict[str, Any]]]:
    """Forms that are taken, so that the page after them says so."""
    subject = Subject.objects.get(number="WX-11")
    repair = Subject.objects.get(number="WX-10")
    completed = Fact.objects.filter(kind="repair.completed", target=subject.pk)[0]
    planned = Followup.objects.planned()[0]
    waived = Obligation.objects.filter(state="open", target__subject__number="WX-30")[0]
    visited = on.SATISFIED | {"visited": on.drawing(), "key": "k"}
    drawn = {"channel": "in_person", "receipt": on.drawing()}
    paper = {"problem": "Drips", "requirement": "Renew", "rectify_by": "2026-03-09"}
    return [
        (
            reverse("followups:plan", args=[subject.pk]),
            {"channel": "visit", "planned_for": "2026-03-09T10:00"},
        ),
        (reverse("followups:cancel", args=[planned.pk]), {"reason": "Away"}),
        (reverse("desk:waiver", args=[waived.pk]), {"reason": "Away"}),
        (reverse("followups:workbench", args=[subject.pk]), visited),
        (reverse("subjects:event", args=["repair", repair.pk]), {"event": "completed"}),
        (
            reverse("subjects:void", args=["repair", subject.pk, completed.pk]),
            {"reason": "Wrong"},
        ),
        *right_consents(),
        *right_items(),
        (
            reverse("desk:saved_views"),
            {"room": "customers", "name": "Others", "query": "gone=1&q=3"},
        ),
        (
            reverse("desk:saved_view", args=[SavedView.objects.order_by("pk")[0].pk]),
            {"name": "Renamed", "pinned": "true"},
        ),
        (reverse("desk:delete_view", args=[SavedView.objects.order_by("pk")[1].pk]), {}),
        (reverse("cases:notice", args=[_case("raised")]), paper),
        (reverse("notices:preferences"), on.WISHES),
        (reverse("notices:channel"), CHANNEL),
        (reverse("notices:retries"), {}),
        (reverse("imports:cancellation", args=[_uploaded()]), {}),
        (reverse("notices:read_all"), {"upto": "1"}),
        (reverse("cases:handover", args=[_case("raised")]), drawn),
        (reverse("cases:answer", args=[_case("notified")]), {"measures": "Renewed"}),
        (reverse("cases:reply", args=[_case("revisited")]), {"text": "Dry", "channel": "phone"}),
        (reverse("cases:closure", args=[_case("revisited")]), {"outcome": "solved"}),
        (reverse("desk:approval", args=[Adoption.objects.latest("pk").pk]), {}),
        *right_calendars(),
        *right_staff(),
    ]


def right_calendars() -> list[tuple[str, dict[str, Any]]]:
    own = CalendarDay.objects.get(kind="own")
    feast = file("2027-01-01,off,Feast\n2027-01-09,work,Feast\n")
    return [
        (reverse("desk:calendar_notices", args=[2026]), {"file": feast}),
        (reverse("desk:calendar_confirmation", args=[2027]), {"source": "Notice"}),
        (
            reverse("desk:calendar_days", args=[2026]),
            {"day": "2026-03-14", "worked": "on", "reason": "Stock"},
        ),
        (reverse("desk:calendar_removal", args=[2026, own.pk]), {"reason": "Called off"}),
        (reverse("desk:calendar_hours", args=[2026]), {"end_of_work": "17:00"}),
    ]


def right_items() -> list[tuple[str, dict[str, Any]]]:
    """The same of what customers bring up, and of each act on it."""
    return [
        (
            reverse("followups:workbench", args=[_household()]),
            {"met": "owner", "satisfaction": "4", "channel": "visit", "key": "h"},
        ),
        (
            reverse("cases:intake", args=[_household()]),
            {"origin": "phone", "item-kind": "suggestion", "item-description": "Benches"},
        ),
        (act("decision", "suggestion"), {"decision": "adopted", "reason": "Good"}),
        (act("handling", "complaint"), {"text": "It is so"}),
        (act("referral", "suggestion"), {"to": _company(), "text": "May we?"}),
        (act("ruling", "suggestion"), {"text": "You may"}),
        (act("supplement", "suggestion"), {"text": "Two of them"}),
        (
            act("classification", "complaint"),
            {"kind": "opinion", "severity": "minor", "reason": "Milder"},
        ),
        (act("withdrawal", "opinion"), {"reason": "Not needed"}),
    ]


def _case(stage: str) -> int:
    return Case.objects.filter(stage=stage).order_by("pk")[0].pk


def act(noun: str, kind: str) -> str:
    """The page of an act on the first open case of a kind."""
    case = Case.objects.open().filter(kind=kind).order_by("pk")[0]
    return reverse(f"cases:{noun}", args=[case.pk])


def _company() -> int:
    return Person.objects.get(posts__position="company").pk


def _uploaded() -> int:
    return ImportBatch.objects.filter(state="uploaded")[0].pk


def wrong_consents() -> list[tuple[str, dict[str, Any]]]:
    """What a customer said, not wholly taken down; and what nobody of that kind can be."""
    address = reverse("customers:consents", args=[_household()])
    edit, new = reverse("customers:edit", args=[_household()]), reverse("customers:new")
    wrong = {"number": "x" * 81, "name": "x" * 81, "unit": "", "contact-1-phone": "12345",
             "contact-2-relation": "x" * 41, "contact-3-name": "x" * 41}  # fmt: skip
    same = _as_it_is()
    return [
        (address, {"happened_at": "x"}),
        (address, {"evidence": ""}),
        (new, wrong),
        (new, {"number": "A-1", "unit": "x", "owner": "x"}),
        (edit, wrong | {"seen": same["seen"]}),
        (edit, same | {"seen": "0", "name": "Another"}),
        (edit, same | {"number": "A-2"}),
        (edit, same | {"contact-1-name": "Twin", "contact-2-name": "Twin"}),
    ]


def _as_it_is() -> dict[str, str]:
    """The form of the household as its page begins with it."""
    home = Customer.objects.select_related("target").get(pk=_household())
    return {
        "number": home.number, "name": home.name, "unit": str(home.target.unit_id),
        "seen": str(changing.version(home.pk)),
    }  # fmt: skip


def right_consents() -> list[tuple[str, dict[str, Any]]]:
    """What a customer said, and that an earlier entry was wrong; one entered, one mended."""
    home = _as_it_is()
    return [
        (reverse("customers:edit", args=[_household()]), home | {"name": "The Others"}),
        (reverse("customers:new"), {"number": "A-1", "unit": home["unit"]}),
        (
            reverse("customers:consents", args=[_household()]),
            {
                "decision": "given",
                "channel": "phone",
                "purpose": "followup",
                "how": "phone",
                "evidence": "Recording 0303",
            },
        ),
        (
            reverse(
                "customers:consent_void",
                args=Fact.objects.filter(kind="consent.withdrawn").values_list("target", "pk")[0],
            ),
            {"reason": "Misheard"},
        ),
    ]


def wrong_notices() -> list[tuple[str, dict[str, Any]]]:
    """Wishes and a mail channel that cannot be."""
    return [
        (reverse("notices:preferences"), on.WISHES | {"address": "x", "quiet_to": "22:30"}),
        (reverse("notices:channel"), CHANNEL | {"host": "a:1", "base_url": "x"}),
        (reverse("notices:channel"), CHANNEL | {"security": "none", "quiet_to": ""}),
        (reverse("notices:trial"), {"to": "a@b.example"}),
        (reverse("notices:read_all"), {"upto": "x"}),
    ]


def _household() -> int:
    return Customer.objects.order_by("pk")[0].pk
