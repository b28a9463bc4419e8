"""What holds for policies in force."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.core.health import Invariant

TWO_PEOPLE = """
SELECT id, mode, state, proposed_by_id, approved_by_id FROM adoption_adoption
WHERE (mode <> 'trial' AND approved_by_id = proposed_by_id)
   OR (state <> 'proposed' AND approved_by_id IS NULL)
   OR approved_at < proposed_at
"""

ALL = (Invariant("I13", _("施行的制度由两个人提出和批准"), TWO_PEOPLE),)
