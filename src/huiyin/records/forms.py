"""A pack's form as controls of a page, and what a browser sent back.

A page that contains the controls includes `records/_form.html` with `controls`; nothing is
chosen beforehand but what the form itself declares as prefilled.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import as_in_force
from huiyin.core.errors import NotFound
from huiyin.core.punctuation import in_turn, sentences
from huiyin.policy import forms as policy_forms
from huiyin.policy.declared import FormField
from huiyin.policy.lengths import NotALength, parse_length, say_length
from huiyin.policy.schema import Form
from huiyin.records import queries
from huiyin.records.answers import Sent
from huiyin.records.models import Record, Signature
from huiyin.records.pictures import PHOTO_BYTES
from huiyin.records.typed import is_free_text
from huiyin.ui.fields import Control, GivenSignature, from_pack, read_signature


def read(
    form: Form, post: MultiValueDict[str, str], files: MultiValueDict[str, UploadedFile]
) -> Sent:
    """The answers to a form, as they came; names that the form does not have are left out."""
    given: dict[str, Any] = {}
    signatures: dict[str, GivenSignature] = {}
    photos: dict[str, list[bytes]] = {}
    for name, spec in form.fields.items():
        if spec.type == "signature":
            signatures[name] = read_signature(post, name)
        elif spec.type == "photo":
            # One byte more than allowed tells that a file is too large without reading it all.
            photos[name] = [file.read(PHOTO_BYTES + 1) for file in files.getlist(name)]
        elif spec.type == "people":
            given[name] = post.getlist(name)
        elif name in post:
            given[name] = post[name]
    return Sent(given, signatures, photos)


def controls(
    form: Form,
    *,
    sent: Sent | None = None,
    prefill: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[Any]] | None = None,
    people: Sequence[tuple[int, str]] = (),
    kept: Mapping[str, str] = MappingProxyType({}),
) -> list[Control]:
    """The form's fields in their order, with what was entered and what is wrong with it.

    ``people``: whom a field for persons offers, as (target id, name). ``kept``: what is said of
    pictures that are there from an earlier version, by field; they need not be given again.
    """
    entered = Sent(given=prefill or {}) if sent is None else sent
    found = [
        _control(form, name, entered, errors or {}, people)
        for name, field in form.fields.items()
        if field.type != "list"
    ]
    return [
        replace(each, required=False, help=kept[each.name]) if each.name in kept else each
        for each in found
    ]


def entered(record: Record) -> dict[str, Any]:
    """The answers of a filed record as its form's controls take them."""
    texts = dict(record.texts.values_list("field", "text"))
    values, fields = queries.own_values(record), queries.form_of(record).fields
    typed = {key: _shown(fields[key], values[key]) for key in values if key in fields}
    return typed | {
        key: text for key, text in texts.items() if key in fields and is_free_text(fields[key])
    }


def pictured(record: Record) -> dict[str, str]:
    """What is said beside the fields whose pictures a record has already, for its next version."""
    signed = Signature.objects.filter(record__in=Record.objects.versions_of(record))
    said = dict.fromkeys(
        signed.values_list("field", flat=True),
        _("先前的签名留在原来的版本上，签的是更改前的内容；可以重新签，不签的会这样注明。"),
    )
    taken = Counter(record.photos.values_list("field", flat=True))
    return said | {
        field: _("原有的 %(n)s 张照片留在新版本里；可以再加。") % {"n": count}
        for field, count in taken.items()
    }


def _shown(field: Any, value: Any) -> Any:
    """A moment as its control takes it: on the firm's clock, without a zone."""
    if field.type != "datetime":
        return value
    moment = localtime(datetime.fromisoformat(str(value)))
    return moment.strftime("%Y-%m-%dT%H:%M:%S" if moment.second else "%Y-%m-%dT%H:%M")


def _control(
    form: Form,
    name: str,
    entered: Sent,
    errors: Mapping[str, Sequence[Any]],
    people: Sequence[tuple[int, str]],
) -> Control:
    spec = form.fields[name]
    given: dict[str, Any] = {
        "value": entered.given.get(name),
        "errors": errors.get(name, ()),
        "clause": " ".join(form.clauses_at(name)),
        "help": _help(form, spec),
        "required_sometimes": spec.required_if is not None,
    }
    if is_free_text(spec):
        given |= {"kind": "textarea", "rows": 2}
    elif spec.type in ("person", "people"):
        given["choices"] = people
    elif spec.type == "photo":
        given["multiple"] = True
        given["value"] = ""
    elif spec.type == "signature":
        drawn = entered.signatures.get(name, GivenSignature("", False, ""))
        given |= {"value": drawn.image, "refused": drawn.refused, "reason": drawn.reason}
    return from_pack(spec, given)


def _help(form: Form, spec: FormField) -> str:
    """How it is filled in, and which answer makes it required."""
    said = (spec.hint, policy_forms.when_required(form, spec))
    return sentences(text.say(get_language() or "zh") for text in said if text)


def read_ids(given: Sequence[str]) -> list[int]:
    """The ids of chosen records; raises NotFound for what can be none."""
    if not all(re.fullmatch("[0-9]{1,18}", text) for text in given):
        raise NotFound
    return [int(text) for text in given]


def labels(form: Form) -> dict[str, str]:
    """Titles by field, for the summary of what has to be mended."""
    language = get_language() or "zh"
    return {name: spec.title.say(language) for name, spec in form.fields.items()}


def opening(adoption: Adoption, form: Form, *, about: int, now: datetime) -> dict[str, Any]:
    """What stands in the fields that declare it when the form is opened about a target.

    Another field's value, or a setting's; a length becomes a date counted from today.
    """
    in_force = as_in_force(adoption)
    return policy_forms.prefill(
        in_force.policy,
        form,
        settings=in_force.settings,
        values=queries.known_about(about),
        now=now,
        zone=in_force.zone,
        calendar=in_force.calendar,
    )


def with_limits(
    controls: Sequence[Control], adoption: Adoption, form: Form, *, now: datetime
) -> list[Control]:
    """The controls; beside the reason for a later date, how much time needs none as of now."""
    in_force, language = as_in_force(adoption), get_language() or "zh"
    said: dict[str, str] = {}
    for spec in form.fields.values():
        if spec.latest is not None:
            text = in_force.policy.setting(spec.latest.setting, in_force.settings)
            with suppress(NotALength):
                length = say_length(parse_length(text or ""), language)
                said[spec.latest.unless] = _("现在的参数是 %(length)s。") % {"length": length}
    return [
        replace(each, help=in_turn(each.help, said[each.name])) if each.name in said else each
        for each in controls
    ]
