"""Mail over a real SMTP server: delivered, retried, never twice."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from membership.clock import clock
from membership.extensions import db, jobs
from membership.mail import delivery, outbox
from membership.mail.models import MailState, OutgoingMail
from tests.conftest import MakeApp
from tests.factories import Newsroom


class Postbox:
    """What an SMTP server received; `answer` is what it says to the next messages."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answer = "250 OK"
        self.meanwhile: Callable[[], object] = list
        self.visits = 0

    async def handle_EHLO(self, _server, session, _envelope, hostname, answers) -> list[str]:
        self.visits += 1
        session.host_name = hostname
        return answers

    async def handle_DATA(self, _server, _session, envelope) -> str:
        await asyncio.to_thread(self.meanwhile)
        if self.answer.startswith("250"):
            letter = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        return self.answer

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    box = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        box.port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=box.port)
    server.start()
    yield box
    server.stop()


@pytest.fixture
def newsroom(make_app: MakeApp, postbox: Postbox) -> Newsroom:
    return Newsroom(make_app(smtp_url=f"smtp://127.0.0.1:{postbox.port}"))


def queue(
    newsroom: Newsroom, to: str = "olha@example.org", about: str = "one", *, bulk: bool = False
) -> bool:
    with newsroom.at_work(), newsroom.app.test_request_context():
        fresh = outbox.queue(
            "sign_in", to=to, language="uk", about=about, bulk=bulk, link="http://x/1", minutes=30
        )
        db.session.commit()
        return fresh


def deliver(newsroom: Newsroom) -> int:
    with newsroom.at_work():
        return delivery.deliver_due()


def state(newsroom: Newsroom) -> OutgoingMail:
    with newsroom.at_work():
        row = db.session.scalars(sa.select(OutgoingMail)).one()
        db.session.expunge(row)
        return row


def test_a_queued_mail_arrives_as_text_and_as_a_page(newsroom, postbox):
    queue(newsroom)
    assert deliver(newsroom) == 1
    [letter] = postbox.letters
    assert letter["To"] == "olha@example.org"
    text = letter.get_body(("plain",))
    page = letter.get_body(("html",))
    assert text is not None and "http://x/1" in text.get_content()
    assert page is not None and "http://x/1" in page.get_content()
    assert state(newsroom).state is MailState.sent


def test_what_was_delivered_is_not_delivered_again(newsroom, postbox):
    queue(newsroom)
    assert [deliver(newsroom), deliver(newsroom)] == [1, 0]
    assert len(postbox.letters) == 1


def test_many_deliverers_at_once_send_it_once(newsroom, postbox):
    queue(newsroom)
    with ThreadPoolExecutor(6) as pool:
        sent = list(pool.map(lambda _: deliver(newsroom), range(6)))
    assert sum(sent) == 1
    assert len(postbox.letters) == 1


def test_the_same_news_is_queued_once(newsroom):
    assert queue(newsroom) is True
    assert queue(newsroom) is False
    assert newsroom.count(OutgoingMail) == 1


def test_a_mail_is_queued_only_with_the_change_it_tells_of(newsroom):
    with newsroom.at_work(), newsroom.app.test_request_context():
        outbox.queue("sign_in", to="a@example.org", language="en", about="x", link="", minutes=1)
        db.session.rollback()
    assert newsroom.count(OutgoingMail) == 0


def test_a_server_that_says_later_is_asked_again_later(newsroom, postbox):
    postbox.answer = "451 try later"
    queue(newsroom)
    assert deliver(newsroom) == 0
    assert state(newsroom).state is MailState.queued
    postbox.answer = "250 OK"
    assert deliver(newsroom) == 0
    clock.advance(timedelta(minutes=2))
    assert deliver(newsroom) == 1
    assert len(postbox.letters) == 1


def test_a_server_that_is_down_is_asked_again_until_we_give_up(newsroom, make_app):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        lost = Newsroom(make_app(smtp_url=f"smtp://127.0.0.1:{nobody.getsockname()[1]}"))
        queue(lost)
        for _ in range(len(delivery.RETRY_AFTER) + 1):
            assert deliver(lost) == 0
            clock.advance(timedelta(days=2))
        assert state(lost).state is MailState.failed
        assert state(lost).attempts == len(delivery.RETRY_AFTER) + 1


def test_a_mailbox_that_does_not_exist_is_not_tried_again(newsroom):
    queue(newsroom, to="nobody@example.org")
    deliver(newsroom)
    assert state(newsroom).state is MailState.failed


def test_delivery_is_asked_for_when_the_transaction_is_in(newsroom, postbox):
    queue(newsroom)
    task = jobs.huey.dequeue()
    assert task is not None
    jobs.huey.execute(task)
    assert len(postbox.letters) == 1


def test_a_letter_to_one_goes_before_letters_to_many_even_to_those_on_their_way(newsroom, postbox):
    for number in range(3):
        queue(newsroom, to=f"member{number}@example.org", about=f"news {number}", bulk=True)

    def somebody_signs_in() -> None:
        if len(postbox.letters) == 0:
            queue(newsroom, to="hurry@example.org", about="sign-in")

    postbox.meanwhile = somebody_signs_in
    assert deliver(newsroom) == 4
    assert [letter["To"].split("@")[0] for letter in postbox.letters] == [
        "member0",
        "hurry",
        "member1",
        "member2",
    ]


def test_bulk_mail_waits_for_its_round_and_asks_for_none(newsroom, postbox):
    queue(newsroom, bulk=True)
    assert jobs.huey.dequeue() is None
    with newsroom.at_work():
        assert delivery.deliver_urgent() == 0
    assert deliver(newsroom) == 1


def test_a_run_ends_when_its_time_is_over(newsroom, postbox):
    queue(newsroom)
    with newsroom.at_work():
        assert delivery.deliver_due(seconds=0) == 0
    assert deliver(newsroom) == 1


def test_the_database_takes_writes_while_the_server_is_slow(newsroom, postbox):
    """Otherwise SQLite, with its one writer, would stand still as long as the SMTP server."""
    queue(newsroom)
    postbox.meanwhile = newsroom.person
    assert deliver(newsroom) == 1


def test_one_connection_serves_a_run_until_the_server_turns_something_down(newsroom, postbox):
    for number in range(3):
        queue(newsroom, about=str(number))
    assert deliver(newsroom) == 3
    assert postbox.visits == 1
    queue(newsroom, about="turned down", to="nobody@example.org")
    queue(newsroom, about="next")
    assert deliver(newsroom) == 1
    assert postbox.visits == 3


def test_the_links_of_a_delivered_mail_are_not_kept_outside_the_sandbox(make_app, postbox):
    real = Newsroom(
        make_app(
            smtp_url=f"smtp://127.0.0.1:{postbox.port}",
            stripe_secret_key="sk_test_1",
            secret_key="k" * 32,
        )
    )
    queue(real)
    assert deliver(real) == 1
    assert (state(real).text, state(real).html) == ("", "")
    assert real.app.test_client().get("/dev/mail").status_code == 404
