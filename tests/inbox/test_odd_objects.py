"""What Stripe allows on one of our products and no page here offers: taken as it is, or named."""

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from config import Mode
from membership.books import disputes, settlement
from membership.books.models import EntryKind, LedgerEntry, Product, Subscription
from membership.extensions import db
from membership.figures import recovery
from membership.figures.committed import committed as committed_of
from membership.inbox import reconcile, untaken
from membership.patrons.models import Person
from tests.factories import Newsroom
from tests.till import FAILS_ON_RENEWAL, Till

Odd = SimpleNamespace


@pytest.fixture
def patron(newsroom: Newsroom, client: FlaskClient, till: Till, choose: Any) -> Odd:
    """Somebody who gives €5 a month, and whom all that follows happens to."""
    till.pay(choose(client))
    till.deliver(client)
    said = till.newest("subscriptions")
    card = till.sdk.v1.payment_methods.attach("pm_card_visa", {"customer": said.customer}).id
    till.sdk.v1.customers.update(
        said.customer, {"invoice_settings": {"default_payment_method": card}}
    )
    with newsroom.at_work():
        product = db.session.scalars(sa.select(Product.stripe_id)).first()
    return Odd(customer=said.customer, subscription=said.id, product=product)


def price(product: str, amount: int = 500, *, every: str = "month", **more: Any) -> Any:
    recurring = {"interval": every, "interval_count": more.pop("count", 1)}
    unit = {"unit_amount": amount} if "unit_amount_decimal" not in more else {}
    return {"currency": "eur", "product": product, "recurring": recurring, **unit, **more}


def subscribe(till: Till, patron: Odd, *items: Any, **more: Any) -> str:
    """Somebody at the desk sets this up in Stripe's dashboard."""
    made = till.sdk.v1.subscriptions.create(
        {"customer": patron.customer, "items": list(items), **more}  # type: ignore[typeddict-item]
    )
    return str(made.id)


def gives(newsroom: Newsroom, stripe_id: str) -> tuple[int, str, int]:
    with newsroom.at_work():
        row = db.session.scalars(
            sa.select(Subscription).where(Subscription.stripe_id == stripe_id)
        ).one()
        return row.amount, row.interval.value, row.interval_count


def booked(newsroom: Newsroom, stripe_id: str) -> list[int]:
    with newsroom.at_work():
        return list(
            db.session.scalars(
                sa.select(LedgerEntry.amount)
                .join(Subscription, Subscription.id == LedgerEntry.subscription_id)
                .where(Subscription.stripe_id == stripe_id, LedgerEntry.kind == EntryKind.charge)
                .order_by(LedgerEntry.id)
            )
        )


def committed(newsroom: Newsroom) -> int:
    with newsroom.at_work():
        return committed_of(Mode.sandbox)["eur"].amount


def compare(newsroom: Newsroom) -> Counter[str]:
    """Once the job that asks what came onto the balance has run."""
    with newsroom.at_work():
        settlement.run()
        return reconcile.run()


def tier_of(stripe_id: str) -> sa.Select[int]:
    return sa.select(Subscription.tier_id).where(Subscription.stripe_id == stripe_id)


def next_invoice(till: Till, stripe_id: str) -> int:
    return int(till.sdk.v1.invoices.create_preview({"subscription": stripe_id}).total)


@pytest.mark.parametrize(
    ("every", "count", "monthly"), [("day", 1, 15208), ("week", 1, 2173), ("week", 2, 1086)]
)
def test_a_subscription_by_the_day_or_the_week_is_taken(
    newsroom, client, till, patron, every, count, monthly
):
    odd = subscribe(till, patron, {"price_data": price(patron.product, every=every, count=count)})
    assert set(till.deliver(client)) == {200}
    assert gives(newsroom, odd) == (500, every, count)
    assert booked(newsroom, odd) == [500]
    assert committed(newsroom) == 500 + monthly
    assert compare(newsroom) == Counter()


def test_several_items_and_quantities_are_given_together(newsroom, client, till, patron):
    odd = subscribe(
        till,
        patron,
        {"price_data": price(patron.product, 300), "quantity": 2},
        {"price_data": price(patron.product, 700)},
    )
    assert set(till.deliver(client)) == {200}
    assert gives(newsroom, odd) == (1300, "month", 1)
    assert booked(newsroom, odd) == [1300] == [next_invoice(till, odd)]


def test_a_price_in_parts_of_a_cent_is_rounded_by_the_line(newsroom, client, till, patron):
    cents = price(patron.product, unit_amount_decimal="33.3333")
    odd = subscribe(till, patron, {"price_data": cents, "quantity": 15})
    assert set(till.deliver(client)) == {200}
    assert gives(newsroom, odd) == (500, "month", 1)
    assert booked(newsroom, odd) == [500]


@pytest.mark.parametrize(
    ("coupon", "first", "then"),
    [
        ({"percent_off": 20, "duration": "forever"}, 400, [400, 400]),
        ({"percent_off": 20, "duration": "once"}, 400, [500, 500]),
        ({"percent_off": 20, "duration": "repeating", "duration_in_months": 2}, 400, [400, 500]),
        ({"amount_off": 150, "currency": "eur", "duration": "once"}, 350, [500, 500]),
    ],
)
def test_a_discount_counts_for_as_long_as_it_lasts(
    newsroom, client, till, patron, coupon, first, then
):
    code = till.sdk.v1.coupons.create(coupon).id
    item = {"price_data": price(patron.product)}
    odd = subscribe(till, patron, item, discounts=[{"coupon": code}])
    assert set(till.deliver(client)) == {200}
    assert booked(newsroom, odd) == [first]
    for number, coming in enumerate(then):
        assert next_invoice(till, odd) == coming
        assert gives(newsroom, odd) == (coming, "month", 1)
        assert committed(newsroom) == 500 + coming
        till.let_pass(till.now() + timedelta(days=31))
        assert set(till.deliver(client)) == {200}
        assert booked(newsroom, odd) == [first, *then[: number + 1]]


def test_an_invoice_paid_in_cash_is_a_payment_and_ends_the_trouble(newsroom, client, till, choose):
    till.pay(choose(client), card=FAILS_ON_RENEWAL)
    till.deliver(client)
    till.let_pass(till.now() + timedelta(days=32))
    till.deliver(client)
    unpaid = till.newest("invoices", status="open")
    till.sdk.v1.invoices.pay(unpaid.id, {"paid_out_of_band": True})
    assert set(till.deliver(client)) == {200}
    stripe_id = till.newest("subscriptions").id
    assert booked(newsroom, stripe_id) == [500, 500]
    with newsroom.at_work():
        assert not recovery.in_recovery(Mode.sandbox)
    assert compare(newsroom) == Counter()


def test_a_patron_whose_product_was_changed_at_stripe_stays_one(newsroom, client, till, patron):
    other = till.sdk.v1.products.create({"name": "Patron, made by hand"}).id
    item = till.sdk.v1.subscriptions.retrieve(patron.subscription).items.data[0].id
    till.sdk.v1.subscriptions.update(
        patron.subscription,
        {
            "items": [{"id": item, "price_data": price(other, 800)}],
            "proration_behavior": "none",
        },
    )
    till.let_pass(till.now() + timedelta(days=32))
    assert set(till.deliver(client)) == {200}
    assert gives(newsroom, patron.subscription) == (800, "month", 1)
    assert booked(newsroom, patron.subscription) == [500, 800]
    assert compare(newsroom) == Counter()


def test_one_moved_to_another_of_our_products_is_of_its_tier(
    newsroom, client, till, patron, choose
):
    generous = choose(
        client, attempt="fedcba9876543210", email="t@example.org", amount_month="2500"
    )
    till.pay(generous)
    till.deliver(client)
    with newsroom.at_work():
        before = db.session.scalars(tier_of(patron.subscription)).one()
        other = db.session.scalars(
            sa.select(Product).where(Product.stripe_id != patron.product)
        ).one()
        product, tier = other.stripe_id, other.tier_id
    assert before != tier
    item = till.sdk.v1.subscriptions.retrieve(patron.subscription).items.data[0].id
    moved: Any = [{"id": item, "price_data": price(product, 2500)}]
    till.sdk.v1.subscriptions.update(
        patron.subscription, {"items": moved, "proration_behavior": "none"}
    )
    assert set(till.deliver(client)) == {200}
    assert gives(newsroom, patron.subscription) == (2500, "month", 1)
    with newsroom.at_work():
        assert db.session.scalars(tier_of(patron.subscription)).one() == tier


def test_a_trial_brings_membership_with_its_first_payment(newsroom, client, till, patron):
    odd = subscribe(till, patron, {"price_data": price(patron.product)}, trial_period_days=14)
    assert set(till.deliver(client)) == {200}
    assert gives(newsroom, odd) == (500, "month", 1)
    assert booked(newsroom, odd) == []
    assert committed(newsroom) == 500, "only what the patron gave before counts"
    till.let_pass(till.now() + timedelta(days=15))
    assert set(till.deliver(client)) == {200}
    assert booked(newsroom, odd) == [500]
    assert committed(newsroom) == 1000


def planned(till: Till, patron: Odd, amount: int) -> str:
    """From the next period on, another amount."""
    v1 = till.sdk.v1
    later = v1.prices.create(price(patron.product, amount))
    schedule = v1.subscription_schedules.create({"from_subscription": patron.subscription})
    phase, month = schedule.phases[0], 31 * 24 * 3600
    item = v1.subscriptions.retrieve(patron.subscription).items.data[0]
    now: Any = {"start_date": phase.start_date, "end_date": phase.end_date}
    then: Any = {"start_date": phase.end_date, "end_date": phase.end_date + 12 * month}
    v1.subscription_schedules.update(
        schedule.id,
        {
            "phases": [
                {**now, "items": [{"price": item.price.id}]},
                {**then, "items": [{"price": later.id}]},
            ]
        },
    )
    v1.subscriptions.update(patron.subscription, {"metadata": {"planned": "yes"}})
    return str(schedule.id)


def test_a_planned_amount_is_what_is_given(newsroom, client, till, patron):
    planned(till, patron, 900)
    assert set(till.deliver(client)) == {200}
    assert gives(newsroom, patron.subscription) == (900, "month", 1)
    till.let_pass(till.now() + timedelta(days=32))
    assert set(till.deliver(client)) == {200}
    assert booked(newsroom, patron.subscription) == [500, 900]


def test_a_patron_may_cancel_what_a_schedule_decides(newsroom, client, till, patron):
    planned(till, patron, 900)
    till.deliver(client)
    with newsroom.at_work():
        person = db.session.scalars(sa.select(Person)).one()
    browser = newsroom.signed_in(person)
    where = f"/account/giving/{patron.subscription}/cancel"
    assert browser.post(where, data={"attempt": "0123456789abcdef"}).status_code == 303
    assert till.newest("subscriptions").cancel_at_period_end


def test_another_amount_takes_the_place_of_all_items_and_discounts(newsroom, client, till, patron):
    half = till.sdk.v1.coupons.create({"percent_off": 50, "duration": "forever"}).id
    till.sdk.v1.subscriptions.update(
        patron.subscription,
        {
            "items": [{"price_data": price(patron.product, 700)}],
            "discounts": [{"coupon": half}],
            "proration_behavior": "none",
        },
    )
    till.deliver(client)
    assert gives(newsroom, patron.subscription) == (600, "month", 1)
    with newsroom.at_work():
        person = db.session.scalars(sa.select(Person)).one()
    form = {"attempt": "0123456789abcdef", "amount": "8", "interval": "month"}
    browser = newsroom.signed_in(person)
    answer = browser.post(f"/account/giving/{patron.subscription}/amount", data=form)
    assert answer.status_code == 303, answer.text
    assert gives(newsroom, patron.subscription) == (800, "month", 1)
    assert next_invoice(till, patron.subscription) == 800


def test_an_invoice_of_more_lines_than_an_event_shows_is_booked_whole(
    newsroom, client, till, patron
):
    """Ours is the eleventh line, of which the event says nothing."""
    other = till.sdk.v1.products.create({"name": "A book each"}).id
    books = [{"price_data": price(other, 100)} for _ in range(11)]
    odd = subscribe(till, patron, *books, {"price_data": price(patron.product)})
    assert set(till.deliver(client)) == {200}
    assert booked(newsroom, odd) == [1600]
    assert gives(newsroom, odd)[0] == 1600


def make_odd(store: Path, stripe_id: str, *, interval: str) -> None:
    """Give a subscription's price an interval behind the sandbox's back."""
    with closing(sqlite3.connect(store)) as db, db:
        price_id = "SELECT json_extract(facts, '$.items[0].price') FROM objects WHERE id = ?"
        db.execute(
            "UPDATE objects SET facts = json_set(facts, '$.recurring.interval', ?)"
            f" WHERE id = ({price_id})",
            (interval, stripe_id),
        )


def test_an_odd_object_holds_up_neither_what_settled_nor_what_was_lost(
    newsroom, client, till, patron, tmp_path
):
    """The jobs of every ten minutes meet it as well."""
    odd = subscribe(till, patron, {"price_data": price(patron.product, 300)})
    till.deliver(client)
    for charge in till.sdk.v1.charges.list().data:
        till.dispute(charge.id)
    for dispute in till.sdk.v1.disputes.list().data:
        evidence = {"uncategorized_text": "losing_evidence"}
        till.sdk.v1.disputes.update(dispute.id, {"evidence": evidence, "submit": True})
    till.deliver(client)
    third = subscribe(till, patron, {"price_data": price(patron.product, 400)})
    till.taken(till.news())
    make_odd(tmp_path / "sandbox.sqlite", odd, interval="fortnight")
    make_odd(tmp_path / "sandbox.sqlite", third, interval="fortnight")
    with newsroom.at_work():
        assert settlement.run() == 4, "of two payments and their disputes"
        assert disputes.end_lost() == 1
    states = {one.id: one.status for one in till.sdk.v1.subscriptions.list({"status": "all"}).data}
    assert states[patron.subscription] == "canceled"
    make_odd(tmp_path / "sandbox.sqlite", odd, interval="month")
    make_odd(tmp_path / "sandbox.sqlite", third, interval="month")
    with newsroom.at_work():
        assert settlement.run() == 1
        assert disputes.end_lost() == 1


def test_an_object_is_shown_until_it_is_taken_in_whatever_list(newsroom: Newsroom):
    """An invoice that could not be taken while it was open is paid by the next night."""
    with newsroom.at_work():
        untaken.keep("unpaid invoices", {"in_odd", "in_good"}, {"in_odd": "ValueError: odd"})
        assert [one.stripe_id for one in untaken.listed(10)] == ["in_odd"]
        untaken.keep("invoices", {"in_odd"}, {})
        assert untaken.listed(10) == []


def test_an_object_that_cannot_be_taken_is_named_kept_and_does_not_stop_the_rest(
    newsroom, client, till, patron, tmp_path
):
    """A page of Stripe's with an interval nobody has heard of, in front of a payment missing."""
    odd = subscribe(till, patron, {"price_data": price(patron.product, 300)})
    till.taken(till.news())
    make_odd(tmp_path / "sandbox.sqlite", odd, interval="fortnight")
    found: list[tuple[str, str]] = []
    with newsroom.at_work():
        tally = reconcile.run(found=lambda kind, what: found.append((kind, what)))
        kept = untaken.listed(10)
        assert [one.stripe_id for one in kept][-1:] == [odd]
        assert "fortnight" in kept[-1].reason
    assert tally["cannot be taken"] >= 1
    assert any(odd in what and "fortnight" in what for _kind, what in found)
    staff = newsroom.signed_in(newsroom.person("money@example.org", role="finance"))
    page = staff.get("/staff/stripe").text
    assert odd in page and "fortnight" in page
    make_odd(tmp_path / "sandbox.sqlite", odd, interval="month")
    assert compare(newsroom)["cannot be taken"] == 0
    with newsroom.at_work():
        assert untaken.listed(10) == []
    assert booked(newsroom, odd) == [300]
