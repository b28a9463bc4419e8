"""The words of every problem in a pack: what is wrong, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping

from huiyin.policy.errors import PackError

Wording = tuple[str, str, str, str]
"""Message zh, message en, remedy zh, remedy en."""

_WORDING: Mapping[str, Wording] = {
    "file_too_large": (
        "文件有 {size} 个字符，超过上限 {limit}",
        "the file has {size} characters, more than the limit of {limit}",
        "请拆小或删去无关内容",
        "remove what does not belong in a policy",
    ),
    "missing_file": (
        "制度包里没有这个文件",
        "the pack has no such file",
        "请添加该文件",
        "add the file to the pack's folder",
    ),
    "not_text": (
        "文件含有不可读的字符：{value}",
        "the file holds characters that are no text: {value}",
        "请存为 UTF-8",
        "save it as UTF-8",
    ),
    "not_yaml": (
        "不是有效的 YAML：{value}",
        "not valid YAML: {value}",
        "请检查缩进、冒号与引号",
        "check indentation, colons and quotes",
    ),
    "many_documents": (
        "一个文件只能有一份文档",
        "one file holds one document",
        "请删去“---”之后的内容",
        "remove what follows `---`",
    ),
    "key_not_text": (
        "键必须是文字",
        "a key has to be text",
        "例如 `within: 3d`",
        "write for example `within: 3d`",
    ),
    "duplicate_key": (
        "“{value}”写了两次",
        "`{value}` stands here twice",
        "同一层的编号只能用一次",
        "use every id once; rename or remove one of them",
    ),
    "anchor": (
        "不允许使用锚点或引用“{value}”",
        "anchors and aliases are not allowed: `{value}`",
        "请把内容写全",
        "write the content out",
    ),
    "custom_tag": (
        "不允许使用标签“{value}”",
        "tags are not allowed: `{value}`",
        "请删去标签",
        "remove the tag",
    ),
    "too_deep": (
        "嵌套超过 {limit} 层",
        "nested more than {limit} levels deep",
        "请展平",
        "write it flatter",
    ),
    "unknown_key": (
        "不认识“{value}”",
        "`{value}` is not a word of this place",
        "这里可用：{allowed}{nearest_zh}",
        "allowed here: {allowed}{nearest_en}",
    ),
    "not_in_this_version": (
        "本版本还不支持“{value}”",
        "`{value}` is not in this version of the language",
        "请删去，或等待支持它的版本",
        "leave it out until a version has it",
    ),
    "missing_key": (
        "缺少“{value}”",
        "`{value}` is missing",
        "请补上“{value}: …”",
        "add `{value}: …`",
    ),
    "wrong_form": (
        "“{value}”的写法不对：{reason}",
        "`{value}` has the wrong form: {reason}",
        "{example_zh}",
        "{example_en}",
    ),
    "not_a_length": (
        "“{value}”不是时限",
        "`{value}` is not a length of time",
        "例如写 `24h`、`2d`、`15wd`、`1w`、`3mo` 或 `eod`",
        "write for example `24h`, `2d`, `15wd`, `1w`, `3mo` or `eod`",
    ),
    "not_a_percentage": (
        "“{value}”不是百分比",
        "`{value}` is not a percentage",
        "例如写 `30%`",
        "write for example `30%`",
    ),
    "share_over_100": (
        "比例 {value} 超过 100%",
        "a share of {value} is more than 100 %",
        "单个角色的比例最多 100%",
        "one role's share may be 100% at most",
    ),
    "two_clocks": (
        "一项职责只能有一个时限",
        "a duty has one clock",
        "`within` 与 `at` 只留一个；`from` 只写一次",
        "keep either `within` or `at`, and one `from`",
    ),
    "no_clock": (
        "职责没有时限",
        "the duty has no clock",
        "请写 `within: 3d` 或 `at: 字段`",
        "write `within: 3d` or `at: <field>`",
    ),
    "no_owner": (
        "职责没有责任人",
        "nobody owes this duty",
        "请写 `owed_by: 角色` 或 `share: …`",
        "write `owed_by: <role>` or `share: …`",
    ),
    "two_owners": (
        "`owed_by` 与 `share` 只能写一个",
        "`owed_by` and `share` exclude each other",
        "请删去其中一个",
        "remove one of them",
    ),
    "no_proof": (
        "职责没有证明方式",
        "nothing proves this duty",
        "请写 `proof: {{record: 表单}}` 或 `proof: {{fact: 事实}}`",
        "write `proof: {{record: <form>}}` or `proof: {{fact: <fact>}}`",
    ),
    "empty_guard": (
        "门槛既没有 `require` 也没有 `deny`",
        "the guard has neither `require` nor `deny`",
        "请至少写一个",
        "write at least one of them",
    ),
    "bad_condition": (
        "“{value}”不是条件",
        "`{value}` is not a condition",
        "例如写 `{{repair.category: leak}}` 或 `{{any: [ … ]}}`",
        "write for example `{{repair.category: leak}}` or `{{any: [ … ]}}`",
    ),
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
    "no_serial": (
        "编号规则“{value}”里没有流水号",
        "the number rule `{value}` has no serial",
        "例如写 `ZG-{{year}}-{{serial:4}}`",
        "write for example `ZG-{{year}}-{{serial:4}}`",
    ),
    "late_order": (
        "逾期步骤“{value}”早于上一步",
        "the late step `{value}` comes before the step above it",
        "请按先后排列",
        "put the steps in their order",
    ),
    "zero_length": (
        "“{value}”没有长度",
        "`{value}` is no time at all",
        "当天内完成请写 `eod`",
        "write `eod` for the same day",
    ),
}


def explain_problem(
    code: str, file: str, line: int, column: int, values: Mapping[str, object]
) -> PackError:
    """A finding in words. ``nearest`` among the values adds a "did you mean"."""
    zh, en, remedy_zh, remedy_en = _WORDING[code]
    known = {**values, **_nearest(str(values.get("nearest", "")))}
    return PackError(
        file=file,
        line=line,
        column=column,
        code=code,
        message={"zh": zh.format_map(known), "en": en.format_map(known)},
        value=str(values.get("value", "")),
        remedy={"zh": remedy_zh.format_map(known), "en": remedy_en.format_map(known)},
        level="info" if code == "clause_unbound" else "error",
    )


def _nearest(nearest: str) -> dict[str, str]:
    if not nearest:
        return {"nearest_zh": "", "nearest_en": ""}
    return {"nearest_zh": f"；是不是“{nearest}”？", "nearest_en": f"; did you mean `{nearest}`?"}
