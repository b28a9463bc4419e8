"""The policy that the simulated firm lives by: every opener and every clock of the language, twice.

Plain data, which the engine reads as a pack and the reference as it stands. Version 2 changes
lengths, floors and cadences, drops a duty and brings one.
"""

from __future__ import annotations

import json
from typing import Any

from tests.simulate.duties import DUTIES, SECOND

SHEET, LOOK, NOTICE = "sheet", "look", "notice"
POLICY = "simulated"


def _two(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _form(zh: str, en: str, about: list[str]) -> dict[str, Any]:
    return {
        "title": _two(zh, en),
        "about": about,
        "contact": False,
        "number": f"{en}-{{year}}-{{serial:4}}",
        "fields": {"note": {"title": _two("备注", "Note"), "type": "text"}},
    }


ANYTHING = ["order", "customer", "person", "unit"]

FIRST: dict[str, Any] = {
    "policy": POLICY,
    "title": _two("模拟制度", "Simulated policy"),
    "document": {"number": "SIM-1", "version": 1},
    "calendar": "cn",
    "roles": {
        "clerk": {"title": _two("文员", "Clerk")},
        "officer": {"title": _two("片区管理员", "Zone officer")},
        "head": {"title": _two("主任", "Head")},
        "chief": {"title": _two("经理", "Manager")},
    },
    "parties": {
        "bureau": {"title": _two("主管局", "Bureau")},
        "centre": {"title": _two("监测中心", "Centre")},
    },
    "customers": {"classes": {"shop": _two("店", "Shop"), "factory": _two("厂", "Factory")}},
    "subjects": {
        "order": {
            "title": _two("订单", "Order"),
            "fields": {
                "kind": {
                    "title": _two("类别", "Kind"),
                    "choice": {"small": _two("小单", "Small"), "big": _two("大单", "Big")},
                    "required": True,
                },
                "worker": {"title": _two("承做人", "Worker"), "type": "person", "required": True},
                "watchers": {
                    "title": _two("知情人", "Watchers"), "type": "people", "required": True,
                },
                "pay_on": {"title": _two("付款日", "Payment"), "type": "date", "required": True},
                "urgent": {"title": _two("加急", "Urgent"), "type": "boolean"},
            },
            "facts": {
                "done": _two("完工", "done"),
                "sent": _two("发货", "sent"),
                "paid": _two("付款", "paid"),
                "failed": _two("返工", "failed"),
            },
        }
    },
    "settings": {
        "soon": {"title": _two("及时", "Promptly"), "default": "2d", "owner": "head"},
        "round": {"title": _two("定期", "Regularly"), "default": "10d", "owner": "head"},
        "calls": {
            "title": _two("次数", "Calls"), "type": "number", "default": "2", "owner": "head",
        },
    },
    "forms": {
        SHEET: _form("检查单", "Sheet", ANYTHING),
        LOOK: _form("复查单", "Look", ANYTHING),
        NOTICE: _form("通知单", "Notice", ["order"]),
    },
    "tables": {
        "route": {
            "title": _two("去向", "Route"),
            "on": "order.failed",
            "results": {"express": _two("快", "Express"), "normal": _two("慢", "Normal")},
            "rows": [
                {"when": {"order.urgent": True}, "give": "express"},
                {"when": {"order.urgent": False}, "give": "normal"},
            ],
            "ask": "head",
        }
    },
    "scores": {
        "missed": {
            "title": _two("逾期", "Missed"),
            "on": "check.missed",
            "account": "B",
            "points": -2,
            "to": "order.worker",
            "once_per": "obligation.id",
        }
    },
    "duties": DUTIES,
    "acknowledge": ["1.a"],
}  # fmt: skip
VERSIONS: tuple[dict[str, Any], ...] = (
    FIRST,
    {**FIRST, "document": {"number": "SIM-1", "version": 2}, "duties": SECOND},
)
CLAUSES = "sections:\n  '1':\n    title: 全文\n    clauses:\n      1.a: {zh: 条款, en: clause}\n"


def sources(version: int) -> dict[str, str]:
    """The texts of a version as a pack has them; JSON is YAML."""
    paper = VERSIONS[version - 1]
    return {"policy.yaml": json.dumps(paper, ensure_ascii=False), "clauses.yaml": CLAUSES}
