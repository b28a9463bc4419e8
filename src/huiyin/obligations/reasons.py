"""Why an obligation is owed, recomputed from its fact and its policy whenever somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huiyin.accounts.models import Person
from huiyin.accounts.queries import standing_in
from huiyin.adoption.calendars import ABOUT_DAYS, in_words
from huiyin.adoption.queries import as_in_force
from huiyin.core.punctuation import explained, listed, sentences
from huiyin.ledger.models import Fact
from huiyin.obligations.blocking import obstacle_of
from huiyin.obligations.models import Obligation, ShareItem
from huiyin.obligations.recomputing import clocks_of
from huiyin.policy.declared import SettingRef
from huiyin.policy.duties import Duty
from huiyin.policy.explain import title_of_fact
from huiyin.policy.lengths import Length, say_length
from huiyin.policy.limits import Within, lengths_of
from huiyin.policy.loading import Pack
from huiyin.policy.periods import Period
from huiyin.policy.saying import say_clock, say_opener


@dataclass(frozen=True)
class Step:
    """One step of the derivation, with the clause that says so."""

    title: str
    text: str
    clause: str = ""


def steps(row: Obligation, pack: Pack, *, zone: ZoneInfo, language: str) -> list[Step]:
    """What happened, who owes it, by when, and what proves it; each with its clause."""
    duty = pack.policy.lines[row.duty]
    told = [
        _opener(row, pack, duty, zone, language),
        _owed(row, pack, duty, language),
        _due(row, pack, duty, zone, language),
        *_days(row),
        _proof(row, pack, duty, language),
        _obstacle(row, zone),
    ]
    return [step for step in told if step is not None]


def moment(value: datetime | None, zone: ZoneInfo) -> str:
    """A moment in the firm's zone; the end of a day is shown as 24:00 of that day."""
    if value is None:
        return ""
    local = value.astimezone(zone)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{date_format(local - timedelta(days=1), 'Y-m-d')} 24:00"
    return date_format(local, "Y-m-d H:i")


def _obstacle(row: Obligation, zone: ZoneInfo) -> Step | None:
    """Why nobody may do it now, in the words of whoever refuses it."""
    if not row.obstructed_by or row.state != Obligation.State.BLOCKED:
        return None
    since = row.obstructed_at
    found = obstacle_of(row, now=since) if since else None
    text = _("自 %(moment)s 起没有可用的方式，不算完成，也不算逾期；能办时接着计时") % {
        "moment": moment(since, zone)
    }
    return Step(_("受阻"), sentences([text, *([found.message] if found else [])]))


def _bound_to(duty: Duty, row: Obligation, *places: str) -> str:
    """The deciding clause that is bound to one of the places (or below it)."""
    for clause in row.clauses:
        for place in duty.clauses.get(clause, ()):
            if place in places:
                return clause
    return ""


def _opener(row: Obligation, pack: Pack, duty: Duty, zone: ZoneInfo, language: str) -> Step | None:
    if row.opener is None:
        return _of_period(row, pack, duty, language)
    text = _("%(what)s 发生于 %(happened)s，得知于 %(known)s，登记于 %(recorded)s") % {
        "what": title_of_fact(pack.policy, row.opener.kind).say(language),
        "happened": moment(row.opener.happened_at, zone),
        "known": moment(row.opener.known_at, zone),
        "recorded": moment(row.opener.recorded_at, zone),
    }
    return Step(_("起因"), text)


def _of_period(row: Obligation, pack: Pack, duty: Duty, language: str) -> Step | None:
    """What returns: how often, and in which period this one is owed."""
    if row.period is None:
        return None
    period = Period(row.period.lower, row.period.upper)
    parts = [say_opener(pack.policy, duty, language)]
    if duty.before is None:
        parts.append(_("这一次：%s") % period.label(language))
    return Step(_("起因"), sentences(parts), _bound_to(duty, row, "every", "quota.per", "since"))


def _days(row: Obligation) -> list[Step]:
    """What the work calendar had to say about the deadline."""
    in_force = as_in_force(row.adoption)
    clocks = dict(clocks_of(row.adoption, in_force, [row]))
    if row.pk not in clocks:
        return []
    said = [(step.key, step.values) for step in clocks[row.pk].steps if step.key in ABOUT_DAYS]
    return [Step(_("日历"), sentences(in_words(said)))] if said else []


def _owed(row: Obligation, pack: Pack, duty: Duty, language: str) -> Step:
    roles = listed(pack.policy.roles[role].title.say(language) for role in row.owed_roles)
    if duty.share:
        return Step(
            _("由谁"),
            _share_text(row, pack, roles, language),
            _bound_to(duty, row, *(f"share.{role}" for role in row.owed_roles)),
        )
    who = row.holder.as_person.name if row.holder else ""
    text = who if not roles else _("%(roles)s 中的一人") % {"roles": roles}
    return Step(_("由谁"), text, _bound_to(duty, row, "owed_by"))


def _share_text(row: Obligation, pack: Pack, roles: str, language: str) -> str:
    item = ShareItem.objects.filter(
        fact=row.opener, count__adoption=row.adoption, count__duty=row.duty
    ).first()
    if item is None:
        return roles
    eligible = listed(pack.policy.roles[role].title.say(language) for role in item.eligible)
    return _("%(roles)s；这一单可由 %(eligible)s 回访，分给本月尚未达到比例的角色") % {
        "roles": roles,
        "eligible": eligible,
    }


def _due(row: Obligation, pack: Pack, duty: Duty, zone: ZoneInfo, language: str) -> Step:
    words = {
        "happened": pgettext("moment", "发生"),
        "known": pgettext("moment", "得知"),
        "recorded": pgettext("moment", "登记"),
    }
    due = moment(row.due_at, zone)
    if duty.within is None or not isinstance(duty.counts_from, str):
        said = [say_clock(pack.policy, duty, language), due] if _has_clock(duty) else [due]
        places = ("at", "by", "lead", "every", "within", "within.setting", "quota.per")
        return Step(
            _("时限"), explained(*said) if len(said) > 1 else due, _bound_to(duty, row, *places)
        )
    within = _resolved(pack, duty.within)
    picked, length = _picked(pack, within, row, language)
    text = _("%(picked)s%(length)s，从%(start)s起算：%(due)s") % {
        "picked": explained(picked, "") if picked else "",
        "length": length,
        "start": words[duty.counts_from],
        "due": due,
    }
    places = ("within", *(f"within.{key}" for key in (*within.lengths, "else")))
    return Step(_("时限"), text, _bound_to(duty, row, *places))


def _resolved(pack: Pack, within: Within) -> Within:
    if within.same_as:
        other = pack.policy.duties[within.same_as].within
        assert other is not None  # lint refuses a same_as that leads nowhere
        return other
    return within


def _picked(pack: Pack, within: Within, row: Obligation, language: str) -> tuple[str, str]:
    """The choice that decided and the length, in words."""
    if within.pick is None:
        return "", _said(within.length or within.setting, language)
    opened_with = row.opener.values if row.opener else {}
    value = str(row.values.get(within.pick) or opened_with.get(within.pick))
    lengths = lengths_of(within)
    length = lengths.get(value, lengths.get("else"))
    field = pack.policy.fields[within.pick]
    title = field.choices[value].say(language) if value in field.choices else value
    return title, _said(length, language)


def _said(length: object, language: str) -> str:
    if isinstance(length, Length):
        return say_length(length, language)
    return length.setting if isinstance(length, SettingRef) else str(length)


def _has_clock(duty: Duty) -> bool:
    """A question of a decision table has no clock of its own."""
    return bool(duty.opener)


def _proof(row: Obligation, pack: Pack, duty: Duty, language: str) -> Step:
    title = _("凭什么算办结")
    if row.needed is not None:
        text = _("已计 %(counted)s 次，共须 %(needed)s 次") % {
            "counted": row.counted,
            "needed": row.needed,
        }
        return Step(title, text, _bound_to(duty, row, "quota.at_least", "quota.of"))
    if duty.key in pack.policy.tables:
        results = listed(
            text.say(language) for text in pack.policy.tables[duty.key].results.values()
        )
        return Step(title, _("由人判定为：%s") % results, row.clauses[0] if row.clauses else "")
    assert duty.proof is not None  # only a quota and a question have none
    if duty.proof.record:
        text = pack.policy.forms[duty.proof.record].title.say(language)
        if duty.proof.sent_to:
            text = _("%(form)s 送达") % {"form": text}
    else:
        text = title_of_fact(pack.policy, duty.proof.fact or "").say(language)
    return Step(title, text, _bound_to(duty, row, "proof", "proof.record"))


def _holder(row: Obligation) -> str:
    """Who has it: B, or B 代 A where a deputy took it over."""
    name = row.holder.as_person.name if row.holder else ""
    given = Fact.objects.filter(
        kind="obligation.assigned", target=row.target_id,
        values__contains={"obligation.id": row.id, "obligation.holder": row.holder_id},
    )  # fmt: skip
    values = given.order_by("-id").values_list("values", flat=True).first() or {}
    absent = Person.objects.filter(pk=values.get("obligation.stands_for")).first()
    return standing_in(name, absent.name) if absent else name


def facts(row: Obligation, pack: Pack, *, zone: ZoneInfo, language: str) -> list[tuple[str, str]]:
    """What became of it: pairs of word and value."""
    found = [
        (_("开立"), moment(row.opened_at, zone)),
        (_("原来的时限"), moment(row.first_due_at, zone)),
        (_("建议日期"), date_format(row.plan_on, "DATE_FORMAT") if row.plan_on else ""),
        (_("办结（发生）"), moment(row.done_at, zone)),
        (_("办结（登记）"), moment(row.done_recorded_at, zone)),
        (_("承办人"), _holder(row)),
    ]
    if row.state == Obligation.State.WAIVED and row.settled_by:
        waived = row.settled_by
        name = waived.by.as_person.name if waived.by else ""
        why = getattr(waived, "note", None)
        parts = (why.text if why else "", name, moment(waived.recorded_at, zone))
        found.append((_("免除的原因"), " · ".join(filter(None, parts))))
    if row.opened_late:
        found.append((_("说明"), _("开立时已过时限：计入条款，不算个人逾期")))
    return [(word, value) for word, value in found if value]
