"""What 设置 leads to: one line per page, in the order of the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huiyin.accounts.abilities import may_settle
from huiyin.ledger.visibility import Viewer


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """A page of its own under 设置: its title, what one does there, the name of its URL.

    ``opens``: who may open it; without it, everybody.
    """

    title: Any
    hint: Any
    url_name: str
    opens: Callable[[Viewer], bool] = lambda viewer: True

    @property
    def url(self) -> str:
        return reverse(self.url_name)


PAGES: tuple[SettingsPage, ...] = (
    SettingsPage(_("开始使用"), _("试用走到哪一步，怎样转为施行"), "desk:start", may_settle),
    SettingsPage(_("人员"), _("新来、离职、任职、休假和代理"), "desk:people"),
    SettingsPage(_("单位"), _("公司的各级单位"), "desk:units"),
    SettingsPage(_("角色与岗位"), _("制度点名的角色由谁担任，哪些还没有人"), "desk:roles"),
    SettingsPage(_("工作日历"), _("节假日、调休、本单位的安排、按工作日计算"), "desk:calendar"),
    SettingsPage(
        _("导入"), _("客户、维修单和事项，从现有的表格导入；可以撤销"), "imports:list", may_settle
    ),
    SettingsPage(_("手机访问"), _("让同一网络里的手机打开回音"), "desk:phones"),
    SettingsPage(_("通知渠道"), _("邮件服务器、免打扰时段和每日汇总"), "notices:channel"),
    SettingsPage(_("我的通知"), _("我的邮件地址，哪些通知发邮件"), "notices:preferences"),
    SettingsPage(_("权限"), _("各岗位能看多远、能做什么；某个人能看到什么"), "desk:permissions"),
    SettingsPage(
        _("登录账号"), _("给新人开通登录，重设密码，停用登录"), "signin:logins", may_settle
    ),
    SettingsPage(_("登录与安全"), _("管理人员是否必须使用两步验证"), "signin:rules"),
    SettingsPage(_("常用视图"), _("改名、置顶、共享存下来的列表条件"), "desk:saved_views"),
    SettingsPage(_("导出"), _("最近七天在后台生成的表"), "desk:exports"),
)


def pages(viewer: Viewer) -> Iterator[SettingsPage]:
    """Those that the viewer may open: nothing is listed that would be refused."""
    return (page for page in PAGES if page.opens(viewer))
