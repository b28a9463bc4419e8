"""What was done about somebody's login, in words, from the ledger."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from huiyin.ledger.models import Fact

SHOWN = 20
TITLES: dict[str, Any] = {
    "person.login_given": _("开通登录"),
    "person.link_given": _("给出一次性链接"),
    "person.password_set": _("设置密码"),
    "person.login_switched_off": _("停用登录"),
    "person.login_switched_on": _("恢复登录"),
    "person.factor_added": _("添加验证方式"),
    "person.factor_removed": _("解除验证方式"),
}
ICONS = {
    "person.link_given": "link",
    "person.password_set": "lock",
    "person.login_switched_off": "circle-x",
    "person.factor_added": "shield-check",
}
FACTORS: dict[str, Any] = {
    "totp": _("动态口令"),
    "webauthn": _("通行密钥"),
    "codes": _("恢复码"),
    "all": _("全部"),
}


def events(person_id: int) -> list[dict[str, Any]]:
    """The newest first, as `ui/_timeline.html` shows them; one statement."""
    facts = Fact.objects.filter(target=person_id, kind__in=TITLES).select_related(
        "by__as_person", "note"
    )
    return [_event(fact) for fact in facts.order_by("-happened_at", "-id")[:SHOWN]]


def _event(fact: Fact) -> dict[str, Any]:
    note = getattr(fact, "note", None)
    factor = FACTORS.get(fact.values.get("factor.type", ""), "")
    return {
        "at": fact.happened_at,
        "title": TITLES[fact.kind],
        "text": " · ".join(str(part) for part in (factor, note.text if note else "") if part),
        "by": fact.by.as_person.name if fact.by else _("服务器上的命令"),
        "icon": ICONS.get(fact.kind, "user-check"),
    }
