"""A pack of a few lines, to break in one place at a time."""

from __future__ import annotations

from huiyin.policy.errors import PackError, PackErrors
from huiyin.policy.loading import Pack, parse_pack

POLICY = """\
policy: small
title: 小制度
document: {number: X-1, version: 1}
roles:
  clerk: 文员
  head: 主任
subjects:
  job:
    title: 活
    fields:
      size: {title: 大小, choice: {big: 大, little: 小}, required: true}
      worker: {title: 干活的人, type: person, required: true}
      note: {title: 备注, type: text}
    facts: {done: 完成, paid: 付款}
settings:
  soon: {title: 及时, default: 2d, owner: head}
forms:
  report:
    title: 报告
    about: job
    number: "R-{year}-{serial:3}"
    fields:
      result: {title: 结果, choice: {good: 好, bad: 坏}, required: true, raises: {bad: problem}}
      signed: {title: 签名, type: signature, required: true}
    clauses: {1.a: result}
duties:
  check:
    on: job.done
    within: {pick: job.size, big: 2d, else: 7d}
    share: {per: month, clerk: 30%, head: 70%, each: 1, not: job.worker}
    proof: {record: report}
    clauses: {1.b: within.big}
  answer:
    on: check.missed
    owed_by: head
    within: 24h
    proof: {fact: job.paid}
guards:
  pay_last:
    before: case.close
    where: {job.size: big}
    require: [job.note, {met: check}]
    clauses: {1.c: require}
acknowledge: [1.d]
"""

CLAUSES = """\
sections:
  "1":
    title: 全文
    clauses:
      1.a: {zh: 甲, en: A}
      1.b: {zh: 乙, en: B}
      1.c: {zh: 丙, en: C}
      1.d: {zh: 丁, en: D, declarative: true}
"""


def parse(policy: str = POLICY, clauses: str = CLAUSES) -> Pack:
    return parse_pack({"policy.yaml": policy, "clauses.yaml": clauses})


def broken(before: str, after: str) -> str:
    """The policy with one text changed; it has to be there."""
    assert before in POLICY
    return POLICY.replace(before, after, 1)


def errors_of(policy: str = POLICY, clauses: str = CLAUSES) -> tuple[PackError, ...]:
    try:
        parse(policy, clauses)
    except PackErrors as found:
        return found.errors
    return ()


def place_of(policy: str, text: str) -> tuple[int, int]:
    """Line and column of the first ``text``, counted by hand from 1."""
    start = policy.index(text)
    return policy.count("\n", 0, start) + 1, start - (policy.rfind("\n", 0, start) + 1) + 1
