"""Currencies: what is settled in euro or dollar, and what Stripe's special cases allow."""

from typing import Any

import pytest
import stripe

from stripe_sandbox import money
from tests.stripe_sandbox.desk import Desk


def entry_of(desk: Desk, session: Any) -> Any:
    """The balance transaction of a payment."""
    expand = {"expand": ["latest_charge.balance_transaction"]}
    intent = desk.v1.payment_intents.retrieve(session.payment_intent, expand)
    return intent.latest_charge.balance_transaction


@pytest.mark.parametrize("currency", ["eur", "usd"])
def test_what_is_settled_in_its_own_currency_has_no_rate(desk: Desk, currency: str) -> None:
    entry = entry_of(desk, desk.patron(every=None, currency=currency))
    assert (entry.amount, entry.currency, entry.exchange_rate) == (500, currency, None)


@pytest.mark.parametrize(
    ("amount", "currency", "cents"),
    [(20000, "uah", 400), (1000, "jpy", 610), (2010, "kwd", 603), (50000, "isk", 340)],
)
def test_another_currency_is_converted_to_euro(
    desk: Desk, amount: int, currency: str, cents: int
) -> None:
    gift = desk.patron(every=None, amount=amount, currency=currency)
    entry = entry_of(desk, gift)
    assert (entry.amount, entry.currency) == (cents, "eur")
    assert entry.exchange_rate == float(money.RATES[currency])
    assert (entry.fee, entry.net) == (money.fee(cents), cents - money.fee(cents))
    assert entry.fee_details[0].currency == "eur"


def test_a_refund_and_a_dispute_take_the_rate_of_their_charge(desk: Desk) -> None:
    gift = desk.patron(every=None, amount=20000, currency="uah")
    [charge] = desk.v1.charges.list({"payment_intent": gift.payment_intent}).data
    refund = desk.v1.refunds.create(
        {"charge": charge.id, "amount": 5000, "expand": ["balance_transaction"]}
    )
    back: Any = refund.balance_transaction
    assert (refund.currency, back.amount, back.currency) == ("uah", -100, "eur")
    dispute = desk.control("dispute", charge=charge.id, reason="fraudulent").json()
    [gone] = dispute["balance_transactions"]
    assert (dispute["amount"], gone["amount"], gone["net"]) == (15000, -300, -1800)


def test_half_a_cent_goes_away_from_zero() -> None:
    assert money.settled(25, "uah") == (1, "eur", money.RATES["uah"])
    assert money.settled(-25, "uah") == (-1, "eur", money.RATES["uah"])
    assert money.settled(24, "uah")[0] == 0


def test_every_currency_has_a_rate() -> None:
    assert set(money.RATES) == money.CURRENCIES - set(money.SETTLES_IN)


@pytest.mark.parametrize(
    ("currency", "good", "bad"),
    [("ugx", 500000, 500050), ("isk", 50000, 50001), ("kwd", 1500, 1501)],
)
def test_an_amount_that_the_currency_cannot_have_is_refused(
    desk: Desk, currency: str, good: int, bad: int
) -> None:
    assert desk.session(good, currency=currency, every=None).amount_total == good
    with pytest.raises(stripe.InvalidRequestError) as refused:
        desk.session(bad, currency=currency, every=None)
    assert refused.value.http_status == 400
    gift = desk.patron(every=None, amount=good, currency=currency)
    with pytest.raises(stripe.InvalidRequestError, match="Invalid amount"):
        desk.v1.refunds.create({"payment_intent": gift.payment_intent, "amount": 101})


def test_whole_currencies_are_shown_without_hundredths() -> None:
    assert money.in_words(500000, "ugx") == "5,000 UGX"
    assert money.in_words(1500, "kwd") == "1.500 KWD"
