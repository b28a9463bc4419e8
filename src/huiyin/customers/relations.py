"""What a contact is to the customer: free words, of which the usual ones are known."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

KNOWN = frozenset({
    _("业主"), _("户主"), _("住户"), _("租户"), _("家属"), _("家人"), _("配偶"), _("父母"), _("子女"),
    _("联系人"), _("负责人"), _("主要负责人"), _("采购"), _("收货验收"), _("出纳"), _("会计"),
    _("签约代表"), _("签约代表指定人"), _("登记本人"),
})  # fmt: skip


def relation_words(relation: str) -> str:
    """In the language of the page where it is a known word, else as it was written."""
    return gettext(relation) if relation in KNOWN else relation
