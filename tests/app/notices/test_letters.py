"""What a mail says, and that nothing in it can become more than text."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.utils import timezone, translation

from huiyin.notices.letters import Envelope, addressed, hide_phones, letter_of, trial_letter

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
LATE, TODAY, LATER = (
    "2026-03-01T16:00:00+00:00", "2026-03-02T16:00:00+00:00", "2026-03-02T16:00:01+00:00",
)  # fmt: skip
BASE = "https://huiyin.example.com"


@dataclass
class Told:
    """A notice as a letter reads it."""

    pk: int = 1
    template: str = "obligation_late"
    params: dict[str, Any] = field(default_factory=dict)
    clause: str = "B.2.c"
    about_id: int = 7


def told(pk: int, template: str = "obligation_late", about: int = 0, **params: Any) -> Told:
    words = {"place": f"WX-{about or pk}", "matter": {"zh": "维修回访", "en": "Repair visit"}}
    return Told(pk, template, words | params, about_id=about or pk)


def letter(notices: list[Told], language: str = "zh-hans", base: str = BASE) -> Any:
    with timezone.override("Asia/Shanghai"), translation.override(language):
        return letter_of(notices, base_url=base, now=NOW)


def envelope(**given: Any) -> Envelope:
    wanted = {
        "sender_name": "示例物业",
        "sender": "notice@firm.example",
        "to": "li@people.example",
        "message_id": "<abc@firm.example>",
        "at": NOW,
    }
    return Envelope(**wanted | given)


def wired(found: Any, **given: Any) -> Any:
    """As a receiver reads it."""
    sent = addressed(found, envelope(**given)).as_bytes(policy=policy.SMTP)
    return message_from_bytes(sent, policy=policy.default)


def test_a_digest_counts_what_is_late_what_is_due_today_and_the_rest():
    found = letter(
        [
            *(told(n, due=LATE) for n in (1, 2, 3)),
            *(told(n, "obligation_due", due=TODAY) for n in (4, 5)),
            told(6, "obligation_due", due=LATER),
            told(7, "case_closed", number="WT-2026-0001"),
        ]
    )

    assert found.subject == "【回音】逾期 3 项 · 今日到期 2 项 · 通知 2 项"
    lines = found.text.splitlines()
    assert [line for line in lines if line in ("逾期", "今日到期", "其他")] == [
        "逾期", "今日到期", "其他",
    ]  # fmt: skip
    assert "- WX-1的维修回访已逾期，应在3月1日 24:00前完成 § B.2.c" in lines
    assert found.text.count(f"{BASE}/notices/") == 7 + 2
    assert found.html.count("<li>") == 7


def test_in_english():
    found = letter([told(1, due=LATE), told(2, "obligation_due", due=TODAY)], "en")

    assert found.subject == "[Huiyin] overdue: 1 · due today: 1"
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in found.text + found.html)


def test_five_hundred_late_items_are_one_mail_with_each_once():
    found = letter([told(n, due=LATE) for n in range(1, 501)])

    assert found.subject == "【回音】逾期 500 项"
    assert found.text.count("已逾期") == found.html.count("<li>") == 500


def test_who_is_told_of_the_same_for_two_roles_reads_it_once():
    twice = [told(1, about=9, due=LATE, role="manager"), told(2, about=9, due=LATE, role="holder")]

    found = letter(twice)

    assert found.subject == "【回音】逾期 1 项 · 维修回访"
    assert found.text.count("已逾期") == 1


def test_without_an_address_of_the_site_there_are_no_links():
    found = letter([told(1, due=LATE)], base="")

    assert "http" not in found.text and "href" not in found.html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请回电13812342046谢谢", "请回电•••谢谢"),
        ("138 1234 2046", "•••"),
        ("+86-138-1234-2046", "+86-•••"),
        ("0571-88123456", "•••"),
        ("编号WX-20260302-0001", "编号WX-20260302-0001"),
        ("3栋1202", "3栋1202"),
        ("WT-2026-0001", "WT-2026-0001"),
    ],
)
def test_no_phone_number_leaves_by_mail(text, shown):
    assert hide_phones(text) == shown


def test_a_phone_number_in_a_reason_is_hidden_in_both_texts():
    found = letter([told(1, "waived", reason="业主 13812342046 要求")])

    assert "2046" not in found.text + found.html + found.subject
    assert "业主 ••• 要求" in found.text


HOSTILE = "维修\r\nBcc: all@evil.example\r\n\r\n<script>alert(1)</script>\u202e\x00\u2028Subject: x"


def test_what_people_wrote_ends_no_header_and_runs_in_no_mail():
    found = letter([told(1, matter=HOSTILE, due=LATE, place="=?utf-8?q?x?=\r\nTo: b@evil.example")])
    mail = wired(found, sender_name="Firm\r\nBcc: c@evil.example <x@y>\u202e")

    assert sorted(mail.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted",
         "X-Auto-Response-Suppress", "Content-Language", "MIME-Version", "Content-Type"]
    )  # fmt: skip
    assert mail["To"] == "li@people.example"
    assert [each.addr_spec for each in mail["From"].addresses] == ["notice@firm.example"]
    assert len(mail["Subject"]) <= 80 and "\u202e" not in mail["Subject"]
    html = mail.get_body(("html",)).get_content()
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert "\u202e" not in html


@pytest.mark.parametrize("domain", ["firm.example", f"{'a' * 60}.{'b' * 60}.{'c' * 60}.example"])
def test_ids_are_whole_however_long_the_domain_is(domain):
    wanted = f"<{'0123456789abcdef' * 2}@{domain}>"

    mail = wired(trial_letter("示例"), message_id=wanted, sender=f"notice@{domain}")
    raw = addressed(
        trial_letter("示例"), envelope(message_id=wanted, sender=f"notice@{domain}")
    ).as_bytes(policy=policy.SMTP)

    assert mail["Message-ID"] == wanted
    assert mail["List-Id"] == f"<huiyin-notices.{domain}>"
    assert wanted.encode() in raw
    assert f"<huiyin-notices.{domain}>".encode() in raw


@pytest.mark.parametrize(
    "address", ["li@people.example", "o'neil+x@people.example", '"two words"@people.example']
)
def test_every_address_that_the_form_takes_can_be_written_to(address):
    assert wired(trial_letter("示例"), to=address)["To"].addresses[0].addr_spec == address
