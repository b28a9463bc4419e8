"""The estate of the browser tests as a firm whose people sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import global_settings

from huiyin.config.scratch import Scratch, django_uses, scratch_database
from huiyin.core import clock
from tests.serving import web_server

if TYPE_CHECKING:
    from tests.browser.estate import Estate


@dataclass(frozen=True)
class Building:
    """A firm whose people sign in, and a look into its database."""

    url: str
    estate: Estate
    scratch: Scratch
    unblocked: Any

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.unblocked(), django_uses(self.scratch.application):
            yield

    @property
    def household(self) -> int:
        from huiyin.customers.models import Customer

        with self.inside():
            return Customer.objects.get(number="3栋1202").pk

    def visits(self) -> list[datetime]:
        """When each household visit that was made in the lift took place."""
        from huiyin.followups.models import Followup

        with self.inside():
            rows = Followup.objects.filter(about=self.household, state="held").order_by("pk")
            return list(rows.values_list("held_at", flat=True))


@contextmanager
def built(unblocked: Any) -> Iterator[Building]:
    """The firm behind a server of its own; to be called after Django is set up."""
    from django.test import override_settings

    from tests.browser.estate import build
    from tests.people import login_for

    hashers = override_settings(PASSWORD_HASHERS=global_settings.PASSWORD_HASHERS)
    with unblocked(), scratch_database(use=False) as scratch, hashers:
        with django_uses(scratch.application):
            estate = build(clock.now(), demo=False)
            for who in ("manager", "supervisor", "repair_lead", "officer"):
                login_for(getattr(estate.firm, who), who)
        with web_server(scratch) as url:
            yield Building(url, estate, scratch, unblocked)
