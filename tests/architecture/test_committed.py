"""Files that leave this checkout: no index, no host, nothing that a strict page may not hold."""

import json
import re

from tests.architecture.floors import CHECKOUT, PACKAGE

FORBIDDEN_IN_TEMPLATES = {
    "style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.I),
    "event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.I),
    "inline script": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=.(importmap|application/json))"
    ),
    "style element": re.compile(r"<style\b", re.I),
    "foreign address": re.compile(r"""(src|href)\s*=\s*["']?(https?:)?//""", re.I),
}


def test_requirements_are_pinned_by_hash_and_name_no_index() -> None:
    for path in (CHECKOUT / "requirements").glob("*.txt"):
        text = path.read_text("utf-8")
        pins = re.findall(r"^[a-z0-9][^\s]*==", text, re.M | re.I)

        assert pins, path
        assert "://" not in text and "--index" not in text and "--find-links" not in text, path
        assert text.count("--hash=sha256:") >= len(pins), path


def test_npm_packages_are_pinned_by_hash_and_name_no_host() -> None:
    packages = json.loads((CHECKOUT / "package-lock.json").read_text("utf-8"))["packages"]
    packages.pop("")

    assert packages
    assert all("integrity" in p and "resolved" not in p for p in packages.values())


def test_templates_keep_the_content_security_policy() -> None:
    found = [
        f"{path.relative_to(CHECKOUT)}: {what}"
        for path in PACKAGE.rglob("*.html")
        for what, pattern in FORBIDDEN_IN_TEMPLATES.items()
        if pattern.search(path.read_text("utf-8"))
    ]

    assert found == []
