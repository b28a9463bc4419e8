"""那么条款 … 的结论为 … : the verdict that page, report and bundle show."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import pack_of
from huiyin.core.percentages import percent
from huiyin.insights.rates import rates
from huiyin.insights.verdicts import verdicts
from huiyin.scenarios.errors import Misused, Unmet
from huiyin.scenarios.moments import read_month
from huiyin.scenarios.titles import CONCLUSIONS
from huiyin.scenarios.vocabulary import then
from huiyin.scenarios.world import World


@then("{period} 指标 {clause} 为 {value}")
def rate_is(world: World, period: str, clause: str, value: str) -> None:
    """A rate of the month, quarter or year that holds the month; — where there is no base."""
    key = world.titles.indicator(clause)
    adoption = Adoption.objects.select_related("policy_version").get(pk=world.adoption)
    month = read_month(period)
    indicator = world.policy.indicators[key]
    found = rates(adoption, [indicator], months=[month], now=world.now)[month, key]
    shown = percent(found.value)
    if shown != value:
        raise Unmet(value, f"{shown}（{found.part} / {found.whole}）")


@then("条款 {clause} 在 {period} 的结论为 {conclusion}[，{part#} / {whole#}]")
def verdict_is(
    world: World,
    clause: str,
    period: str,
    conclusion: str,
    part: str | None,
    whole: str | None,
) -> None:
    adoption = Adoption.objects.select_related("policy_version").get(pk=world.adoption)
    month = read_month(period)
    pack = pack_of(adoption.policy_version_id)
    found = verdicts(adoption, pack, months=[month], now=world.now)
    if (clause, month) not in found:
        raise Misused(_("没有条款“%s”的结论") % clause)
    verdict = found[clause, month]
    if verdict.conclusion != world.titles.conclusion_code(conclusion):
        raise Unmet(conclusion, CONCLUSIONS[verdict.conclusion])
    if part is not None and (verdict.part, verdict.whole) != (int(part), int(whole or 0)):
        raise Unmet(f"{part} / {whole}", f"{verdict.part} / {verdict.whole}")
