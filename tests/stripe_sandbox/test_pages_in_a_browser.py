"""The pages in Chromium: no barrier that axe finds, nothing wider than 320 px."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.stripe_sandbox.desk import ALWAYS_ASKS, ASKS_3DS, DECLINED, FAILS_ON_RENEWAL, Desk

# One process may run one browser: those that need it stay together.
pytestmark = pytest.mark.browser


@pytest.fixture
def addresses(desk: Desk) -> dict[str, str]:
    """One of each page."""
    asked = desk.patron(ALWAYS_ASKS)
    late = desk.patron(FAILS_ON_RENEWAL)
    desk.advance(days=32)
    asking = desk.session()
    desk.pay(asking, ASKS_3DS)
    expired = desk.session()
    desk.v1.checkout.sessions.expire(expired.id)
    waiting = desk.v1.invoices.list({"customer": asked.customer}).data[0]
    invoice = desk.v1.invoices.list({"customer": late.customer}).data[0]
    portal = desk.v1.billing_portal.sessions.create({"customer": late.customer})
    return {
        "pay": desk.session().url,
        "debit": desk.session(allowed_payment_method_types=["card", "sepa_debit"]).url,
        "authenticate": f"{asking.url}/authenticate",
        "complete": f"{desk.url}/c/pay/{late.id}",
        "expired": f"{desk.url}/c/pay/{expired.id}",
        "portal": portal.url,
        "invoice": invoice.hosted_invoice_url,
        "invoice authenticate": f"{waiting.hosted_invoice_url}/authenticate",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_have_no_barriers(
    chromium: Browser, addresses: dict[str, str], scheme: str
) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 640}, color_scheme=scheme)
    for name, address in addresses.items():
        page.goto(address)
        if name == "portal":
            page.click("summary")
        if name == "pay":
            page.fill("[name=number]", DECLINED)
            page.click("button[name=pay]")
            assert page.locator("#cvc-error").is_visible()
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.locator("h1").count() == 1
    page.close()


def test_a_reader_pays_by_hand(chromium: Browser, addresses: dict[str, str], desk: Desk) -> None:
    page = chromium.new_page()
    page.route("https://newsroom.example/**", lambda route: route.fulfill(body="Thank you"))
    page.goto(addresses["pay"])
    page.get_by_label("Email").fill("hand@example.org")
    page.get_by_label("Card number").fill("4242 4242 4242 4242")
    page.get_by_label("Expiry").fill("12 / 44")
    page.get_by_label("Security code").fill("123")
    page.get_by_label("Name on card").fill("Reader")
    page.click("button[name=pay]")
    page.wait_for_url("https://newsroom.example/thanks**")
    assert desk.v1.customers.list({"email": "hand@example.org"}).data
    page.close()
