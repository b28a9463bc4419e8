"""What 设置 leads to: one line per page, in the order of the screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """A page of its own under 设置: its title, what one does there, the name of its URL."""

    title: Any
    hint: Any
    url_name: str

    @property
    def url(self) -> str:
        return reverse(self.url_name)


PAGES: tuple[SettingsPage, ...] = (
    SettingsPage(_("工作日历"), _("节假日、调休、本单位的安排、按工作日计算"), "desk:calendar"),
    SettingsPage(_("常用视图"), _("改名、置顶、共享存下来的列表条件"), "desk:saved_views"),
    SettingsPage(_("导出"), _("最近七天在后台生成的表"), "desk:exports"),
)


def pages() -> Iterator[SettingsPage]:
    yield from PAGES
