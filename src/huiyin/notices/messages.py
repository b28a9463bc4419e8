"""What notices say, in the reader's language, and the text that goes into a chat.

Neither ever holds a phone number: a place is named as the firm names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from huiyin.ui.moments import day_words

TEMPLATES: Mapping[str, Any] = {
    "obligation_due": gettext_lazy("%(place)s的%(matter)s须在%(due)s前完成"),
    "obligation_late": gettext_lazy("%(place)s的%(matter)s已逾期，应在%(due)s前完成"),
    "obligation_ask": gettext_lazy("%(place)s的%(matter)s缺少%(missing)s，请人工判定"),
    "handed_over": gettext_lazy("%(place)s的%(matter)s已交由您办理，须在%(due)s前完成"),
    "extension_asked": gettext_lazy("%(place)s的%(matter)s申请延期，请决定是否同意"),
    "extension_declined": gettext_lazy("%(place)s的%(matter)s没有同意延期，期限不变"),
    "deputy_left": gettext_lazy(
        "%(number)s的休假从%(day)s起没有代理人：%(deputy)s离职，请另行指定"
    ),
    "waived": gettext_lazy("%(place)s的%(matter)s已免除：%(reason)s"),
    "case_raised": gettext_lazy("%(place)s提出事项%(number)s：%(matter)s"),
    "case_notice_sent": gettext_lazy("%(place)s的整改通知%(number)s已送达，须在%(due)s前整改"),
    "case_rectified": gettext_lazy("%(place)s的事项%(number)s已整改，请安排复访"),
    "case_referred": gettext_lazy("%(place)s的事项%(number)s请示公司，请批复"),
    "case_ruled": gettext_lazy("%(place)s的事项%(number)s已有批复，请接着办理"),
    "case_closed": gettext_lazy("%(place)s的事项%(number)s已关闭"),
    "followup_called_off": gettext_lazy("%(place)s约在%(due)s的回访已取消：客户撤回了同意"),
    "adoption_proposed": gettext_lazy("制度“%(matter)s”申请启用，请审批"),
    "adoption_approved": gettext_lazy("制度“%(matter)s”已批准启用"),
}
"""One sentence for each kind of message; the names in it are keys of a notice's `params`."""

ASKING = ("case_notice_sent", "case_rectified", "case_referred", "case_ruled")
"""Messages that ask for the next step of a case: over as soon as it is closed."""

MOMENTS = frozenset({"due"})
"""Params that hold a moment, as ISO text."""


def require_template(name: str) -> None:
    """Raises LookupError, with the names there are, for an unknown template."""
    if name not in TEMPLATES:
        raise LookupError(f"No message template {name!r}; there are {', '.join(TEMPLATES)}")


def text_of(template: str, params: Mapping[str, Any]) -> str:
    """The sentence in the language and the zone that are active now. Raises LookupError.

    What the sender did not give is shown as a dash: a notice that says less is still a notice.
    """
    require_template(template)
    said = str(TEMPLATES[template]) % _Spoken(params)
    away = params.get("stands_for")
    return _("（代 %(absent)s）%(said)s") % {"absent": away, "said": said} if away else said


def render(notice: Any) -> str:
    """What the notice says, in the language and the zone that are active now.

    Of what its reader may not see any more (`with_sight`) it says nothing.
    """
    if getattr(notice, "hidden", False):
        return _("这条通知所说的事已不在您的可见范围内")
    if notice.template not in TEMPLATES:  # written by a version that knew more
        return _("通知")
    return text_of(notice.template, notice.params)


def matter_of(notice: Any) -> str:
    """What a notice is about in a word or two: never a place and never a name."""
    return spoken(notice.params, "matter") or spoken(notice.params, "number")


def spoken(params: Mapping[str, Any], key: str) -> str:
    """One of a notice's params in words; empty without it."""
    return _Spoken(params)[key] if params.get(key) else ""


def copy_text(
    *, place: str, matter: str, due: datetime | str | None, clause: str, number: str = ""
) -> str:
    """A message ready for a chat: number, place, matter, due, clause; empty parts are left out.

    `due` is a moment, shown in the zone that is active now, or text that is shown as it is.
    """
    first = " ".join(part for part in (number and _("【%s】") % number, place, matter) if part)
    when = say_moment(due) if isinstance(due, datetime) else due
    second = when and _("期限：%s") % when
    third = clause and _("依据：%s") % clause
    return "\n".join(line for line in (first, second, third) if line)


def say_moment(moment: datetime) -> str:
    """A moment in the active zone; the end of a day is said as 24:00 of that day."""
    local = timezone.localtime(moment)
    if local.time() == time.min:
        return f"{day_words(local.date() - timedelta(days=1))} 24:00"
    return f"{day_words(local.date())} {local:%H:%M}"


class _Spoken(dict[str, Any]):
    """A notice's params as people say them: moments in words, a dash for what is missing."""

    def __getitem__(self, key: str) -> str:
        value = self.get(key)
        if key in MOMENTS and value:
            return say_moment(datetime.fromisoformat(str(value)))
        if isinstance(value, Mapping):  # a pack's words, by language
            language = "zh" if (get_language() or "zh").startswith("zh") else "en"
            value = value.get(language) or value.get("zh")
        return "—" if value in (None, "") else str(value)
