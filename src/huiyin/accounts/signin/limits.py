"""Too many tries: how long one waits, the answer that says so, and how a lock is taken off.

allauth counts (`ACCOUNT_RATE_LIMITS`); it does not tell when the count is over, so that is read
from the same history.
"""

from __future__ import annotations

import math

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from huiyin.core import clock

APP, FAILED = "allauth.account", "login_failed"
LIMITED = "too_many_login_attempts"
"""The code of an error that only time cures; allauth's other word for it is `rate_limited`."""

MINUTE = 60


def key_of(username: str) -> str:
    """What failures of a login are counted under, whatever address the page was opened at."""
    return f"login:{username.lower()}"


def refusal(request: HttpRequest, key: str) -> ValidationError:
    """The error of a form that was sent too often, with the minutes that are left."""
    minutes = max(1, math.ceil(_seconds_left(request, key) / MINUTE))
    message = ngettext(
        "连续输错的次数太多，请在 %(n)s 分钟后再试。",
        "连续输错的次数太多，请在 %(n)s 分钟后再试。",
        minutes,
    )
    return ValidationError(message % {"n": minutes}, code=LIMITED)


def unlock(username: str) -> None:
    """Forget the failures of a login; those of an address run out by themselves."""
    for rate in ratelimit.get_rates(app=APP, action=FAILED):
        if rate.per == "key":
            cache.delete(
                ratelimit.get_cache_key(
                    HttpRequest(), app=APP, action=FAILED, rate=rate, key=key_of(username)
                )
            )


def is_limited(form: BaseForm) -> bool:
    """Whether a form was refused for having been sent too often."""
    return any(
        error.code == LIMITED for errors in form.errors.as_data().values() for error in errors
    )


def status_of(form: BaseForm) -> int:
    """The status with which a page shows the form again."""
    if not form.is_bound or form.is_valid():
        return 200
    return 429 if is_limited(form) else 422


def too_many(request: HttpRequest) -> HttpResponse:
    """The page of an address that asks too often; all limits but that of failures are a minute."""
    answer = render(request, "429.html", status=429)
    answer.headers["Retry-After"] = str(MINUTE)
    return answer


def _seconds_left(request: HttpRequest, key: str) -> float:
    now = clock.now().timestamp()
    left = [0.0]
    for rate in ratelimit.get_rates(app=APP, action=FAILED):
        counted_under = ratelimit.get_cache_key(request, app=APP, action=FAILED, rate=rate, key=key)
        tries = cache.get(counted_under, [])
        if len(tries) >= rate.amount:
            left.append(tries[rate.amount - 1] + rate.duration - now)
    return max(left)
