"""`{% csrf_token %}` with the key of the submission, so that no form has to remember it.

A form that has a field ``key`` of its own below keeps that: of several the last one counts.
"""

import secrets
from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


class SubmissionNode(CsrfTokenNode):
    def render(self, context: Any) -> SafeString:
        key = format_html('<input type="hidden" name="key" value="{}">', secrets.token_urlsafe(24))
        return SafeString(super().render(context) + key)


@register.tag
def csrf_token(parser: Parser, token: Token) -> SubmissionNode:
    """The token against forged requests, and the key under which this form is sent once."""
    return SubmissionNode()
