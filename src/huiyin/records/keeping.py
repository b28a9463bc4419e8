"""The rows beside a record: pictures, texts, people present."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from django.utils.translation import gettext as _

from huiyin.policy.forms import SignatureGiven
from huiyin.records import pictures
from huiyin.records.models import (
    Blob,
    Photo,
    Record,
    RecordPresence,
    RecordText,
    Signature,
)  # fmt: skip
from huiyin.records.pictures import Picture
from huiyin.ui.fields import GivenSignature

PHOTOS_PER_FIELD = 12

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Decoded pictures of one filing. A signature of None was refused, with its reason."""

    signatures: Mapping[str, Picture | None] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    photos: Mapping[str, Sequence[Picture]] = field(default_factory=dict)

    @property
    def given(self) -> dict[str, SignatureGiven]:
        """The same as a form's check reads it."""
        return {
            name: SignatureGiven(drawn is not None, self.reasons.get(name, ""))
            for name, drawn in self.signatures.items()
        }

    @property
    def counts(self) -> dict[str, int]:
        return {name: len(taken) for name, taken in self.photos.items()}


def decoded(
    signatures: Mapping[str, GivenSignature], photos: Mapping[str, Sequence[bytes]]
) -> tuple[Evidence, dict[str, list[str]]]:
    """Read every picture before anything is written; and what cannot be read, field by field.

    A field that was left alone is absent afterwards.
    """
    errors: dict[str, list[str]] = {}
    drawn: dict[str, Picture | None] = {}
    taken: dict[str, list[Picture]] = {}
    for name, given in signatures.items():
        if given.refused:
            drawn[name] = None
        elif given.image:
            for picture in _read(errors, name, pictures.signature, given.image):
                drawn[name] = picture
    for name, files in photos.items():
        if len(files) > PHOTOS_PER_FIELD:
            errors[name] = [_("一次最多 %(most)s 张照片。") % {"most": PHOTOS_PER_FIELD}]
        elif files:
            taken[name] = [r for file in files for r in _read(errors, name, pictures.photo, file)]
    reasons = {name: given.reason for name, given in signatures.items() if given.refused}
    return Evidence(drawn, reasons, taken), errors


def _read(
    errors: dict[str, list[str]], name: str, how: Callable[[T], Picture], given: T
) -> list[Picture]:
    """The picture, or none and a message beside the field."""
    try:
        return [how(given)]
    except pictures.Unreadable as error:
        errors.setdefault(name, []).append(str(error))
        return []


def keep_blobs(kept: Iterable[Picture]) -> None:
    """Each picture once; the same bytes again are the same row."""
    Blob.objects.bulk_create(
        [
            Blob(
                sha256=picture.sha256,
                content=picture.content,
                media_type=picture.media_type,
                size=len(picture.content),
            )
            for picture in kept
        ],
        ignore_conflicts=True,
    )


def keep_evidence(
    record: Record,
    evidence: Evidence,
    *,
    signed_at: datetime,
    behind: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """The signatures and photos of a record that was just made.

    ``behind``: how many photos each field has already; the new ones come after them.
    """
    drawn = [picture for picture in evidence.signatures.values() if picture]
    keep_blobs([*drawn, *(picture for files in evidence.photos.values() for picture in files)])
    Signature.objects.bulk_create(
        Signature(
            record=record,
            field=name,
            blob_id=picture and picture.sha256,
            refused=picture is None,
            signed_at=signed_at,
        )
        for name, picture in evidence.signatures.items()
    )
    Photo.objects.bulk_create(
        Photo(record=record, field=name, ordinal=ordinal, blob_id=picture.sha256)
        for name, files in evidence.photos.items()
        for ordinal, picture in enumerate(files, start=1 + behind.get(name, 0))
    )


def keep_presence(record: Record, people: Iterable[int]) -> None:
    RecordPresence.objects.bulk_create(
        RecordPresence(record=record, person_id=person) for person in people
    )


def keep_content(
    record: Record,
    texts: Mapping[str, str],
    evidence: Evidence,
    *,
    behind: Mapping[str, int] = MappingProxyType({}),
) -> str:
    """The texts and pictures of a record that was just made; returns their common digest."""
    kept = [
        RecordText(record=record, field=name, salt=secrets.token_bytes(16), text=text)
        for name, text in texts.items()
        if text
    ]
    RecordText.objects.bulk_create(kept)
    keep_evidence(record, evidence, signed_at=record.happened_at, behind=behind)
    return digest_of(kept, evidence)


def carry_photos(earlier: Record, newer: Record) -> dict[str, int]:
    """The photos of an earlier version stay with the next; returns the last ordinal by field."""
    carried = list(earlier.photos.order_by("field", "ordinal"))
    Photo.objects.bulk_create(
        Photo(record=newer, field=photo.field, ordinal=photo.ordinal, blob_id=photo.blob_id)
        for photo in carried
    )
    return {photo.field: photo.ordinal for photo in carried}


def digest_of(texts: Iterable[RecordText], evidence: Evidence) -> str:
    """What a fact keeps of a record's texts and pictures: proof without content."""
    whole = hashlib.sha256()
    for text in sorted(texts, key=lambda text: text.field):
        whole.update(text.field.encode() + b"\0")
        whole.update(hashlib.sha256(bytes(text.salt) + text.text.encode()).digest())
    drawn = {name: [picture] for name, picture in evidence.signatures.items() if picture}
    for name, files in sorted({**evidence.photos, **drawn}.items()):
        for picture in files:
            whole.update(f"{name}\0{picture.sha256}\0".encode())
    return whole.hexdigest()
