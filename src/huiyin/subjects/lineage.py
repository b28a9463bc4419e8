"""What was made from what: links between subjects, and questions along them."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from huiyin.core.errors import Invalid
from huiyin.subjects import declared
from huiyin.subjects.models import Subject, SubjectLink


def link(pairs: Collection[tuple[int, int]]) -> None:
    """Note that each child was made from its parent; what is known already stays as it is.

    Raises Invalid where the kind of the parent does not declare children of that kind.
    """
    if not pairs:
        return
    found = Subject.objects.in_bulk({id for pair in pairs for id in pair})
    children = {kind.key: kind.children for kind in declared.kinds()}
    for parent, child in pairs:
        if parent not in found or found[child].kind not in children.get(found[parent].kind, ()):
            raise Invalid({"parents": [_("“%s”不能由所写的来源制成。") % found[child].number]})
    SubjectLink.objects.bulk_create(
        [SubjectLink(parent_id=parent, child_id=child) for parent, child in pairs],
        ignore_conflicts=True,
    )
