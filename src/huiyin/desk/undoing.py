"""Taking back one's own last act, as long as nothing has been built on it.

Only what the ledger can take back whole: an event of a subject, an appointment, a case nobody has
touched is not one of them. Whatever came after it about the same thing, or met what it opened, has
been built on it; the refusal names that.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from huiyin.accounts.queries import viewer_at
from huiyin.core.errors import Conflict
from huiyin.core.punctuation import listed
from huiyin.core.words import require_reason
from huiyin.followups import services as followups
from huiyin.followups.models import Followup
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation
from huiyin.records.timeline import titled
from huiyin.subjects import services as subjects
from huiyin.subjects.access import voidable
from huiyin.subjects.models import Subject

PLANNED = "followup.planned"
OWN = ("person.", "post.", "unit.", "policy.", "setting.", "list.", "firm.", "phone.", "message.")
"""About people and the firm itself: corrected in 设置, and no part of anybody's day."""


def last_act(person: int) -> Fact | None:
    """The newest thing that a person entered and that stands; what rules concluded is no act."""
    return _acts().filter(recorded_by=person).order_by("-id").first()


def _acts() -> QuerySet[Fact]:
    rows = Fact.objects.filter(voided_by=None, voids=None).select_related("target")
    concluded = Q(kind__endswith=".met") | Q(kind__endswith=".missed")
    for start in OWN:
        concluded |= Q(kind__startswith=start)
    return rows.exclude(concluded)


def title(fact: Fact, language: str) -> str:
    """What the act is called, and about what."""
    return f"{titled([fact], language)[fact.pk]} · {fact.target.label}"


def is_undoable(fact: Fact) -> bool:
    """Whether acts of this kind can be taken back whole."""
    return fact.kind == PLANNED or _subject(fact) is not None


def built_on(fact: Fact, language: str) -> list[str]:
    """What rests on it: later acts about the same thing, and obligations it opened that are met."""
    later = _acts().filter(id__gt=fact.pk, target=fact.target_id)
    found = list(titled(later.order_by("id")[:10], language).values())
    met = Obligation.objects.filter(opener=fact.pk, state__in=["done", "waived"]).count()
    planned = Followup.objects.planned().filter(obligation__opener=fact.pk).count()
    if met:
        found.append(_("已办结的义务 %s 项") % met)
    if planned and fact.kind != PLANNED:
        found.append(_("约好的回访 %s 次") % planned)
    return list(dict.fromkeys(found))


@transaction.atomic
def undo(person: int, *, reason: str, now: datetime, language: str) -> Fact:
    """Take back the last act of a person, with a reason; returns the fact taken back.

    Raises Invalid without a reason, Conflict naming why it cannot be.
    """
    reason = require_reason(reason, missing=_("请写明撤销的原因。"))
    fact = last_act(person)
    if fact is None:
        raise Conflict(_("没有可以撤销的登记。"), code="nothing_to_undo")
    if not is_undoable(fact):
        raise Conflict(
            _("“%s”不能撤销；记录可以更改，件可以改类或撤回。") % title(fact, language),
            code="not_undoable",
        )
    if built := built_on(fact, language):
        raise Conflict(
            _("不能撤销“%(what)s”：之后已有 %(built)s。")
            % {"what": title(fact, language), "built": listed(built)},
            code="built_on",
        )
    if fact.kind == PLANNED:
        followup = Followup.objects.planned().get(about=fact.target_id)
        followups.cancel(followup, reason=reason, by=person, now=now)
        return fact
    subject = _subject(fact)
    if subject is None or not voidable(viewer_at(person, now), subject, [fact]):
        raise Conflict(_("没有可以撤销的登记。"), code="nothing_to_undo")
    subjects.void_event(fact, by=person, reason=reason, now=now)
    return fact


def _subject(fact: Fact) -> Subject | None:
    """The subject that the fact is an event of; its registration is none."""
    if fact.kind.endswith(".registered"):
        return None
    subject = Subject.objects.select_related("target").filter(pk=fact.target_id).first()
    return subject if subject and fact.kind.startswith(f"{subject.kind}.") else None
