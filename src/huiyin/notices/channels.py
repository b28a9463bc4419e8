"""Setting up the mail channel, and each person's own wishes; each change of the firm's is a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from huiyin.accounts.queries import firm, holds_over
from huiyin.core.errors import Conflict, Forbidden, Invalid
from huiyin.ledger.services import NewFact, record
from huiyin.notices.letters import Envelope, addressed, trial_letter
from huiyin.notices.models import Delivery, MailChannel, MailPreference
from huiyin.notices.preparing import server_of
from huiyin.notices.routing import message_id
from huiyin.notices.smtp import Mailer

CHANGED, REQUEUED = "mail_channel.changed", "mail_channel.requeued"
SHOWN = ("active", "host", "port", "security", "quiet_from", "quiet_to", "digest_at")
"""What a fact may say of the channel; of everything else only that it changed."""

WHERE = ("host", "port", "security", "username")
"""A password was given for this place, and is not sent to another one."""

TRIAL_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """The mail channel as somebody wants it. An empty password keeps the one there is."""

    active: bool
    host: str
    port: int
    security: str
    sender_address: str
    digest_at: time
    username: str = ""
    password: str = field(default="", repr=False)
    sender_name: str = ""
    base_url: str = ""
    quiet_from: time | None = None
    quiet_to: time | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """How one person wants mail; without an address he gets none."""

    address: str
    language: str
    ways: Mapping[str, str]
    hours: str
    quiet_from: time | None = None
    quiet_to: time | None = None


def may_set_up(person: int | None, *, now: datetime) -> bool:
    """Who heads the whole firm sets up its channels."""
    return person is not None and holds_over(person, None, at=now)


@transaction.atomic
def save_channel(wanted: ChannelSettings, *, by: int, now: datetime) -> bool:
    """Set the channel up or change it; False: it was so already.

    Raises Forbidden, or Invalid when the password has to be given again.
    """
    require_head(by, now)
    channel = MailChannel.objects.select_for_update().first()
    values = asdict(wanted)
    values["password"] = _password(wanted, channel)
    changed = [
        name for name, value in values.items() if channel is None or getattr(channel, name) != value
    ]
    if not changed:
        return False
    MailChannel.objects.update_or_create(pk=1, defaults={**values, "changed_at": now})
    said = {f"mail_channel.{name}": _plain(values[name]) for name in changed if name in SHOWN}
    _state(CHANGED, {"mail_channel.fields": sorted(changed), **said}, by=by, now=now)
    return True


@transaction.atomic
def save_wishes(person: int, wanted: Wishes, *, now: datetime) -> None:
    """How the person wants mail from now on; what is queued already goes as it was, if it may."""
    values = asdict(wanted) | {"changed_at": now}
    MailPreference.objects.update_or_create(pk=person, defaults=values)


@transaction.atomic
def requeue_failed(*, by: int, now: datetime) -> int:
    """Whatever was given up gets all its tries again. Returns how many. Raises Forbidden."""
    require_head(by, now)
    count = Delivery.objects.failed().update(state="queued", tries=0, next_try_at=now)
    if count:
        _state(REQUEUED, {"mail_channel.count": count}, by=by, now=now)
    return count


def send_trial(*, to: str, by: int, now: datetime) -> None:
    """Send a test mail at once, with the channel as it is saved, and wait for the answer.

    Raises Forbidden, Conflict without a channel, smtp.Trouble.
    """
    require_head(by, now)
    channel, house = MailChannel.objects.first(), firm()
    if channel is None:
        raise Conflict(_("请先保存邮件通道，再发送测试邮件。"), code="no_channel")
    envelope = Envelope(
        sender_name=channel.sender_name,
        sender=channel.sender_address,
        to=to,
        message_id=message_id(f"trial:{by}:{now.isoformat()}", channel.sender_address),
        at=now,
    )
    message = addressed(trial_letter(house.name if house else ""), envelope)
    with Mailer(TRIAL_PATIENCE) as mailer:
        mailer.send(server_of(channel), message, to=to)


def _password(wanted: ChannelSettings, channel: MailChannel | None) -> str:
    """The password to keep. Raises Invalid when it was given for another place."""
    if not wanted.username:
        return ""
    if wanted.password or channel is None or not channel.password:
        return wanted.password
    if any(getattr(channel, name) != getattr(wanted, name) for name in WHERE):
        raise Invalid({"password": [_("服务器、端口、加密方式或用户名改了，请重新输入密码。")]})
    return str(channel.password)


def require_head(person: int, now: datetime) -> None:
    """Raises Forbidden for anybody who does not head the whole firm."""
    if not may_set_up(person, now=now):
        raise Forbidden(_("只有管辖整个公司的人（如经理、主管）可以设置通知渠道。"))


def _plain(value: Any) -> Any:
    return value.isoformat("minutes") if isinstance(value, time) else value


def _state(kind: str, values: dict[str, Any], *, by: int, now: datetime) -> None:
    record([NewFact(kind, by, by, by, happened_at=now, known_at=now, values=values)], now=now)
