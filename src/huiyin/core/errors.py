"""What can go wrong in a way that a person can act on.

HuiyinError
├── Refused     a policy does not allow the act, or not yet    409
├── Conflict    somebody else was first; look again            409
├── Invalid     the form has to be mended, field by field      422
├── Forbidden   yours to see, not yours to do                  403
├── NotFound    not there, or not yours to know about          404
└── NotOpened   takes what a page sends, and is none itself    405

Anything else is our fault: 500 with a reference number. `core.http.ErrorMiddleware` shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from huiyin.core.punctuation import sentences


class HuiyinError(Exception):
    """The root. `message` is already translated (lazily), for the person at the screen.

    `code` is stable and never shown alone; `values` are what the message speaks of.
    """

    status = 500
    code = "error"

    def __init__(self, code: str, message: Any, **values: Any) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return str(self.message)


class Refused(HuiyinError):
    """A rule says no. Names the clauses that decided and the rule, so that a screen can show them."""

    status = 409

    def __init__(self, clauses: Sequence[str], message: Any, rule: str = "", **values: Any) -> None:
        super().__init__("refused", message, **values)
        self.clauses = list(clauses)
        self.rule = rule


class Conflict(HuiyinError):
    """The state is no longer what the act was meant for, or a key was used for something else."""

    status = 409

    def __init__(self, message: Any = "", *, code: str = "conflict", **values: Any) -> None:
        super().__init__(code, message or _("内容已被他人更改，请刷新后重试。"), **values)


class Invalid(HuiyinError):
    """What was given cannot be taken: messages by field; the key "" speaks of the whole."""

    status = 422

    def __init__(self, errors: Mapping[str, Sequence[Any]], message: Any = "") -> None:
        super().__init__("invalid", message or _("请更正下列内容。"))
        self.errors = {field: list(messages) for field, messages in errors.items()}

    def __str__(self) -> str:
        parts = [f"{field}: {sentences(messages)}" for field, messages in self.errors.items()]
        return f"{self.message} {' '.join(parts)}"


class Forbidden(HuiyinError):
    """The thing may be seen, but this person may not do this to it."""

    status = 403

    def __init__(self, message: Any = "", **values: Any) -> None:
        super().__init__(
            "forbidden",
            message or _("这一步不在您的职责范围内。如需办理，请联系本单位的负责人。"),
            **values,
        )


class NotFound(HuiyinError):
    """Not there, or not visible: the answer is the same, so that nothing is given away."""

    status = 404

    def __init__(self, message: Any = "", **values: Any) -> None:
        super().__init__("not_found", message or _("没有找到，或不在您的可见范围内。"), **values)


class NotOpened(HuiyinError):
    """The address only takes what a page sends; opened by itself it shows nothing."""

    status = 405

    def __init__(self, message: Any = "", **values: Any) -> None:
        said = message or _("这里只接收页面上提交的内容，不能直接打开；请回到原来的页面再做一次。")
        super().__init__("not_opened", said, **values)
