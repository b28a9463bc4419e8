from __future__ import annotations

from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Concat

from huiyin.accounts.visibility import Viewer, visible
from huiyin.core import search
from huiyin.ledger.models import Fact, Target
from huiyin.subjects import declared


def _naming(viewer: Viewer) -> Q:
    """Those of which a field for a person names the viewer, or for whom he stands in."""
    named = Q()
    if viewer.owns:
        for kind, field in declared.fields_for_people():
            for person in viewer.persons:
                named |= Q(kind=kind, fields__contains={field: person})
    return named


class SubjectQuerySet(models.QuerySet):
    """The vocabulary of subjects; every read for a page starts with ``visible_to``."""

    def visible_to(self, viewer: Viewer) -> SubjectQuerySet:
        """The one visibility predicate on the target, or a subject that names the viewer: he has
        to do the repair, or did it.

        Through a subquery on ids alone: who sees few is answered by their indexes.
        """
        if viewer.all:
            return self.filter(visible(viewer, prefix="target__"))
        ids = Target.objects.visible_to(viewer).values("pk")
        if naming := _naming(viewer):
            ids = ids.union(self.model._base_manager.filter(naming).values("pk"), all=True)
        return self.filter(target__in=ids)

    def of_kind(self, kind: str) -> SubjectQuerySet:
        return self.filter(kind=kind)

    def matching(self, words: str, viewer: Viewer) -> SubjectQuerySet:
        """By parts of its number and place, or by its customer, found in any way.

        Only customers that the viewer sees: else a search would tell whose number a phone is.
        What a list shows as the place is found by its beginning in any case.
        """
        asked = search.read(words)
        if asked.blank:
            return self
        customers = self.model._meta.get_field("customer").related_model._default_manager
        ids = customers.values_list("pk", flat=True)
        found = search.among("customer", ids.visible_to(viewer).matching(words))
        found |= search.among("customer", ids.filter(number__startswith=words.strip()))
        if asked.words:
            found |= search.contains(asked.words)
        return self.filter(found)

    def in_state(self, event: str) -> SubjectQuerySet:
        """Those whose last standing event is of that kind; after ``with_last_event``."""
        return self.filter(event=event)

    def with_last_event(self) -> SubjectQuerySet:
        """``event`` (the kind of its last standing fact) and ``event_at``.

        Read from the ledger per row of the page, so it cannot differ from what happened. It was
        registered before all else, though an import that tells no time has that moment for it.
        """
        registered = When(kind__endswith=f".{declared.REGISTERED}", then=1)
        last = (
            Fact.objects.standing()
            .filter(target=OuterRef("pk"), kind__startswith=Concat(OuterRef("kind"), Value(".")))
            .order_by(Case(registered, default=0), "-happened_at", "-id")
        )
        return self.annotate(
            event=Subquery(last.values("kind")[:1]),
            event_at=Subquery(last.values("happened_at")[:1]),
        )
