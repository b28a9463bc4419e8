"""The authority of a house vouches for its private addresses, and for nothing else."""

from __future__ import annotations

import http.client
import plistlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import HTTPServer
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.test import Client

from huiyin.config.lan import addresses, authority, serving, welcome
from huiyin.config.lan.serving import NoLan
from huiyin.desk import phone_access

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HERE = "127.0.0.2"

ROUTES = """Main:
     +-- 192.168.1.0/24 2 0 2
        |-- 192.168.1.0
           /24 link UNICAST
        |-- 192.168.1.20
           /32 host LOCAL
        |-- 192.168.1.255
           /32 link BROADCAST
     +-- 10.8.0.0/24 2 0 2
           |-- 10.8.0.3
              /32 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 203.0.113.9
           /32 host LOCAL
        |-- 172.32.0.1
           /32 host LOCAL
"""


def test_private_addresses_are_found_the_main_one_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = tmp_path / "fib_trie"
    table.write_text(ROUTES)
    monkeypatch.setattr(addresses, "ROUTES", table)

    monkeypatch.setattr(addresses, "_main_address", lambda: "192.168.1.20")
    assert addresses.private_addresses() == ("192.168.1.20", "10.8.0.3")
    monkeypatch.setattr(addresses, "_main_address", lambda: "10.8.0.3")
    assert addresses.private_addresses() == ("10.8.0.3", "192.168.1.20")


def test_this_machine_tells_its_own() -> None:
    """The kernel's table has the form that is read."""
    told = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    known = addresses._local(addresses.ROUTES.read_text())

    assert "127.0.0.1" in known
    assert {each for each in told if ":" not in each} <= known


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("eth0", "'eth0'.*write for example --lan 192.168.1.20"),
        ("192.168.1.300", "192.168.1.300"),
        ("203.0.113.9", "private addresses only.*a proxy"),
    ],
)
def test_what_is_no_private_address_is_refused(tmp_path: Path, wanted: str, why: str) -> None:
    with pytest.raises(NoLan, match=why):
        serving.open_lan(tmp_path, wanted, port=8000, now=NOW)

    assert list(tmp_path.iterdir()) == []


def test_a_machine_without_a_network_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "private_addresses", tuple)

    with pytest.raises(NoLan, match="no private address"):
        serving.open_lan(tmp_path, "", port=8000, now=NOW)


def test_keys_are_closed_to_others_and_stay_the_same(tmp_path: Path) -> None:
    first = serving.open_lan(tmp_path, HERE, port=8000, now=NOW)
    before = {path.name: path.read_bytes() for path in (tmp_path / "lan").iterdir()}

    again = serving.open_lan(tmp_path, HERE, port=8000, now=NOW + 100 * DAY)

    assert again == first
    assert {path.name: path.read_bytes() for path in (tmp_path / "lan").iterdir()} == before
    for path in (tmp_path / "lan").iterdir():
        has_key = b"PRIVATE KEY" in path.read_bytes()
        assert path.stat().st_mode & 0o777 == (0o600 if has_key else 0o644)


def leaf(home: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((home / "lan" / "server.pem").read_bytes())


def root(home: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(authority.authority_file(home).read_bytes())


def test_it_lasts_ten_years_and_its_certificate_no_longer_than_browsers_accept(
    tmp_path: Path,
) -> None:
    serving.open_lan(tmp_path, HERE, port=8000, now=NOW)

    made, by = leaf(tmp_path), root(tmp_path)
    assert made.not_valid_after_utc - made.not_valid_before_utc == 397 * DAY
    assert by.not_valid_after_utc >= NOW + 3650 * DAY
    assert made.issuer == by.subject
    assert "Huiyin" in str(by.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


@pytest.mark.parametrize(("left", "renewed"), [(31 * DAY, False), (29 * DAY, True)])
def test_a_certificate_near_its_end_is_renewed_under_the_same_authority(
    tmp_path: Path, left: timedelta, renewed: bool
) -> None:
    lan = serving.open_lan(tmp_path, HERE, port=8000, now=NOW)
    before, by = leaf(tmp_path), root(tmp_path)
    later = before.not_valid_after_utc - left

    assert serving.has_changed(lan, HERE, now=later) == renewed
    assert (leaf(tmp_path) != before) == renewed
    assert root(tmp_path) == by, "phones need not be asked again"
    assert leaf(tmp_path).not_valid_after_utc > later


def test_another_address_gets_another_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ["192.168.1.20"]
    monkeypatch.setattr(serving, "private_addresses", lambda: tuple(found))
    lan = serving.open_lan(tmp_path, "", port=8000, now=NOW)
    assert not serving.has_changed(lan, "", now=NOW)

    found[:] = []
    assert not serving.has_changed(lan, "", now=NOW), "a cable that is out changes nothing"
    found[:] = ["192.168.7.4", "10.0.0.9"]

    assert serving.has_changed(lan, "", now=NOW)
    names = leaf(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(a) for a in names.get_values_for_type(x509.IPAddress)} == set(found)


@contextmanager
def tls_server(certificate: Path) -> Iterator[int]:
    """Something that answers over TLS at HERE."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate)
    server = HTTPServer((HERE, 0), welcome._handler({"/": welcome.Part("text/plain", b"here")}))
    server.socket = trust.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def asked(port: int, *, name: str, trusting: ssl.SSLContext) -> bytes:
    """What a client gets that asks for the server under a name and checks it."""
    connection = http.client.HTTPSConnection(HERE, port, context=trusting, timeout=10)
    plain = socket.create_connection((HERE, port), 10)
    connection.sock = trusting.wrap_socket(plain, server_hostname=name)
    connection.request("GET", "/", headers={"Host": name})
    return connection.getresponse().read()


def test_who_trusts_the_authority_reaches_it_by_address_and_name_and_nobody_else(
    tmp_path: Path,
) -> None:
    lan = serving.open_lan(tmp_path, HERE, port=8000, now=datetime.now(UTC))  # noqa: TID251
    ours = ssl.create_default_context(cafile=lan.authority)
    with tls_server(lan.certificate) as port:
        for name in (HERE, *addresses.host_names()):
            assert asked(port, name=name, trusting=ours) == b"here"
        with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
            asked(port, name="127.0.0.3", trusting=ours)
        with pytest.raises(ssl.SSLCertVerificationError, match="[Hh]ostname mismatch"):
            asked(port, name="bank.example", trusting=ours)
        with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
            asked(port, name=HERE, trusting=ssl.create_default_context())


@pytest.mark.parametrize("name", ["bank.example", "8.8.8.8"])
def test_its_key_in_wrong_hands_vouches_for_nothing_else(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name constraints: a stolen key makes no certificate for other sites that a phone takes."""
    now = datetime.now(UTC)  # noqa: TID251
    by = authority.authority(tmp_path, now=now)
    monkeypatch.setattr(authority, "_vouched_names", lambda _c: [] if name[0].isdigit() else [name])
    found = [name] if name[0].isdigit() else []
    forged = authority.server_certificate(tmp_path, found, now=now)
    ours = ssl.create_default_context(cafile=authority.authority_file(tmp_path))

    with tls_server(forged) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
            asked(port, name=name, trusting=ours)
    assert by.certificate == root(tmp_path)


def test_the_welcome_page_gives_the_certificate_and_nothing_else(tmp_path: Path) -> None:
    lan = serving.open_lan(tmp_path, HERE, port=8000, now=NOW)
    answers = welcome.parts(tmp_path, "<p>page</p>", "p {}")
    raw = root(tmp_path).public_bytes(serialization.Encoding.DER)

    assert set(answers) == {"/", "/style.css", "/huiyin.crt", "/huiyin.mobileconfig"}
    assert answers["/huiyin.crt"].content == raw
    profile = plistlib.loads(answers["/huiyin.mobileconfig"].content)
    [payload] = profile["PayloadContent"]
    assert payload["PayloadType"] == "com.apple.security.root"
    assert payload["PayloadContent"] == raw
    assert profile["PayloadUUID"] != payload["PayloadUUID"]
    assert welcome.profile(raw) == answers["/huiyin.mobileconfig"].content
    assert not any(b"PRIVATE" in part.content for part in answers.values())
    assert lan.fingerprint.count(":") == 31


def test_the_welcome_page_speaks_both_languages_and_shows_the_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan = serving.open_lan(tmp_path, HERE, port=8000, now=NOW)
    monkeypatch.setattr(settings, "HUIYIN_LAN_AUTHORITY", lan.authority)

    page = phone_access.welcome_page(lan.url)

    assert page.count(lan.fingerprint) == 2
    assert "让这台手机信任回音" in page and "Let this phone trust Huiyin" in page
    assert page.count('href="/huiyin.mobileconfig"') == 2 and page.count('href="/huiyin.crt"') == 2
    assert page.count(f'href="{lan.url}"') == 2
    assert "--color-accent" in phone_access.welcome_style()
    assert "url(" not in phone_access.welcome_style()


@pytest.mark.django_db
def test_the_page_for_phones_shows_the_way_or_how_to_open_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.people import small_firm

    with time_machine.travel(NOW, tick=False):
        small_firm(NOW, demo=True)
        monkeypatch.setattr(settings, "HUIYIN_COMMAND", "HUIYIN_DATA=/firm .venv/bin/huiyin")
        closed = Client().get("/settings/phones/", SERVER_PORT="8045").content.decode()
        lan = serving.open_lan(tmp_path, HERE, port=8000, now=NOW)
        monkeypatch.setattr(settings, "HUIYIN_LAN", lan.url)
        monkeypatch.setattr(settings, "HUIYIN_LAN_AUTHORITY", lan.authority)
        opened = Client().get("/settings/phones/").content.decode()

    assert "HUIYIN_DATA=/firm .venv/bin/huiyin serve --lan --port 8045" in closed
    assert phone_access.command("8000").endswith(" serve --lan")
    assert '<svg class="qr"' not in closed
    assert opened.count('<svg class="qr"') == 2
    assert lan.url in opened and lan.welcome_url in opened and lan.fingerprint in opened
