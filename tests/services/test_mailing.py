"""The outbox is sent: at least once, told apart by a stable id, put off or given up; and no name in a mail is more than a name."""

import html
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import SourceRefused, SourceUnavailable, Unacceptable
from domain.letters import Letter, Mail, check_address, link_to, plain_name
from gateways.mail.message import message_of, sender_of
from gateways.mail.smtp import SmtpMailer, SmtpServer
from sandbox.mail import mail_server
from services import mailing, outbox
from store.database import Database
from store.ids import new_id
from store.work import UnitOfWork
from tests.conftest import Member, make_member, make_urls
from tests.store.crowds import at_once

BASE = "https://app.whyral.example/account"
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
SENDER = sender_of("Whyral <hello@whyral.example>")


@dataclass
class FakeMailer:
    """Stands at the port: remembers what it was given, or fails as told."""

    name: str = "mail server"
    mails: list[Mail] = field(default_factory=list)
    troubles: deque[Exception | None] = field(default_factory=deque)

    def send(self, mail: Mail) -> None:
        trouble = self.troubles.popleft() if self.troubles else None
        if trouble is not None:
            raise trouble
        self.mails.append(mail)


@pytest.fixture(scope="module")
def standing(superuser_url: str) -> Iterator[Database]:
    urls = make_urls(superuser_url, f"mails_{new_id().hex}")
    made = Database(urls.app, system_url=urls.system, pool_size=10)
    yield made
    made.close()


@pytest.fixture
def fresh(standing: Database) -> Database:
    """A database whose outbox is empty and that nobody else fills."""
    with standing.begin_system() as system:
        system.connection.execute(sa.text("delete from outbox"))
    return standing


@pytest.fixture
def member(fresh: Database) -> Member:
    return make_member(fresh)


def put(database: Database, tenant_id: UUID, *keys: str) -> None:
    with database.begin(tenant_id) as uow:
        for key in keys:
            uow.trust.mail_once(dedupe_key=key, recipient=f"{key}@example.org", subject=key, body=f"secret {key}", html="<p>secret</p>")


def rows(database: Database, tenant_id: UUID) -> dict[str, tuple[Any, ...]]:
    with database.begin(tenant_id) as uow:
        found = uow.connection.execute(sa.text("select dedupe_key, state, attempts, body, html, error from outbox order by message_id"))
        return {row[0]: tuple(row[1:]) for row in found}


def make_due(database: Database) -> None:
    with database.begin_system() as system:
        system.connection.execute(sa.text("update outbox set not_before = clock_timestamp() - interval '1 second'"))


def test_what_is_due_goes_out_once_and_its_words_go(fresh: Database, member: Member) -> None:
    put(fresh, member.tenant_id, "a", "b")
    mailer = FakeMailer()

    counts = outbox.deliver(fresh, mailer), outbox.deliver(fresh, mailer)

    assert counts == (2, 0)
    assert [each.recipient for each in mailer.mails] == ["a@example.org", "b@example.org"]
    assert set(rows(fresh, member.tenant_id).values()) == {("sent", 1, "", None, None)}


def test_many_senders_send_each_mail_once(fresh: Database, member: Member) -> None:
    put(fresh, member.tenant_id, *(f"m{number}" for number in range(24)))
    mailers = [FakeMailer() for _ in range(6)]

    at_once(6, lambda number: outbox.deliver(fresh, mailers[number]))

    names = [each.name for mailer in mailers for each in mailer.mails]
    assert (len(names), len(set(names))) == (24, 24)


def test_what_may_pass_is_put_off_longer_each_time_and_given_up_in_the_end(fresh: Database, member: Member) -> None:
    put(fresh, member.tenant_id, "a")
    tries = len(outbox.PAUSES) + 1
    mailer = FakeMailer(troubles=deque([SourceUnavailable("mail", "451 later")] * tries))
    for number in range(tries):
        assert rows(fresh, member.tenant_id)["a"][:2] == ("pending", number)
        assert outbox.deliver(fresh, mailer) == 0
        assert outbox.deliver(fresh, mailer) == 0  # not due yet
        make_due(fresh)

    assert rows(fresh, member.tenant_id)["a"][:2] == ("failed", tries)
    assert list(outbox.PAUSES) == sorted(outbox.PAUSES)
    assert timedelta(hours=12) < sum(outbox.PAUSES, timedelta()) < timedelta(hours=24)


def test_what_is_refused_is_given_up_at_once_with_an_alert_that_names_nobody(fresh: Database, member: Member) -> None:
    put(fresh, member.tenant_id, "a")

    outbox.deliver(fresh, FakeMailer(troubles=deque([SourceRefused("mail", "550 no such mailbox")])))

    assert rows(fresh, member.tenant_id)["a"] == ("failed", 1, "secret a", "<p>secret</p>", "mail: 550 no such mailbox")
    with fresh.begin(member.tenant_id) as uow:
        (alert,) = uow.trust.alerts()
    assert alert.kind == "mail_failed"
    assert "a@example.org" not in str(alert)


def test_a_mail_that_was_given_up_can_be_sent_again_until_its_words_go(fresh: Database, member: Member) -> None:
    put(fresh, member.tenant_id, "a")
    mailer = FakeMailer(troubles=deque([SourceRefused("mail", "550"), SourceRefused("mail", "550")]))
    outbox.deliver(fresh, mailer)
    with fresh.begin(member.tenant_id) as uow:
        message_id = uow.connection.execute(sa.text("select message_id from outbox")).scalar_one()

    assert outbox.retry(fresh, member.tenant_id, message_id)
    outbox.deliver(fresh, mailer)
    assert outbox.tidy(fresh, now=datetime.now(UTC) + timedelta(days=8)) == (1, 0)
    assert not outbox.retry(fresh, member.tenant_id, message_id)
    assert outbox.tidy(fresh, now=datetime.now(UTC) + timedelta(days=91)) == (0, 1)


def test_where_the_server_is_away_the_rest_is_not_tried(fresh: Database, member: Member) -> None:
    put(fresh, member.tenant_id, "a", "b", "c")
    mailer = FakeMailer(troubles=deque([SourceUnavailable("mail server", "connection refused")]))

    outbox.deliver(fresh, mailer)

    assert [each[:2] for each in rows(fresh, member.tenant_id).values()] == [("pending", 1), ("pending", 0), ("pending", 0)]


def test_one_refused_mail_holds_up_no_other(fresh: Database, member: Member) -> None:
    put(fresh, member.tenant_id, "a", "b", "c")

    sent = outbox.deliver(fresh, FakeMailer(troubles=deque([SourceRefused("mail", "550"), SourceUnavailable("mail", "451")])))

    assert sent == 1


def test_a_sender_that_died_is_followed_by_another_with_the_same_id(fresh: Database, member: Member) -> None:
    put(fresh, member.tenant_id, "a")
    with fresh.begin_system() as system:
        first = system.mails.claim(lease=timedelta(0))
    assert first is not None
    mailer = FakeMailer()

    assert outbox.deliver(fresh, mailer) == 1

    with fresh.begin_system() as system:
        assert not system.mails.put_off(first, pause=timedelta(), error="late")
    assert [each.name for each in mailer.mails] == [str(first.message_id)]
    assert rows(fresh, member.tenant_id)["a"][:2] == ("sent", 2)


def test_a_real_server_that_hangs_up_after_keeping_it_gets_a_copy_that_is_known_as_one(
    fresh: Database, member: Member, tmp_path: Path
) -> None:
    put(fresh, member.tenant_id, "a")
    with mail_server(tmp_path) as server:
        mailer = SmtpMailer(SmtpServer.of(f"smtp://127.0.0.1:{server.port}", ca_file=server.ca), SENDER)
        server.tell("drop after")
        outbox.deliver(fresh, mailer)
        make_due(fresh)
        outbox.deliver(fresh, mailer)

    ids = [each["Message-ID"] for each in server.mails]
    assert (len(ids), len(set(ids))) == (2, 1)
    assert rows(fresh, member.tenant_id)["a"][0] == "sent"


Sends = Callable[[UnitOfWork, str], bool]
WITH_TOKEN: dict[str, Sends] = {
    "verify-email": lambda uow, to: mailing.send_verification(uow, to, "tok/en+1", base_url=BASE),
    "password-reset": lambda uow, to: mailing.send_reset(uow, to, "tok/en+1", base_url=BASE),
    "invitation": lambda uow, to: mailing.send_invitation(
        uow,
        to,
        "tok/en+1",
        workspace="Kitchen",
        sender="Ana",
        role="member",
        ends_at=NOON,
        base_url=BASE,
        api_url="https://app.whyral.example",
    ),
}
OTHERS: dict[str, Sends] = {
    "password changed": lambda uow, to: mailing.send_password_changed(uow, to, event="1"),
    "removed": lambda uow, to: mailing.send_removed(uow, to, event="1", workspace="Kitchen"),
    "ownership": lambda uow, to: mailing.send_ownership_changed(uow, to, event="1", workspace="Kitchen", before="Ana", after="Bo"),
    "way in": lambda uow, to: mailing.send_way_in_changed(uow, to, event="1", issuer="https://accounts.google.com", what="linked"),
    "second factor": lambda uow, to: mailing.send_second_factor_changed(uow, to, event="1", what="switched on"),
    "export": lambda uow, to: mailing.send_export_ready(uow, to, event="1", workspace="Kitchen", ends_at=NOON, base_url=BASE),
    "erasure": lambda uow, to: mailing.send_erasure_planned(uow, to, event="1", workspace="Kitchen", erased_at=NOON),
}


def only_mail(database: Database, tenant_id: UUID) -> Any:
    with database.begin(tenant_id) as uow:
        return uow.connection.execute(sa.text("select dedupe_key, recipient, subject, body, html from outbox")).one()


@pytest.mark.parametrize("name", [*WITH_TOKEN, *OTHERS])
def test_each_mail_says_the_same_in_both_forms_and_is_put_out_once(database: Database, tenant_id: UUID, name: str) -> None:
    send = {**WITH_TOKEN, **OTHERS}[name]
    with database.begin(tenant_id) as uow:
        answers = send(uow, "ana@example.org"), send(uow, "ana@example.org")

    mail = only_mail(database, tenant_id)
    first = mail.body.split("\n\n")[0]
    assert answers == (True, False)
    assert html.escape(first) in mail.html
    assert mail.subject.startswith("Whyral: ")
    assert set(re.findall(r"https?://[^/\s\"]+", mail.body + mail.html)) <= {"https://app.whyral.example"}


@pytest.mark.parametrize("page", WITH_TOKEN)
def test_a_token_stands_behind_the_number_sign_and_not_in_the_key(database: Database, tenant_id: UUID, page: str) -> None:
    with database.begin(tenant_id) as uow:
        WITH_TOKEN[page](uow, "ana@example.org")

    mail = only_mail(database, tenant_id)
    assert f"{BASE}/{page}#token=tok%2Fen%2B1" in mail.body
    assert "tok" not in mail.dedupe_key


def test_without_pages_of_ours_the_mail_holds_the_code(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        mailing.send_reset(uow, "ana@example.org", "the-code", base_url=None)

    mail = only_mail(database, tenant_id)
    assert ("Your code: the-code" in mail.body, "http" in mail.body) == (True, False)


def test_an_invitation_without_pages_holds_its_code_once_and_the_calls_that_take_it(database: Database, tenant_id: UUID) -> None:
    evil = "https://evil.example/win"
    with database.begin(tenant_id) as uow:
        mailing.send_invitation(
            uow, "bo@example.org", "c0de", workspace=evil, sender=f"Ana\r\nBcc: {evil}", role="member", ends_at=NOON, base_url=None,
            api_url="https://api.whyral.example",
        )  # fmt: skip

    mail = only_mail(database, tenant_id)
    assert mail.body.count("c0de") == 1
    assert "POST https://api.whyral.example/api/v1/invitations/accept" in mail.body
    assert set(re.findall(r"https?://[^/\s\"]+", mail.subject + mail.body + mail.html)) == {"https://api.whyral.example"}
    assert "\n" not in mail.subject


@pytest.mark.parametrize("base", ["javascript:alert(1)", "https://u:p@x.example", "https://x.example?y=1", "//x.example", ""])
def test_only_a_page_of_ours_can_be_linked(base: str) -> None:
    with pytest.raises(Unacceptable):
        link_to(base, "reset", "t")


ADDRESSES = (
    "a@b\r\nBcc: eve@evil.example", "a@b,eve@evil.example", "A <a@b>", "a b@c", "a@", "@b", "a@b@c", "a@b..c", "", "ä@b", "a@b\n",
    "a" * 250 + "@b.c",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_more_than_one_is_refused(address: str) -> None:
    with pytest.raises(Unacceptable):
        check_address(address)


SEEDS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='https://evil.example'>win</a>", "https://evil.example/win",
    "HTTP://EVIL.EXAMPLE", "www.evil.example", "evil.example/win", "javascript:alert(1)", "mailto:eve@evil.example", "eve@evil.example",
    "a\r\nBcc: eve@evil.example", "a\nX-Injected: 1", "a\rX: y", "a\u2028b", "a\u0085b", "\u202egnp.exe", "\u200bhttps://evil.example",
    "[click](https://evil.example)", "![x](https://evil.example/p.png)", "=HYPERLINK(\"https://evil.example\")", "{{7*7}}", "${7*7}",
    "%0d%0aBcc: x@evil.example", "&#x3c;script&#x3e;", "\"><svg onload=alert(1)>", "' onmouseover='alert(1)", "a" * 5000, "\0", "  ",
    "ＡＢ＠ｃ．ｄ",
)  # fmt: skip


def attacks() -> Iterator[str]:
    """M33: 1,000 names, each seed alone, before each other, and some with a number behind."""
    yield from SEEDS
    for first in SEEDS:
        for second in SEEDS:
            yield f"{first} {second}"
    yield from (f"{each}{number}" for number, each in enumerate((*SEEDS, *SEEDS, *SEEDS)[:70]))


def test_a_thousand_names_make_no_header_no_tag_and_no_link() -> None:
    names = list(attacks())
    found = []
    for name in names:
        shown = plain_name(name)
        subject = f"Whyral: Invitation to {shown}"
        letter = Letter(subject, (f"'{shown}' invites you.", "Bye."), f"{BASE}/invitation")
        message = message_of(Mail("1", "ana@example.org", subject, letter.text, letter.html), SENDER).as_bytes()
        head = message.partition(b"\r\n\r\n")[0]
        fields = [line.split(b":")[0].lower() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
        is_bad = sorted(fields) != sorted(
            [b"from", b"to", b"subject", b"message-id", b"date", b"auto-submitted", b"mime-version", b"content-type"]
        )
        is_bad |= len(re.findall(r"<(?!/?(?:html|head|meta|title|body|p|a)\b|!doctype)", letter.html)) > 0 or letter.html.count("<a ") != 1
        is_bad |= (
            re.search(r"(?i)\w+://(?!app\.whyral)|\bwww\.\w|\w\.(example|d)\b(?<!whyral\.example)|javascript:|mailto:|\w@\w", letter.text)
            is not None
        )
        found += [name] if is_bad or len(shown) > 300 else []

    assert (found, len(names)) == ([], 1000)


def test_the_sensor_sends(fresh: Database, member: Member) -> None:
    import dagster as dg

    from sensors.mails import send_mails

    put(fresh, member.tenant_id, "a")
    mailer = FakeMailer()
    with dg.build_sensor_context(resources={"database": fresh, "mailer": mailer}) as context:
        said = send_mails(context)

    assert isinstance(said, dg.SkipReason)
    assert said.skip_message == "1 mails went out"
