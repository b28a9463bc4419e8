"""A browser's own description of itself in plain words: Chrome，Windows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# What a description holds → what people call it. The first that fits counts: browsers name those
# that they descend from, and an app names the browser inside it.
BROWSERS = (
    ("MicroMessenger/", gettext_lazy("微信")),
    ("wxwork/", gettext_lazy("企业微信")),
    ("DingTalk/", gettext_lazy("钉钉")),
    ("Lark/", gettext_lazy("飞书")),
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "Mi Browser"),
    ("QQBrowser/", "QQ Browser"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def in_words(user_agent: str) -> str:
    """Browser and system, or as much of it as can be told."""
    browser, system = _first(user_agent, BROWSERS), _first(user_agent, SYSTEMS)
    if browser and system:
        return _("%(browser)s，%(system)s") % {"browser": browser, "system": system}
    return browser or system or _("未知设备")


def _first(text: str, names: tuple[tuple[str, Any], ...]) -> str:
    return next((str(name) for part, name in names if part in text), "")
