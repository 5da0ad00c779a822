"""An admin makes the desk the newsroom's own, by keyboard alone, and takes it back."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo, looks_right, open_context
from tests.waiting import until

pytestmark = pytest.mark.browser

CHIEF, NAME = "chief.of.settings@example.net", "Громадська редакція Приазов’я"
LOOKS = 10
"""The demo has two web processes: so many looks reach both."""


@pytest.mark.parametrize("width", [390, 1280])
def test_a_newsroom_is_called_otherwise_and_again_as_before(
    demo: Demo, chromium: Browser, visitor: Page, width
):
    context = open_context(chromium, demo, width=width)
    desk = context.new_page()
    desk.goto(demo.sign_in_link(CHIEF, "admin"))
    desk.get_by_role("button", name="Sign in").press("Enter")
    desk.get_by_role("link", name="Settings").press("Enter")
    expect(desk).to_have_url(re.compile("/staff/settings$"))
    looks_right(desk)
    before = desk.get_by_label("Name of the newsroom").input_value()

    contact = desk.get_by_label("Where readers write when something is wrong")
    good_contact = contact.input_value()
    contact.fill("nobody")
    contact.press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("Enter an e-mail address")
    looks_right(desk)

    contact.fill(good_contact)
    desk.get_by_label("Name of the newsroom").fill(NAME)
    desk.get_by_role("button", name="Save").press("Enter")
    expect(desk.get_by_role("status")).to_have_text("Saved.")
    until(lambda: all(NAME in _masthead(visitor) for _ in range(LOOKS)))

    desk.get_by_role("link", name="Changes").press("Enter")
    expect(desk.locator("tbody tr").first).to_contain_text(NAME)
    looks_right(desk)
    desk.get_by_role("button", name="Put back").first.press("Enter")
    expect(desk.get_by_role("status")).to_have_text("It is as it was before.")
    until(lambda: all(before in _masthead(visitor) for _ in range(LOOKS)))
    context.close()


def _masthead(reader: Page) -> str:
    reader.goto("/support")
    return reader.locator(".masthead-name").inner_text()
