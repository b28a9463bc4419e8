"""A follow-up recorded through the web: how many statements it takes."""

from __future__ import annotations

import base64
import io
from datetime import datetime, timedelta

from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from huiyin.bench import firm, measuring
from huiyin.bench.rows import Row
from huiyin.ledger import services as ledger
from huiyin.ledger.services import NewFact

STATEMENTS = 25
SATISFIED = {
    "onsite_check": "fixed",
    "service": "5",
    "fees": "match",
    "suggestions": "none",
    "respondent": "owner",
}
"""What is filled in for a satisfied household."""


def measure(n: int, *, rounds: int, now: datetime) -> list[Row]:
    """The form of a repair visit, signed, as a browser sends it."""
    with firm.opened(now=now, customers=min(n, 1000)) as place:
        client = Client(headers={"host": "localhost"})
        client.force_login(firm.sign_in(place.person("repair_lead")))
        targets = owed_visits(place, 2)
        for number, target in enumerate(targets):
            with measuring.listening() as heard:
                answer = client.post(form_of(target), sent(f"k-{number}"))
            assert answer.status_code == 302, answer.content.decode()[:2000]
    return [
        Row(_("在网页上登记一次回访，语句"), n, STATEMENTS, value=len(heard.asked), unit=_("条"))
    ]


def owed_visits(place: firm.Firm, count: int) -> list[int]:
    """Repairs that were done an hour ago, each of which somebody has to visit."""
    at, repairer = place.now - timedelta(hours=1), place.person("repairer").pk
    targets = list(firm.add_repairs(place, count, prefix="V"))
    facts = [
        NewFact(
            "repair.completed", id, repairer, repairer, happened_at=at, known_at=at,
            values={"repair.category": "other", "repair.repairer": repairer},
        )
        for id in targets
    ]  # fmt: skip
    ledger.record(facts, now=place.now)
    return targets


def form_of(target: int) -> str:
    """The address that a visit about the target is sent to."""
    return reverse("followups:workbench", args=[target])


def sent(key: str) -> dict[str, str]:
    """What the browser sends, the drawn signature included."""
    return SATISFIED | {"visited": signature(), "key": key, "seen": "0"}


def signature() -> str:
    """A drawn line as the signature pad sends it."""
    paper = Image.new("RGBA", (60, 20), "white")
    ImageDraw.Draw(paper).line([(5, 15), (25, 4), (35, 16), (55, 5)], fill="black", width=2)
    file = io.BytesIO()
    paper.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
