"""What the workbench and the confirmation show, ready for their templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from huiyin.accounts.queries import people_around, standing_in
from huiyin.accounts.visibility import Viewer
from huiyin.adoption.models import Adoption
from huiyin.cases import duties
from huiyin.cases.access import manages
from huiyin.cases.items import Entry
from huiyin.cases.models import Case
from huiyin.cases.places import places_of
from huiyin.cases.ways import has_step, promised_far
from huiyin.core import acts
from huiyin.core.punctuation import listed
from huiyin.customers.queries import reached
from huiyin.followups import forms, queries
from huiyin.followups.models import Followup
from huiyin.ledger.models import Target
from huiyin.obligations.assigning import discharged_by, lent_to
from huiyin.obligations.models import Obligation
from huiyin.obligations.queries import mine
from huiyin.obligations.questions import undecided
from huiyin.records import forms as record_forms
from huiyin.records.circumstances import Words, circumstances
from huiyin.records.contacts import Channel
from huiyin.records.models import Record
from huiyin.records.queries import known_about, names
from huiyin.subjects import declared
from huiyin.subjects.queries import field_lines, place_of
from huiyin.ui.fields import Control


@dataclass(frozen=True)
class Bench:
    """One follow-up to be made: what it is about, on which form, by whom, and the past of it."""

    target: Target
    matter: queries.Matter
    owed: Sequence[Obligation]
    adoption: Adoption
    form: Any
    people: Mapping[int, str]
    around: Sequence[tuple[int, str]]
    viewer: Viewer
    me: int
    now: datetime

    @classmethod
    def of(cls, target: Target, *, viewer: Viewer, me: int, now: datetime) -> Bench:
        """Raises NotFound when nothing in force follows up such a target."""
        owed = queries.owed_about(target)
        # Whoever files is asked for little of what the page shows.
        matter: Any = SimpleLazyObject(lambda: queries.matter_of(target))
        adoption, form = queries.form_for(matter, owed)
        people: Any = SimpleLazyObject(
            lambda: queries.people_for(adoption, form, target.unit_id, at=now)
        )
        around: Any = SimpleLazyObject(lambda: people_around(target.unit_id, at=now))
        return cls(target, matter, owed, adoption, form, people, around, viewer, me, now)

    @property
    def draft(self) -> str:
        return f"workbench-{self.target.pk}"

    def context(
        self,
        *,
        key: str,
        sent: record_forms.Sent | None = None,
        post: QueryDict | None = None,
        errors: Mapping[str, Sequence[Any]] | None = None,
        for_another: bool = False,
    ) -> dict[str, Any]:
        """The page's variables; after a refusal with everything that was entered.

        Who may not make the visit himself gets no form, unless he enters it ``for_another``.
        """
        errors, sent_back = errors or {}, post or QueryDict()
        zone = timezone.get_current_timezone()
        heading = self._heading()
        return (
            heading
            | self._about(heading)
            | self._of_customer()
            | {
                "key": key,
                "draft": self.draft,
                "form_key": self.form.key,
                "errors": errors,
                "matter": self.matter,
                "owed": [duties.told(row, now=self.now, zone=zone) for row in self.owed],
                "mine": self._mine(),
                "controls": record_forms.controls(
                    self.form, sent=sent, errors=errors, people=list(self.people.items())
                ),
                "problem": forms.finding_controls(sent_back, errors),
                "problem_on": forms.finding(sent_back) is not None,
                "items": [
                    {"name": entry.name, "on": entry.on, "fields": entry.controls(errors)}
                    for entry in self.entries(sent_back)
                ],
                "raises": self._raising(),
                "planned": queries.planned_about(self.target),
                "forbidden": None if post or for_another else self._forbidden(),
                "who_may": self._who_may(),
                "another_url": f"{reverse('followups:workbench', args=[self.target.pk])}?for=another",
                "filed": self.filed,
                "again": self._again(sent_back, errors),
                "seen": sent_back.get("seen", self.filed.pk if self.filed else 0),
            }
            | self._circumstances(sent_back, errors)
            | ({"unfolded": True} if for_another else {})
        )

    def entries(self, post: QueryDict) -> list[Entry]:
        """A place for each item that the visit may bring back."""
        return forms.entries(post, self.around)

    def _heading(self) -> dict[str, Any]:
        subject, title = self.matter.subject, self.form.title.say(get_language() or "zh")
        if subject is None:
            return {
                "place": self.matter.number,
                "what": _("整改后复访") if self.matter.case else title,
                "subject_title": pgettext("row", "客户"),
                "subject_url": reverse("customers:page", args=[self.matter.customer_id]),
                "lines": [],
            }
        kind = declared.kind_of(subject.kind)
        choices = [
            field.choices[str(value)].say(get_language() or "zh")
            for name, field in kind.fields.items()
            if (value := subject.fields.get(name)) and str(value) in field.choices
        ]
        return {
            "place": place_of(subject),
            "what": _("整改后复访") if self.matter.case else " ".join([*choices, title]),
            "subject_title": kind.title,
            "subject_url": reverse("subjects:page", args=[subject.kind, subject.pk]),
            "lines": [
                line for line in field_lines(kind, subject.fields) if line[1] not in ("", *choices)
            ],
        }

    def _of_customer(self) -> dict[str, Any]:
        """Whom to talk to, by what not, and what else there is with him."""
        customer = self.matter.customer_id
        cases = queries.open_cases_of(self.viewer, customer)
        refused = queries.refused_channels(customer)
        return {
            "reached": reached(customer, self.viewer),
            "past": queries.past_of(self.viewer, customer),
            "cases": [case for case in cases if case.pk != self.target.pk],
            "refused_channels": refused,
            "refuses_all": len(refused) == len(Channel),
        }

    def _about(self, heading: Mapping[str, Any]) -> dict[str, str]:
        """The page of what is visited: of the case at a re-visit."""
        if case := self.matter.case:
            return {"about_url": reverse("cases:page", args=[case.pk]), "about_label": case.number}
        label = f"{heading['subject_title']} {self.matter.number}"
        return {"about_url": heading["subject_url"], "about_label": label}

    def _raising(self) -> str:
        """``field=choice`` of every answer that states a problem, for the page's script."""
        return " ".join(
            f"{key}={choice}" for key, field in self.form.fields.items() for choice in field.raises
        )

    def _circumstances(
        self, post: QueryDict, errors: Mapping[str, Sequence[Any]]
    ) -> dict[str, Any]:
        """Who came along; and, folded away, who made the visit, when and by what."""
        words = Words(
            _("一同回访"),
            _("回访人"),
            _("回访时间"),
            _("不填就是现在。早先做过的回访在这里补上时间。"),
        )
        excluded = {row.excluded_id for row in self.owed}
        people = [each for each in self.people.items() if each[0] not in excluded]
        found = circumstances(post, errors, me=self.me, people=people, words=words)
        channel = Control.of(
            "select",
            "channel",
            _("回访方式"),
            {
                "choices": list(Followup.Channel.choices),
                "value": post.get("channel", Followup.Channel.VISIT),
                "errors": errors.get("channel", ()),
                "help": self._ruled_out(),
            },
        )
        return found | {"channel": channel}

    def _ruled_out(self) -> str:
        channels = queries.ruled_out(self.owed)
        told = _("按制度，%(channels)s回访不履行这一项；记录照样留存。")
        return told % {"channels": listed(channels)} if channels else ""

    @cached_property
    def lent(self) -> dict[int, int]:
        """What is owed here by absent colleagues for whom the viewer stands in."""
        return lent_to(self.me, self.target.pk, now=self.now)

    @cached_property
    def filed(self) -> Record | None:
        """What was filed last on this form about it; whoever files now files another."""
        return queries.newest_filed(self.target.pk, self.form.key)

    @cached_property
    def counting(self) -> set[int]:
        """What is owed here that the viewer's own record would discharge."""
        return discharged_by(self.me, self.owed, lent=self.lent, now=self.now)

    def _again(self, post: QueryDict, errors: Mapping[str, Sequence[Any]]) -> Control | None:
        """What asks whether another one is meant, where nothing waits for the viewer's."""
        if self.counting or not queries.is_again(self.filed, now=self.now):
            return None
        given = {
            "value": post.get("again", ""),
            "errors": errors.get("again", ()),
            "required": True,
        }
        asked = _("已登记过 %(number)s（%(who)s，%(when)s），确要再登记一份")
        return Control.of("checkbox", "again", asked % queries.filing_words(self.filed), given)

    def _mine(self) -> dict[str, Any]:
        """Whether the viewer's own record counts for what is owed, and for whom he would act."""
        others = [row for row in self.owed if row.id not in self.counting]
        absent = names(list(dict.fromkeys(self.lent.values())))
        return {
            "counts": bool(self.counting),
            "others": listed(dict.fromkeys(duties.who(row) for row in others)),
            "stands_for": listed(absent.values()),
        }

    def _who_may(self) -> str:
        """By whom it is to be made instead: who owes it, else whoever may take part."""
        owing = [duties.who(row) for row in self.owed if row.holder_id != self.me]
        others = [name for person, name in self.people.items() if person != self.me]
        return listed(dict.fromkeys(owing or others))

    def _forbidden(self) -> dict[str, object] | None:
        """Tell before the way is made what the policies would refuse afterwards.

        A deputy may do what his absent colleague may, so both are asked about.
        """
        return duties.forbidden(
            acts.ActContext(
                act="record.file",
                target=self.target.pk,
                by=self.me,
                at=self.now,
                unit=self.target.unit_id,
                values=known_about(self.target.pk)
                | {"record.form": self.form.key, "record.present": [self.me, *self.lent.values()]},
            )
        )


def confirmation(followup: Followup, *, viewer: Viewer, me: int, now: datetime) -> dict[str, Any]:
    """What was met and opened, and the next thing that the person owes."""
    zone = timezone.get_current_timezone()
    outcome = queries.outcome_of(followup)
    deputies = queries.stood_for(followup)
    people = names([followup.record.by_id, *deputies, *deputies.values()])
    owing = mine(me, now=now).filter(due_at__isnull=False)
    following = (
        owing.exclude(target=followup.about_id)
        .select_related("target", "adoption", "holder__as_person")
        .order_by("due_at", "id")
        .first()
    )
    targets = [followup.about, *([following.target] if following else [])]
    places = places_of({target.pk: target for target in targets}, get_language() or "zh")
    cases = list(followup.raised.order_by("pk")) or [followup.case]
    return {
        "followup": followup,
        "record": followup.record,
        "by": _by_whom(followup.record.by_id, deputies, people),
        "place": places[followup.about_id],
        "met": [
            _by_deputy(duties.told(row, now=now, zone=zone), row.holder_id, deputies, people)
            for row in outcome.met
        ],
        "cases": [_came_of(case, outcome, viewer, now=now) for case in cases if case],
        "attempted": queries.is_attempt(followup),
        "case": followup.case,
        "undecided": undecided(followup.about_id, *(case.pk for case in cases if case)),
        "following": following and duties.told(following, now=now, zone=zone),
        "following_about": following and places[following.target_id].words,
        "following_url": _url_of(following),
    }


def _by_deputy(
    duty: duties.Duty, holder: int | None, deputies: Mapping[int, int], people: Mapping[int, str]
) -> duties.Duty:
    """The duty with 乙 代 甲, where a deputy has done it."""
    if holder not in deputies:
        return duty
    return replace(duty, who=_by_whom(holder, deputies, people))


def _by_whom(person: int, deputies: Mapping[int, int], people: Mapping[int, str]) -> str:
    """Who did it: 乙, or 乙 代 甲."""
    name = people[person]
    return standing_in(name, people[deputies[person]]) if person in deputies else name


def _came_of(
    case: Case, outcome: queries.Outcome, viewer: Viewer, *, now: datetime
) -> dict[str, Any]:
    """One case with what it opened, the way to its notice for whoever may write it, and whether
    its reply is promised for much later."""
    asks_notice = has_step(case.kind, "notice") and case.stage == Case.Stage.RAISED
    zone = timezone.get_current_timezone()
    return {
        "case": case,
        "opened": [
            duties.told(row, now=now, zone=zone)
            for row in outcome.opened
            if row.target_id == case.pk
        ],
        "notice_url": reverse("cases:notice", args=[case.pk])
        if asks_notice and manages(viewer, case)
        else "",
        "far": promised_far(case),
    }


def _url_of(row: Obligation | None) -> str:
    if row is None:
        return ""
    if queries.is_followup(row):
        return reverse("followups:workbench", args=[row.target_id])
    name = "cases:page" if row.target.kind == "case" else "desk:obligation"
    return reverse(name, args=[row.target_id if row.target.kind == "case" else row.pk])
