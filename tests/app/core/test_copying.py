"""COPY and encrypted columns, on a table of the test's own."""

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps

from huiyin.core.copying import copy_rows, reserve_ids
from huiyin.core.fields import EncryptedText
from huiyin.core.models import IdempotencyKey

TABLE = "CREATE TEMPORARY TABLE core_secret (id bigserial PRIMARY KEY, name text, facts jsonb)"


@pytest.fixture
def secrets(db):
    """A model with an encrypted and a JSON column."""
    with isolate_apps("huiyin.core"):

        class Secret(models.Model):
            name = EncryptedText(null=True)
            facts = models.JSONField(null=True)

            class Meta:
                app_label = "core"

        with connection.cursor() as cursor:
            cursor.execute(TABLE)
        yield Secret
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE core_secret")


def raw():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM core_secret ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


AWKWARD = '𠮷\t先生\n\\N "\'张" %s'


def test_what_is_copied_is_encrypted_and_comes_back(secrets):
    assert copy_rows(secrets, ["name", "facts"], [(AWKWARD, {"格": [AWKWARD, None, 1.5]})]) == 1

    assert "先生" not in raw()[0]
    row = secrets.objects.get()
    assert (row.name, row.facts) == (AWKWARD, {"格": [AWKWARD, None, 1.5]})


def test_copy_and_save_write_the_same_kind_of_row(secrets):
    secrets.objects.create(name=AWKWARD, facts={"n": 1})
    copy_rows(secrets, ["name", "facts"], [(AWKWARD, {"n": 1})])

    first, second = secrets.objects.order_by("pk")
    assert (first.name, first.facts) == (second.name, second.facts)
    assert raw()[0] != raw()[1]


def test_empty_and_missing_stay_what_they_are(secrets):
    copy_rows(secrets, ["name", "facts"], [("", {}), (None, None)])

    assert raw() == ["", None]
    assert list(secrets.objects.order_by("pk").values_list("facts", flat=True)) == [{}, None]


def test_an_encrypted_column_is_not_searched(secrets):
    with pytest.raises(NotImplementedError, match="blind index"):
        list(secrets.objects.filter(name="x"))

    assert not secrets.objects.filter(name__isnull=True).exists()


def test_a_column_that_does_not_exist_is_named(db):
    with pytest.raises(LookupError, match="colour"):
        copy_rows(IdempotencyKey, ["colour"], [])


def test_reserved_ids_ascend_and_are_given_once(db):
    first, second = reserve_ids(IdempotencyKey, 3), reserve_ids(IdempotencyKey, 2)

    assert first + second == sorted({*first, *second})


def test_what_the_database_refuses_is_an_error_of_djangos(db, now):
    rows = [("k", 1, "x", "", now)] * 2

    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(
            IdempotencyKey, ["key", "actor", "request_digest", "response_ref", "created_at"], rows
        )

    assert not IdempotencyKey.objects.exists()
