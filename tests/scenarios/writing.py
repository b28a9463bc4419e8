"""Scenarios written in the test itself."""

from __future__ import annotations

from pathlib import Path

from huiyin.scenarios.features import Scenario, parse

SCENE = """# language: zh-CN
功能: 试
  {tags}
  场景: 试
    假如现在是 "2026-03-02 09:00"
    并且启用制度 "property-management"
    并且"赵一" 担任 "经理"
    并且"钱二" 担任 "主管"
    并且"孙三" 担任 "维修负责人"
    并且"周五" 担任 "维修人员"
    并且有客户 "3栋1202" 类别 "住户"
    并且有 "维修单" "WX-1" 属于 "3栋1202"
      | 类别     | 漏水 |
      | 维修人员 | 周五 |
"""

VISIT = """    当"钱二" 对 "WX-1" 提交 "维修回访记录"
      | 在场人         | 赵一、钱二、孙三 |
      | 实地查看       | 已修好           |
      | 维修时在场的是 | 业主             |
      | 维修人员服务   | 满意             |
      | 收费核对       | 相符             |
      | 改进意见       | 无意见           |
      | 被回访人签名   | 已签             |
"""


def written(lines: str, tags: str = "@B.2.c") -> Scenario:
    """One scenario: the usual scene, then these lines; VISIT stands for the whole form."""
    text = SCENE.format(tags=tags) + lines.replace("    VISIT\n", VISIT)
    [scenario] = parse(text, Path("试.feature"))
    return scenario
