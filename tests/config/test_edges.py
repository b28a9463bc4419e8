"""What the outside meets: headers on every answer, and loud refusal of odd settings."""

import json
import os
import re
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from huiyin.config import database, environment, keys
from huiyin.config.environment import BadEnvironment
from huiyin.config.scratch import Scratch, django_uses
from tests.architecture.floors import CHECKOUT, PACKAGE
from tests.config.backups import huiyin
from tests.serving import web_server

NOWHERE = "host=/var/empty dbname=huiyin user=huiyin_app"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/signin/", "/no-such-page/"])
def test_every_answer_forbids_foreign_and_inline_code(client: Client, path: str) -> None:
    policy = client.get(path).headers["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
@pytest.mark.parametrize(("wanted", "given"), [("", "zh-hans"), ("en", "en"), ("de", "zh-hans")])
def test_a_page_speaks_chinese_unless_english_is_asked_for(
    client: Client, wanted: str, given: str
) -> None:
    answer = client.get("/signin/", headers={"Accept-Language": wanted})

    assert answer.headers["Content-Language"] == given


def test_a_proxy_asks_whether_the_database_is_reached(
    scratch_db: Scratch, client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        well = client.get("/healthz")
    with django_uses(NOWHERE):
        ill = client.get("/healthz")

    assert (well.status_code, well.content) == (200, b"ok\n")
    assert (ill.status_code, ill.content) == (503, b"no database\n")
    assert not well.cookies and "no-store" in well.headers["Cache-Control"]


def test_pages_and_hashed_files_come_from_the_real_server(scratch_db: Scratch) -> None:
    with web_server(scratch_db) as served:
        look_at(served)


def look_at(served: str) -> None:
    headers, page = fetch(f"{served}/signin/")
    name = page.split("/static/ui/css/huiyin.")[1].split('"')[0]
    style, _css = fetch(f"{served}/static/ui/css/huiyin.{name}")

    assert headers["X-Frame-Options"] == "DENY"
    assert name != "css", "the name holds the digest of the content"
    assert "immutable" in style["Cache-Control"]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(f"{served}/static/../keys")


def fetch(address: str) -> tuple[Message, str]:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.headers, answer.read().decode()


def test_a_number_that_is_none_is_refused_with_an_example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_WEB_THREADS", "many")

    with pytest.raises(BadEnvironment, match="HUIYIN_WEB_THREADS='many'.*write for example 4"):
        environment.number("HUIYIN_WEB_THREADS", default=4)


@pytest.mark.parametrize("value", ["yes", "true", "2"])
def test_a_switch_is_0_or_1(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HUIYIN_DEBUG", value)

    with pytest.raises(BadEnvironment, match="HUIYIN_DEBUG"):
        environment.flag("HUIYIN_DEBUG")


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("", True),
        ("https://watch.example/ping?key=1", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:9/", True),
        ("http://127.0.0.1/a b", False),
        ("http://x:y/", False),
        ("watch.example/ping", False),
        ("https:///ping", False),
        ("file:///etc/hostname", False),
        ("http://[::1/", False),
        ("https://watch.example/监视", False),
    ],
)
def test_an_address_of_the_web_is_one(
    monkeypatch: pytest.MonkeyPatch, value: str, fits: bool
) -> None:
    monkeypatch.setenv("HUIYIN_PING_URL", value)

    if fits:
        assert environment.web_address("HUIYIN_PING_URL") == value
    else:
        with pytest.raises(BadEnvironment, match="HUIYIN_PING_URL=.*write for example https://"):
            environment.web_address("HUIYIN_PING_URL")


def test_one_address_without_the_other_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_DATABASE_URL", "postgresql://app@db.example/huiyin")
    monkeypatch.delenv("HUIYIN_OWNER_URL", raising=False)

    with pytest.raises(BadEnvironment, match="HUIYIN_OWNER_URL"):
        database.is_embedded()


@pytest.mark.parametrize("command", [["doctor"], ["ledger", "verify"], ["migrate"]])
@pytest.mark.parametrize(
    ("owner", "said"), [("", "HUIYIN_OWNER_URL must be too"), (NOWHERE, "/var/empty")]
)
def test_a_house_that_cannot_be_reached_is_told_in_one_line(
    command: list[str], owner: str, said: str
) -> None:
    environment = {**os.environ, "HUIYIN_DATABASE_URL": NOWHERE, "HUIYIN_OWNER_URL": owner}

    told = huiyin(*command, env=environment)

    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert said in (told.stdout if command == ["doctor"] and owner else told.stderr)


def test_an_address_keeps_its_options() -> None:
    given = "postgresql://app:p%40ss@db.example:6432/firm?sslmode=verify-full"

    settings = database.django_settings(given)

    assert settings["PASSWORD"] == "p@ss"
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", "6432", "firm")
    assert settings["OPTIONS"].items() >= {"sslmode": "verify-full"}.items()
    # Over a network each end takes the other for gone after a minute; on a socket nobody waits.
    assert settings["OPTIONS"]["tcp_user_timeout"] == 60_000
    assert "tcp_keepalives_idle=30" in settings["OPTIONS"]["options"]
    chosen = database.django_settings(f"{given}&keepalives_idle=5")
    assert chosen["OPTIONS"]["keepalives_idle"] == "5"
    assert database.django_settings("host=/run/x dbname=firm")["OPTIONS"] == {}


def test_a_key_file_is_written_once_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key"

    keys.write_once(path, json.dumps("first"))
    keys.write_once(path, json.dumps("second"))

    assert json.loads(path.read_text()) == "first"
    assert path.stat().st_mode & 0o077 == 0
    assert [p.name for p in path.parent.iterdir()] == ["key"]


def test_every_variable_is_explained() -> None:
    named = {
        name
        for path in [*PACKAGE.rglob("*.py"), *(CHECKOUT / "tests").glob("*.py")]
        for name in re.findall(r"\"(HUIYIN_[A-Z_]+)\"", path.read_text("utf-8"))
    }
    page = (CHECKOUT / "docs" / "operations.md").read_text("utf-8")
    explained = set(re.findall(r"`(HUIYIN_[A-Z_]+)`", page))

    assert explained == named
