"""What libraries need that copy a whole account, and that pin another version of the API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.desk import Desk, opened

OLD: Any = {"stripe_version": "2026-08-26.dahlia"}


@pytest.fixture
def tolerant(store: Path) -> Iterator[Desk]:
    """A sandbox that takes any version."""
    with opened(store, any_version=True) as made:
        yield made


def test_another_version_is_taken_where_that_is_wanted(tolerant: Desk) -> None:
    tolerant.v1.customers.create({"name": "Old"}, OLD)
    answer = tolerant.raw("GET", "/v1/customers", headers={"Stripe-Version": "2020-08-27"})
    assert answer.status_code == 200
    assert answer.headers["Stripe-Version"] == stripe.api_version
    made = tolerant.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/", "enabled_events": ["*"], "api_version": "2020-08-27"}
    )
    assert made.api_version == stripe.api_version


def test_and_nowhere_else(desk: Desk) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        desk.v1.customers.create({"name": "Old"}, OLD)


def test_the_keys_own_account_may_be_named(desk: Desk) -> None:
    own: Any = {"stripe_account": desk.v1.accounts.retrieve_current().id}
    assert desk.v1.customers.list({}, own).data == []
    assert desk.v1.accounts.list().data == []
    with pytest.raises(stripe.APIError, match="another account"):
        desk.v1.customers.list({}, {"stripe_account": "acct_else"})
    with pytest.raises(stripe.InvalidRequestError, match="No such account"):
        desk.v1.accounts.retrieve("acct_else")


def test_items_are_found_on_their_own(desk: Desk) -> None:
    session = desk.patron()
    [item] = desk.v1.subscription_items.list({"subscription": session.subscription}).data
    assert desk.v1.subscription_items.retrieve(item.id).subscription == session.subscription
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription_item"):
        desk.v1.subscription_items.retrieve("si_none")
    with pytest.raises(stripe.InvalidRequestError, match="subscription"):
        desk.v1.subscription_items.list({})


def test_lines_are_paged_forwards_and_backwards(desk: Desk) -> None:
    session = desk.patron()
    item = desk.v1.subscriptions.retrieve(session.subscription)["items"].data[0]
    for quantity in (2, 3):
        change: Any = {"items": [{"id": item.id, "quantity": quantity}]}
        desk.v1.subscriptions.update(session.subscription, change)
    desk.advance(days=32)
    invoice = desk.v1.invoices.list().data[0]
    lines = desk.v1.invoices.line_items
    every = [line.id for line in invoice.lines.data]
    assert len(every) == 5
    forwards = lines.list(invoice.id, {"limit": 2})
    assert forwards.has_more
    assert [line.id for line in forwards.auto_paging_iter()] == every
    backwards = lines.list(invoice.id, {"limit": 2, "ending_before": every[4]})
    assert ([line.id for line in backwards.data], backwards.has_more) == (every[2:4], True)
    with pytest.raises(stripe.InvalidRequestError, match="No such object"):
        lines.list(invoice.id, {"starting_after": "il_none"})


def test_what_nobody_can_make_is_listed_as_none(desk: Desk) -> None:
    assert desk.v1.promotion_codes.list({"limit": 100}).data == []
    with pytest.raises(stripe.APIError, match="POST /v1/tax_rates"):
        desk.v1.tax_rates.create({"display_name": "VAT", "inclusive": True, "percentage": 20})
    with pytest.raises(stripe.APIError, match="GET /v1/tax_codes"):
        desk.v1.tax_codes.list()
