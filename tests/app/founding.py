"""A firm that comes the way of the first run, through the pages."""

from __future__ import annotations

from django.test import Client

FOUNDING = {
    "firm": "晴川物业", "person": "甲经理", "pack": "property-management", "role": "manager",
}  # fmt: skip


def founded(browser: Client, role: str = "manager") -> None:
    assert browser.post("/start/", FOUNDING | {"role": role}).status_code == 302


def in_force(browser: Client, role: str = "manager") -> None:
    founded(browser, role)
    browser.post("/start/units/", {"units": "一区\n二区"})
    browser.post("/start/people/", {"made_up": "1"})
    assert browser.post("/start/adoption/").status_code == 302
