"""What a contact is to the customer: free words, of which the usual ones are known."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KNOWN = {
    zh: words
    for zh, words in (
        ("业主", _("业主")), ("户主", _("户主")), ("住户", _("住户")), ("租户", _("租户")),
        ("家属", _("家属")), ("家人", _("家人")), ("配偶", _("配偶")), ("父母", _("父母")),
        ("子女", _("子女")), ("联系人", _("联系人")), ("负责人", _("负责人")),
        ("主要负责人", _("主要负责人")), ("采购", _("采购")), ("收货验收", _("收货验收")),
        ("出纳", _("出纳")), ("会计", _("会计")), ("签约代表", _("签约代表")),
        ("签约代表指定人", _("签约代表指定人")), ("登记本人", _("登记本人")),
    )
}  # fmt: skip


def relation_words(relation: str) -> str:
    """In the language of the page where it is a known word, else as it was written."""
    return str(KNOWN.get(relation, relation))
