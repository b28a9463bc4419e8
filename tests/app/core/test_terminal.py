"""Whoever starts the house is told in the machine's language."""

from __future__ import annotations

import pytest

from huiyin.core.terminal import gettext, language


@pytest.mark.parametrize(
    ("said", "spoken"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "按 Ctrl-C 停止。"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "Ctrl-C stops it."),
        ({"LANG": "C.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "按 Ctrl-C 停止。"),
        ({"LANG": "de_DE.UTF-8"}, "Ctrl-C stops it."),
        ({}, "Ctrl-C stops it."),
    ],
)
def test_the_machine_says_in_which_language(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], spoken: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, said.get(name, ""))

    assert gettext("按 Ctrl-C 停止。") == spoken
    assert language() == ("zh-hans" if spoken.startswith("按") else "en")
