"""Stripe's HTTP manners: keys, errors, unknown things, idempotency, lists, expansion."""

import threading
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from stripe_sandbox.events import API_VERSION
from tests.stripe_sandbox.desk import Desk, opened


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Authorization": ""}, "did not provide an API key"),
        ({"Authorization": "Bearer sk_live_1234"}, "Invalid API Key"),
        ({"Authorization": "Bearer pk_test_1234"}, "publishable API key"),
    ],
)
def test_only_a_secret_test_key_opens(desk: Desk, headers: dict[str, str], words: str) -> None:
    answer = desk.raw("GET", "/v1/customers", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert words in answer.json()["error"]["message"]


def test_the_version_is_the_pinned_sdks(desk: Desk) -> None:
    assert stripe.api_version == API_VERSION
    answer = desk.raw("GET", "/v1/account", headers={"Stripe-Version": "2020-08-27"})
    assert answer.status_code == 400
    assert desk.raw("GET", "/v1/account").headers["Stripe-Version"] == API_VERSION


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/quotes"),
        ("POST", "/v1/payment_intents"),
        ("PUT", "/v1/customers/cus_1"),
        ("DELETE", "/v1/invoices/in_1"),
        ("GET", "/v2/core/events"),
    ],
)
def test_an_unknown_route_is_refused_by_name(desk: Desk, method: str, path: str) -> None:
    answer = desk.raw(method, path)
    assert answer.status_code == 501
    assert f"{method} {path}" in answer.json()["error"]["message"]
    assert answer.headers["Stripe-Should-Retry"] == "false"


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ({"tax_exempt": "none"}, "tax_exempt"),
        ({"invoice_settings[footer]": "x"}, "invoice_settings[footer]"),
        ({"address[planet]": "Earth"}, "address[planet]"),
    ],
)
def test_an_unknown_parameter_is_refused_by_name(
    desk: Desk, data: dict[str, str], param: str
) -> None:
    answer = desk.raw("POST", "/v1/customers", data=data)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "parameter_unknown", param)
    assert desk.v1.customers.list().data == []


@pytest.mark.parametrize(
    ("path", "data", "code", "param"),
    [
        ("/v1/products", {}, "parameter_missing", "name"),
        ("/v1/products", {"name": ""}, "parameter_invalid_empty", "name"),
        ("/v1/customers", {"email": "nobody"}, "email_invalid", "email"),
        ("/v1/customers", {"metadata": "x"}, None, "metadata"),
        ("/v1/customers", {"metadata[a]": "x" * 501}, None, "metadata[a]"),
        ("/v1/customers", {"address": "x"}, None, "address"),
        ("/v1/prices", {"currency": "xxx"}, None, "currency"),
        ("/v1/prices", {"currency": "eur"}, "parameter_missing", "product"),
        (
            "/v1/prices",
            {"currency": "eur", "product": "p", "unit_amount": "1.5"},
            "parameter_invalid_integer",
            "unit_amount",
        ),
        (
            "/v1/prices",
            {"currency": "eur", "product": "prod_none", "unit_amount": "500"},
            "resource_missing",
            "product",
        ),
        ("/v1/webhook_endpoints", {"url": "/x", "enabled_events[]": "*"}, "url_invalid", "url"),
    ],
)
def test_a_wrong_parameter_is_named_with_stripes_code(
    desk: Desk, path: str, data: dict[str, str], code: str | None, param: str
) -> None:
    answer = desk.raw("POST", path, data=data)
    error = answer.json()["error"]
    assert (answer.status_code, error.get("code"), error["param"]) == (400, code, param)
    assert error["request_log_url"].endswith(answer.headers["Request-Id"])


def test_a_body_that_is_not_a_form_is_refused(desk: Desk) -> None:
    assert desk.raw("POST", "/v1/customers", json={"name": "x"}).status_code == 400
    broken = desk.raw("POST", "/v1/customers", data={"[name": "x"})
    assert broken.status_code == 400


def test_an_id_that_is_not_there_is_missing(desk: Desk) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        desk.v1.customers.retrieve("cus_none")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    product = desk.v1.products.create({"name": "Patron"})
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        desk.v1.customers.retrieve(product.id)


def test_the_same_idempotency_key_creates_one_customer(desk: Desk) -> None:
    options: Any = {"idempotency_key": "one"}
    first = desk.v1.customers.create({"name": "One"}, options)
    again = desk.v1.customers.create({"name": "One"}, options)
    assert first.id == again.id
    assert len(desk.v1.customers.list().data) == 1
    headers: Any = again.last_response.headers
    assert headers["Idempotent-Replayed"] == "true"
    assert headers["Original-Request"] == first.last_response.request_id
    [made] = desk.events("customer.created")
    assert made.request.idempotency_key == "one"


def test_the_same_key_with_other_parameters_is_an_error(desk: Desk) -> None:
    desk.v1.customers.create({"name": "One"}, {"idempotency_key": "one"})
    with pytest.raises(stripe.IdempotencyError) as refused:
        desk.v1.customers.create({"name": "Two"}, {"idempotency_key": "one"})
    assert refused.value.http_status == 400


def test_a_key_in_use_is_a_conflict(desk: Desk) -> None:
    running = desk.app.extensions["stripe_sandbox"].running
    running.start("busy")
    answer = desk.raw("POST", "/v1/customers", headers={"Idempotency-Key": "busy"})
    running.end("busy")
    assert (answer.status_code, answer.json()["error"]["type"]) == (409, "idempotency_error")
    assert desk.raw("POST", "/v1/customers", headers={"Idempotency-Key": "busy"}).ok


def test_a_wrong_request_does_not_use_up_its_key(desk: Desk) -> None:
    headers = {"Idempotency-Key": "later"}
    assert desk.raw("POST", "/v1/products", headers=headers).status_code == 400
    assert desk.raw("POST", "/v1/products", headers=headers, data={"name": "x"}).ok


def test_many_requests_at_once_with_one_key_create_one(desk: Desk) -> None:
    codes: list[int] = []

    def create() -> None:
        headers = {"Idempotency-Key": "race"}
        codes.append(desk.raw("POST", "/v1/customers", headers=headers).status_code)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) <= {200, 409}
    assert len(desk.v1.customers.list().data) == 1


def test_lists_are_newest_first_and_walk_both_ways(desk: Desk) -> None:
    made = [desk.v1.customers.create({"name": str(number)}).id for number in range(7)]
    customers = desk.v1.customers
    first = customers.list({"limit": 3})
    assert [one.id for one in first.data] == made[:3:-1]
    assert first.has_more
    after = customers.list({"limit": 3, "starting_after": first.data[-1].id})
    assert [one.id for one in after.data] == made[3:0:-1]
    before = customers.list({"limit": 2, "ending_before": after.data[0].id})
    assert [one.id for one in before.data] == made[5:3:-1]
    assert before.has_more
    walked = [one.id for one in customers.list({"limit": 2}).auto_paging_iter()]
    assert walked == made[::-1]
    assert not customers.list({"limit": 7}).has_more


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "starting_after=cus_none", "page=2", "limit=x"]
)
def test_a_wrong_page_is_an_error(desk: Desk, query: str) -> None:
    assert desk.raw("GET", f"/v1/customers?{query}").status_code == 400


def test_lists_are_filtered(desk: Desk) -> None:
    one = desk.v1.customers.create({"email": "one@example.org"})
    desk.v1.customers.create({"email": "two@example.org"})
    customers = desk.v1.customers
    assert [c.id for c in customers.list({"email": "one@example.org"}).data] == [one.id]
    assert len(customers.list({"created": {"gte": one.created}}).data) == 2
    assert customers.list({"created": {"gt": one.created + 60}}).data == []
    session = desk.patron()
    subscriptions = desk.v1.subscriptions
    assert len(subscriptions.list({"customer": session.customer, "status": "active"}).data) == 1
    assert subscriptions.list({"customer": one.id}).data == []
    assert subscriptions.list({"status": "canceled"}).data == []
    invoices = desk.v1.invoices
    assert len(invoices.list({"subscription": session.subscription, "status": "paid"}).data) == 1
    payments = desk.v1.invoice_payments.list({"invoice": session.invoice}).data
    intent: Any = payments[0].payment.payment_intent
    by_intent: Any = {"payment": {"type": "payment_intent", "payment_intent": intent}}
    assert desk.v1.invoice_payments.list(by_intent).data[0].invoice == session.invoice
    assert len(desk.v1.charges.list({"payment_intent": intent}).data) == 1
    products = desk.v1.products
    assert len(products.list({"active": True}).data) == 1
    product = products.list().data[0].id
    assert len(desk.v1.prices.list({"product": product, "type": "recurring"}).data) == 1
    assert desk.v1.prices.list({"active": True}).data == []


def test_expansion_reaches_through_lists_and_links(desk: Desk) -> None:
    session = desk.patron()
    listed = desk.v1.subscriptions.list(
        {"expand": ["data.customer", "data.items.data.price.product"]}
    )
    assert listed.data[0].customer.email == "reader@example.org"
    assert listed.data[0].items.data[0].price.product.name == "Patron"
    invoice: Any = desk.v1.invoices.retrieve(
        session.invoice, {"expand": ["payments.data.payment.payment_intent.latest_charge"]}
    )
    assert invoice.payments.data[0].payment.payment_intent.latest_charge.paid
    parent: Any = desk.v1.invoices.retrieve(
        session.invoice, {"expand": ["parent.subscription_details.subscription"]}
    )
    assert parent.parent.subscription_details.subscription.id == session.subscription


@pytest.mark.parametrize("path", ["nothing", "customer.email", "status", "a.b.c.d.e"])
def test_what_cannot_be_expanded_is_an_error(desk: Desk, path: str) -> None:
    session = desk.patron()
    with pytest.raises(stripe.InvalidRequestError, match="expand"):
        desk.v1.checkout.sessions.retrieve(session.id, {"expand": [path]})


def test_metadata_is_merged_and_unset_by_empty_values(desk: Desk) -> None:
    customer = desk.v1.customers.create({"metadata": {"a": "1", "b": "2"}})
    merged = desk.v1.customers.update(customer.id, {"metadata": {"b": "", "c": "3"}})
    assert merged.metadata.to_dict() == {"a": "1", "c": "3"}
    [event] = desk.events("customer.updated")
    assert event.data.previous_attributes.to_dict() == {"metadata": {"b": "2", "c": None}}
    assert desk.v1.customers.update(customer.id, {"metadata": ""}).metadata.to_dict() == {}


def test_an_update_that_changes_nothing_announces_nothing(desk: Desk) -> None:
    customer = desk.v1.customers.create({"name": "One"})
    desk.v1.customers.update(customer.id, {"name": "One"})
    assert desk.events("customer.updated") == []


def test_products_and_prices_can_be_changed_but_not_lost(desk: Desk) -> None:
    product = desk.v1.products.create({"name": "Patron", "id": "prod_patron"})
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        desk.v1.products.create({"name": "Patron", "id": "prod_patron"})
    price = desk.v1.prices.create({"currency": "eur", "product": product.id, "unit_amount": 500})
    assert not desk.v1.prices.update(price.id, {"active": False}).active
    assert desk.v1.products.update(product.id, {"name": "Friend"}).name == "Friend"
    with pytest.raises(stripe.InvalidRequestError, match="cannot be deleted"):
        desk.v1.products.delete(product.id)
    spare = desk.v1.products.create({"name": "Spare"})
    assert desk.v1.products.delete(spare.id).deleted


def test_a_card_is_attached_once_and_detached_for_good(desk: Desk) -> None:
    customer = desk.v1.customers.create({})
    methods = desk.v1.payment_methods
    card = methods.attach("pm_card_visa", {"customer": customer.id})
    desk.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        methods.attach(card.id, {"customer": customer.id})
    assert len(desk.v1.customers.payment_methods.list(customer.id).data) == 1
    assert methods.detach(card.id).customer is None
    assert methods.list({"customer": customer.id}).data == []
    settings: Any = desk.v1.customers.retrieve(customer.id).invoice_settings
    assert settings.default_payment_method is None


def test_a_restart_keeps_the_store(store: Path) -> None:
    with opened(store) as desk:
        session = desk.patron()
        desk.v1.customers.create({"name": "One"}, {"idempotency_key": "one"})
        desk.advance(days=10)
        then = desk.now()
    with opened(store) as desk:
        assert desk.now() >= then
        assert desk.v1.subscriptions.retrieve(session.subscription).status == "active"
        desk.v1.customers.create({"name": "One"}, {"idempotency_key": "one"})
        assert len(desk.v1.customers.list().data) == 2
        desk.advance(days=22)
        assert len(desk.v1.invoices.list().data) == 2


def test_health_says_what_it_speaks_and_what_time_it_is(desk: Desk) -> None:
    health = requests.get(f"{desk.url}/_sandbox/health", timeout=9).json()
    assert (health["ok"], health["version"], health["waiting"]) == (True, API_VERSION, 0)
    assert abs(health["now"] - desk.now()) <= 2
    assert requests.get(f"{desk.url}/nowhere", timeout=9).status_code == 404


def test_the_date_of_an_answer_is_the_sandboxs_own_time(desk: Desk) -> None:
    desk.advance(days=40)
    answer = desk.raw("GET", "/v1/customers")
    told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    assert abs(told - desk.now()) <= 2
