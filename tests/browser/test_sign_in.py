"""Signing in with a browser that says of a form's origin only what the page lets it say."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Demo, follow, open_context

pytestmark = pytest.mark.browser


def test_a_link_signs_in_where_the_browser_states_no_fetch_site(chromium: Browser, demo: Demo):
    """Over plain http, or in an older Safari, there is the Origin alone."""
    link = urlsplit(demo.sign_in_link("plain@example.org", "editor"))
    context = chromium.new_context(locale="en")
    page = context.new_page()
    page.goto(f"http://plain.test:{link.port}{link.path}")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Sign in").click()
    assert "sec-fetch-site" not in sent.value.all_headers()
    expect(page).to_have_url(f"http://plain.test:{link.port}/staff")
    context.close()


def test_who_is_signed_in_gives_from_the_giving_page(chromium: Browser, demo: Demo):
    """Both when the page is made for them and when it was kept a moment ago."""
    context = open_context(chromium, demo)
    page = context.new_page()
    page.goto(demo.sign_in_link("gives@example.org", "editor"))
    follow(page, page.get_by_role("button", name="Sign in"))
    for _ in range(2):
        page.goto("/support")
        expect(page.locator("#email")).to_have_value("gives@example.org")
        page.locator("label[for='interval-2']").click()
        page.locator(".giving-button").click()
        expect(page.locator("[name=number]")).to_be_visible()
    context.close()
