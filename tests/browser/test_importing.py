"""A newsroom brings its people along: a list of members, a bank's statement, a Stripe account."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo, follow, looks_right, open_context
from tests.waiting import until

pytestmark = pytest.mark.browser

CHIEF = "chief.of.imports@example.net"
MEMBERS = """id,email,name,note,subscribed_to_emails,complimentary_plan,created_at,deleted_at,labels
1,came.{width}@example.net,Надзвичайнодовгепрізвищенко,,true,false,2025-03-01T10:00:00.000Z,,
2,not an address,Broken,,,,,,
"""
STATEMENT = """Date;Amount;Currency;Payer;Purpose
2026-11-02;25.00;EUR;SOMEBODY;came.{width}@example.net thanks
2026-11-03;-10.00;EUR;Shop;Paper
"""


@pytest.fixture(params=[390, 1280])
def width(request: pytest.FixtureRequest) -> int:
    its: int = request.param
    return its


@pytest.fixture
def desk(demo: Demo, chromium: Browser, width: int) -> Iterator[Page]:
    context = open_context(chromium, demo, width=width)
    page = context.new_page()
    page.goto(demo.sign_in_link(CHIEF, "admin"))
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").press("Enter")
    yield page
    context.close()


def send(desk: Page, name: str, text: str) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    desk.get_by_label("CSV file").set_input_files([file])
    follow(desk, desk.get_by_role("button", name="Read it"))
    looks_right(desk)
    follow(desk, desk.get_by_role("button", name="Look through it"))


def wait_for(desk: Page, words: str) -> None:
    """A job does it; whoever looks sees how far it is."""

    def is_there() -> bool:
        desk.reload()
        return desk.get_by_text(words).count() > 0

    until(is_there)


def test_a_list_of_members_is_looked_through_taken_in_and_taken_out(desk: Page, width: int):
    desk.goto("/staff/people")
    follow(desk, desk.get_by_role("link", name="Bring people along"))
    looks_right(desk)
    send(desk, f"members-{width}.csv", MEMBERS.format(width=width))
    wait_for(desk, "This is what will happen. Nothing has been taken in yet.")
    expect(desk.get_by_role("row").filter(has_text="not an address")).to_contain_text("Set aside")
    expect(desk.get_by_role("row").filter(has_text=f"came.{width}")).to_contain_text("new person")
    looks_right(desk)
    follow(desk, desk.get_by_role("button", name="Take it in"))
    wait_for(desk, "It is taken in.")
    looks_right(desk)
    report = desk.url

    desk.goto("/staff/import/bank")
    looks_right(desk)
    send(desk, f"statement-{width}.csv", STATEMENT.format(width=width))
    wait_for(desk, "Say of each payment whose it is.")
    looks_right(desk)
    payment = desk.get_by_role("row").filter(has_text="SOMEBODY")
    expect(payment.get_by_label("E-mail")).to_have_value(f"came.{width}@example.net")
    payment.get_by_role("button", name="No gift").press("Enter")
    expect(desk.get_by_role("row").filter(has_text="SOMEBODY")).to_have_count(0)
    looks_right(desk)

    desk.goto(report)
    desk.get_by_role("button", name="Take it out again").press("Enter")
    wait_for(desk, "It is taken out again")
    looks_right(desk)
    desk.goto(f"/staff/people?words=came.{width}")
    expect(desk.get_by_role("link", name=f"came.{width}@example.net")).to_have_count(0)


def test_a_stripe_account_says_what_it_sells(desk: Page):
    desk.goto("/staff/import")
    follow(desk, desk.get_by_role("link", name="Bring the account along"))
    looks_right(desk)
    follow(desk, desk.get_by_role("button", name="Look through the account"))
    wait_for(desk, "Nothing but what was made here")
    looks_right(desk)
    desk.goto("/staff/import/stripe/foreseen")
    expect(desk.get_by_role("row").nth(1)).to_contain_text(re.compile("in the books already"))
    looks_right(desk)
