"""Files that are no photographs, or try to cost more than one, sent where a photo belongs."""

from __future__ import annotations

import io
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from huiyin.records.models import Blob, Photo
from tests.access.test_hostile_forms import BY_NAME, sent, wrong_answer
from tests.access.world import World, rows, undone
from tests.app import scene as on
from tests.bad_input.answers import wrong_words
from tests.bad_input.pictures import HIDDEN, NO_PHOTOS, STRIPPED, BadPicture

pytestmark = pytest.mark.django_db


def uploaded(content: bytes, called: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(called, content, "image/jpeg")


@pytest.mark.parametrize("picture", NO_PHOTOS, ids=str)
def test_a_file_that_is_no_photo_is_refused(place: World, picture: BadPicture) -> None:
    file = uploaded(picture.make(), picture.called)
    before, began = rows(), time.monotonic()

    with undone():
        answer = sent(place, BY_NAME["followups:workbench"], {"photo": [file]})
        after = rows()

    assert time.monotonic() - began < 5
    assert wrong_answer(answer, "照片") == ""
    assert wrong_words(picture.answer, answer.content.decode()) == []
    assert after == before


def test_thirteen_photos_are_too_many(place: World) -> None:
    before = rows()

    with undone():
        files = [uploaded(on.photograph(), f"{n}.jpg") for n in range(13)]
        answer = sent(place, BY_NAME["followups:workbench"], {"photo": files})
        after = rows()

    assert wrong_answer(answer, "照片") == ""
    assert after == before


@pytest.mark.parametrize("picture", STRIPPED, ids=str)
def test_of_a_photo_nothing_is_kept_but_the_picture(place: World, picture: BadPicture) -> None:
    with undone():
        file = uploaded(picture.make(), picture.called)
        answer = sent(place, BY_NAME["followups:workbench"], {"photo": [file]})
        kept = bytes(Blob.objects.get(pk=Photo.objects.latest("pk").blob_id).content)

    assert answer.status_code == 302
    assert kept.startswith(b"\xff\xd8\xff")
    assert HIDDEN not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()


def test_a_good_photo_with_broken_notes_is_still_a_photo(place: World) -> None:
    notes, file = Image.Exif(), io.BytesIO()
    notes[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (64, 48), "grey").save(file, "WEBP", exif=notes)
    broken = file.getvalue().replace(b"MM\0*", b"M\xfe\0*")
    assert broken != file.getvalue()

    with undone():
        photo = SimpleUploadedFile("a.webp", broken, "image/webp")
        answer = sent(place, BY_NAME["followups:workbench"], {"photo": [photo]})

    assert answer.status_code == 302
