"""Every answer against the SDK's classes, every accepted parameter against its TypedDicts.

The desk of these tests holds each answer against the annotations as it is given
(desk.opened), in every test of this folder. Here it is led through every route and state.
"""

import datetime as dt
import operator
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import requests
import stripe
import typing_extensions

from stripe_sandbox import cards
from stripe_sandbox.http.expand import EXPANDABLE
from stripe_sandbox.http.params import Clearable, Hash, ListOf, Parser
from stripe_sandbox.http.routes import Route
from stripe_sandbox.resources import ROUTES, empty
from tests.stripe_sandbox import annotations
from tests.stripe_sandbox.desk import (
    ALWAYS_ASKS,
    ASKS_3DS,
    BOUNCES,
    DECLINED,
    DISPUTES,
    FAILS_ON_RENEWAL,
    INQUIRES,
    Desk,
)

CLOCKS = "/v1/test_helpers/test_clocks"

# For each route, the TypedDict with which the SDK would call it.
PARAMETERS = {
    "GET /v1/account": "AccountRetrieveCurrentParams",
    "GET /v1/accounts": "AccountListParams",
    "GET /v1/accounts/<id>": "AccountRetrieveParams",
    "GET /v1/application_fees": "ApplicationFeeListParams",
    "GET /v1/balance_transactions": "BalanceTransactionListParams",
    "GET /v1/balance_transactions/<id>": "BalanceTransactionRetrieveParams",
    "POST /v1/billing_portal/sessions": "billing_portal.SessionCreateParams",
    "GET /v1/charges": "ChargeListParams",
    "GET /v1/charges/<id>": "ChargeRetrieveParams",
    "POST /v1/checkout/sessions": "checkout.SessionCreateParams",
    "GET /v1/checkout/sessions": "checkout.SessionListParams",
    "POST /v1/checkout/sessions/<id>": "checkout.SessionUpdateParams",
    "GET /v1/checkout/sessions/<id>": "checkout.SessionRetrieveParams",
    "POST /v1/checkout/sessions/<id>/expire": "checkout.SessionExpireParams",
    "GET /v1/checkout/sessions/<id>/line_items": "checkout.SessionListLineItemsParams",
    "POST /v1/coupons": "CouponCreateParams",
    "GET /v1/coupons": "CouponListParams",
    "GET /v1/coupons/<id>": "CouponRetrieveParams",
    "POST /v1/customers": "CustomerCreateParams",
    "GET /v1/customers": "CustomerListParams",
    "POST /v1/customers/<id>": "CustomerUpdateParams",
    "GET /v1/customers/<id>": "CustomerRetrieveParams",
    "DELETE /v1/customers/<id>": "CustomerDeleteParams",
    "POST /v1/customers/<id>/balance_transactions": "CustomerCreateBalanceTransactionParams",
    "GET /v1/customers/<id>/balance_transactions": "CustomerListBalanceTransactionsParams",
    "GET /v1/customers/<id>/balance_transactions/<entry>": (
        "CustomerRetrieveBalanceTransactionParams"
    ),
    "GET /v1/customers/<id>/payment_methods": "CustomerListPaymentMethodsParams",
    "GET /v1/customers/<id>/sources": "CustomerPaymentSourceListParams",
    "GET /v1/disputes": "DisputeListParams",
    "POST /v1/disputes/<id>": "DisputeUpdateParams",
    "GET /v1/disputes/<id>": "DisputeRetrieveParams",
    "POST /v1/disputes/<id>/close": "DisputeCloseParams",
    "GET /v1/events": "EventListParams",
    "GET /v1/events/<id>": "EventRetrieveParams",
    "GET /v1/file_links": "FileLinkListParams",
    "GET /v1/files": "FileListParams",
    "GET /v1/invoice_payments": "InvoicePaymentListParams",
    "GET /v1/invoice_payments/<id>": "InvoicePaymentRetrieveParams",
    "GET /v1/invoiceitems": "InvoiceItemListParams",
    "GET /v1/invoiceitems/<id>": "InvoiceItemRetrieveParams",
    "GET /v1/invoices": "InvoiceListParams",
    "GET /v1/invoices/<id>": "InvoiceRetrieveParams",
    "GET /v1/invoices/<id>/lines": "InvoiceListLinesParams",
    "POST /v1/invoices/<id>/pay": "InvoicePayParams",
    "POST /v1/invoices/create_preview": "InvoiceCreatePreviewParams",
    "GET /v1/payment_intents": "PaymentIntentListParams",
    "GET /v1/payment_intents/<id>": "PaymentIntentRetrieveParams",
    "GET /v1/payment_methods": "PaymentMethodListParams",
    "GET /v1/payment_methods/<id>": "PaymentMethodRetrieveParams",
    "POST /v1/payment_methods/<id>/attach": "PaymentMethodAttachParams",
    "POST /v1/payment_methods/<id>/detach": "PaymentMethodDetachParams",
    "GET /v1/payouts": "PayoutListParams",
    "GET /v1/payouts/<id>": "PayoutRetrieveParams",
    "POST /v1/prices": "PriceCreateParams",
    "GET /v1/prices": "PriceListParams",
    "POST /v1/prices/<id>": "PriceUpdateParams",
    "GET /v1/prices/<id>": "PriceRetrieveParams",
    "POST /v1/products": "ProductCreateParams",
    "GET /v1/products": "ProductListParams",
    "POST /v1/products/<id>": "ProductUpdateParams",
    "GET /v1/products/<id>": "ProductRetrieveParams",
    "DELETE /v1/products/<id>": "ProductDeleteParams",
    "GET /v1/products/<id>/features": "ProductFeatureListParams",
    "GET /v1/promotion_codes": "PromotionCodeListParams",
    "GET /v1/radar/early_fraud_warnings": "radar.EarlyFraudWarningListParams",
    "POST /v1/refunds": "RefundCreateParams",
    "GET /v1/refunds": "RefundListParams",
    "POST /v1/refunds/<id>": "RefundUpdateParams",
    "GET /v1/refunds/<id>": "RefundRetrieveParams",
    "GET /v1/reviews": "ReviewListParams",
    "GET /v1/setup_intents": "SetupIntentListParams",
    "GET /v1/shipping_rates": "ShippingRateListParams",
    "GET /v1/subscription_items": "SubscriptionItemListParams",
    "GET /v1/subscription_items/<id>": "SubscriptionItemRetrieveParams",
    "POST /v1/subscription_schedules": "SubscriptionScheduleCreateParams",
    "GET /v1/subscription_schedules": "SubscriptionScheduleListParams",
    "GET /v1/subscription_schedules/<id>": "SubscriptionScheduleRetrieveParams",
    "POST /v1/subscription_schedules/<id>": "SubscriptionScheduleUpdateParams",
    "POST /v1/subscription_schedules/<id>/release": "SubscriptionScheduleReleaseParams",
    "POST /v1/subscriptions": "SubscriptionCreateParams",
    "GET /v1/subscriptions": "SubscriptionListParams",
    "POST /v1/subscriptions/<id>": "SubscriptionUpdateParams",
    "GET /v1/subscriptions/<id>": "SubscriptionRetrieveParams",
    "DELETE /v1/subscriptions/<id>": "SubscriptionCancelParams",
    "GET /v1/tax_rates": "TaxRateListParams",
    f"POST {CLOCKS}": "test_helpers.TestClockCreateParams",
    f"GET {CLOCKS}": "test_helpers.TestClockListParams",
    f"GET {CLOCKS}/<id>": "test_helpers.TestClockRetrieveParams",
    f"DELETE {CLOCKS}/<id>": "test_helpers.TestClockDeleteParams",
    f"POST {CLOCKS}/<id>/advance": "test_helpers.TestClockAdvanceParams",
    "GET /v1/transfers": "TransferListParams",
    "POST /v1/webhook_endpoints": "WebhookEndpointCreateParams",
    "GET /v1/webhook_endpoints": "WebhookEndpointListParams",
    "POST /v1/webhook_endpoints/<id>": "WebhookEndpointUpdateParams",
    "GET /v1/webhook_endpoints/<id>": "WebhookEndpointRetrieveParams",
    "DELETE /v1/webhook_endpoints/<id>": "WebhookEndpointDeleteParams",
}


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def undeclared(parser: Parser, kind: Any, path: str) -> Iterator[str]:
    """Parameters that a parser accepts and the SDK does not declare."""
    if isinstance(parser, Clearable):
        yield from undeclared(parser.of, kind, path)
    elif isinstance(parser, ListOf):
        items = [typing.get_args(one)[0] for one in variants(kind) if is_list(one)]
        if not items:
            yield f"{path}: no list"
        for item in items:
            yield from undeclared(parser.item, item, f"{path}[]")
    elif isinstance(parser, Hash):
        declared: dict[str, Any] = {}
        for one in variants(kind):
            if typing_extensions.is_typeddict(one):
                declared |= annotations.parameter_fields(one)
        for name, inner in parser.fields.items():
            if name in declared:
                yield from undeclared(inner, declared[name], f"{path}[{name}]")
            else:
                yield f"{path}[{name}]"


def is_list(kind: Any) -> bool:
    return typing.get_origin(kind) is list


def variants(kind: Any) -> list[Any]:
    """The alternatives of a type, without NotRequired and Required around it."""
    wrappers = (typing_extensions.NotRequired, typing_extensions.Required)
    if typing.get_origin(kind) in wrappers:
        return variants(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (list, Literal) or not typing.get_args(kind):
        return [kind]
    return [variant for one in typing.get_args(kind) for variant in variants(one)]


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_accepted_parameters_are_declared_by_the_sdk(route: Route) -> None:
    declared = annotations.parameters(PARAMETERS[name_of(route)])
    assert list(undeclared(route.params, declared, "")) == []


def test_the_comparison_of_parameters_notices_what_is_undeclared() -> None:
    made_up = Hash({"address": Hash({"planet": str}), "shoe_size": str, "email": ListOf(str)})
    declared = annotations.parameters("CustomerCreateParams")
    assert set(undeclared(made_up, declared, "")) == {
        "[address][planet]",
        "[shoe_size]",
        "[email]: no list",
    }


@pytest.mark.parametrize("change", ["null", "missing", "unknown", "literal", "deep"])
def test_the_comparison_of_answers_notices_what_is_wrong(desk: Desk, change: str) -> None:
    session = desk.patron()
    shape = desk.raw("GET", f"/v1/subscriptions/{session.subscription}").json()
    assert annotations.wrong_any(shape, "it") == []
    if change == "null":
        shape["status"] = None
    elif change == "missing":
        del shape["billing_cycle_anchor"]
    elif change == "unknown":
        shape["current_period_end"] = 1
    elif change == "literal":
        shape["status"] = "happy"
    else:
        shape["items"]["data"][0]["price"]["recurring"]["interval_count"] = "1"
    assert len(annotations.wrong_any(shape, "it")) == 1


def test_every_route_answers_in_the_sdks_shape(desk: Desk) -> None:
    every_checkout(desk)
    every_debit(desk)
    every_subscription(desk)
    every_odd_price(desk)
    every_authentication(desk)
    every_expiry(desk)
    every_proration(desk)
    every_payment(desk)
    every_dispute(desk)
    every_payout(desk)
    every_thing_sold(desk)
    every_part(desk)
    every_machine(desk)
    desk.events()
    assert {name_of(route) for route in ROUTES} - desk.routes_answered == set()


def every_checkout(desk: Desk) -> None:
    """Sessions of both modes: open, paid, refused, asking the bank, expired."""
    sessions = desk.v1.checkout.sessions
    paid = desk.patron(locale="en", client_reference_id="1", metadata={"a": "b"})
    desk.patron(every=None, submit_type="donate", customer_creation="always")
    opened = desk.session(customer_email="a@example.org", expires_at=desk.now() + 3600)
    desk.pay(opened, DECLINED)
    desk.pay(opened, ASKS_3DS)
    requests.post(f"{opened.url}/authenticate", {"fail": "1"}, timeout=9)
    sessions.update(opened.id, {"metadata": {"c": "d"}})
    sessions.expire(opened.id)
    sessions.list({"limit": 5, "expand": ["data.customer", "data.line_items", "data.invoice"]})
    sessions.retrieve(paid.id, {"expand": ["subscription.latest_invoice", "payment_intent"]})
    sessions.retrieve(paid.id, {"expand": ["total_details.breakdown"]})
    line_items: Any = ["data.price.product", "data.discounts", "data.taxes"]
    sessions.line_items.list(paid.id, {"expand": line_items})
    asking = desk.session(every=None)
    desk.pay(asking, ASKS_3DS)
    sessions.retrieve(asking.id, {"expand": ["payment_intent"]})


def every_debit(desk: Desk) -> None:
    """Asked of a bank, paid, bounced, at once and at a renewal."""
    sold = desk.debit()
    gift = desk.debit(every=None)
    late = desk.debit(BOUNCES)
    desk.debit(BOUNCES, every=None)
    expand: Any = {"expand": ["latest_charge", "payment_method", "customer"]}
    desk.v1.payment_intents.retrieve(gift.payment_intent, expand)
    desk.v1.charges.list({"expand": ["data.payment_intent"]})
    desk.advance(days=4)
    desk.v1.refunds.create({"payment_intent": gift.payment_intent})
    desk.v1.payment_intents.retrieve(gift.payment_intent, expand)
    [charge] = desk.v1.charges.list({"customer": sold.customer}).data
    desk.control("dispute", charge=charge.id, reason="general")
    desk.v1.checkout.sessions.retrieve(late.id, {"expand": ["subscription", "invoice"]})
    desk.v1.customers.payment_methods.list(sold.customer, {"type": "sepa_debit"})
    desk.advance(days=29)
    desk.v1.disputes.list({"charge": charge.id})
    desk.v1.subscriptions.cancel(sold.subscription)


def every_subscription(desk: Desk) -> None:
    """Active, paused, late, recovered, ending, ended, never begun."""
    v1 = desk.v1
    late = desk.patron(FAILS_ON_RENEWAL)
    paused = desk.patron()
    v1.subscriptions.update(paused.subscription, {"pause_collection": {"behavior": "void"}})
    leaving = desk.patron()
    v1.subscriptions.update(leaving.subscription, {"cancel_at_period_end": True})
    customer = v1.customers.create({"email": "b@example.org", "address": {"city": "Kyiv"}})
    v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    card = v1.payment_methods.list({"customer": customer.id}).data[0]
    price = v1.subscriptions.retrieve(late.subscription).items.data[0].price.id
    begun: Any = {"customer": customer.id, "items": [{"price": price}]}
    v1.subscriptions.create({**begun, "default_payment_method": card.id})
    desk.advance(days=32)
    v1.subscriptions.list({"status": "all", "expand": ["data.latest_invoice", "data.customer"]})
    open_invoice = v1.invoices.list({"status": "open"}).data[0]
    with pytest.raises(stripe.CardError):
        v1.invoices.pay(open_invoice.id)
    good = v1.payment_methods.attach("pm_card_mastercard", {"customer": late.customer})
    v1.invoices.pay(open_invoice.id, {"payment_method": good.id})
    v1.payment_methods.retrieve(good.id, {"expand": ["customer"]})
    v1.payment_methods.detach(good.id)
    v1.customers.payment_methods.list(late.customer)
    desk.advance(days=20)
    v1.subscriptions.list({"status": "ended"})
    v1.subscriptions.cancel(paused.subscription, {"cancellation_details": {"comment": "Bye"}})
    v1.customers.list({"expand": ["data.test_clock", "data.sources", "data.default_source"]})
    v1.customers.update(customer.id, {"phone": "+380", "preferred_locales": ["uk"]})
    v1.customers.delete(customer.id)
    v1.customers.retrieve(customer.id)
    v1.invoices.list({"expand": ["data.payments", "data.customer"], "limit": 50})


def every_odd_price(desk: Desk) -> None:
    """Reduced, on trial, of many parts, in parts of a cent, planned, paid in cash."""
    v1 = desk.v1
    sold = desk.patron()
    half = v1.coupons.create({"percent_off": 50, "duration": "repeating", "duration_in_months": 2})
    v1.coupons.create({"amount_off": 100, "currency": "eur", "name": "A euro off"})
    v1.coupons.retrieve(half.id)
    v1.coupons.list()
    product = v1.subscriptions.retrieve(sold.subscription).items.data[0].price.product
    item: Any = {
        "price_data": {
            "currency": "eur",
            "product": product,
            "recurring": {"interval": "week"},
            "unit_amount_decimal": "12.5",
        },
        "quantity": 3,
    }
    odd = v1.subscriptions.create(
        {
            "customer": sold.customer,
            "items": [item] * 11,
            "discounts": [{"coupon": half.id}],
            "trial_period_days": 3,
        }
    )
    v1.invoices.create_preview({"subscription": odd.id})
    first = odd.items.data[0].id
    v1.subscriptions.update(odd.id, {"items": [{"id": first, "deleted": True}, item]})
    schedule = v1.subscription_schedules.create({"from_subscription": odd.id})
    phases = schedule.phases
    price = v1.subscriptions.retrieve(odd.id).items.data[1].price.id
    later: Any = {"start_date": phases[0].end_date, "end_date": phases[0].end_date + 9 * 86400}
    now: Any = {"start_date": phases[0].start_date, "end_date": phases[0].end_date}
    v1.subscription_schedules.update(
        schedule.id,
        {
            "phases": [
                {**now, "items": [{"price": price}]},
                {**later, "items": [{"price": price, "quantity": 2}]},
            ]
        },
    )
    desk.advance(days=4)
    v1.subscription_schedules.list()
    v1.subscription_schedules.retrieve(schedule.id)
    v1.subscription_schedules.release(schedule.id)
    late = desk.patron(FAILS_ON_RENEWAL)
    desk.advance(days=32)
    unpaid = v1.invoices.list({"status": "open", "customer": late.customer}).data[0]
    v1.invoices.pay(unpaid.id, {"paid_out_of_band": True})
    v1.invoices.list({"customer": sold.customer, "expand": ["data.payments"]})


def every_authentication(desk: Desk) -> None:
    """A bank that asks at every renewal: asked, refused, answered."""
    sold = desk.patron(ALWAYS_ASKS)
    desk.advance(days=32)
    [renewal, _] = desk.v1.invoices.list({"subscription": sold.subscription}).data
    with pytest.raises(stripe.CardError):
        desk.v1.invoices.pay(renewal.id)
    links: Any = ["payments.data.payment.payment_intent.latest_charge"]
    desk.v1.invoices.retrieve(renewal.id, {"expand": links})
    desk.press(f"{renewal.hosted_invoice_url}/authenticate", fail="1")
    desk.v1.invoices.retrieve(renewal.id, {"expand": links})
    desk.press(renewal.hosted_invoice_url, saved="1")
    desk.press(f"{renewal.hosted_invoice_url}/authenticate", complete="1")
    desk.v1.subscriptions.cancel(sold.subscription)


def every_expiry(desk: Desk) -> None:
    """A card out of date, and its new date."""
    sold = desk.session()
    desk.pay(sold, exp=f"{dt.datetime.fromtimestamp(desk.now(), dt.UTC):%m/%y}")
    sold = desk.v1.checkout.sessions.retrieve(sold.id)
    desk.advance(days=32)
    renewal = desk.v1.invoices.list({"subscription": sold.subscription}).data[0]
    with pytest.raises(stripe.CardError):
        desk.v1.invoices.pay(renewal.id)
    told = desk.control("update_card", customer=sold.customer, exp_month=1, exp_year=2044).json()
    assert annotations.wrong_any(told, "it") == []
    desk.v1.invoices.pay(renewal.id)
    desk.v1.subscriptions.cancel(sold.subscription)


def every_proration(desk: Desk) -> None:
    """Waiting, billed, credited and owed; looked at beforehand, and never to come."""
    v1 = desk.v1
    sold = desk.patron()
    item = v1.subscriptions.retrieve(sold.subscription)["items"].data[0]

    def two_of(number: int, behavior: str) -> Any:
        return {"items": [{"id": item.id, "quantity": number}], "proration_behavior": behavior}

    desk.advance(days=5)
    v1.subscriptions.update(sold.subscription, two_of(3, "create_prorations"))
    previewed: Any = {"subscription": sold.subscription, "expand": ["payments", "customer"]}
    v1.invoices.create_preview(previewed)
    v1.invoices.create_preview({**previewed, "subscription_details": two_of(9, "always_invoice")})
    v1.subscriptions.update(sold.subscription, two_of(5, "create_prorations"))
    links: Any = ["data.customer", "data.invoice", "data.pricing.price_details.price"]
    v1.invoice_items.list({"customer": sold.customer, "expand": links})
    v1.subscriptions.update(sold.subscription, two_of(1, "always_invoice"))
    v1.invoice_items.retrieve(v1.invoice_items.list({"pending": False}).data[0].id)
    entries = v1.customers.balance_transactions
    small = {"amount": 1000, "currency": "eur", "metadata": {"a": "b"}}
    made = entries.create(sold.customer, small)
    entries.retrieve(sold.customer, made.id, {"expand": ["customer", "invoice"]})
    desk.advance(days=32)
    entries.list(sold.customer, {"expand": ["data.invoice"]})
    v1.subscriptions.cancel(sold.subscription)
    with pytest.raises(stripe.InvalidRequestError):
        v1.invoices.create_preview({"subscription": sold.subscription})
    v1.customers.retrieve(sold.customer)


def every_payment(desk: Desk) -> None:
    """Intents, charges, refunds and the balance, with their links opened."""
    v1 = desk.v1
    charge = next(one for one in v1.charges.list({"limit": 100}).data if one.paid)
    refund = v1.refunds.create({"charge": charge.id, "amount": 100, "metadata": {"a": "b"}})
    v1.refunds.update(refund.id, {"metadata": {"a": "c"}})
    links: Any = ["charge", "payment_intent", "balance_transaction", "payment_method"]
    v1.refunds.retrieve(refund.id, {"expand": links})
    v1.refunds.list({"charge": charge.id})
    v1.charges.retrieve(
        charge.id, {"expand": ["refunds", "customer", "balance_transaction", "payment_intent"]}
    )
    intents = v1.payment_intents.list({"limit": 100, "expand": ["data.latest_charge"]}).data
    v1.payment_intents.retrieve(intents[0].id, {"expand": ["customer", "payment_method"]})
    entries = v1.balance_transactions.list({"expand": ["data.source"]}).data
    v1.balance_transactions.retrieve(entries[0].id)
    invoice = v1.invoices.list({"status": "paid"}).data[0]
    v1.invoices.retrieve(
        invoice.id,
        {
            "expand": [
                "payments.data.payment.payment_intent",
                "parent.subscription_details.subscription",
                "lines.data.pricing.price_details.price",
            ]
        },
    )
    payment = v1.invoice_payments.list({"invoice": invoice.id}).data[0]
    v1.invoice_payments.retrieve(payment.id, {"expand": ["invoice", "payment.payment_intent"]})


def every_dispute(desk: Desk) -> None:
    """Asked, answered, won, lost, given up, too late, refused a refund."""
    disputes = desk.v1.disputes
    for card, text in ((DISPUTES, "winning_evidence"), (DISPUTES, "losing_evidence"),
                       (INQUIRES, "winning_evidence"), (INQUIRES, "escalate_inquiry_evidence"),
                       (DISPUTES, "It was hers.")):  # fmt: skip
        gift = desk.patron(card, every=None)
        [made] = disputes.list({"payment_intent": gift.payment_intent}).data
        disputes.update(made.id, {"evidence": {"uncategorized_text": text}, "submit": False})
        disputes.update(made.id, {"submit": True, "metadata": {"a": "b"}})
        disputes.retrieve(made.id, {"expand": ["charge", "payment_intent"]})
    desk.patron(DISPUTES)
    disputes.close(disputes.list().data[0].id)
    desk.patron(DISPUTES, every=None)
    desk.advance(days=18)
    lost = disputes.list({"expand": ["data.charge"]}).data[0]
    with pytest.raises(stripe.InvalidRequestError):
        desk.v1.refunds.create({"charge": lost.charge.id})
    desk.v1.balance_transactions.list({"type": "adjustment", "expand": ["data.source"]})


def every_payout(desk: Desk) -> None:
    """Under way, arrived, sent back."""
    v1 = desk.v1
    desk.patron(amount=90_000)
    desk.advance(3)
    desk.control("pay_out")
    v1.payouts.list({"status": "in_transit", "expand": ["data.balance_transaction"]})
    desk.advance(1.5)
    paid = v1.payouts.list({"arrival_date": {"lte": desk.now()}}).data[0]
    v1.payouts.retrieve(paid.id)
    desk.control("fail_payout", payout=paid.id)
    v1.payouts.retrieve(paid.id, {"expand": ["failure_balance_transaction"]})
    v1.balance_transactions.list({"payout": paid.id, "expand": ["data.source"]})


def every_thing_sold(desk: Desk) -> None:
    """Products and prices, with all their fields."""
    v1 = desk.v1
    product = v1.products.create({"name": "Mug", "images": ["https://example.org/mug.png"]})
    price = v1.prices.create(
        {"currency": "uah", "product": product.id, "unit_amount": 9900, "lookup_key": "mug"}
    )
    changed = {"default_price": price.id, "description": "A mug", "unit_label": "mug"}
    v1.products.update(product.id, changed)
    v1.products.retrieve(product.id, {"expand": ["default_price"]})
    v1.products.list({"ids": [product.id]})
    v1.products.features.list(product.id)
    v1.prices.update(price.id, {"nickname": "Mug"})
    v1.prices.retrieve(price.id, {"expand": ["product", "currency_options", "tiers"]})
    v1.prices.list({"lookup_keys": ["mug"]})
    v1.products.delete(v1.products.create({"name": "Spare"}).id)


def every_part(desk: Desk) -> None:
    """What belongs to something else, asked for on its own, and what is never there."""
    v1 = desk.v1
    sold = desk.patron()
    items = v1.subscription_items.list({"subscription": sold.subscription, "limit": 1})
    v1.subscription_items.retrieve(items.data[0].id, {"expand": ["price.product"]})
    v1.invoices.line_items.list(sold.invoice, {"limit": 5, "expand": ["data.discounts"]})
    for name in empty.KINDS:
        assert operator.attrgetter(name.replace("/", "."))(v1).list({"limit": 3}).data == []


def every_machine(desk: Desk) -> None:
    """Account, portal, webhook endpoints, clocks, events."""
    v1 = desk.v1
    v1.accounts.retrieve(v1.accounts.retrieve_current().id)
    v1.accounts.list({"limit": 1})
    customer = v1.customers.create({})
    v1.customers.payment_sources.list(customer.id, {"object": "card"})
    sold = desk.patron()
    v1.billing_portal.sessions.create({"customer": customer.id, "locale": "en"})
    portal = v1.billing_portal.sessions.create({"customer": sold.customer})
    said = {"cancel": sold.subscription, "feedback": "unused", "comment": "Bye"}
    assert desk.press(portal.url, **said).status_code == 303
    v1.subscriptions.retrieve(sold.subscription)
    endpoint = v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/", "enabled_events": ["*"], "description": "desk"}
    )
    v1.webhook_endpoints.retrieve(endpoint.id)
    v1.webhook_endpoints.update(endpoint.id, {"metadata": {"a": "b"}})
    v1.webhook_endpoints.list()
    v1.webhook_endpoints.delete(endpoint.id)
    clock = v1.test_helpers.test_clocks.create({"frozen_time": 1_700_000_000, "name": "Old"})
    v1.customers.create({"test_clock": clock.id})
    v1.customers.list({"test_clock": clock.id, "expand": ["data.test_clock"]})
    desk.advance(1, clock.id)
    v1.test_helpers.test_clocks.delete(clock.id)
    v1.test_helpers.test_clocks.list()
    v1.events.retrieve(v1.events.list().data[0].id)


def test_what_expands_is_an_expandable_field_of_the_sdk() -> None:
    for name, rules in EXPANDABLE.items():
        for path in rules:
            kind: Any = annotations.class_of(name)
            for step in path.split("."):
                [kind, *_] = [one for one in variants(kind) if isinstance(one, type)]
                kind = annotations.fields(kind)[step]
            assert kind


def test_each_card_of_the_table_is_a_real_number() -> None:
    for card in cards.CARDS.values():
        assert not card.number or cards.number_error(card.number) is None


def test_the_documentation_lists_every_route() -> None:
    page = (Path(__file__).parents[2] / "docs" / "stripe-sandbox.md").read_text("utf-8")
    for route in ROUTES:
        address = route.path.replace("<", ":").replace(">", "")
        [line] = [line for line in page.splitlines() if line.startswith(f"| `{address}` |")]
        assert route.method in line
