"""A real mail server on loopback that keeps what it took, and can be made to misbehave."""

from __future__ import annotations

import asyncio
import email
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TAKEN = "250 taken"


@dataclass
class Mailbox:
    """What arrived, and the server's answers: text, or a function of the number of the try."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    tries: int = 0
    at_mail: str = "250 OK"
    at_rcpt: Callable[[str], str] = lambda _address: "250 OK"
    at_data: Callable[[int], str] = lambda _number: TAKEN
    before_answer: Callable[[], Any] | None = None
    cuts_after_data: bool = False

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.at_mail.startswith("250"):
            envelope.mail_from = address
        return self.at_mail

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.at_rcpt(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        self.tries += 1
        answer = self.at_data(self.tries)
        if self.before_answer:
            await asyncio.to_thread(self.before_answer)
        if answer.startswith("250"):
            self.taken.append(email.message_from_bytes(envelope.content, policy=policy.default))
        if self.cuts_after_data:
            server.transport.abort()
        return answer

    @property
    def ids(self) -> list[str]:
        return [message["Message-ID"] for message in self.taken]

    @property
    def subjects(self) -> list[str]:
        return [message["Subject"] for message in self.taken]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def html_of(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


@contextmanager
def mailbox(**given: Any) -> Iterator[Mailbox]:
    """A server for the length of the block; `given` goes to aiosmtpd's own server."""
    box = Mailbox(port=free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **given)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never says a word; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def knows(username: str, password: str) -> Callable[..., AuthResult]:
    """An authenticator of aiosmtpd that knows one login."""

    def check(server, session, envelope, mechanism, given):
        right = isinstance(given, LoginPassword) and (
            (given.login, given.password) == (username.encode(), password.encode())
        )
        return AuthResult(success=right, handled=False)

    return check


def certificate(folder: Path, *, name: str = "localhost") -> tuple[Path, Path]:
    """A certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)  # noqa: TID251 - a certificate is judged by the real clock
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file


def server_context(files: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context
