"""The shape of a mail channel and of somebody's wishes."""

from __future__ import annotations

import re
from email.headerregistry import Address
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.notices.channels import ChannelSettings, Wishes
from huiyin.notices.kinds import DEFAULTS, KINDS, Way
from huiyin.notices.models import MailChannel, MailPreference

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
LANGUAGES = [("zh-hans", gettext_lazy("中文")), ("en", gettext_lazy("英文"))]


def clock_field(label: Any, **given: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, widget=widget, **given)


def mail_address(text: str) -> str:
    """An address that stands in a header as it is. Raises ValidationError."""
    if text and not text.isascii():
        raise ValidationError(_("“%s”里有非英文字符，邮件服务器不认。") % text[:60])
    try:
        Address(addr_spec=text or "a@a")
    except (ValueError, IndexError) as error:
        raise ValidationError(_("“%s”不是一个邮件地址。") % text[:60]) from error
    return text


class QuietHours:
    """From and to belong together and differ."""

    cleaned_data: dict[str, Any]

    def check_hours(self: Any, *, needed: bool = False) -> None:
        start, end = self.cleaned_data.get("quiet_from"), self.cleaned_data.get("quiet_to")
        if "quiet_from" in self.errors or "quiet_to" in self.errors:
            return
        if needed and start is None and end is None:
            self.add_error("quiet_from", _("请填写自己的免打扰时段。"))
        elif (start is None) != (end is None):
            missing = "quiet_from" if start is None else "quiet_to"
            self.add_error(missing, _("开始和结束要一起填写，或都不填。"))
        elif start is not None and start == end:
            self.add_error("quiet_to", _("开始和结束不能是同一时刻。"))


class ChannelForm(QuietHours, forms.Form):
    """The firm's mail server, its sender and its hours."""

    active = forms.BooleanField(label=gettext_lazy("启用邮件通道"), required=False)
    host = forms.CharField(
        label=gettext_lazy("服务器"), max_length=253,
        help_text=gettext_lazy("只写主机名，例如 smtp.example.com"),
    )  # fmt: skip
    port = forms.IntegerField(label=gettext_lazy("端口"), min_value=1, max_value=65535)
    security = forms.ChoiceField(
        label=gettext_lazy("加密方式"), choices=MailChannel.Security.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip
    username = forms.CharField(
        label=gettext_lazy("用户名"), max_length=254, required=False,
        help_text=gettext_lazy("服务器不需要登录时不填。"),
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("密码"), max_length=200, required=False, strip=False,
        widget=forms.PasswordInput,
        help_text=gettext_lazy("加密保存，不会再显示；不填就保留原来的。"),
    )  # fmt: skip
    sender_name = forms.CharField(label=gettext_lazy("发件人名称"), max_length=60, required=False)
    sender_address = forms.EmailField(label=gettext_lazy("发件地址"), max_length=254)
    base_url = forms.CharField(
        label=gettext_lazy("邮件里链接的网址"), max_length=200, required=False,
        help_text=gettext_lazy("员工打开本系统的网址，例如 https://huiyin.example.com；不填就不带链接。"),
    )  # fmt: skip
    quiet_from = clock_field(gettext_lazy("免打扰开始"), required=False)
    quiet_to = clock_field(gettext_lazy("免打扰结束"), required=False)
    digest_at = clock_field(
        gettext_lazy("每日汇总时间"),
        help_text=gettext_lazy("每人每天一封，列出上次以来未读的通知；没有内容就不发。"),
    )

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip()
        if not HOST.fullmatch(host) or ".." in host or (":" in host and host.count(":") < 2):
            raise ValidationError(_("“%s”不是主机名。只写主机名，不带网址前缀和端口。") % host[:60])
        return host

    def clean_sender_address(self) -> str:
        return mail_address(self.cleaned_data["sender_address"])

    def clean_base_url(self) -> str:
        address: str = self.cleaned_data["base_url"].strip().rstrip("/")
        if address and not _is_site(address):
            raise ValidationError(
                _("“%s”不是网址。请写成 https://huiyin.example.com 的样子。") % address[:60]
            )
        return address

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        plain = found.get("security") == MailChannel.Security.NONE
        if plain and found.get("username") and found.get("host") not in LOCAL_HOSTS:
            self.add_error(
                "security", _("不加密就会让密码在网络上裸传。请选加密方式，或清空用户名。")
            )
        self.check_hours()
        return found

    def settings(self) -> ChannelSettings:
        """What a valid form says."""
        return ChannelSettings(**self.cleaned_data)


class TrialForm(forms.Form):
    """Where the test mail goes."""

    to = forms.EmailField(label=gettext_lazy("收件地址"), max_length=254)

    def clean_to(self) -> str:
        return mail_address(self.cleaned_data["to"])


class WishesForm(QuietHours, forms.Form):
    """Where one's mail goes, which kinds and when. Has a field `way_<kind>` for each kind."""

    address = forms.EmailField(
        label=gettext_lazy("邮件地址"), max_length=254, required=False,
        help_text=gettext_lazy("加密保存，别人只看得到遮住的样子。不填就不收邮件，站内通知照常。"),
    )  # fmt: skip
    language = forms.ChoiceField(
        label=gettext_lazy("邮件的语言"), choices=LANGUAGES, widget=forms.RadioSelect
    )
    hours = forms.ChoiceField(
        label=gettext_lazy("免打扰时段"), choices=MailPreference.Hours.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip
    quiet_from = clock_field(gettext_lazy("自己的时段：开始"), required=False)
    quiet_to = clock_field(gettext_lazy("自己的时段：结束"), required=False)

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        for kind, title in KINDS.items():
            self.fields[f"way_{kind}"] = forms.ChoiceField(
                label=title, choices=Way.choices, widget=forms.RadioSelect, initial=DEFAULTS[kind]
            )

    def ways(self) -> list[forms.BoundField]:
        """The fields of the kinds, in their order."""
        return [self[f"way_{kind}"] for kind in KINDS]

    def clean_address(self) -> str:
        return mail_address(self.cleaned_data["address"])

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        self.check_hours(needed=found.get("hours") == MailPreference.Hours.OWN)
        return found

    def wishes(self) -> Wishes:
        """What a valid form says."""
        found = self.cleaned_data
        return Wishes(
            address=found["address"],
            language=found["language"],
            ways={kind: found[f"way_{kind}"] for kind in KINDS},
            hours=found["hours"],
            quiet_from=found["quiet_from"],
            quiet_to=found["quiet_to"],
        )


def titles(form: forms.Form) -> dict[str, str]:
    """Titles by field, for the summary of what has to be mended."""
    return {name: str(field.label) for name, field in form.fields.items()}


def _is_site(address: str) -> bool:
    """A whole address of http or https, with nothing in it that could end a link."""
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = re.fullmatch(r"[A-Za-z0-9:/._~%\[\]-]+", address) is not None
    return plain and has_port and parts.scheme in ("http", "https") and bool(parts.hostname)
