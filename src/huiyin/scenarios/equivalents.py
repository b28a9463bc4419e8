"""``equivalent.yaml``: mutants that mean the same as the policy, each with its reason."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from huiyin.policy.loading import Pack
from huiyin.policy.yaml_text import read_yaml
from huiyin.scenarios.errors import Misused

FILE = "equivalent.yaml"


def read_equivalents(folder: Path, pack: Pack) -> dict[str, str]:
    """``clause path before → after`` → why nobody could tell the difference.

    Raises Misused for an entry without a reason; an empty or missing file lists nothing.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    entries, _positions = read_yaml(path.read_text("utf-8"), str(path))
    found = {}
    for entry in entries or []:
        if not str(entry.get("reason", "")).strip():
            raise Misused(
                _("%(file)s：等价变异“%(change)s”没有写理由")
                % {"file": path, "change": entry.get("change", "?")}
            )
        found[f"{entry.get('clause') or '*'} {entry['change']}"] = str(entry["reason"])
    return found
