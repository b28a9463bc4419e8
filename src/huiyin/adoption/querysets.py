from __future__ import annotations

from django.db import models

DECIDED = ("in_force", "ended")
"""The states of adoptions that may decide about a fact of their time."""


class AdoptionQuerySet(models.QuerySet):
    """Adoptions of policies, in words that read as sentences."""

    def decided(self) -> AdoptionQuerySet:
        """In force now or once: what may still decide about a fact that happened back then."""
        return self.filter(state__in=DECIDED)

    def of_policy(self, policy: str) -> AdoptionQuerySet:
        return self.filter(policy_version__policy=policy)
