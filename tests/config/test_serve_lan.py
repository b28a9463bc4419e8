"""Phones reach the house over TLS, the machine itself as ever; both sign in and stay signed in."""

from __future__ import annotations

import http.client
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from huiyin.config.lan.addresses import host_names
from tests.config import backups
from tests.config.backups import Estate
from tests.config.conftest import descendants, is_alive

pytestmark = pytest.mark.slow
HERE = "127.0.0.2"
PASSWORD = "a-long-enough-password"
PATIENCE = 240.0


@dataclass(frozen=True)
class LanHouse:
    """A running `huiyin serve --lan`; `log` is what its terminal shows."""

    port: int
    data: Path
    log: Path
    process: subprocess.Popen[bytes]

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.data / "lan" / "authority.crt")


@pytest.fixture(scope="module")
def lan_house(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanHouse]:
    """The estate, restored into a house of its own, where the manager has a login."""
    home = Path(tempfile.mkdtemp(prefix="huiyin-test-", dir="/var/tmp"))
    home.chmod(0o711)
    data, log, port = home / "data", home / "log", free_ports()
    env = backups.house(data)
    backups.succeeded(backups.huiyin("restore", estate.archive, "--key", estate.key, env=env))
    backups.in_house(data, give_login, role="huiyin_owner")
    with open(log, "wb") as terminal:
        process = subprocess.Popen(
            [sys.executable, "-m", "huiyin", "serve", "--port", str(port), "--lan", HERE],
            env=env | {"PYTHONIOENCODING": "utf-8", "LC_ALL": "", "LC_MESSAGES": "zh_CN.UTF-8"},
            stdout=terminal,
            stderr=terminal,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while "指纹" not in log.read_text("utf-8"):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.1)
        yield LanHouse(port, data, log, process)
    finally:
        parts = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        assert not [pid for pid in parts if is_alive(pid)]
        shutil.rmtree(home)


def give_login(session: object) -> None:
    hashed = PBKDF2PasswordHasher().encode(PASSWORD, "salt", 1000)
    session.execute(  # type: ignore[attr-defined]
        "WITH login AS (INSERT INTO accounts_user (username, password, is_active)"
        " VALUES ('manager', %s, true) RETURNING id)"
        " UPDATE accounts_person SET user_id = login.id FROM login WHERE number = 'P1'",
        [hashed],
    )


def free_ports() -> int:
    """Two ports in a row that nobody uses at either address."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind((HERE, 0))
            port = first.getsockname()[1]
            try:
                second.bind((HERE, port + 1))
            except OSError:
                continue
            return int(port)


class Browser:
    """Keeps cookies as a browser does: secure ones only for TLS."""

    def __init__(self, house: LanHouse, host: str, trusting: ssl.SSLContext | None) -> None:
        self.host, self.port, self.trusting = host, house.port, trusting
        self.cookies: dict[str, str] = {}
        self.secure: set[str] = set()

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Status, text, and where it sends on to."""
        scheme = "https" if self.trusting else "http"
        connection = (
            http.client.HTTPSConnection(self.host, self.port, context=self.trusting, timeout=60)
            if self.trusting
            else http.client.HTTPConnection(self.host, self.port, timeout=60)
        )
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if form is not None:
            origin = f"{scheme}://{self.host}:{self.port}"
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin,
                        "Referer": f"{origin}{path}"}  # fmt: skip
        connection.request(method, path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = line.strip().partition("=")
            self.cookies[name] = rest.partition(";")[0]
            self.secure |= {name} if "secure" in line.lower() else set()
        return answer.status, answer.read().decode(), answer.headers.get("Location", "")

    @property
    def token(self) -> str:
        """Each house has a name of its own for its cookies."""
        return next(v for k, v in self.cookies.items() if k.startswith("csrftoken_"))

    def sign_in(self) -> int:
        self.ask("GET", "/signin/")
        form = {"username": "manager", "password": PASSWORD, "csrfmiddlewaretoken": self.token}
        return self.ask("POST", "/signin/", form)[0]


@pytest.mark.long
def test_a_phone_that_trusts_the_house_signs_in_and_works(lan_house: LanHouse) -> None:
    phone = Browser(lan_house, HERE, lan_house.trusting())
    assert phone.ask("GET", "/")[0] == 302

    assert phone.sign_in() == 302

    status, page, _ = phone.ask("GET", "/")
    assert status == 200 and "<h1>" in page
    assert {name.partition("_")[0] for name in phone.secure} == {"csrftoken", "sessionid"}
    form = {"language": "en", "csrfmiddlewaretoken": phone.token}
    assert phone.ask("POST", "/i18n/setlang/", form)[0] == 302


@pytest.mark.long
def test_the_machine_itself_goes_on_without_tls(lan_house: LanHouse) -> None:
    computer = Browser(lan_house, "127.0.0.1", None)

    assert computer.sign_in() == 302

    status, page, _ = computer.ask("GET", "/settings/phones/")
    assert status == 200
    assert f"https://{HERE}:{lan_house.port}/" in page and '<svg class="qr"' in page
    assert computer.secure == set()


@pytest.mark.long
def test_whoever_does_not_trust_the_authority_gets_nowhere(lan_house: LanHouse) -> None:
    stranger = Browser(lan_house, HERE, ssl.create_default_context())

    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        stranger.ask("GET", "/signin/")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        Browser(lan_house, HERE, None).ask("GET", "/signin/")


@pytest.mark.long
def test_foreign_names_and_foreign_forms_are_refused(lan_house: LanHouse) -> None:
    phone = Browser(lan_house, HERE, lan_house.trusting())
    phone.sign_in()
    connection = http.client.HTTPSConnection(
        HERE, lan_house.port, context=lan_house.trusting(), timeout=60
    )
    connection.request("GET", "/signin/", headers={"Host": "bank.example"})
    assert connection.getresponse().status == 400

    connection.close()
    cookies = "; ".join(f"{k}={v}" for k, v in phone.cookies.items())
    form = urlencode({"csrfmiddlewaretoken": phone.token, "language": "en"})
    headers = {"Cookie": cookies, "Origin": "https://bank.example",
               "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip
    connection.request("POST", "/i18n/setlang/", form, headers)
    assert connection.getresponse().status == 403


@pytest.mark.long
def test_the_next_port_gives_the_certificate_over_plain_http(lan_house: LanHouse) -> None:
    def fetched(path: str, method: str = "GET") -> tuple[int, bytes, str]:
        connection = http.client.HTTPConnection(HERE, lan_house.port + 1, timeout=20)
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers["Content-Type"]

    status, page, _ = fetched("/")
    assert status == 200 and "指纹".encode() in page
    assert fetched("/huiyin.crt")[2] == "application/x-x509-ca-cert"
    assert fetched("/huiyin.mobileconfig")[2] == "application/x-apple-aspen-config"
    assert fetched("/style.css")[2].startswith("text/css")
    assert fetched("/", "HEAD")[1] == b""
    for path in ("/signin/", "/lan/authority.pem", "/../server.pem", "/static/ui/img/mark.svg"):
        assert fetched(path)[0] == 404
    assert fetched("/", "POST")[0] == 501


@pytest.mark.long
def test_the_terminal_shows_the_way_in(lan_house: LanHouse) -> None:
    shown = lan_house.log.read_text("utf-8")

    assert f"http://127.0.0.1:{lan_house.port}/" in shown
    assert f"https://{HERE}:{lan_house.port}/" in shown and "█▀" in shown
    assert f"http://{HERE}:{lan_house.port + 1}/" in shown
    certificate = (lan_house.data / "lan" / "authority.crt").read_text()
    found = x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA256())
    assert found.hex(":").upper() in shown


@pytest.mark.long
def test_names_of_this_machine_are_served(lan_house: LanHouse) -> None:
    for name in host_names():
        connection = http.client.HTTPSConnection(
            HERE, lan_house.port, context=lan_house.trusting(), timeout=60
        )
        plain = socket.create_connection((HERE, lan_house.port), 20)
        connection.sock = lan_house.trusting().wrap_socket(plain, server_hostname=name)
        connection.request("GET", "/signin/", headers={"Host": f"{name}:{lan_house.port}"})
        assert connection.getresponse().status == 200


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--lan", "203.0.113.9"], "private addresses only"),
        (["--lan", "--host", "0.0.0.0"], "--lan and --host"),
    ],
)
def test_what_cannot_be_is_told_before_anything_starts(
    home: Path, arguments: list[str], why: str
) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "huiyin", "serve", "--port", str(free_ports()), *arguments],
        env={**backups.house(home / "data"), "HUIYIN_HOSTS": "x", "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert said.returncode == 1 and why in said.stderr
    assert not list((home / "data").glob("postgres-*"))
