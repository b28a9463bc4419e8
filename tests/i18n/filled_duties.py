"""Forms about what the second policy asks for, done wrongly."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from huiyin.obligations.models import Obligation, ScoreEntry
from huiyin.records.models import Record
from huiyin.subjects.models import Subject


def wrong_duties() -> list[tuple[str, dict[str, Any]]]:
    """What the second policy asks for, done wrongly."""
    question, inspect = (
        Obligation.objects.get(duty=duty, target__subject__number="WX-50").pk
        for duty in ("route", "inspect")
    )
    [monthly] = Obligation.objects.filter(duty="monthly")
    report = Record.objects.get(form="bureau_report").pk
    entry = ScoreEntry.objects.latest("id")
    sheet = reverse("desk:paper", args=["monthly_sheet", monthly.target_id])
    review = reverse("desk:paper", args=["sheet_review", Subject.objects.get(number="WX-10").pk])
    waiver = reverse("desk:waiver", args=[Obligation.objects.filter(state="open")[0].pk])
    subject = Subject.objects.get(number="WX-11")
    return [
        (waiver, {"reason": " "}),
        (reverse("records:printings"), {}),
        (reverse("records:empty_form", args=["no_such_form"]), {}),
        (reverse("records:empty_form_about", args=["rectification_notice", subject.pk]), {}),
        (reverse("desk:decision", args=[question]), {"results": "x", "reason": " "}),
        (reverse("desk:decision", args=[question]), {"results": "fast", "reason": "x"}),
        (reverse("desk:extension", args=[inspect]), {"reason": " "}),
        (reverse("desk:extension", args=[inspect]), {"reason": "x"}),
        (sheet, {"total": "-1", "by": "0"}),
        (sheet, {"total": "1", "happened_at": "x"}),
        (review, {"verdict": "returned"}),
        (review, {"verdict": "approved"}),
        (reverse("desk:handover", args=[report]), {"to": "x"}),
        (reverse("desk:amendment", args=[report]), {"amended-why": " "}),
        (reverse("desk:breaches", args=[entry.person_id]), {"clause": "x"}),
        (
            reverse("desk:breaches", args=[entry.person_id]),
            {"clause": "second:1.c", "reason": "x", "matter": "x" * 99},
        ),
        (reverse("desk:contest", args=[entry.pk]), {"reason": " "}),
        (reverse("desk:ruling", args=[entry.pk]), {"decision": "x"}),
        (reverse("desk:confirm_points", args=[entry.pk]), {}),
    ]
