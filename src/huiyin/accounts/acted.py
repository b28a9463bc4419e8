"""Until when somebody has done something: neither his post nor his time in the firm ends before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from huiyin.accounts.models import Post
from huiyin.accounts.queries import zone
from huiyin.core.errors import Invalid
from huiyin.ledger.models import SKEW, Fact


def refuse_before_acts(person: int, last_on: date, *, others: Iterable[Post] = ()) -> None:
    """Raises Invalid for a last day before a day on which the person acted.

    What he did while he held one of ``others`` stands in the way of nothing; nor does what he did
    about himself, such as signing in.
    """
    after = _midnight_after(last_on)
    acts = (
        # Facts are found by when they were recorded, which is never earlier than they happened.
        Fact.objects.standing()
        .filter(by=person, recorded_at__gte=after - SKEW, happened_at__gte=after)
        .exclude(target=person)
    )
    for post in others:
        ends = Q(happened_at__lt=_midnight_after(post.to_on)) if post.to_on else Q()
        before = post.from_on - timedelta(days=1)
        acts = acts.exclude(ends & Q(happened_at__gte=_midnight_after(before)))
    last = acts.order_by("-happened_at").values_list("happened_at", flat=True).first()
    if last is not None:
        said = _("此人在 %(day)s 还办过事，最后一天不能早于那天。")
        raise Invalid({"last_on": [said % {"day": last.astimezone(zone()).date().isoformat()}]})


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, zone())
