"""One effect for one key."""

import threading

import pytest
from django.db import connection, transaction

from huiyin.core import idempotency
from huiyin.core.errors import Conflict
from huiyin.core.models import IdempotencyKey

BODY = idempotency.digest_of({"answer": "满意", "present": [1, 2]})


@pytest.mark.django_db
def test_the_same_key_and_body_get_the_first_result(now):
    assert idempotency.once("k-1", 5, BODY, now=now) is None
    idempotency.keep("k-1", 5, "record:17")

    assert idempotency.once("k-1", 5, BODY, now=now) == "record:17"


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_a_conflict(now):
    idempotency.once("k-1", 5, BODY, now=now)

    with pytest.raises(Conflict) as refused:
        idempotency.once("k-1", 5, idempotency.digest_of({"answer": "不满意"}), now=now)

    assert refused.value.code == "key_reused"


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "second"), [(5, 6), (None, 5)])
def test_keys_of_different_people_do_not_meet(now, first, second):
    idempotency.once("k-1", first, BODY, now=now)

    assert idempotency.once("k-1", second, BODY, now=now) is None


@pytest.mark.django_db
def test_the_system_has_its_own_keys_and_each_once(now):
    idempotency.once("k-1", None, BODY, now=now)
    idempotency.keep("k-1", None, "x")

    assert idempotency.once("k-1", None, BODY, now=now) == "x"


def test_the_digest_does_not_depend_on_the_order_of_keys():
    assert BODY == idempotency.digest_of({"present": [1, 2], "answer": "满意"})


def test_a_second_request_waits_for_the_first_and_gets_its_result(scratch_db, now):
    claimed, results = threading.Event(), []

    def second() -> None:
        claimed.wait(10)
        try:
            with transaction.atomic():
                results.append(idempotency.once("k-1", 5, BODY, now=now))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        assert idempotency.once("k-1", 5, BODY, now=now) is None
        claimed.set()
        thread.join(0.3)
        assert results == []
        idempotency.keep("k-1", 5, "record:17")
    thread.join(10)

    assert results == ["record:17"]
    assert IdempotencyKey.objects.count() == 1
