"""A pack that uses every word of the language, so that none is forgotten by lint or mutation."""

from __future__ import annotations

from functools import lru_cache

from huiyin.policy.loading import Pack, parse_pack

POLICY = """\
policy: wide
title: 大制度
document: {number: W-1, version: 1}
calendar: cn
roles:
  clerk: 文员
  head: 主任
  chief: {title: 经理}
  warden: {title: 楼长, one_per: unit, clauses: {2.a: one_per}}
parties:
  bureau: 主管局
  centre: {title: 监测中心, clauses: {2.b: title}}
customers:
  classes: {shop: 店, factory: 厂}
  fields:
    size: {title: 规模, choice_ordered: {s: 小, m: 中, l: 大}}
    quiet: {title: 勿扰, type: boolean}
subjects:
  reel:
    title: 卷
    children: roll
    fields:
      weight: {title: 重量, type: number, required: true}
      made_on: {title: 制造日, type: date, required: true}
      grade: {title: 级别, choice: {a: 甲, b: 乙}, required: true}
      worker: {title: 操作人, type: person, required: true}
      buyers: {title: 买家, type: people, required: true}
      paid_by: {title: 付款日, type: date}
      other_on: {title: 另一日, type: date}
    facts: {cut: 分切, sold: 售出, paid: 付款, defect: 缺陷}
  roll:
    title: 小卷
    fields: {weight: {title: 重量, type: number, required: true}}
    facts: {packed: 包装}
topics: {price: 价格, use: 用法}
settings:
  soon: {title: 及时, default: 2d, owner: head, clauses: {3.a: default}}
  calls: {title: 次数, type: number, default: "18", owner: head}
  part: {title: 抽查比例, type: percent, default: 5%, owner: head}
  word: {title: 称呼, type: text, default: 您, owner: head}
  rhythm: {title: 定期, default: 1mo, owner: head}
  fine: {title: 扣分, type: number, default: "-5", owner: head}
forms:
  sheet:
    title: 跟踪单
    about: [reel, customer, person]
    number: "S-{year}-{serial:3}"
    fields:
      strength: {title: 强度, type: number, min: 1, max: 9, by: clerk, required: true}
      note: {title: 备注, type: text, required_if: {sheet.kind: b}}
      kind: {title: 种类, choice: {a: 甲, b: 乙}, required: true, raises: {b: problem}}
      term: {title: 期限, type: date, prefill: {setting: soon}, earliest: filed, latest: {setting: soon, unless: note}}
      signed: {title: 签名, type: signature, or_reason: true}
      cases: {title: 汇总, type: list, list_of: {of: case, where: {kind: problem}, during: raised_at}}
    clauses: {3.b: strength, 3.c: cases}
  review:
    title: 审阅
    about: reel
    number: "R-{year}-{serial:3}"
    reviews: sheet
    fields:
      guidance: {title: 指导, type: text, required: true}
      mark: {title: 签名, type: signature, required: true}
    clauses: {3.d: reviews}
tables:
  route:
    title: 去向
    on: [reel.cut, reel.defect]
    results: {fast: 急报, slow: 季报}
    rows:
      - {when: {reel.grade: a, reel.made_on: {within: 60mo, of: fact.happened}}, give: fast}
      - {when: {any: [{reel.grade: b}, {seen: reel.sold}]}, give: slow}
    all_rows: true
    ask: head
    clauses: {4.a: rows.0, 4.b: rows.1}
duties:
  each_time:
    title: 每次
    on: {any: [reel.cut, reel.sold]}
    where: {reel.grade: [a, b]}
    within: {pick: reel.grade, a: 2d, b: {setting: soon}, from: known}
    roll: forward
    share: {per: month, clerk: 30%, head: 70%, each: 1, not: reel.worker}
    proof: {record: sheet, signed_by: {signed: or_reason}}
    extend: {until: 1w, from: consent, consent: chief, reason: required}
    late: [{after: 0h, tell: [head, holder]}, {after: 2d, tell: chief}]
    tell: head
    clauses: {5.a: on, 5.b: within, 5.c: extend}
  when_both:
    on: {all: [reel.sold, reel.paid]}
    within: {same_as: each_time}
    owed_by: {any_of: [clerk, head], not: reel.worker}
    proof: {fact: roll.packed, by: clerk, other_than: reel.worker, same: [reel.grade],
            where: {reel.grade: {ne: b}}}
    clauses: {5.d: on.all}
  once_only:
    on: reel.cut
    once: target
    where: {never: reel.sold}
    within: {setting: soon}
    owed_by: {head_of: fact.by}
    proof: {record: review}
    clauses: {5.e: once}
  report_fast:
    on: route.decided
    where: {route.result: fast}
    within: 72h
    from: {fact: reel.cut, time: known}
    owed_by: clerk
    each: recipient
    proof: {record: sheet, sent_to: [bureau, centre, chief]}
    clauses: {5.f: proof.sent_to.0, 5.g: within}
  tell_buyers:
    on: reel.defect
    at: reel.made_on
    owed_by: reel.worker
    each: {member: reel.buyers}
    proof: {record: sheet, sent_to: reel.worker}
  everybody:
    on: reel.defect
    within: 15wd
    owed_by: clerk
    each: person
    proof: {record: sheet}
  quarterly:
    every: quarter
    over: {customer: {class: shop, size: {above: s}}}
    owed_by: warden
    times: 2
    want: 3
    joined: now
    level: true
    channel: [visit, phone]
    proof: {record: sheet}
    clauses: {6.a: every, 6.b: times}
  weekly:
    every: week(sun)
    by: sat end_of_work
    off: previous workday
    each: person
    owed_by: clerk
    proof: {record: sheet}
    clauses: {6.c: by}
  full:
    every: {setting: rhythm}
    owed_by: head
    proof: {record: sheet}
  spot:
    every: month
    over: {of: customer, where: {quiet: false}}
    draw: {share: {setting: part}, least: 2}
    owed_by: head
    proof: {record: sheet}
  quiet:
    every: 7d
    since: reel.sold
    until: reel.paid
    over: {reel: {grade: a}}
    within: 1d
    owed_by: target.owner
    channel: phone
    proof: {fact: followup.held}
    clauses: {6.d: since, 6.e: until}
  remind:
    before: reel.paid_by
    lead: 3d
    until: reel.paid
    over: reel
    owed_by: clerk
    proof: {fact: followup.held}
    clauses: {6.f: lead}
  remind_soon:
    before: reel.paid_by
    lead: {setting: soon}
    over: reel
    owed_by: clerk
    proof: {fact: followup.held}
  calls:
    quota: {at_least: {setting: calls}, per: week(sun), of: followup.held,
            where: {followup.channel: phone}, distinct: customer,
            pool: {customer: {class: shop}}, when_pool_smaller: all, leave: prorata}
    owed_by: clerk
    clauses: {6.g: quota.at_least}
guards:
  cut_needs_sheet:
    before: [reel.cut, reel.sold]
    where: {reel.grade: a}
    require: [reel.made_on, {met: once_only}, {reel.weight: {ge: {setting: calls}}}]
    deny: {by.role: clerk}
    clauses: {7.a: require.0, 7.b: deny}
  weights:
    before: reel.paid
    require:
      - {sum: {of: roll, field: weight, where: {weight: {gt: 0}}, le: reel.weight}}
      - {count: {of: roll, ge: 1}}
      - {none: {of: roll, where: {weight: {gt: 9}}}}
    clauses: {7.c: require.0}
scores:
  broke:
    title: 违反
    on: breach.confirmed
    where: {breach.clause: {ne: 9.a}}
    account: B
    points: -10
    to: breach.person
    once_per: [breach.occurrence, breach.clause]
    unless: hid
    contest: 3wd
    clauses: {8.a: points}
  hid:
    on: breach.confirmed
    where: {breach.clause: 9.a}
    account: B
    points: {setting: fine}
    to: {head_of: breach.person}
    once_per: breach.occurrence
  clean:
    every: month
    each: clerk
    where: {none: {of: score, where: {points: {lt: 0}}}}
    account: B
    points: 100
    confirm: head
    clauses: {8.b: points}
indicators:
  handled:
    title: 处理率
    per: month
    whole: {of: case, during: raised_at}
    part: {stage: closed}
    at_least: 100%
    beside: [silence]
    clauses: {9.a: at_least}
  silence:
    title: 沉默
    per: month
    whole: {customer: {class: shop}}
    part: {of: case, where: {kind: complaint}, during: raised_at}
    less_than: 1%
    strength: target
  most:
    title: 上限
    per: year
    whole: {of: case}
    part: {kind: complaint}
    at_most: 5%
acknowledge: {1.a: [clerk, head], 1.b: }
"""

SECTIONS = {
    "1": "ab", "2": "ab", "3": "abcd", "4": "ab", "5": "abcdefg", "6": "abcdefg", "7": "abc",
    "8": "ab", "9": "a",
}  # fmt: skip


def clauses() -> str:
    lines = ["sections:"]
    for section, letters in SECTIONS.items():
        lines += [f'  "{section}":', f"    title: 第{section}部分", "    clauses:"]
        lines += [f"      {section}.{each}: {{zh: 条款, en: clause}}" for each in letters]
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=1)
def wide() -> Pack:
    return parse_pack({"policy.yaml": POLICY, "clauses.yaml": clauses()})
