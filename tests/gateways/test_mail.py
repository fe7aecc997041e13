"""Mails out by a real SMTP server on loopback: encrypted, verified, and told apart by what the server says of them."""

from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable, Unacceptable
from domain.letters import Mail
from gateways.mail.choosing import MailOptions, mailer
from gateways.mail.folder import MailFolder
from gateways.mail.message import message_of, sender_of
from gateways.mail.smtp import SmtpMailer, SmtpServer
from sandbox.mail import MailServer, mail_server

SENDER = sender_of("Whyral <hello@whyral.example>")
MAIL = Mail("01931c00-0000-7000-8000-000000000001", "ana@example.org", "Whyral: Grüße", "Hello Ünal\n", "<p>Hello Ünal</p>\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mail")


@pytest.fixture(scope="module")
def standing(folder: Path) -> Iterator[MailServer]:
    with mail_server(folder, user="whyral", password="p@ss:w/rd") as server:
        yield server


@pytest.fixture
def server(standing: MailServer) -> MailServer:
    standing.faults.clear()
    standing.kept.clear()
    return standing


def sending(server: MailServer, *, password: str = "p%40ss%3Aw%2Frd", seconds: float = 10, host: str = "127.0.0.1") -> SmtpMailer:
    options = SmtpServer.of(f"smtp://whyral:{password}@{host}:{server.port}", ca_file=server.ca)
    return SmtpMailer(options, SENDER, timeout_seconds=seconds)


def test_a_mail_arrives_in_both_forms(server: MailServer) -> None:
    sending(server).send(MAIL)

    (got,) = server.mails
    text, html = (got.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert (text.get_content().strip(), html.get_content().strip()) == ("Hello Ünal", "<p>Hello Ünal</p>")
    assert (got["To"], got["Subject"], got["From"]) == ("ana@example.org", "Whyral: Grüße", "Whyral <hello@whyral.example>")
    assert got["Message-ID"] == "<01931c00-0000-7000-8000-000000000001@whyral.example>"
    assert server.envelopes[-1] == ("hello@whyral.example", ["ana@example.org"])


def test_the_same_mail_sent_twice_bears_the_same_id(server: MailServer) -> None:
    sending(server).send(MAIL)
    sending(server).send(MAIL)

    assert len({each["Message-ID"] for each in server.mails}) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "source"),
    [
        ("451", SourceUnavailable, "mail"),
        ("550", SourceRefused, "mail"),
        ("recipient 450", SourceUnavailable, "mail"),
        ("recipient 550", SourceRefused, "mail"),
        ("sender 553", SourceUnavailable, "mail server"),
        ("drop", SourceUnavailable, "mail server"),
    ],
)  # fmt: skip
def test_what_the_server_says_is_told_apart(server: MailServer, fault: str, kind: type[SourceFailed], source: str) -> None:
    server.tell(fault)

    with pytest.raises(kind) as caught:
        sending(server).send(MAIL)

    assert caught.value.source == source
    assert server.kept == []


def test_a_server_that_says_nothing_is_not_waited_for_long(server: MailServer) -> None:
    server.tell("stall")

    with pytest.raises(SourceUnavailable):
        sending(server, seconds=0.3).send(MAIL)


def test_a_wrong_password_is_not_the_mails_fault(server: MailServer) -> None:
    with pytest.raises(SourceUnavailable, match="535") as caught:
        sending(server, password="wrong").send(MAIL)

    assert "wrong" not in str(caught.value)


def test_a_certificate_of_nobody_we_trust_is_refused(server: MailServer) -> None:
    unknown = SmtpMailer(replace(sending(server).server, ca_file=None), SENDER)

    with pytest.raises(SourceUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        unknown.send(MAIL)
    assert server.kept == []


def test_a_server_without_encryption_gets_no_password_and_no_mail(folder: Path) -> None:
    with mail_server(folder, security="none") as plain:
        server = SmtpServer("smtp", "127.0.0.1", plain.port, "whyral", "secret", plain.ca)
        with pytest.raises(SourceUnavailable, match="STARTTLS"):
            SmtpMailer(server, SENDER).send(MAIL)
        SmtpMailer(SmtpServer.of(f"smtp+plain://127.0.0.1:{plain.port}"), SENDER).send(MAIL)

    assert len(plain.kept) == 1


def test_encryption_from_the_first_byte_works_too(folder: Path) -> None:
    with mail_server(folder, security="tls") as server:
        SmtpMailer(SmtpServer.of(f"smtps://127.0.0.1:{server.port}", ca_file=server.ca), SENDER).send(MAIL)

    assert len(server.kept) == 1


def test_a_server_that_is_away_is_unavailable(server: MailServer) -> None:
    gone = SmtpMailer(SmtpServer("smtp", "127.0.0.1", 1), SENDER)

    with pytest.raises(SourceUnavailable, match="mail server"):
        gone.send(MAIL)


@pytest.mark.parametrize("field", ["subject", "recipient"])
@pytest.mark.parametrize("end", ["\r\nBcc: eve@evil.example", "\nBcc: eve@evil.example", "\rX: y", "\r\n\r\nbody"])
def test_no_line_end_gets_into_a_header(field: str, end: str) -> None:
    with pytest.raises(Unacceptable):
        message_of(replace(MAIL, **{field: getattr(MAIL, field) + end}), SENDER)


def test_without_a_server_mails_become_files(tmp_path: Path) -> None:
    made = mailer(MailOptions(folder=tmp_path / "mail"))
    assert isinstance(made, MailFolder)

    made.send(MAIL)
    made.send(MAIL)

    (file,) = (tmp_path / "mail").iterdir()
    assert BytesParser(policy=policy.default).parsebytes(file.read_bytes())["Subject"] == "Whyral: Grüße"
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.org",
        "smtp://",
        "smtp://h:x",
        "smtp://h/path",
        "smtp+plain://mail.example.org",
        "smtp://u:hunter2@h?x=1",
        "mail",
    ],
)
def test_an_address_that_makes_no_sense_is_refused_without_being_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="WHYRAL_SMTP_URL") as caught:
        mailer(MailOptions(url=url, folder=tmp_path))

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("sender", ["nobody", "", "Whyral <>", "a@b\r\nBcc: eve@evil.example"])
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    with pytest.raises(ValueError, match="WHYRAL_MAIL_FROM"):
        sender_of(sender)
