"""当 … 提交 / 发出 … : forms are filled in, problems found, notices handed over."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from huiyin.cases import services as cases
from huiyin.cases.given import Doing, Item
from huiyin.cases.models import Case
from huiyin.customers.models import Contact
from huiyin.followups import services as followups
from huiyin.followups.models import Followup
from huiyin.followups.services import Visit
from huiyin.ledger.models import Target
from huiyin.obligations.models import Obligation
from huiyin.policy.declared import Form
from huiyin.records import services as records
from huiyin.records.answers import Sent
from huiyin.records.models import Handover, Record
from huiyin.scenarios.errors import Misused, Unmet
from huiyin.scenarios.features import Table
from huiyin.scenarios.moments import read_moment
from huiyin.scenarios.steps.items import kind_of, read_item, severity_of
from huiyin.scenarios.titles import read_value
from huiyin.scenarios.vocabulary import then, when
from huiyin.scenarios.world import World
from huiyin.ui.fields import GivenSignature

AT, LATE, KNOWN = "时间", "补录原因", "得知时间"
PRESENT, ENTERED_BY = "在场人", "录入人"
PROBLEM, KIND, SEVERITY, ITEM = "发现问题", "问题类别", "轻重", "事项"
CHANNEL, RECEIPT, WAY, CONTACT, REPAIRER = "方式", "签收", "回访方式", "联系人", "由谁整改"
BESIDE_FORM = (
    AT, LATE, KNOWN, PRESENT, ENTERED_BY, PROBLEM, KIND, SEVERITY, WAY, CONTACT, REPAIRER,
)  # fmt: skip

NOBODY = "无"
NOTICE, ANSWER = "rectification_notice", "rectification_answer"


@when("{person} 对 {target} 提交 {form}")
def form_is_filed(
    world: World, person: str, target: str, form: str, table: Table | None = None
) -> None:
    """A form is filled in about a target; rows are its fields by title, and who, when and what else."""
    key, declared = world.titles.form(form)
    world.form_filed = key
    written = dict(table.pairs()) if table else {}
    beside = {
        title: written.pop(title)
        for title in list(written)
        if title in BESIDE_FORM or title.startswith(ITEM)
    }
    doing = doing_of(world, person, beside)
    filled = _filled(world, declared, written)
    about = world.target(target)
    if key == NOTICE:
        repairer = world.person(beside[REPAIRER]) if REPAIRER in beside else None
        cases.file_notice(_case(about), answers=filled, doing=doing, repairer=repairer)
    elif key == ANSWER:
        cases.record_rectification(_case(about), answers=filled, doing=doing)
    elif not world.policy.is_contact(declared):
        filing = {"present": _present(world, person, beside), "doing": doing}
        world.remember_fact_of(_file(world, declared, about, filled, **filing))
    else:
        visit = Visit(
            about=about,
            form=key,
            present=_present(world, person, beside),
            channel=_contact_channel(beside.get(WAY, "上门")),
            contact=_contact(about, beside[CONTACT]) if CONTACT in beside else None,
        )
        brought = _brought(world, beside)
        is_revisit = Case.objects.filter(pk=about).exists()
        held = followups.hold(
            visit,
            answers=filled,
            items=() if is_revisit else brought,
            finding=brought[0] if is_revisit and brought else None,
            doing=doing,
        )
        world.remember_fact_of(held.record)


@when("{person} 对 {target} 提出问题 {words} 来源 {origin}")
def problem_is_raised(world: World, person: str, target: str, words: str, origin: str) -> None:
    """A problem about a subject that no visit found: a resident calls, a patrol sees it."""
    doing = doing_of(world, person, {})
    problem = Item(Case.Kind.PROBLEM, words)
    cases.raise_case(problem, about=world.target(target), origin=origin, doing=doing)


@when("{person} 对 {target} 向 {recipient} 发出 {form}")
def record_is_handed_over(
    world: World, person: str, target: str, recipient: str, form: str, table: Table | None = None
) -> None:
    """The newest record of a form reaches somebody: a person, a holder of a role, a party."""
    key, _declared = world.titles.form(form)
    written = dict(table.pairs()) if table else {}
    doing = doing_of(world, person, written)
    about = world.target(target)
    delivery: dict[str, Any] = {
        "channel": _channel(written.get(CHANNEL, "当面")),
        "receipt": _signature(written[RECEIPT]) if RECEIPT in written else None,
    }
    to = _reached(world, recipient)
    if key == NOTICE and to == _case(about).repairer_id:
        cases.hand_over_notice(_case(about), doing=doing, **delivery)
        return
    record = Record.objects.current().about(about).filter(form=key).order_by("-id").first()
    if record is None:
        raise Misused(_("还没有填写“%s”") % form)
    records.hand_over(
        record,
        to=to,
        by=doing.by,
        now=doing.now,
        happened_at=doing.happened_at,
        late_reason=doing.late_reason,
        **delivery,
    )


@then("{recipient} 收到 {form} {count#} 次[，依据 {clause}]")
def was_handed_over(
    world: World, recipient: str, form: str, count: str, clause: str | None
) -> None:
    """So many records of the form reached somebody; the clause is one that asks for it."""
    key, _declared = world.titles.form(form)
    found = Handover.objects.filter(record__form=key, to=_reached(world, recipient)).count()
    if found != int(count):
        raise Unmet(_("%s 次") % count, _("%d 次") % found)
    if clause is not None:
        settled = Obligation.objects.filter(
            adoption=world.adoption, clauses__contains=[clause], state="done"
        )
        if not settled.filter(settled_by__kind="record.sent").exists():
            raise Unmet(_("依据“%s”送达") % clause, _("没有"))


@then("{form} 对 {target} 的 {field} 列有 {names}")
def record_lists(world: World, form: str, target: str, field: str, names: str) -> None:
    """What stands in a list of the newest record of the form: names with 、, or 无."""
    key, declared = world.titles.form(form)
    record = Record.objects.current().about(world.target(target)).filter(form=key).latest("id")
    listed = record.values.get(f"{key}.{world.titles.field(declared, field)}") or []
    wanted = set() if names == NOBODY else {world.target(name) for name in names.split("、")}
    if set(listed) != wanted:
        found = "、".join(world.target_name(each) for each in listed)
        raise Unmet(names, found or NOBODY)


def _reached(world: World, name: str) -> int:
    """A person or a party by name; of a role whoever holds it, if it is one."""
    if not world.titles.is_role(name):
        return world.recipient(name)
    holders = world.holders(world.titles.role(name))
    if len(holders) != 1:
        raise Misused(
            _("“%(role)s”有 %(n)d 个人担任，请写人名") % {"role": name, "n": len(holders)}
        )
    return holders[0]


def _file(
    world: World,
    form: Form,
    about: int,
    filled: Sent,
    *,
    present: tuple[int, ...],
    doing: Doing,
) -> Record:
    """A record that is no follow-up; a review is filed on the newest record that it reviews."""
    reviewed = None
    if form.reviews:
        earlier = Record.objects.current().about(about).filter(form=form.reviews)
        reviewed = earlier.order_by("-id").first()
    return records.file_record(
        form.key,
        about=about,
        by=doing.by,
        recorded_by=doing.recorded_by,
        present=present,
        given=filled.given,
        signatures=filled.signatures,
        photos=filled.photos,
        happened_at=doing.happened_at,
        late_reason=doing.late_reason,
        reviews=reviewed,
        now=doing.now,
    )


def _contact_channel(title: str) -> str:
    channels = {str(label): value for value, label in Followup.Channel.choices}
    if title not in channels:
        raise Misused(_("没有“%(title)s”这种回访方式") % {"title": title})
    return channels[title]


def _contact(about: int, relation: str) -> int:
    """Who of the customer was spoken to, by his function."""
    customer = Target.objects.values_list("of_customer_id", flat=True).get(pk=about) or about
    found = Contact.objects.filter(customer=customer, relation=relation).first()
    if found is None:
        raise Misused(_("客户没有“%s”这个联系人") % relation)
    return found.pk


def doing_of(world: World, person: str, beside: Mapping[str, str]) -> Doing:
    by = world.person(person)
    return Doing(
        by=by,
        recorded_by=world.person(beside[ENTERED_BY]) if ENTERED_BY in beside else by,
        happened_at=_moment(world, beside),
        now=world.now,
        known_at=read_moment(beside[KNOWN], world.zone) if KNOWN in beside else None,
        late_reason=beside.get(LATE, ""),
    )


def _moment(world: World, beside: Mapping[str, str]) -> datetime:
    return read_moment(beside[AT], world.zone) if AT in beside else world.now


def _present(world: World, person: str, beside: Mapping[str, str]) -> tuple[int, ...]:
    names = beside.get(PRESENT, person).split("、")
    return tuple(world.person(name) for name in names)


def _brought(world: World, beside: Mapping[str, str]) -> list[Item]:
    """What a visit brings back: a problem in its own rows, and 事项1, 事项2 … each in one."""
    found = [read_item(world, text) for title, text in beside.items() if title.startswith(ITEM)]
    if PROBLEM in beside:
        kind, severity = beside.get(KIND, "问题"), beside.get(SEVERITY, "一般")
        found.insert(0, Item(kind_of(kind), beside[PROBLEM], severity_of(severity)))
    return found


def _filled(world: World, form: Form, written: Mapping[str, str]) -> Sent:
    fields = {field.title.zh: field for field in form.fields.values()}
    given: dict[str, Any] = {}
    signatures: dict[str, GivenSignature] = {}
    photos: dict[str, list[bytes]] = {}
    for title, text in written.items():
        if title not in fields:
            raise Misused(
                _("“%(form)s”没有“%(title)s”这一栏；现有：%(known)s")
                % {"form": form.title.zh, "title": title, "known": "、".join(fields)}
            )
        field = fields[title]
        if field.type == "signature":
            signatures[field.key] = _signature(text)
        elif field.type == "photo":
            photos[field.key] = [_photo() for _number in range(_count(text))]
        elif text:
            given[field.key] = read_value(field, text, world.zone, world.person)
    return Sent(given=given, signatures=signatures, photos=photos)


def _signature(text: str) -> GivenSignature:
    """``已签``, ``拒签：缘由``, or ``空白`` for a pad that was left alone."""
    if text == "已签":
        return GivenSignature(image=_drawn_signature(), refused=False, reason="")
    if text == "空白":
        return GivenSignature(image="", refused=False, reason="")
    refusal = re.fullmatch(r"拒签(?:[：:](.*))?", text)
    if refusal is None:
        raise Misused(_("签名一栏写“已签”、“拒签：缘由”或“空白”，不是“%s”") % text)
    return GivenSignature(image="", refused=True, reason=(refusal[1] or "").strip())


def _channel(title: str) -> str:
    channels = {str(label): value for value, label in Handover.Channel.choices}
    if title not in channels:
        raise Misused(_("没有“%(title)s”这种送达方式") % {"title": title})
    return channels[title]


def _count(text: str) -> int:
    match = re.fullmatch(r"(\d+)\s*张?", text)
    if match is None:
        raise Misused(_("照片一栏写张数，例如“1 张”，不是“%s”") % text)
    return int(match[1])


@lru_cache
def _drawn_signature() -> str:
    paper = Image.new("L", (60, 20), "white")
    ImageDraw.Draw(paper).line([(5, 15), (25, 4), (35, 16), (55, 5)], fill="black", width=2)
    return "data:image/png;base64," + base64.b64encode(_encoded(paper, "PNG")).decode()


@lru_cache
def _photo() -> bytes:
    return _encoded(Image.new("RGB", (16, 12), "grey"), "JPEG")


def _encoded(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def _case(target: int) -> Case:
    return Case.objects.select_related("target", "notice").get(pk=target)
