"""The words of every problem in a pack: what is wrong, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping

from huiyin.policy.errors import PackError
from huiyin.policy.wording_sense import SENSE, Wording

_FORM: Mapping[str, Wording] = {
    "file_too_large": (
        "文件有 {size} 个字符，超过上限 {limit}",
        "the file has {size} characters, more than the limit of {limit}",
        "请拆小或删去无关内容",
        "remove what does not belong in a policy",
    ),
    "too_many_nodes": (
        "文件里的键和值超过 {limit} 个",
        "the file has more than {limit} keys and values",
        "请拆成几份制度",
        "make several policies of it",
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
    "no_mapping": (
        "文件是空的，或不是“键: 值”的形式",
        "the file is empty, or does not hold keys and values",
        "请以 `policy: 编号` 开头，一行一个键",
        "begin with `policy: <id>`, one key a line",
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
        "“{value}”的写法不对：{reason_zh}",
        "`{value}` has the wrong form: {reason_en}",
        "{example_zh}",
        "{example_en}",
    ),
    "not_a_length": (
        "“{value}”不是时限",
        "`{value}` is not a length of time",
        "例如写 `24h`、`2d`、`15wd`、`1w`、`3mo` 或 `eod`，最长一百年",
        "write for example `24h`, `2d`, `15wd`, `1w`, `3mo` or `eod`, a hundred years at most",
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
}


def explain_problem(
    code: str, file: str, line: int, column: int, values: Mapping[str, object]
) -> PackError:
    """A finding in words. ``nearest`` among the values adds a "did you mean"."""
    zh, en, remedy_zh, remedy_en = _FORM.get(code) or SENSE[code]
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
