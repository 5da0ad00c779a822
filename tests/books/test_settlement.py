"""Gross, fee and net, in the currency paid in and in the one that Stripe settles in."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from config import Mode
from membership.books import settlement
from membership.books.models import EntryKind, LedgerEntry, Settlement
from membership.clock import clock
from membership.extensions import db
from membership.figures import money
from membership.figures.spans import month
from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.till import SECRET, Till, giving_form


@pytest.fixture
def many(make_app: MakeApp, till: Till) -> Newsroom:
    """A newsroom that takes currencies of every kind."""
    app = make_app(
        sandbox_url=till.url,
        stripe_webhook_secret=SECRET,
        currencies="eur,usd,uah,jpy,kwd",
        max_amount=10_000_000,
    )
    newsroom = Newsroom(app)
    newsroom.tiers()
    return newsroom


def settle(newsroom: Newsroom) -> int:
    with newsroom.at_work():
        return settlement.run()


def rows(newsroom: Newsroom, kind: EntryKind) -> list[tuple[int, str]]:
    with newsroom.at_work():
        wanted = sa.select(LedgerEntry.amount, LedgerEntry.currency).where(LedgerEntry.kind == kind)
        return [tuple(row) for row in db.session.execute(wanted.order_by(LedgerEntry.id))]


def test_the_fee_is_a_row_and_the_net_is_stripes(
    newsroom: Newsroom, client: FlaskClient, till: Till, choose
):
    till.pay(choose(client))
    till.deliver(client)
    assert settle(newsroom) == 1
    assert rows(newsroom, EntryKind.charge) == [(500, "eur")]
    assert rows(newsroom, EntryKind.fee) == [(-33, "eur")]
    with newsroom.at_work():
        row = db.session.scalars(sa.select(Settlement)).one()
        assert (row.gross, row.fee, row.net, row.exchange_rate) == (500, 33, 467, None)
        [its] = money.received(Mode.sandbox, [month(clock.now().date())])["eur"]
        assert (its.received, its.fees.amount, its.net) == (500, -33, 467)
        assert its.settled.amount == 467


def test_settling_twice_books_once(newsroom: Newsroom, client: FlaskClient, till: Till, choose):
    till.pay(choose(client))
    till.deliver(client)
    assert [settle(newsroom), settle(newsroom)] == [1, 0]
    assert len(rows(newsroom, EntryKind.fee)) == 1


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("uah", "250", 25000), ("jpy", "1500", 1500), ("kwd", "2.500", 2500), ("usd", "7", 700)],
)
def test_a_payment_of_another_currency_settles_in_the_accounts(
    many: Newsroom, till: Till, currency, amount, minor
):
    client = many.app.test_client()
    form = giving_form(currency=currency, amount_month="own", own_amount=amount)
    till.pay(client.post("/support/checkout", data=form).location)
    till.deliver(client)
    charge = till.newest("charges").id
    till.sdk.v1.refunds.create({"charge": charge, "amount": minor // 2})
    till.deliver(client)
    settle(many)
    settled = "usd" if currency == "usd" else "eur"
    balance = till.get("/v1/balance_transactions", limit=10)["data"]
    with many.at_work():
        on_ours = money.on_the_balance(Mode.sandbox)[settled]
        assert on_ours.amount == sum(one["net"] for one in balance)
        for one in balance:
            row = db.session.get_one(Settlement, one["id"])
            assert (row.gross, row.fee, row.net) == (one["amount"], one["fee"], one["net"])
            assert row.currency == settled
            assert (row.exchange_rate is None) is (currency == "usd")
    assert rows(many, EntryKind.charge) == [(minor, currency)]
    assert rows(many, EntryKind.refund) == [(-(minor // 2), currency)]
    assert {code for _, code in rows(many, EntryKind.fee)} == {settled}


def test_money_of_somebody_elses_product_is_not_ours(
    newsroom: Newsroom, client: FlaskClient, till: Till
):
    v1 = till.sdk.v1
    customer = v1.customers.create({"email": "else@example.org"})
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    product = v1.products.create({"name": "Somebody else's newsletter"})
    price = {"currency": "eur", "unit_amount": 900, "product": product.id}
    v1.subscriptions.create(
        {
            "customer": customer.id,
            "default_payment_method": card.id,
            "items": [{"price_data": {**price, "recurring": {"interval": "month"}}}],
        }
    )
    assert till.total("balance_transactions") == 1
    assert settle(newsroom) == 0
    assert newsroom.count(LedgerEntry) == 0
