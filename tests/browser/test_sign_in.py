"""Signing in with a browser that says of a form's origin only what the page lets it say."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_link_signs_in_where_the_browser_states_no_fetch_site(chromium: Browser, demo: Demo):
    """Over plain http, or in an older Safari, there is the Origin alone."""
    said = demo.flask("staff", "invite", "plain@example.org", "--role", "editor")
    link = urlsplit(re.search(r"http\S+", said)[0])  # type: ignore[index]
    context = chromium.new_context(locale="en")
    page = context.new_page()
    page.goto(f"http://plain.test:{link.port}{link.path}")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Sign in").click()
    assert "sec-fetch-site" not in sent.value.all_headers()
    expect(page).to_have_url(f"http://plain.test:{link.port}/staff")
    context.close()
