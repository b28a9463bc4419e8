"""Every way in which a mail server can fail, on real servers: each has a name of its own."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from huiyin.notices.smtp import Mailer, Server, Trouble, clean_words
from huiyin.notices.troubles import OF_CHANNEL, WORDS, say_trouble
from tests.app.notices.mailbox import (
    Mailbox,
    certificate,
    free_port,
    knows,
    mailbox,
    server_context,
    silent_server,
)

TO = "li@people.example"


def server(port: int, **given: Any) -> Server:
    wanted = {"host": "127.0.0.1", "security": "none", "sender": "notice@firm.example"}
    return Server(port=port, **wanted | given)


def letter() -> EmailMessage:
    message = EmailMessage()
    message["Message-ID"] = "<one@firm.example>"
    message.set_content("逾期 1 项")
    return message


def trouble_of(where: Server, patience: float = 20) -> Trouble:
    with Mailer(patience) as mailer, pytest.raises(Trouble) as caught:
        mailer.send(where, letter(), to=TO)
    return caught.value


def test_one_conversation_carries_several_mails() -> None:
    with mailbox() as box, Mailer(20) as mailer:
        for _n in range(3):
            mailer.send(server(box.port), letter(), to=TO)

    assert box.ids == ["<one@firm.example>"] * 3


def test_a_host_that_does_not_exist() -> None:
    assert trouble_of(server(25, host="no-such-host.invalid")).code == "unknown_host"
    assert trouble_of(server(25, host="a" * 70 + ".example")).code == "unknown_host"


def test_a_port_where_nobody_listens() -> None:
    assert trouble_of(server(free_port())).code == "refused"


def test_a_server_that_never_answers() -> None:
    with silent_server() as port:
        assert trouble_of(server(port), patience=0.3).code == "timeout"


def test_a_server_that_hangs_after_the_data() -> None:
    done = threading.Event()
    with mailbox() as box:
        box.before_answer = lambda: done.wait(10)
        found = trouble_of(server(box.port), patience=0.5)
        done.set()

    assert found.code == "timeout"
    assert found.of_channel and not found.final


def test_a_server_that_drops_the_connection_after_the_data() -> None:
    with mailbox() as box:
        box.cuts_after_data = True

        assert trouble_of(server(box.port)).code == "cut_off"


def test_a_server_that_is_no_mail_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with listening.accept()[0] as one:
                one.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                one.recv(100)

        thread = threading.Thread(target=answer)
        thread.start()
        found = trouble_of(server(listening.getsockname()[1]))
        thread.join()

    assert found.code == "protocol"


@pytest.mark.parametrize(
    ("answer", "code", "of_channel", "final"),
    [
        ("550 5.1.1 <li@people.example> unknown", "recipient", False, True),
        ("451 4.7.1 greylisted, try again", "recipient_later", False, False),
        ("421 4.3.2 going down", "busy", True, False),
        ("530 5.7.0 authentication required", "login_needed", True, False),
    ],
)
def test_what_is_said_to_the_recipient(answer, code, of_channel, final) -> None:
    with mailbox() as box:
        box.at_rcpt = lambda _address: answer
        found = trouble_of(server(box.port))

    assert (found.code, found.of_channel, found.final) == (code, of_channel, final)
    assert found.said.startswith(answer[:3])
    assert "li@people" not in found.said


@pytest.mark.parametrize(
    ("answer", "code"), [("550 not yours", "sender"), ("451 later", "sender"), ("421 bye", "busy")]
)
def test_a_sender_that_is_not_accepted_is_the_channels_trouble(answer, code) -> None:
    with mailbox() as box:
        box.at_mail = answer
        found = trouble_of(server(box.port))

    assert (found.code, found.of_channel, found.final) == (code, True, False)


@pytest.mark.parametrize(
    ("answer", "code", "final"),
    [("554 spam", "content", True), ("451 later", "later", False), ("421 bye", "busy", False)],
)
def test_what_is_said_to_the_content(answer, code, final) -> None:
    with mailbox() as box:
        box.at_data = lambda _n: answer
        found = trouble_of(server(box.port))

    assert (found.code, found.final) == (code, final)


def test_after_a_trouble_the_next_mail_begins_a_new_conversation() -> None:
    with mailbox() as box, Mailer(20) as mailer:
        box.at_data = lambda number: "451 later" if number == 1 else "250 taken"
        with pytest.raises(Trouble):
            mailer.send(server(box.port), letter(), to=TO)
        mailer.send(server(box.port), letter(), to=TO)

    assert len(box.taken) == 1


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A certificate of localhost that this process trusts."""
    files = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    return server_context(files)


def test_starttls_and_login(trusted: Any) -> None:
    given = {
        "tls_context": trusted, "require_starttls": True, "auth_required": True,
        "authenticator": knows("notice", "right"),
    }  # fmt: skip
    with mailbox(**given) as box, Mailer(20) as mailer:
        where = server(box.port, host="localhost", security="starttls", username="notice")
        mailer.send(replace(where, password="right"), letter(), to=TO)
        wrong = trouble_of(replace(where, password="wrong"))
        without = trouble_of(replace(where, username=""))
        plain = trouble_of(server(box.port))

    assert len(box.taken) == 1
    assert wrong.code == "login"
    assert without.code == "login_needed"
    assert plain.code in ("login_needed", "sender")  # STARTTLS first, it says


def test_tls_from_the_first_byte(trusted: Any) -> None:
    with mailbox(ssl_context=trusted) as box, Mailer(20) as mailer:
        mailer.send(server(box.port, host="localhost", security="tls"), letter(), to=TO)

    assert len(box.taken) == 1


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    context = server_context(certificate(tmp_path))
    for security, given in (
        ("starttls", {"tls_context": context}),
        ("tls", {"ssl_context": context}),
    ):
        with ExitStack() as stack:
            box: Mailbox = stack.enter_context(mailbox(**given))
            where = server(box.port, host="localhost", security=security)
            assert trouble_of(where).code == "certificate"


def test_a_certificate_of_another_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = certificate(tmp_path, name="mail.other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    with mailbox(tls_context=server_context(files)) as box:
        where = server(box.port, host="localhost", security="starttls")

        assert trouble_of(where).code == "certificate"


def test_tls_where_the_server_speaks_plainly_and_the_other_way_round(trusted: Any) -> None:
    with mailbox() as box:
        assert trouble_of(server(box.port, host="localhost", security="tls")).code == "tls"
        assert trouble_of(server(box.port, security="starttls")).code == "no_starttls"
    with mailbox(ssl_context=trusted) as box:
        found = trouble_of(server(box.port, host="localhost"), patience=0.5)
        assert found.code in ("timeout", "cut_off")


def test_a_login_where_none_is_offered() -> None:
    with mailbox() as box:
        found = trouble_of(server(box.port, username="notice", password="x"))

    assert found.code == "no_login"


def test_every_trouble_has_words_with_place_and_remedy() -> None:
    where = server(2525, username="notice")
    with translation.override("zh-hans"):
        for code in WORDS:
            words = say_trouble(code, "", where)
            assert "%(" not in words and words.endswith("。"), code
        assert "2525" in say_trouble("refused", "", where)
        assert say_trouble("recipient", "550 unknown", None).endswith("（服务器原话：550 unknown）")
    assert "greylist" not in OF_CHANNEL and "refused" in OF_CHANNEL


def test_a_servers_words_are_one_short_line_without_addresses() -> None:
    said = clean_words("550 no\r\nBcc: x@evil.example <li.ming@people.example>\x1b[31m" + "y" * 500)

    assert "@" not in said and "\n" not in said and "\x1b" not in said
    assert len(said) == 200
