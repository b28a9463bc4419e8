"""What the packs in force declare of every customer, and its values as rules read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import get_language

from huiyin.adoption import queries as adoption
from huiyin.customers.models import Customer
from huiyin.records.typed import is_free_text


def fields() -> dict[str, Any]:
    """The declared fields by key; of several packs the first declaration holds."""
    found: dict[str, Any] = {}
    for _adoption, pack in adoption.current():
        found = {**pack.policy.customers.fields, **found}
    return found


def title(declared: Mapping[str, Any], name: str) -> str:
    language = get_language() or "zh"
    return declared[name].title.say(language) if name in declared else name


def values(customer_class: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The typed values that rules may read, by full name; free text stays out of facts."""
    here = fields() if typed else {}
    return {
        "customer.class": customer_class,
        **{
            f"customer.{name}": value
            for name, value in typed.items()
            if name in here and not is_free_text(here[name]) and value is not None
        },
    }


def values_of(customers: Collection[int | None]) -> dict[int, dict[str, Any]]:
    """Values by customer, where a rule in force reads any of them; else nothing is asked."""
    wanted = {id for id in customers if id is not None}
    if not wanted or not any(pack.policy.reads_customers for _a, pack in adoption.current()):
        return {}
    rows = Customer.objects.filter(pk__in=wanted).values_list("pk", "customer_class", "fields")
    return {id: values(customer_class, typed) for id, customer_class, typed in rows}
