"""What a failed try means in words: what happened, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.core.punctuation import bracketed
from huiyin.notices.smtp import OF_ONE_MAIL

LOST = "lost"
"""The sending process did not come back."""

WORDS: Mapping[str, Any] = {
    "unknown_host": gettext_lazy(
        "找不到服务器“%(host)s”。请检查主机名是否写对，以及本机能否解析域名。"
    ),
    "refused": gettext_lazy(
        "服务器“%(host)s”拒绝了端口 %(port)s 的连接。请检查端口，以及邮件服务是否在运行。"
    ),
    "timeout": gettext_lazy(
        "服务器“%(host)s”的端口 %(port)s 没有按时应答。请检查主机名、端口和防火墙。"
    ),
    "unreachable": gettext_lazy("连不上服务器“%(host)s”的端口 %(port)s。请检查网络和防火墙。"),
    "cut_off": gettext_lazy(
        "服务器“%(host)s”中途断开了连接。请检查端口 %(port)s 与加密方式是否相配。"
    ),
    "protocol": gettext_lazy(
        "端口 %(port)s 上应答的不像邮件服务器。请检查主机名“%(host)s”、端口与加密方式。"
    ),
    "no_starttls": gettext_lazy(
        "服务器“%(host)s”在端口 %(port)s 上不支持 STARTTLS。请改用 TLS（465），或换端口。"
    ),
    "certificate": gettext_lazy(
        "服务器“%(host)s”的证书不受信任。请检查主机名是否与证书一致；自签的证书须先装入本机的受信任证书。"
    ),
    "tls": gettext_lazy(
        "与服务器“%(host)s”的加密连接没有建立。端口 %(port)s 可能不是所选的加密方式，请检查。"
    ),
    "login": gettext_lazy(
        "服务器“%(host)s”不接受用户名“%(username)s”和密码。有些邮箱要用专门的授权码，请核对后重新输入。"
    ),
    "no_login": gettext_lazy(
        "服务器“%(host)s”在这种连接上不让登录。请检查加密方式；若它不需要登录，请清空用户名。"
    ),
    "login_needed": gettext_lazy("服务器“%(host)s”要求先登录。请填写用户名和密码。"),
    "sender": gettext_lazy(
        "服务器“%(host)s”不接受发件人“%(sender)s”。发件地址通常须与登录的邮箱一致。"
    ),
    "busy": gettext_lazy("服务器“%(host)s”暂停服务，稍后会自动再试。"),
    "recipient": gettext_lazy("服务器拒收这个收件地址。请核对地址。"),
    "recipient_later": gettext_lazy("服务器让这个收件地址稍后再试，会自动再试。"),
    "content": gettext_lazy("服务器拒收这封邮件的内容。"),
    "later": gettext_lazy("服务器暂时不收这封邮件，会自动再试。"),
    LOST: gettext_lazy("发送进程中断，没有得到结果。"),
}

OF_CHANNEL = sorted(set(WORDS) - OF_ONE_MAIL - {LOST})
"""Troubles that every mail meets until somebody mends the channel or the server comes back."""


def say_trouble(code: str, said: str, server: Any) -> str:
    """A trouble in the active language, the server's own words after it.

    `server` is a channel or its form's values: host, port, username and sender_address.
    """
    place = {
        "host": getattr(server, "host", "—"),
        "port": getattr(server, "port", "—"),
        "username": getattr(server, "username", "—"),
        "sender": getattr(server, "sender_address", "—"),
    }
    words = str(WORDS[code]) % place
    return bracketed(words, _("服务器原话：%s") % said) if said else words
