"""From what was sent to answers that hold: typed values, free texts, pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import as_in_force
from huiyin.core.errors import Invalid
from huiyin.policy.days import Days, days_of, is_limited
from huiyin.policy.declared import Form, FormField, Text
from huiyin.policy.facts import Value
from huiyin.policy.forms import SignatureGiven, fact_values, validate
from huiyin.records import keeping, queries
from huiyin.records.keeping import Evidence
from huiyin.records.models import Record, Signature
from huiyin.records.typed import is_free_text, people_in
from huiyin.ui.fields import GivenSignature


@dataclass(frozen=True, slots=True)
class Sent:
    """The answers to a form as they came: texts by field key, signatures, photos."""

    given: Mapping[str, Any] = field(default_factory=dict)
    signatures: Mapping[str, GivenSignature] = field(default_factory=dict)
    photos: Mapping[str, Sequence[bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answers:
    """``values`` by full field name, for rules; ``texts`` by field key, for people; pictures.

    ``written`` are the keys of the fields that somebody entered here.
    """

    values: Mapping[str, Any]
    texts: Mapping[str, str]
    evidence: Evidence
    written: tuple[str, ...] = ()


def answered(adoption: Adoption, form: Form, sent: Sent, *, about: str, at: datetime) -> Answers:
    """Check a form filled in at ``at`` about a target of the kind ``about``.

    Raises Invalid by field.
    """
    if about not in form.about:
        raise Invalid({"": [_("这份表单不能填写在这类对象上。")]})
    return _checked(form, sent, zone=ZoneInfo(adoption.time_zone), days=_days(adoption, form, at))


def _days(adoption: Adoption, form: Form, at: datetime) -> Days | None:
    """The limits of the form's dates; nothing is asked of the database where it has none."""
    if not is_limited(form):
        return None
    in_force = as_in_force(adoption)
    return days_of(
        in_force.policy,
        form,
        settings=in_force.settings,
        at=at,
        zone=in_force.zone,
        calendar=in_force.calendar,
    )


def amended(record: Record, form: Form, sent: Sent) -> Answers:
    """The same for a record's next version.

    A signature or photo that any version has already need not be given again.
    """
    versions = Signature.objects.filter(record__in=Record.objects.versions_of(record))
    signed = {each.field: SignatureGiven(not each.refused, "…") for each in versions.order_by("pk")}
    pictured = list(record.photos.values_list("field", flat=True))
    photos = {name: pictured.count(name) for name in pictured}
    zone = ZoneInfo(record.adoption.time_zone)
    days = _days(record.adoption, form, record.happened_at)
    given = _checked(form, sent, zone=zone, signed=signed, photos=photos, days=days)
    kept = {name: record.values[name] for name in _lists(form) if name in record.values}
    before = dict(record.values) | {
        f"{form.key}.{field}": text for field, text in record.texts.values_list("field", "text")
    }
    now = given.values | {f"{form.key}.{field}": text for field, text in given.texts.items()}
    changed = {name for name in (*before, *now) if before.get(name) != now.get(name)}
    written = [name for name in given.written if f"{form.key}.{name}" in changed]
    return replace(given, values={**given.values, **kept}, written=tuple(written))


def _lists(form: Form) -> list[str]:
    return [f"{form.key}.{key}" for key, field in form.fields.items() if field.type == "list"]


def _checked(
    form: Form,
    sent: Sent,
    *,
    zone: ZoneInfo,
    signed: Mapping[str, SignatureGiven] | None = None,
    photos: Mapping[str, int] | None = None,
    days: Days | None = None,
) -> Answers:
    """Everything that is wrong is said at once, pictures included."""
    evidence, errors = keeping.decoded(sent.signatures, sent.photos)
    result = validate(
        form,
        sent.given,
        signatures={**(signed or {}), **evidence.given},
        photos=Counter(photos or {}) + Counter(evidence.counts),
        zone=zone,
        days=days,
    )
    # A picture that cannot be read says so itself; "please sign" beside it would be noise.
    found = {**{key: _said(texts) for key, texts in result.errors.items()}, **errors}
    found |= _nobody(form.fields, result.values)
    if found:
        raise Invalid(found)
    texts = {key: str(v) for key, v in result.values.items() if is_free_text(form.fields[key])}
    drawn = (*evidence.signatures, *evidence.photos)
    return Answers(
        values=fact_values(form, result.values),
        texts={**texts, **evidence.reasons},
        evidence=evidence,
        written=tuple(
            dict.fromkeys((*(key for key in result.values if key in sent.given), *drawn))
        ),
    )


def read_fields(
    fields: Mapping[str, FormField], rows: Sequence[Mapping[str, Any]], *, zone: ZoneInfo
) -> list[tuple[dict[str, Value], dict[str, list[str]]]]:
    """Typed values and errors by field of each row, for fields that belong to no form."""
    form = Form.model_construct(key="", title=Text(zh=""), about=(), fields=fields)
    results = [validate(form, row, signatures={}, photos={}, zone=zone) for row in rows]
    known = queries.names([id for r in results for id in people_in(fields, r.values)])
    return [
        (
            dict(result.values),
            {key: _said(texts) for key, texts in result.errors.items()}
            | _nobody(fields, result.values, known),
        )
        for result in results
    ]


def _said(texts: Sequence[Text]) -> list[str]:
    language = get_language() or "zh"
    return [text.say(language) for text in texts]


def _nobody(
    fields: Mapping[str, FormField],
    values: Mapping[str, Value],
    known: Collection[int] | None = None,
) -> dict[str, list[str]]:
    """A person who is not of the firm, field by field."""
    named = {key: people_in({key: fields[key]}, values) for key in values if key in fields}
    if known is None:
        known = queries.names([id for ids in named.values() for id in ids])
    return {
        key: [_("没有这个人。")] for key, ids in named.items() if any(id not in known for id in ids)
    }
