"""What holds for notices."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huiyin.core.health import Invariant

TWICE = """
SELECT key, count(*) AS times, min(id) AS first FROM notices_notice
GROUP BY key HAVING count(*) > 1
"""

ALL = (Invariant("I9", _("同一通知只写一次"), TWICE),)
