"""An admin makes the desk the newsroom's own, and takes it back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo, follow, looks_right, open_context
from tests.waiting import until

pytestmark = pytest.mark.browser

CHIEF, NAME = "chief.of.settings@example.net", "Громадська редакція Приазов’я"
LOGO = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 24">
<rect width="24" height="24" fill="#9c2f1e"/></svg>"""
LOOKS = 10
"""The demo has two web processes: so many looks reach both."""


@pytest.fixture(params=[390, 1280])
def desk(request: pytest.FixtureRequest, demo: Demo, chromium: Browser) -> Iterator[Page]:
    """An admin's, on a phone and on a desk."""
    context = open_context(chromium, demo, width=request.param)
    page = context.new_page()
    page.goto(demo.sign_in_link(CHIEF, "admin"))
    button = page.get_by_role("button", name="Sign in")
    with page.expect_navigation():
        button.press("Enter")
    yield page
    context.close()


@pytest.fixture
def width(desk: Page) -> int:
    size = desk.viewport_size
    assert size is not None
    return size["width"]


def test_a_newsroom_is_called_otherwise_and_again_as_before(desk: Page, visitor: Page):
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


def test_a_newsroom_says_it_in_its_own_words_and_takes_them_back(desk: Page, visitor: Page):
    desk.goto("/staff/settings/words")
    looks_right(desk)
    follow(desk, desk.get_by_role("link", name="Appeal", exact=True))
    looks_right(desk)
    english = desk.get_by_label("Appeal, English")
    english.fill("{newsrom} is *yours*.")
    desk.get_by_role("button", name="Look at it first").press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("cannot be filled in")
    looks_right(desk)
    english.fill("{newsroom} is *yours*.")
    desk.get_by_role("button", name="Look at it first").press("Enter")
    preview = desk.get_by_role("region", name="How readers see it, English")
    expect(preview.locator("em")).to_have_text("yours")
    desk.get_by_role("button", name="Save").press("Enter")
    expect(desk.get_by_role("status")).to_have_text("Saved.")
    until(lambda: all("yours" in _appeal(visitor) for _ in range(LOOKS)))
    looks_right(visitor)

    desk.get_by_role("button", name="Take what comes along").first.press("Enter")
    expect(english).to_have_value(re.compile("free to read"))
    desk.get_by_role("button", name="Save").press("Enter")
    expect(desk.get_by_role("status")).to_have_text("Saved.")
    until(lambda: all("free to read" in _appeal(visitor) for _ in range(LOOKS)))


def test_a_newsroom_words_a_letter_and_looks_at_it_first(desk: Page, demo: Demo):
    desk.goto("/staff/settings/letters")
    looks_right(desk)
    follow(desk, desk.get_by_role("link", name="Link to sign in"))
    looks_right(desk)
    english = desk.get_by_label("Text, English")
    english.fill("Dear {nmae}")
    desk.get_by_role("button", name="Look at it first").press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("“{nmae}” cannot be filled in")
    looks_right(desk)
    english.fill("Dear **{name}**, this is {newsroom}.")
    desk.get_by_label("As it would be written to").fill(CHIEF)
    desk.get_by_role("button", name="Look at it first").press("Enter")
    preview = desk.get_by_role("region", name="How readers see it, English")
    expect(preview.locator("strong")).to_have_text(CHIEF)
    with desk.expect_popup() as opened:
        preview.get_by_role("button", name="The whole letter").press("Enter")
    expect(opened.value.locator("strong")).to_have_text(CHIEF)
    opened.value.close()
    preview.get_by_role("button", name="Send it to me").press("Enter")
    expect(desk.get_by_role("status")).to_contain_text(f"It is on its way to {CHIEF}")
    desk.get_by_role("button", name="Save").press("Enter")
    expect(desk.get_by_role("status")).to_have_text("Saved.")
    looks_right(desk)
    desk.get_by_role("button", name="Take what comes along").first.press("Enter")
    expect(english).to_have_value(re.compile("It signs you in once"))
    desk.get_by_role("button", name="Save").press("Enter")
    expect(desk.get_by_role("status")).to_have_text("Saved.")
    desk.goto(f"/dev/mail?to={CHIEF}")
    expect(desk.get_by_role("link", name="Your way in to").first).to_be_visible()


def test_a_newsroom_shows_a_logo_and_its_name_again(desk: Page, visitor: Page):
    desk.goto("/staff/settings/logo")
    looks_right(desk)
    picture = {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": LOGO}
    desk.get_by_label("Picture, as SVG or PNG").set_input_files([picture])
    desk.get_by_role("button", name="Show it").press("Enter")
    expect(desk.get_by_role("status")).to_have_text("Saved.")
    looks_right(desk)
    until(lambda: all(_has_logo(visitor) for _ in range(LOOKS)))
    looks_right(visitor)
    desk.get_by_role("button", name="Take it away").press("Enter")
    expect(desk.get_by_role("status")).to_have_text("Saved.")
    until(lambda: not any(_has_logo(visitor) for _ in range(LOOKS)))


def _has_logo(visitor: Page) -> bool:
    visitor.goto("/support")
    return visitor.locator(".masthead-name img").count() == 1


def test_a_newsroom_offers_a_tier_of_its_own_and_retires_it(desk: Page, visitor: Page, width: int):
    name = f"Almanac {width}"
    desk.goto("/staff/settings/tiers")
    looks_right(desk)
    follow(desk, desk.get_by_role("link", name="Add a tier"))
    looks_right(desk)
    desk.get_by_label("Name, English").fill(name)
    desk.get_by_label("EUR a month").fill("a lot")
    desk.get_by_label("EUR a month").press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("Enter an amount as a number")
    looks_right(desk)
    desk.get_by_label("EUR a month").fill("400")
    desk.get_by_role("button", name="Save").press("Enter")
    expect(desk.get_by_role("status")).to_have_text("The tier is offered now.")
    until(lambda: all(name in _tiers(visitor) for _ in range(LOOKS)))
    looks_right(visitor)

    row = desk.get_by_role("listitem").filter(has_text=name)
    row.get_by_role("button", name="Retire").press("Enter")
    expect(desk.get_by_role("status")).to_contain_text("offered no more")
    looks_right(desk)
    until(lambda: all(name not in _tiers(visitor) for _ in range(LOOKS)))


def test_an_admin_invites_somebody_who_comes_in_by_the_letter(
    desk: Page, visitor: Page, width: int
):
    email = f"novel{width}@example.net"
    desk.goto("/staff/settings/staff")
    looks_right(desk)
    desk.get_by_label("E-mail").fill(email)
    desk.get_by_role("button", name="Invite them").press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("Say what they are to do")
    looks_right(desk)
    expect(desk.get_by_label("E-mail")).to_have_value(email)
    desk.get_by_label("Editor: topics and rounds").press("Space")
    desk.get_by_role("button", name="Invite them").press("Enter")
    expect(desk.get_by_role("status")).to_contain_text(email)

    letter = visitor.locator("tr", has_text=email).get_by_role("link")
    until(lambda: (visitor.goto(f"/dev/mail?to={email}"), letter.count() == 1)[1])
    letter.click()
    follow(visitor, visitor.locator(".letter a[href*='/sign-in/']"))
    visitor.get_by_role("button", name="Sign in").press("Enter")
    expect(visitor).to_have_url(re.compile("/staff$"))

    follow(desk, desk.get_by_role("link", name=email))
    looks_right(desk)
    desk.get_by_label("Editor: topics and rounds").press("Space")
    desk.get_by_role("button", name="Save").press("Enter")
    expect(desk.get_by_role("status")).to_have_text("Saved.")
    visitor.goto("/staff")
    expect(visitor).to_have_url(re.compile("/sign-in"))


def _appeal(reader: Page) -> str:
    reader.goto("/support")
    return reader.locator("main .lede").inner_text()


def _tiers(reader: Page) -> str:
    reader.goto("/support?currency=eur")
    return reader.locator("form.giving").inner_text()


def _masthead(reader: Page) -> str:
    reader.goto("/support")
    return reader.locator(".masthead-name").inner_text()
