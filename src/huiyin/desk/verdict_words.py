"""What a verdict is made of, in words: each figure with its base."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huiyin.adoption.packs import Pack
from huiyin.core.percentages import percent
from huiyin.core.punctuation import chained, explained, sentences
from huiyin.insights.verdicts import LeafVerdict, Verdict


def figures_of(verdict: Verdict, pack: Pack, language: str) -> str:
    """The figures behind a verdict in words, with their base; several duties or guards are named."""
    told = [(leaf, words) for leaf in _telling(verdict) if (words := leaf_words(leaf))]
    ruled = {
        leaf.leaf.partition(".")[0] for leaf, _words in told if leaf.kind in ("clock", "guard")
    }
    if len(ruled) < 2:
        return sentences(dict.fromkeys(words for _leaf, words in told))
    named = [explained(_duty_title(leaf, pack, language), words) for leaf, words in told]
    return sentences(dict.fromkeys(named))


def _telling(verdict: Verdict) -> Iterator[LeafVerdict]:
    """Refusals are counted by clause: of several guards the first one tells them."""
    keys = (leaf.leaf.partition(".")[0] for leaf in verdict.leaves if leaf.kind == "guard")
    first = next(keys, "")
    for leaf in verdict.leaves:
        again = leaf.kind == "guard" and leaf.leaf.partition(".")[0] != first
        yield replace(leaf, refused=0) if again else leaf


def _duty_title(leaf: LeafVerdict, pack: Pack, language: str) -> str:
    """What the leaf's rule is called: its duty, its form, its guard."""
    key = leaf.leaf.partition(".")[0]
    for part in pack.policy.bound_parts.values():
        found = part.get(key)
        if found is not None and found.title is not None:
            return found.title.say(language)
    return key


def leaf_words(leaf: LeafVerdict) -> str:
    if not leaf.whole:
        refused = [_("拒绝 %(n)s 次") % {"n": leaf.refused}] if leaf.refused else []
        return chained(refused + _blocked_words(leaf) + _adrift_words(leaf))
    return LEAF_WORDS[leaf.kind](leaf)


def _clock_words(leaf: LeafVerdict) -> str:
    on_time = leaf.part - leaf.waived  # what was waived keeps the clause, but nobody was there
    words = [_("按时 %(part)s/%(whole)s") % {"part": on_time, "whole": leaf.whole}]
    if done_late := leaf.late - leaf.overdue:
        words.append(
            ngettext("逾期完成 %(n)s 项", "逾期完成 %(n)s 项", done_late) % {"n": done_late}
        )
    if leaf.overdue:
        words.append(
            ngettext("逾期未办 %(n)s 项", "逾期未办 %(n)s 项", leaf.overdue) % {"n": leaf.overdue}
        )
    if leaf.running:
        words.append(_("未到期 %(n)s 项") % {"n": leaf.running})
    if leaf.entered_late:
        words.append(_("其中补录 %(n)s 项") % {"n": leaf.entered_late})
    return chained(words + _waived_words(leaf) + _blocked_words(leaf))


def _share_words(leaf: LeafVerdict) -> str:
    visited = _("已回访 %(part)s 单，至少 %(needed)s 单（共 %(whole)s 单，%(percent)s）") % {
        "part": leaf.part,
        "needed": leaf.needed,
        "whole": leaf.whole,
        "percent": percent(Fraction(leaf.part, leaf.whole), short_of=leaf.limit or Fraction(1)),
    }
    return chained([visited, *_waived_words(leaf), *_blocked_words(leaf)])


def _waived_words(leaf: LeafVerdict) -> list[str]:
    if not leaf.waived:
        return []
    return [ngettext("免除 %(n)s 项", "免除 %(n)s 项", leaf.waived) % {"n": leaf.waived}]


def _blocked_words(leaf: LeafVerdict) -> list[str]:
    """Neither done nor missed: counted beside the whole."""
    if not leaf.blocked:
        return []
    return [ngettext("另有受阻 %(n)s 项", "另有受阻 %(n)s 项", leaf.blocked) % {"n": leaf.blocked}]


def _field_words(leaf: LeafVerdict) -> str:
    return _("%(whole)s 份记录中 %(part)s 份填了这一项") % {"whole": leaf.whole, "part": leaf.part}


def _guard_words(leaf: LeafVerdict) -> str:
    words = [_("照规定办了 %(part)s 次") % {"part": leaf.part}]
    if leaf.refused:
        words.append(_("拒绝 %(n)s 次") % {"n": leaf.refused})
    return chained(words)


def _role_words(leaf: LeafVerdict) -> str:
    if leaf.units > 1:
        held = _("%(units)s 个单位各 %(days)s 天，共 %(whole)s 天，其中 %(part)s 天恰有一人担任")
    else:
        held = _("%(part)s/%(whole)s 天有人担任")
    told = held % {
        "part": leaf.part,
        "whole": leaf.whole,
        "units": leaf.units,
        "days": leaf.whole // max(leaf.units, 1),
    }
    return chained([told, *_adrift_words(leaf)])


def _adrift_words(leaf: LeafVerdict) -> list[str]:
    """Who has no officer, because no zone is theirs."""
    if not leaf.adrift:
        return []
    return [_("%(n)s 户不属于任何下级单位") % {"n": leaf.adrift}]


def _setting_words(leaf: LeafVerdict) -> str:
    """That a setting is set is no figure; that it is not is why the clause cannot be kept."""
    return "" if leaf.part else _("有参数还没有定下")


def _table_words(leaf: LeafVerdict) -> str:
    words = [_("判定 %(part)s 次") % {"part": leaf.part}]
    if waiting := leaf.whole - leaf.part:
        words.append(_("待人工判定 %(n)s 项") % {"n": waiting})
    return chained(words)


def _party_words(leaf: LeafVerdict) -> str:
    return _("送达 %(n)s 次") % {"n": leaf.part}


def _score_words(leaf: LeafVerdict) -> str:
    words = [_("记分 %(n)s 笔") % {"n": leaf.whole}]
    if leaf.running:
        words.append(_("待生效 %(n)s 笔") % {"n": leaf.running})
    return chained(words)


def _indicator_words(leaf: LeafVerdict) -> str:
    value = Fraction(leaf.part, leaf.whole)
    return _("%(percent)s（%(part)s/%(whole)s）") % {
        "percent": percent(value, short_of=leaf.limit or Fraction(1), over=leaf.limit),
        "part": leaf.part,
        "whole": leaf.whole,
    }


def _acknowledged_words(leaf: LeafVerdict) -> str:
    return _("%(part)s/%(whole)s 人已阅知") % {"part": leaf.part, "whole": leaf.whole}


LEAF_WORDS = {
    "clock": _clock_words,
    "share": _share_words,
    "field": _field_words,
    "guard": _guard_words,
    "role": _role_words,
    "setting": _setting_words,
    "table": _table_words,
    "party": _party_words,
    "score": _score_words,
    "indicator": _indicator_words,
    "acknowledged": _acknowledged_words,
}
