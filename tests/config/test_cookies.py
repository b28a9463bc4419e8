"""Two houses on one computer: a browser sends the cookies of one to the other, too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

NAMES = """
from huiyin.config import settings
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
"""


def names(data: Path) -> set[str]:
    """What the cookies of a house with this data folder are called; asked in its own process."""
    env = os.environ | {"HUIYIN_DATA": str(data), "HUIYIN_SECRET_KEY": ""}
    said = subprocess.run(
        [sys.executable, "-c", NAMES], env=env, capture_output=True, text=True, check=True
    )
    return set(said.stdout.split())


def test_two_houses_share_no_cookie_and_each_keeps_its_own_over_restarts(tmp_path: Path) -> None:
    office, demo = names(tmp_path / "office"), names(tmp_path / "demo")

    assert len(office | demo) == 4
    assert names(tmp_path / "office") == office


def test_machines_of_one_house_call_its_cookies_the_same(tmp_path: Path) -> None:
    first = names(tmp_path / "first")
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "secret_key").write_bytes((tmp_path / "first/secret_key").read_bytes())

    assert names(tmp_path / "second") == first
