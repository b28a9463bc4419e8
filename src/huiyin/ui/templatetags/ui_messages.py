"""What a message of django.contrib.messages means to the page."""

from django import template
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message

from huiyin.ui.flash import DRAFT_DONE

register = template.Library()


@register.filter
def message_tone(message: Message) -> str:
    if message.level >= constants.ERROR:
        return "late"
    if message.level >= constants.WARNING:
        return "due"
    return "met" if message.level >= constants.SUCCESS else ""


@register.filter
def saved_draft(message: Message) -> str:
    """The key of the draft that this message declares saved, or nothing."""
    tags = message.extra_tags or ""
    return tags.removeprefix(DRAFT_DONE) if tags.startswith(DRAFT_DONE) else ""
