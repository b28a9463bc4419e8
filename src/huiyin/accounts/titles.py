"""What a position is called in the language of the page."""

from django.utils.translation import get_language


def title_of(title: str, english: str) -> str:
    """A position's title; where it has none in English, the one that it has."""
    is_chinese = (get_language() or "zh").startswith("zh")
    return title if is_chinese or not english else english
