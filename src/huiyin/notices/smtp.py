"""Talking to a mail server, and what can go wrong with it, each thing with a code of its own.

Knows no tables: a server, a message, an address. Nothing here is called inside a transaction.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import TracebackType
from typing import Self

PATIENCE = 20.0
"""Seconds for each step of a conversation."""

LONGEST_WORDS = 200
PERMANENT = range(500, 600)
LOGIN_NEEDED = 530
NOT_NOW = 421

# Troubles of one mail; all others are the channel's, and the next mail would meet them too.
OF_ONE_MAIL = frozenset({"recipient", "recipient_later", "content", "later"})
GIVEN_UP_AT_ONCE = frozenset({"recipient", "content"})


@dataclass(frozen=True, slots=True)
class Server:
    """Where to send and as whom. `security`: starttls, tls or none."""

    host: str
    port: int
    security: str
    sender: str
    username: str = ""
    password: str = field(default="", repr=False)


class Trouble(Exception):
    """A try that failed: `code` names how, `said` are the server's own words without addresses."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(code, said)
        self.code = code
        self.said = said

    @property
    def of_channel(self) -> bool:
        return self.code not in OF_ONE_MAIL

    @property
    def final(self) -> bool:
        """The server will never take this mail; another try would only annoy it."""
        return self.code in GIVEN_UP_AT_ONCE


class Mailer:
    """One conversation with a server for several mails; opened when the first one is sent."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._server: Server | None = None
        self._session: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def send(self, server: Server, message: EmailMessage, *, to: str) -> None:
        """Hand one message over; returns once the server has taken it. Raises Trouble."""
        try:
            session = self._session_with(server)
            with _named_troubles():
                session.send_message(message, from_addr=server.sender, to_addrs=[to])
        except Trouble:
            # What state the conversation is in is not known: the next mail begins a new one.
            self.close()
            raise

    def close(self) -> None:
        session, self._session, self._server = self._session, None, None
        if session is not None:
            with suppress(OSError, smtplib.SMTPException):
                session.quit()
            session.close()

    def _session_with(self, server: Server) -> smtplib.SMTP:
        if self._session is None or self._server != server:
            self.close()
            self._session = _opened(server, self.patience)
            self._server = server
        return self._session


def _opened(server: Server, patience: float) -> smtplib.SMTP:
    """A session that is ready for mail. Raises Trouble."""
    with _named_troubles():
        if server.security == "tls":
            context = ssl.create_default_context()
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=patience, context=context
            )
        else:
            session = smtplib.SMTP(server.host, server.port, timeout=patience)
    try:
        _make_ready(session, server)
    except Trouble:
        session.close()
        raise
    return session


def _make_ready(session: smtplib.SMTP, server: Server) -> None:
    with _named_troubles():
        session.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            if not session.has_extn("starttls"):
                raise Trouble("no_starttls")
            session.starttls(context=ssl.create_default_context())
            session.ehlo()
        if server.username:
            if not session.has_extn("auth"):
                raise Trouble("no_login")
            session.login(server.username, server.password)


@contextmanager
def _named_troubles() -> Iterator[None]:
    """Whatever a conversation can end with, as Trouble."""
    try:
        yield
    except Trouble:
        raise
    except smtplib.SMTPException as error:
        raise _of_protocol(error) from error
    except ssl.SSLCertVerificationError as error:
        raise Trouble("certificate", clean_words(error.verify_message)) from error
    except ssl.SSLError as error:
        raise Trouble("tls", clean_words(error.reason or "")) from error
    except (socket.gaierror, UnicodeError) as error:
        raise Trouble("unknown_host", clean_words(error)) from error
    except ConnectionRefusedError as error:
        raise Trouble("refused") from error
    except TimeoutError as error:
        raise Trouble("timeout") from error
    except ConnectionError as error:
        raise Trouble("cut_off") from error
    except OSError as error:
        raise Trouble("unreachable", clean_words(error.strerror or error)) from error


def _of_protocol(error: smtplib.SMTPException) -> Trouble:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, words)] = error.recipients.values()
        if code in PERMANENT and code != LOGIN_NEEDED:
            return Trouble("recipient", _answer(code, words))
        return Trouble(_by_code(code, "recipient_later"), _answer(code, words))
    if isinstance(error, smtplib.SMTPServerDisconnected):
        # smtplib says so too when it lost its patience while it read an answer.
        return Trouble("timeout" if isinstance(error.__context__, TimeoutError) else "cut_off")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Trouble("no_login", clean_words(error))
    if not isinstance(error, smtplib.SMTPResponseException):
        return Trouble("protocol", clean_words(error))
    said = _answer(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Trouble("login", said)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Trouble(_by_code(error.smtp_code, "sender"), said)
    if isinstance(error, smtplib.SMTPDataError):
        if error.smtp_code in PERMANENT and error.smtp_code != LOGIN_NEEDED:
            return Trouble("content", said)
        return Trouble(_by_code(error.smtp_code, "later"), said)
    return Trouble("protocol", said)


def _by_code(code: int, otherwise: str) -> str:
    return {LOGIN_NEEDED: "login_needed", NOT_NOW: "busy"}.get(code, otherwise)


def _answer(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return clean_words(f"{code} {text}")


ADDRESS = re.compile(r"[^\s<>@,;:()\[\]\"']+@[^\s<>@,;:()\[\]\"']+")


def clean_words(words: object) -> str:
    """A server's words for a page: one line, not too long, and nobody's mail address in them."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(words)).split())
    return ADDRESS.sub("<…>", line)[:LONGEST_WORDS]
