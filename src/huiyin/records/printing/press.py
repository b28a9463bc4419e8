"""Typst itself: from files in memory to a PDF.

A pile goes through a process of its own, since typst keeps what it has set: 300 pages would stay
with the web server as 0.6 GB. The files are text, so they pass as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import typst

FONTS = Path(__file__).resolve().parent.parent / "fonts"
STANDARDS = ["a-2a", "ua-1"]
"""Kept for years and read aloud; and what a font cannot draw is an error, never left out."""

PILE = 20
"""From so many pages on a process of its own."""
PATIENCE = 120
"""Seconds that a pile may take; 300 pages took 2."""

# A pile takes half a gigabyte while it is set, and all processors.
_one_pile_at_a_time = threading.Lock()


def pdf(files: Mapping[str, str], *, at: datetime, pages: int) -> bytes:
    """What ``main.typ`` among the files describes; ``pages``: about how many it will be."""
    if pages < PILE:
        return press(files, at)
    given = json.dumps({"files": dict(files), "at": at.isoformat()}).encode()
    with _one_pile_at_a_time:
        program = [sys.executable, "-m", __name__]
        done = subprocess.run(
            program, input=given, stdout=subprocess.PIPE, timeout=PATIENCE, check=True
        )
    return done.stdout


def press(files: Mapping[str, str], at: datetime) -> bytes:
    """The same files and moment give the same bytes."""
    compiler = typst.Compiler(
        {name: content.encode() for name, content in files.items()},
        font_paths=_fonts(),
        ignore_system_fonts=True,
    )
    made: bytes = compiler.compile(
        format="pdf",
        pdf_standards=STANDARDS,
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Read once per process; 60 ms."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


if __name__ == "__main__":
    given = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write(press(given["files"], datetime.fromisoformat(given["at"])))
