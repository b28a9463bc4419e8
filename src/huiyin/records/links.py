"""Addresses of pages in rooms above, by the names that those rooms give them."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

from huiyin.ledger.models import Target

PAGES = {"customer": "customers:page", "case": "cases:page"}
WITHOUT_PAGE = ("unit", "person", "firm")


def target_url(target: Target) -> str:
    """The page of a target; empty for what has none."""
    if target.kind in WITHOUT_PAGE:
        return ""
    if target.kind in PAGES:
        return _address(PAGES[target.kind], target.pk)
    return _address("subjects:page", target.kind, target.pk)


def obligation_url(obligation: int) -> str:
    """Why an obligation is owed, step by step."""
    return _address("desk:obligation", obligation)


def clause_url(policy: str, clause: str) -> str:
    """A clause in the living policy."""
    return _address("desk:clause", policy, clause)


def workbench_url(target: int) -> str:
    """Where a follow-up about a target is held and recorded."""
    return _address("followups:workbench", target)


def handover_url(record: int) -> str:
    """Where a record is handed over to whoever it is for."""
    return _address("desk:handover", record)


def amendment_url(record: int) -> str:
    """Where a record is mended by a new version."""
    return _address("desk:amendment", record)


def intake_url(customer: int) -> str:
    """Where an item that a customer brought up is taken down."""
    return _address("cases:intake", customer)


def review_url(form: str, target: int, record: int) -> str:
    """A form about a record of somebody else, to be filled in."""
    url = _address("desk:paper", form, target)
    return f"{url}?of={record}" if url else ""


def _address(name: str, *args: object) -> str:
    """Empty where that room is not installed, as in a database of this room alone."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
