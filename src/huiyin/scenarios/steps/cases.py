"""那么 … : what became of a problem, and what a form starts with."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huiyin.adoption.models import Adoption
from huiyin.adoption.queries import pack_of
from huiyin.cases.models import Case
from huiyin.obligations.models import Question
from huiyin.records.forms import opening
from huiyin.scenarios.errors import Unmet
from huiyin.scenarios.vocabulary import then
from huiyin.scenarios.world import World


@then("{case} 已关闭")
def case_is_closed(world: World, case: str) -> None:
    found = Case.objects.get(pk=world.target(case))
    if found.is_open:
        raise Unmet(str(Case.Stage.CLOSED.label), str(found.get_stage_display()))


@then("{case} 的类别为 {kind}")
def case_is_of_kind(world: World, case: str, kind: str) -> None:
    found = Case.objects.get(pk=world.target(case))
    if found.get_kind_display() != kind:
        raise Unmet(kind, str(found.get_kind_display()))


@then("无须人工判定[ 对 {target}]")
def nothing_is_undecided(world: World, target: str | None) -> None:
    """No rule lacked a value and asked a person."""
    asked = Question.objects.filter(adoption=world.adoption)
    if target is not None:
        asked = asked.filter(target=world.target(target))
    if found := "、".join(asked.values_list("missing", flat=True)):
        raise Unmet(_("无须人工判定"), _("缺 %s") % found)


@then("没有 {case}")
def there_is_no_case(world: World, case: str) -> None:
    if world.has_case(case):
        raise Unmet(_("没有“%s”") % case, _("有"))


@then("{form} 对 {target} 的 {field} 预填 {value}")
def form_starts_with(world: World, form: str, target: str, field: str, value: str) -> None:
    """What stands in a field when the form is opened about a target at the clock's moment."""
    _key, declared = world.titles.form(form)
    adoption = Adoption.objects.select_related("policy_version").get(pk=world.adoption)
    in_force = pack_of(adoption.policy_version_id).policy.forms[declared.key]
    found = opening(adoption, in_force, about=world.target(target), now=world.now)
    shown = str(found.get(world.titles.field(declared, field), _("空白")))
    if shown != value:
        raise Unmet(value, shown)
