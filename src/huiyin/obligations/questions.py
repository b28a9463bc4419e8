"""What a rule could not decide because a value is missing, told where its target is shown."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.adoption import queries as adoptions
from huiyin.core.punctuation import bracketed, listed
from huiyin.ledger.models import Fact
from huiyin.obligations.models import Obligation, Question
from huiyin.policy.refusals import title_of_duty, title_of_field


def undecided(*targets: int) -> list[str]:
    """A sentence for each rule that waits for a value about these targets; one statement.

    What was opened by that rule since, or has got its value since, is decided.
    """
    opened = Obligation.objects.filter(
        adoption=OuterRef("adoption"), duty=OuterRef("rule"), target=OuterRef("target")
    )
    supplied = Fact.objects.filter(
        target=OuterRef("target"),
        recorded_at__gt=OuterRef("asked_at"),
        values__has_key=OuterRef("missing"),
        voided_by=None,
    )
    rows = (
        Question.objects.filter(target__in=targets)
        .exclude(Exists(opened.filter(opened_at__gte=OuterRef("asked_at"))))
        .exclude(Exists(supplied))
        .annotate(version=F("adoption__policy_version"))
        .order_by("pk")
    )
    return list(dict.fromkeys(_told(row, row.version) for row in rows))


def _told(row: Question, version: int) -> str:
    policy, language = adoptions.pack_of(version).policy, get_language() or "zh"
    said = _("制度没能判定要不要“%(duty)s”：缺“%(field)s”。请补上，或由负责人决定。") % {
        "duty": title_of_duty(policy, row.rule).say(language),
        "field": title_of_field(policy, row.missing).say(language),
    }
    return bracketed(said, listed(f"§ {each}" for each in row.clauses)) if row.clauses else said
