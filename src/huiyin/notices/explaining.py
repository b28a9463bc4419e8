"""Why somebody got a notice, and for each channel when it went, waits, or why it did not go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huiyin.core.punctuation import in_turn
from huiyin.notices.kinds import Way
from huiyin.notices.messages import say_moment, spoken
from huiyin.notices.models import Delivery, MailChannel, Notice
from huiyin.notices.preparing import CHANNEL_OFF, LEFT, OUT_OF_SIGHT, READ_ALREADY
from huiyin.notices.routing import NO_ADDRESS, TURNED_OFF
from huiyin.notices.schedule import DUE_FIRST, QUIET_HOURS, next_digest
from huiyin.notices.troubles import say_trouble

BECAUSE: Mapping[str, Any] = {
    "handed_over": gettext_lazy("作为接手这一项的人"),
    "extension_asked": gettext_lazy("作为可以同意延期的人"),
    "extension_declined": gettext_lazy("作为申请延期的人"),
    "case_notice_sent": gettext_lazy("作为这件事项的整改人"),
    "case_rectified": gettext_lazy("作为提出这件事项的人"),
    "case_referred": gettext_lazy("作为公司里能批复的人"),
    "case_ruled": gettext_lazy("作为请示的人"),
    "followup_called_off": gettext_lazy("作为约定这次回访的人"),
    "adoption_proposed": gettext_lazy("作为管辖整个公司的人"),
    "adoption_approved": gettext_lazy("作为管辖整个公司的人"),
}
"""Why somebody is told, by template, where no role of the policy says it."""

NOT_SENT: Mapping[str, Any] = {
    NO_ADDRESS: gettext_lazy("收件人没有填写邮件地址。"),
    TURNED_OFF: gettext_lazy("收件人选择不用邮件接收这一类通知。"),
    LEFT: gettext_lazy("轮到发送时，收件人已离职。"),
    OUT_OF_SIGHT: gettext_lazy("轮到发送时，所说的事已不在收件人的可见范围内。"),
    READ_ALREADY: gettext_lazy("轮到发送时，已在站内读过。"),
    CHANNEL_OFF: gettext_lazy("轮到发送时，公司的邮件通道已停用。"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one channel did with a notice: a word with its tone, and a sentence."""

    channel: Any
    word: Any
    text: str
    tone: str = ""


def because(notice: Notice) -> str:
    """Which role of the recipient made him one, in the active language."""
    role = str(notice.params.get("role") or "")
    title = spoken(notice.params, "role_title")
    if role == "holder":
        return _("作为这一项的承办人")
    if title and "." in role:
        return _("作为这一项里填写的“%(role)s”") % {"role": title}
    if title:
        return _("担任“%(role)s”，制度规定要通知这个角色") % {"role": title}
    return str(BECAUSE.get(notice.template) or _("指名写给收件人"))


def in_app(notice: Notice) -> Answer:
    """A notice is in its reader's list from the moment it is written."""
    text = _("%(moment)s写入。") % {"moment": say_moment(notice.created_at)}
    if notice.read_at is None:
        return Answer(_("站内"), _("未读"), text)
    read = _("%(moment)s标为已读。") % {"moment": say_moment(notice.read_at)}
    return Answer(_("站内"), _("已读"), in_turn(text, read), "met")


def by_hand(notice: Notice) -> Answer | None:
    """The clerk's own channel, if somebody said that it arrived there."""
    if notice.delivered_at is None:
        return None
    said = _("%(moment)s登记为已送达。") % {"moment": say_moment(notice.delivered_at)}
    return Answer(_("自行转发"), _("已送达"), said, "met")


def by_mail(
    route: Any, notice: Notice, channel: MailChannel | None, *, now: datetime, zone: ZoneInfo
) -> Answer:
    """What mail did with a notice. `route` is None where no channel was in use."""
    if route is None:
        return _not_sent(_("写这条通知时，公司没有启用邮件通道。"))
    if route.reason:
        return _not_sent(NOT_SENT[route.reason])
    if route.delivery is None and notice.read_at is not None:
        return _not_sent(NOT_SENT[READ_ALREADY])
    if route.delivery is None:
        return _waiting(_for_digest(notice, channel, now, zone))
    return _of_delivery(route.delivery, route.way, channel)


def _of_delivery(delivery: Delivery, way: str, channel: MailChannel | None) -> Answer:
    if delivery.state == Delivery.State.SENT:
        return Answer(_("邮件"), _("已发"), _sent(delivery, way), "met")
    if delivery.state == Delivery.State.DROPPED:
        return _not_sent(NOT_SENT[delivery.reason])
    if delivery.state == Delivery.State.FAILED:
        return Answer(_("邮件"), _("失败"), _failed(delivery, channel), "late")
    if delivery.state == Delivery.State.SENDING:
        return _waiting(_("正在发送。"))
    return _waiting(_queued(delivery, channel))


def _sent(delivery: Delivery, way: str) -> str:
    when = {"moment": say_moment(delivery.sent_at)}
    if way == Way.DIGEST:
        return _("%(moment)s随每日汇总发出。") % when
    if delivery.reason == DUE_FIRST:
        return _("%(moment)s发出：虽在免打扰时段内，但时限在时段结束之前。") % when
    if delivery.reason == QUIET_HOURS:
        return _("%(moment)s发出：等到了免打扰时段结束。") % when
    return _("%(moment)s发出。") % when


def _failed(delivery: Delivery, channel: MailChannel | None) -> str:
    said = say_trouble(delivery.trouble, delivery.error, channel)
    head = _("试了 %(n)s 次，%(moment)s起不再试。") % {
        "n": delivery.tries,
        "moment": say_moment(delivery.failed_at),
    }
    return in_turn(head, said)


def _queued(delivery: Delivery, channel: MailChannel | None) -> str:
    when = {"moment": say_moment(delivery.next_try_at), "n": delivery.tries}
    if channel is None or not channel.active:
        return _("公司的邮件通道已停用，还没有发出。")
    if delivery.trouble:
        again = _("第 %(n)s 次没有发成，%(moment)s再试。") % when
        return in_turn(again, say_trouble(delivery.trouble, delivery.error, channel))
    if delivery.reason == QUIET_HOURS:
        return _("现在是免打扰时段，等到%(moment)s发出。") % when
    if delivery.reason == DUE_FIRST:
        return _("虽在免打扰时段内，但时限在时段结束之前，马上发出。")
    return _("已排队，马上发出。")


def _for_digest(notice: Notice, channel: MailChannel | None, now: datetime, zone: ZoneInfo) -> str:
    if channel is None or not channel.active:
        return _("公司的邮件通道已停用，恢复后随下一次每日汇总发出。")
    moment = next_digest(notice.created_at, channel.digest_at, zone)
    if moment <= now:  # the digest of that day was made before this was written
        moment = next_digest(now, channel.digest_at, zone)
    return _("收件人选择了每日汇总，等到%(moment)s发出。") % {"moment": say_moment(moment)}


def _waiting(text: str) -> Answer:
    return Answer(_("邮件"), _("等待"), text, "due")


def _not_sent(text: Any) -> Answer:
    return Answer(_("邮件"), _("未发"), str(text))
