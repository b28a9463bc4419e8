"""Group 51: packs that are no policy, do too much, or would owe what nobody can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.bad_input.answers import Answer, Neutral, Refused
from tests.policy.small_pack import POLICY, broken

ANSWER = POLICY[POLICY.index("  answer:\n") : POLICY.index("guards:")]


@dataclass(frozen=True)
class BadPack:
    """The text of a policy and what `huiyin policy lint` has to say to it."""

    name: str
    policy: Callable[[], bytes]
    answer: Answer

    def __str__(self) -> str:
        return f"51-{self.name}"


def changed(before: str, after: str) -> Callable[[], bytes]:
    return lambda: broken(before, after).encode()


def answered_by(rule: str) -> Callable[[], bytes]:
    """The second duty opens in another way."""
    return changed(ANSWER, f"  answer:\n    owed_by: head\n    proof: {{fact: job.paid}}\n{rule}")


def billion_laughs() -> bytes:
    rows = ["a0: &a0 [哈, 哈, 哈, 哈, 哈, 哈, 哈, 哈, 哈]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(rows).encode()


def nested(depth: int) -> bytes:
    return b"policy: " + b"[" * depth + b"]" * depth


NAME = "{title: 备注, type: text}"
PACKS = [
    BadPack("a billion laughs", billion_laughs, Refused("policy.yaml:1:5", "请把内容写全", "a0")),
    BadPack("a loop of references", lambda: b"a: &a [*a]", Refused(":1:4", "请把内容写全")),
    BadPack("a merged key", lambda: POLICY.encode() + b"topics:\n  <<: {a: A}\n",
            Refused(":46:3", "编号只用小写字母", "<<")),
    BadPack("a tag that makes objects", lambda: b"policy: !!python/object/apply:os.system [id]",
            Refused(":1:9", "请删去", "python/object/apply:os.system")),
    BadPack("a thousand deep", lambda: nested(1_000), Refused(":1:33", "请展平")),
    BadPack("a million deep", lambda: nested(200_000), Refused(":1:33", "请展平")),
    BadPack("a megabyte", lambda: POLICY.encode() + b"#" * 1_000_000, Refused(":1:1", "请拆小", "1001")),
    BadPack("an endless list", lambda: b"roles: [" + b"a," * 250_000 + b"]",
            Refused(":1:40003", "请拆成几份制度", "20000")),
    BadPack("nothing", lambda: b"", Refused(":1:1", "请以 `policy: 编号` 开头")),
    BadPack("a list", lambda: b"- a\n- b\n", Refused(":1:1", "请以 `policy: 编号` 开头")),
    BadPack("two documents", lambda: POLICY.encode() + b"---\na: 1\n", Refused(":45:1", "请删去")),
    BadPack("NUL", lambda: POLICY.encode() + b"\0", Refused("policy.yaml", "请存为 UTF-8")),
    BadPack("UTF-16", lambda: POLICY.encode("utf-16"), Refused("policy.yaml", "请存为 UTF-8")),
    BadPack("GBK", lambda: POLICY.encode("gbk"), Refused("policy.yaml", "请存为 UTF-8")),
    BadPack("a tab for an indent", changed("  clerk: 文员", "\tclerk: 文员"), Refused(":5:1", "请检查缩进")),
    BadPack("an open bracket", changed("{number: X-1, version: 1}", "{number: X-1"),
            Refused("policy.yaml", "请检查缩进、冒号与引号")),
    BadPack("a kind of rule that is none", changed("duties:", "cronjobs:"),
            Refused(":26:1", "这里可用", "cronjobs")),
    BadPack("a rule that is a script", lambda: POLICY.encode() + b"script: {a: 1}\n",
            Refused(":45:1", "这里可用", "script")),
    BadPack("two rules with one id", changed("  answer:", "  check:"),
            Refused(":33:3", "只能用一次", "check")),
    BadPack("one id for a duty and a guard", changed("  pay_last:", "  check:"),
            Refused(":39:3", "请改名", "check")),
    BadPack("duties that open each other", changed("on: job.done", "on: answer.met"),
            Refused(":28:9", "循环里至少要有一个人做的事", "check → answer → check")),
    BadPack("a period of nothing", answered_by("    every: 0d\n"), Refused(":36:12", "例如写", "0d")),
    BadPack("a period that runs backwards", answered_by("    every: -1d\n"),
            Refused(":36:12", "例如写", "-1d")),
    BadPack("every -1 day", answered_by("    every: every -1 day\n"),
            Refused(":36:12", "例如写", "every -1 day")),
    BadPack("the thirtieth of February", answered_by('    every: "0 0 30 2 *"\n'),
            Refused(":36:12", "例如写", "0 0 30 2 *")),
    BadPack("a day that no month has", answered_by("    every: month\n    by: 30 feb\n"),
            Refused(":37:9", "例如写", "30 feb")),
    BadPack("more than the whole", changed("clerk: 30%", "clerk: 130%"),
            Refused(":30:32", "最多 100%", "130%")),
    BadPack("less than nothing", changed("clerk: 30%", "clerk: -5%"),
            Refused(":30:32", "例如写 `30%`", "-5%")),
    # Floors, not parts: an item that both roles visit counts for both.
    BadPack("floors that add up to more", changed("clerk: 30%", "clerk: 80%"), Neutral("")),
    BadPack("a role that nobody declares", changed("owed_by: head", "owed_by: nobody"),
            Refused(":35:14", "请在 roles 里声明", "nobody")),
    BadPack("a thousand million obligations", answered_by("    every: day\n    times: 1000000000\n"),
            Refused(":37:12", "请减少次数", "366000000000")),
    BadPack("more than the database counts", answered_by("    every: day\n    times: 10000000000\n"),
            Refused(":37:12", "限度之内", "10000000000")),
    BadPack("a quota of ten thousand million",
            changed(ANSWER, "  answer:\n    owed_by: head\n    quota: {at_least: 10000000000, "
                            "per: month, of: job.paid}\n"),
            Refused(":35:23", "限度之内", "10000000000")),
    BadPack("a clock of eight thousand years", changed("within: 24h", "within: 99999mo"),
            Refused(":36:13", "最长一百年", "99999mo")),
    BadPack("a clock that runs backwards", changed("within: 24h", "within: -3d"),
            Refused(":36:13", "例如写", "-3d")),
    BadPack("a number that is none", changed("default: 2d", "type: number, default: NaN"),
            Refused(":16:44", "例如写 `12`", "NaN")),
    BadPack("a number that is none for int()", changed("default: 2d", "type: number, default: ²"),
            Refused(":16:44", "例如写 `12`", "²")),
    BadPack("least over most", changed(NAME, "{title: 备注, type: number, min: 9, max: 1}"),
            Refused(":13:13", "`min` 不能大于 `max`", "note")),
    BadPack("a number rule without a serial", changed("{serial:3}", "{serial:99}"),
            Refused(":21:13", "位数最多 9", "{serial:99}")),
    BadPack("a version before the first", changed("version: 1", "version: -1"),
            Refused(":3:34", "限度之内", "-1")),
    BadPack("a version that no column holds", changed("version: 1", "version: 99999999999"),
            Refused(":3:34", "限度之内", "99999999999")),
    BadPack("a title of nothing", changed("title: 小制度", "title:"), Refused(":2:7", "例如写", "title")),
    BadPack("a pattern that never ends", changed("{job.size: big}", "{job.size: '(a+)+$'}"),
            Refused(":41:23", "可用：big, little", "(a+)+$")),
    BadPack("markup in a title", changed("小制度", "'<script>alert(1)</script>{{7*7}}%s'"),
            Neutral("")),
    BadPack("attributes in a number rule", changed("R-{year}", "R-{0.__class__}-{year}"), Neutral("")),
]  # fmt: skip
