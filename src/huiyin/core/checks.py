"""What has to be in place before the house opens its doors."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import Error, Tags, register

from huiyin.core import acts


@register(Tags.security)
def policy_checker_is_registered(app_configs: Sequence[Any] | None, **options: Any) -> list[Error]:
    """Refuse a start in which acts would be done without asking the policies."""
    if acts.is_registered(acts.POLICY):
        return []
    return [
        Error(
            "No checker asks the policies before an act is done.",
            hint="Call core.acts.register_checker(fn) in the ready() of the app that knows them.",
            id="huiyin.E001",
        )
    ]
