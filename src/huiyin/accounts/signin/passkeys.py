"""Where browsers offer passkeys: under a name, over an encrypted connection."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.translation import gettext as _


def missing(request: HttpRequest) -> str:
    """Why passkeys cannot be used at the address at which the site is open; empty: they can."""
    host, _port = split_domain_port(request.get_host())
    if _is_address(host):
        return _("本站正以 IP 地址打开，而浏览器只在域名下提供通行密钥。请改用动态口令。")
    if not request.is_secure() and not _is_this_machine(host):
        return _("本站没有使用加密连接（HTTPS），浏览器不提供通行密钥。请改用动态口令。")
    return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_this_machine(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")
