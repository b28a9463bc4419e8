"""A message for the next page. Saving also ends the draft that the browser kept."""

from django.contrib import messages
from django.http import HttpRequest

DRAFT_DONE = "draft-done:"


def saved(request: HttpRequest, text: str, *, draft: str = "") -> None:
    """Say that it is saved; `draft` is the data-draft-key of the form that was sent.

    Only a page that shows this message clears the draft: an expired sign-in never does.
    """
    messages.success(request, text, extra_tags=f"{DRAFT_DONE}{draft}" if draft else "")
