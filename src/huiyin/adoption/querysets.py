from __future__ import annotations

from django.db import models


class AdoptionQuerySet(models.QuerySet):
    """Adoptions of policies, in words that read as sentences."""

    def decided(self) -> AdoptionQuerySet:
        """In force now or once: what may still decide about a fact that happened back then."""
        return self.filter(state__in=["in_force", "ended"])

    def of_policy(self, policy: str) -> AdoptionQuerySet:
        return self.filter(policy_version__policy=policy)
