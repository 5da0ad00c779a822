"""Payments that are contested: money leaves and comes back, membership ends on a lost one."""

import threading
from datetime import timedelta

import pytest
import requests
import sqlalchemy as sa
from flask.testing import FlaskClient

from membership.books import disputes, ledger, settlement
from membership.books.models import (
    Dispute,
    EntryKind,
    InvoicePayment,
    LedgerEntry,
    Subscription,
)
from membership.clock import clock
from membership.extensions import db
from membership.mail.models import OutgoingMail
from membership.patrons import memberships
from membership.patrons.models import Person
from tests.factories import Newsroom
from tests.till import Till
from tests.waiting import until


@pytest.fixture
def contested(newsroom: Newsroom, client: FlaskClient, till: Till, choose) -> str:
    """The id of a dispute over a patron's first payment."""
    till.pay(choose(client))
    till.deliver(client)
    till.dispute(till.newest("charges").id)
    till.deliver(client)
    return str(till.newest("disputes").id)


def answer(till: Till, dispute: str, words: str) -> None:
    till.sdk.v1.disputes.update(
        dispute, {"evidence": {"uncategorized_text": words}, "submit": True}
    )


def status(newsroom: Newsroom) -> str:
    with newsroom.at_work():
        return str(db.session.scalars(sa.select(Dispute.status)).one())


def books(newsroom: Newsroom) -> list[tuple[str, int]]:
    with newsroom.at_work():
        wanted = sa.select(LedgerEntry.kind, LedgerEntry.amount).order_by(LedgerEntry.id)
        return [(kind.value, amount) for kind, amount in db.session.execute(wanted)]


def is_member(newsroom: Newsroom) -> bool:
    with newsroom.at_work():
        return memberships.is_member(db.session.scalars(sa.select(Person)).one())


def test_an_open_dispute_takes_the_money_and_leaves_the_membership(contested, newsroom: Newsroom):
    assert status(newsroom) == "needs_response"
    assert books(newsroom) == [("charge", 500), ("dispute", -500)]
    assert is_member(newsroom)


def test_staff_are_told_once_and_see_it_with_its_day(
    contested, newsroom: Newsroom, client: FlaskClient, till: Till
):
    with newsroom.at_work():
        mails = db.session.scalars(
            sa.select(OutgoingMail).where(OutgoingMail.about.contains("dispute"))
        ).all()
        assert [mail.recipient for mail in mails] == [
            newsroom.app.extensions["settings"].staff_address
        ]
    page = newsroom.signed_in(newsroom.person(role="editor")).get("/staff").text
    assert "contested" in page.lower()


def test_a_won_dispute_brings_the_money_back_and_not_the_fee(
    contested, newsroom: Newsroom, client: FlaskClient, till: Till
):
    answer(till, contested, "winning_evidence")
    till.deliver(client)
    with newsroom.at_work():
        settlement.run()
    assert status(newsroom) == "won"
    found = books(newsroom)
    assert sum(amount for kind, amount in found if kind != "fee") == 500
    assert {amount for kind, amount in found if kind == "fee"} == {-33, -1500}
    assert is_member(newsroom)


def test_a_lost_dispute_ends_membership_and_billing(
    contested, newsroom: Newsroom, client: FlaskClient, till: Till
):
    answer(till, contested, "losing_evidence")
    till.deliver(client)
    assert status(newsroom) == "lost"
    assert sum(amount for _, amount in books(newsroom)) == 0
    assert not is_member(newsroom)
    with newsroom.at_work():
        assert disputes.end_lost() == 1
        assert disputes.end_lost() == 0
        assert db.session.scalars(sa.select(Subscription.status)).one() == "canceled"
    assert till.newest("subscriptions", status="all").status == "canceled"


def test_nobody_answering_is_losing(contested, newsroom: Newsroom, client: FlaskClient, till: Till):
    till.let_pass(till.now() + timedelta(days=20))
    clock.set(till.now())
    till.deliver(client)
    assert status(newsroom) == "lost"


def test_a_banks_question_moves_no_money(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    till.deliver(client)
    body = {"charge": till.newest("charges").id, "reason": "general", "inquiry": True}
    requests.post(f"{till.url}/_sandbox/dispute", json=body, timeout=10).raise_for_status()
    till.deliver(client)
    assert status(newsroom) == "warning_needs_response"
    assert books(newsroom) == [("charge", 500)]


@pytest.mark.parametrize("backwards", [False, True])
def test_news_of_a_dispute_in_any_order_ends_the_same(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose, backwards
):
    till.pay(choose(client))
    till.deliver(client)
    till.dispute(till.newest("charges").id)
    answer(till, till.newest("disputes").id, "winning_evidence")
    news = till.news()
    till.deliver(client, news[::-1] if backwards else news)
    assert status(newsroom) == "won"
    assert sum(amount for _, amount in books(newsroom)) == 500
    with newsroom.at_work():
        kinds = db.session.scalars(sa.select(LedgerEntry.kind)).all()
    assert sorted(kinds) == sorted(
        [EntryKind.charge, EntryKind.dispute, EntryKind.dispute_reversal]
    )


WAITING = sa.text("select count(*) from pg_locks where not granted")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_dispute_told_while_its_payment_is_booked_meets_it_in_no_deadlock(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    """Who books an invoice holds its subscription and then says which payment paid it."""
    till.pay(choose(client))
    till.deliver(client)
    with newsroom.at_work():
        link = db.session.scalars(sa.select(InvoicePayment)).one()
        intent, invoice = link.stripe_payment_intent, link.stripe_invoice
        db.session.delete(link)
        db.session.commit()
    till.dispute(till.newest("charges").id)
    told: list[list[int]] = []
    with newsroom.at_work():
        db.session.scalars(sa.select(Subscription).with_for_update(key_share=True)).one()
        teller = threading.Thread(
            target=lambda: told.append(till.deliver(newsroom.app.test_client()))
        )
        teller.start()
        with db.engine.connect() as other:
            until(lambda: other.execute(WAITING).scalar_one() > 0)
        ledger.link(intent, invoice)
        db.session.commit()
        teller.join()
    assert set(told[0]) == {200}
    assert status(newsroom) == "needs_response"
