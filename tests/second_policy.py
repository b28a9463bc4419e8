# ruff: noqa: E501 - the policy is written as a pack is
"""A second policy for the small firm, with everything the first one does not oblige to.

Plain records and their review, a rhythm, a quota, a notice to a party and to a role, a question
of a decision table, a longer limit by consent, points that may be contested.
"""

from __future__ import annotations

from datetime import date, datetime

from huiyin.adoption import services
from huiyin.adoption.models import Adoption
from tests.people import SmallFirm

POLICY = """\
policy: second
title: {zh: 第二制度, en: Second policy}
document: {number: X-2, version: 1}
roles:
  manager: {title: {zh: 经理, en: Manager}}
  supervisor: {title: {zh: 主管, en: Supervisor}}
  repair_lead: {title: {zh: 维修负责人, en: Head of repairs}}
  repairer: {title: {zh: 维修人员, en: Repair staff}}
parties:
  bureau: {title: {zh: 主管局, en: Bureau}}
subjects:
  repair:
    title: {zh: 维修单, en: Repair order}
    fields:
      category: {title: {zh: 类别, en: Category}, choice: {safety: {zh: 安全设施, en: Safety}, leak: {zh: 漏水, en: Leak}, other: {zh: 其他, en: Other}}, required: true}
      repairer: {title: {zh: 维修人员, en: Repairer}, type: person, required: true}
    facts: {completed: {zh: 完工, en: completed}, broken: {zh: 再次损坏, en: broken again}}
settings:
  calls: {title: {zh: 次数, en: Number of visits}, type: number, default: "3", owner: manager}
  part: {title: {zh: 抽查比例, en: Part checked}, type: percent, default: 5%, owner: manager}
  greeting: {title: {zh: 称呼, en: Greeting}, type: text, default: Sir, owner: manager}
  rhythm: {title: {zh: 定期, en: Rhythm}, default: 1mo, owner: manager}
forms:
  monthly_sheet:
    title: {zh: 月度汇总表, en: Monthly sheet}
    about: [unit, person]
    number: "YB-{year}-{serial:3}"
    fields:
      total: {title: {zh: 合计, en: Total}, type: number, min: 0, required: true}
      note: {title: {zh: 说明, en: Note}, type: text}
      photo: {title: {zh: 照片, en: Photo}, type: photo}
      signed: {title: {zh: 签名, en: Signature}, type: signature, required: true, or_reason: true}
    clauses: {1.b: total}
  job_sheet:
    title: {zh: 巡查单, en: Inspection sheet}
    about: repair
    contact: false
    number: "XC-{year}-{serial:3}"
    fields:
      result: {title: {zh: 结果, en: Result}, choice: {good: {zh: 好, en: Good}, bad: {zh: 不好, en: Bad}}, required: true}
    clauses: {1.c: result}
  sheet_review:
    title: {zh: 巡查单审阅, en: Review of an inspection sheet}
    about: repair
    number: "SY-{year}-{serial:3}"
    reviews: job_sheet
    fields:
      verdict: {title: {zh: 意见, en: Verdict}, choice: {approved: {zh: 同意, en: Approved}, returned: {zh: 退回, en: Returned}}, required: true}
      reason: {title: {zh: 退回的理由, en: Why it is returned}, type: text, required_if: {sheet_review.verdict: returned}}
    clauses: {1.d: reviews}
  bureau_report:
    title: {zh: 上报单, en: Report to the bureau}
    about: repair
    contact: false
    number: "SB-{year}-{serial:3}"
    fields:
      text: {title: {zh: 内容, en: Content}, type: text, required: true}
    clauses: {2.b: text}
tables:
  route:
    title: {zh: 去向, en: Route}
    on: repair.broken
    results: {fast: {zh: 急报, en: Urgent report}, slow: {zh: 季报, en: Quarterly report}}
    rows:
      - {when: {repair.category: leak}, give: slow}
    ask: supervisor
    clauses: {2.a: ask}
duties:
  monthly:
    title: {zh: 月度汇总, en: Monthly summary}
    every: month
    owed_by: supervisor
    proof: {record: monthly_sheet}
    clauses: {1.a: every}
  calls:
    title: {zh: 每月回访次数, en: Visits in a month}
    quota: {at_least: {setting: calls}, per: month, of: followup.held, distinct: target}
    owed_by: repair_lead
    clauses: {1.e: quota.at_least}
  inspect:
    title: {zh: 巡查, en: Inspection}
    on: repair.completed
    within: 2d
    owed_by: {any_of: [supervisor, repair_lead], not: repair.repairer}
    proof: {record: job_sheet}
    extend: {until: 7d, from: due, consent: manager, reason: required}
    clauses: {1.c: within, 2.e: extend}
  visit_too:
    title: {zh: 维修回访（加急）, en: Repair visit (urgent)}
    on: repair.completed
    within: 1d
    owed_by: repair_lead
    proof: {fact: followup.held}
    clauses: {3.b: within}
  review:
    title: {zh: 审阅巡查单, en: Review of the sheet}
    on: record.filed
    where: {record.form: job_sheet}
    owed_by: manager
    within: 1d
    proof: {record: sheet_review}
    clauses: {1.d: within}
  report_fast:
    title: {zh: 急报, en: Urgent report}
    on: route.decided
    where: {route.result: fast}
    within: 24h
    owed_by: supervisor
    each: recipient
    proof: {record: bureau_report, sent_to: [bureau, manager]}
    clauses: {2.b: [proof.sent_to.0, proof.sent_to.1], 2.c: within}
  report_slow:
    title: {zh: 季报, en: Quarterly report}
    on: route.decided
    where: {route.result: slow}
    within: 3mo
    owed_by: supervisor
    proof: {record: bureau_report, sent_to: bureau}
    clauses: {2.d: within}
scores:
  broke:
    title: {zh: 违反制度, en: Breach}
    on: breach.confirmed
    account: B
    points: -10
    to: breach.person
    once_per: [breach.occurrence, breach.clause]
    contest: 3d
    clauses: {3.a: points}
"""

CLAUSES = """\
sections:
  "1":
    title: {zh: 第一部分, en: Part one}
    clauses:
      1.a: {zh: 每月汇总一次, en: A summary every month}
      1.b: {zh: 写明合计, en: The total is stated}
      1.c: {zh: 完工两天内巡查, en: Inspection within two days}
      1.d: {zh: 巡查单由经理审阅, en: The manager reviews the sheet}
      1.e: {zh: 每月至少三次回访, en: At least three visits a month}
  "2":
    title: {zh: 第二部分, en: Part two}
    clauses:
      2.a: {zh: 拿不准的由主管判定, en: The supervisor decides what is in doubt}
      2.b: {zh: 急报送主管局和经理, en: An urgent report reaches the bureau and the manager}
      2.c: {zh: 二十四小时内急报, en: Within 24 hours}
      2.d: {zh: 季报, en: Quarterly report}
      2.e: {zh: 经同意可延期, en: Extended by consent}
  "3":
    title: {zh: 第三部分, en: Part three}
    clauses:
      3.a: {zh: 违反一次扣十分, en: Ten points for a breach}
      3.b: {zh: 完工一天内回访, en: Visited within a day}
"""


def second(firm: SmallFirm, *, now: datetime, starts_on: date = date(2026, 1, 1)) -> Adoption:
    """Proposed by the supervisor, approved by the manager."""
    proposed = services.propose(
        {"policy.yaml": POLICY, "clauses.yaml": CLAUSES},
        starts_on=starts_on,
        mode="force",
        by=firm.supervisor.pk,
        now=now,
    )
    return services.approve(proposed, by=firm.manager.pk, now=now)
