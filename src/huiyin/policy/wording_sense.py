"""The words of what is wrong in the sense of a pack; the form's own are in ``wording.py``."""

from __future__ import annotations

from collections.abc import Mapping

Wording = tuple[str, str, str, str]
"""Message zh, message en, remedy zh, remedy en."""

SENSE: Mapping[str, Wording] = {
    "unknown_clause": (
        "绑定了不存在的条款“{value}”",
        "bound to a clause that does not exist: `{value}`",
        "请在 clauses.yaml 里写明该条款{nearest_zh}",
        "state the clause in clauses.yaml{nearest_en}",
    ),
    "unknown_leaf": (
        "条款“{value}”绑定到“{leaf}”，这里没有这一项",
        "clause `{value}` is bound to `{leaf}`, which is not here",
        "可用：{allowed}",
        "possible here: {allowed}",
    ),
    "unknown_role": (
        "角色“{value}”没有声明",
        "the role `{value}` is not declared",
        "请在 roles 里声明{nearest_zh}",
        "declare it under `roles`{nearest_en}",
    ),
    "unknown_field": (
        "字段“{value}”没有声明",
        "the field `{value}` is not declared",
        "请在 subjects 或 forms 里声明{nearest_zh}",
        "declare it under `subjects` or `forms`{nearest_en}",
    ),
    "unknown_setting": (
        "参数“{value}”没有声明",
        "the setting `{value}` is not declared",
        "请在 settings 里声明{nearest_zh}",
        "declare it under `settings`{nearest_en}",
    ),
    "unknown_form": (
        "表单“{value}”没有声明",
        "the form `{value}` is not declared",
        "请在 forms 里声明{nearest_zh}",
        "declare it under `forms`{nearest_en}",
    ),
    "unknown_fact": (
        "事实“{value}”没有声明",
        "the fact `{value}` is not declared",
        "请在 subjects 的 facts 里声明{nearest_zh}",
        "declare it under a subject's `facts`{nearest_en}",
    ),
    "unknown_duty": (
        "职责“{value}”不存在",
        "there is no duty `{value}`",
        "请检查编号{nearest_zh}",
        "check the id{nearest_en}",
    ),
    "unknown_act": (
        "行为“{value}”不存在",
        "there is no act `{value}`",
        "可用：{allowed}",
        "possible: {allowed}",
    ),
    "unknown_about": (
        "“{value}”不是可以填表的对象",
        "a form cannot be about `{value}`",
        "可用：{allowed}",
        "possible: {allowed}",
    ),
    "unknown_choice": (
        "“{value}”不是字段“{field}”的选项",
        "`{value}` is not a choice of `{field}`",
        "可用：{allowed}",
        "possible: {allowed}",
    ),
    "wrong_type": (
        "字段“{value}”的类型是 {type}，这里需要 {wanted}",
        "the field `{value}` is of type {type}; {wanted} is needed here",
        "请换一个字段",
        "use another field",
    ),
    "not_required": (
        "规则要读取“{value}”，但它可以留空",
        "a rule reads `{value}`, which may stay empty",
        "请给它加上 `required: true`",
        "add `required: true` to it",
    ),
    "not_ordered": (
        "字段“{value}”的选项没有次序",
        "the choices of `{value}` have no order",
        "请用 `choice_ordered` 声明",
        "declare them with `choice_ordered`",
    ),
    "cycle": (
        "仅由引擎事实构成的循环：{value}",
        "a cycle made of engine facts only: {value}",
        "循环里至少要有一个人做的事",
        "let something that a person does stand in between",
    ),
    "same_as_circle": (
        "“{value}”的时限绕回自己",
        "the clock of `{value}` leads back to itself",
        "请写明一个时限",
        "state the length in one of them",
    ),
    "two_rules": (
        "编号“{value}”用于两条规则",
        "the id `{value}` names two rules",
        "请改名",
        "rename one of them",
    ),
    "choice_not_covered": (
        "选项“{choice}”没有时限，也没有 `else`",
        "the choice `{choice}` has no length, nor is there an `else`",
        "请写明或加上 `else`",
        "add it or an `else`",
    ),
    "signature_mismatch": (
        "表单没有签名栏“{value}”，或其 or_reason 与此不同",
        "the form has no signature `{value}`, or its or_reason differs",
        "请让两处一致",
        "let both say the same",
    ),
    "clause_unbound": (
        "条款“{value}”没有绑定到任何规则",
        "clause `{value}` is bound to nothing",
        "如属原则性条款，请列入 acknowledge",
        "bind it, or list it under `acknowledge` if it only declares",
    ),
    "taken": (
        "编号“{value}”已另有所指",
        "the id `{value}` already names something else",
        "请改名",
        "choose another id",
    ),
    "not_a_number": (
        "“{value}”不是数字",
        "`{value}` is not a number",
        "例如写 `12`",
        "write for example `12`",
    ),
    "empty_setting": (
        "参数没有内容",
        "the setting is empty",
        "请写明",
        "write what it is",
    ),
    "too_often": (
        "每个对象每期 {value} 次，一年就是 {count} 项义务，超过 {limit} 项",
        "{value} times a period makes {count} obligations a year about each, more than {limit}",
        "请减少次数，或把周期写长",
        "let it be fewer times, or a longer period",
    ),
    "not_whole": (
        "参数“{value}”要用来计数，默认值却不是 1 至 9 位的整数",
        "the setting `{value}` counts something, and its default is no whole number of 1 to 9 digits",
        "例如写 `default: 3`",
        "write for example `default: 3`",
    ),
    "no_serial": (
        "编号规则“{value}”里没有流水号",
        "the number rule `{value}` has no serial",
        "例如写 `ZG-{{year}}-{{serial:4}}`，位数最多 9",
        "write for example `ZG-{{year}}-{{serial:4}}`, with 9 digits at most",
    ),
    "late_order": (
        "逾期步骤“{value}”早于上一步",
        "the late step `{value}` comes before the step above it",
        "请按先后排列",
        "put the steps in their order",
    ),
    "not_a_cadence": (
        "“{value}”不是周期",
        "`{value}` is not a period that returns",
        "例如写 `day`、`workday`、`week(sat)`、`month`、`quarter`、`year`、`holiday` 或 `7d`",
        "write for example `day`, `workday`, `week(sat)`, `month`, `quarter`, `year`, `holiday`"
        " or `7d`",
    ),
    "not_a_moment": (
        "“{value}”不是周期内的时刻",
        "`{value}` is not a moment of a period",
        "例如写 `sat end_of_work`、`mon eod` 或 `10d after end`",
        "write for example `sat end_of_work`, `mon eod` or `10d after end`",
    ),
    "one_opener": (
        "规则须有且只有一个起因，这里有：{value}",
        "a rule has exactly one opener; here: {value}",
        "`on`、`every`、`quota`、`before` 只留一个",
        "keep one of `on`, `every`, `quota`, `before`",
    ),
    "not_with_opener": (
        "`{value}` 不能与 `{opener}` 同用",
        "`{value}` says nothing beside `{opener}`",
        "请删去，或换一个起因",
        "remove it, or use another opener",
    ),
    "since_needs_length": (
        "`since` 之后的 `every` 须是时限，不是“{value}”",
        "`every` behind `since` is a length, not `{value}`",
        "例如写 `every: 7d`",
        "write for example `every: 7d`",
    ),
    "score_each": (
        "按周期计分须写明对谁（`each`），按事实计分则不写",
        "a score by period names whom (`each`), a score for a fact does not",
        "例如写 `every: month` 与 `each: 角色`",
        "write for example `every: month` with `each: <role>`",
    ),
    "two_limits": (
        "一个指标只能有一个界限",
        "an indicator has one limit",
        "`at_least`、`at_most`、`less_than` 只留一个",
        "keep one of `at_least`, `at_most`, `less_than`",
    ),
    "list_needs_population": (
        "`type: list` 与 `list_of` 须同时写",
        "`type: list` and `list_of` go together",
        "例如写 `type: list` 与 `list_of: {{of: case}}`",
        "write for example `type: list` with `list_of: {{of: case}}`",
    ),
    "unknown_kind": (
        "没有“{value}”这类对象",
        "there is no kind of target `{value}`",
        "可用制度自己的跟踪对象，或 customer、case、person{nearest_zh}",
        "use one of the pack's subjects, or customer, case, person{nearest_en}",
    ),
    "not_selecting": (
        "“{value}”不能用来选定一批对象",
        "`{value}` cannot select targets",
        "请用对象自己的字段、其客户的字段，或 seen、never、met",
        "use fields of the targets themselves or of their customer, or seen, never, met",
    ),
    "not_kept": (
        "门槛的 where 不能用“{value}”：行为做完以后，没有事实说得出当时是不是这样",
        "`where` of a guard cannot use `{value}`: once an act is over, no fact tells what it was then",
        "请写进 require 或 deny，例如 `require: [{{any: [{{not: …}}, …]}}]`",
        "write it under `require` or `deny`, for example `require: [{{any: [{{not: …}}, …]}}]`",
    ),
    "never_told": (
        "行为里没有“{value}”，这道门槛会一律拒绝",
        "no act tells `{value}`, so that this guard would refuse always",
        "请用对象或行为自己的字段；“现在”写 fact.happened",
        "use a field of the target or of the act itself; now is `fact.happened`",
    ),
    "unknown_score": (
        "积分规则“{value}”不存在",
        "there is no score `{value}`",
        "请检查编号{nearest_zh}",
        "check the id{nearest_en}",
    ),
    "score_needs_once": (
        "按引擎事实“{value}”计分，须写明什么只算一次",
        "points for the engine fact `{value}` need to say what counts once",
        "例如写 `once_per: obligation.id`",
        "write for example `once_per: obligation.id`",
    ),
    "unknown_indicator": (
        "指标“{value}”不存在",
        "there is no indicator `{value}`",
        "请检查编号{nearest_zh}",
        "check the id{nearest_en}",
    ),
    "quota_needs_role": (
        "定额须由角色承担，每位在任者各一份",
        "a quota is owed by a role, each holder for himself",
        "请写 `owed_by: 角色`",
        "write `owed_by: <role>`",
    ),
    "not_without_fact": (
        "没有事实或对象说明“{value}”是谁，无法排除此人",
        "nothing says who `{value}` is, so nobody can be left out",
        "`not` 只与 `on` 连用，或与 `over` 一起写对象的人员栏；否则请删去 `not`",
        "use `not` with `on`, or with `over` and a person of its fields; else remove `not`",
    ),
    "many_recipients": (
        "有多个收件方，须写明每个收件方各一项",
        "there are several recipients",
        "请加上 `each: recipient`",
        "add `each: recipient`: one obligation for each",
    ),
    "each_recipient": (
        "没有收件方，不能按收件方分列",
        "there are no recipients to have one each",
        "请在 proof 里写 `sent_to`",
        "name them in `proof: {{sent_to: …}}`",
    ),
    "each_person": (
        "按人分列的职责须由角色承担",
        "one for each person needs a role that owes it",
        "请写 `owed_by: 角色`",
        "write `owed_by: <role>`",
    ),
    "zero_length": (
        "“{value}”没有长度",
        "`{value}` is no time at all",
        "当天内完成请写 `eod`",
        "write `eod` for the same day",
    ),
    "zero_share": (
        "“{value}”的比例是 0，什么也不承担",
        "a share of 0 % owes nothing: `{value}`",
        "请写大于 0 的比例，或去掉这个角色",
        "write more than 0 %, or leave the role out",
    ),
    "held_by_elsewhere": (
        "“held_by: {value}” 只能写在跟踪对象的字段里",
        "`held_by: {value}` belongs to a subject's field",
        "表单由谁填写用 `by`，由谁办用 `owed_by`；不需要的请删去",
        "who writes a field of a form is `by`, who owes it `owed_by`; else leave it out",
    ),
    "zero_rate": (
        "“{value}: 0%” 总是同一个结论，说明不了什么",
        "`{value}: 0%` always comes to the same verdict",
        "请写大于 0 的比例；一件也不许有的写 `at_most: 0%`",
        "write more than 0 %; where there may be none at all, `at_most: 0%`",
    ),
}
