"""A membership manager's Monday: from the letter to the figures, to people, to what they need.

Called so that it comes after the others of its demo: a month passes in it, and rounds close.
"""

import csv
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo, follow, looks_right, open_context
from tests.browser.test_whole_path import FAILS_LATER, become_a_patron
from tests.waiting import until

pytestmark = pytest.mark.browser

MANAGER, FAILING, DOUBLE = "manager@example.net", "fails.monday@example.net", "two@example.net"

NEXT_MONDAY = """
from datetime import timedelta
from app import create_app
from membership.clock import clock
from membership.staff import monday

with create_app().app_context():
    now = clock.now()
    monday_noon = (now + timedelta(days=7 - now.weekday())).replace(hour=12)
    clock.set(monday_noon)
    print(monday.send_due())
"""


def test_the_monday_of_a_membership_manager(demo: Demo, chromium: Browser, visitor: Page):
    become_a_patron(visitor, FAILING, FAILS_LATER)
    visitor.goto("/dev/clock")
    visitor.get_by_role("button", name="A month passes").click()
    visitor.get_by_role("button", name="A day passes").click()
    refused = f"""
        select 1 from recovery join person on person.id = person_id
        where email = '{FAILING}' and outcome = 'failed'
    """
    until(lambda: bool(demo.rows(refused)))
    other = open_context(chromium, demo, width=390).new_page()
    become_a_patron(other, DOUBLE)
    other.context.close()

    desk = open_context(chromium, demo, accept_downloads=True).new_page()
    desk.goto(demo.sign_in_link(MANAGER, "admin"))
    desk.get_by_role("button", name="Sign in").click()
    desk.get_by_role("button", name="Send it to me").click()
    expect(desk.get_by_role("button", name="Send it no more")).to_be_visible()
    assert demo.python(NEXT_MONDAY).strip() == "1"

    letter = desk.locator("tr", has_text=MANAGER).first.get_by_role("link")
    until(lambda: (desk.goto(f"/dev/mail?to={MANAGER}"), letter.count() == 1)[1])
    letter.click()
    desk.locator(".letter a[href*='move=new']").click()
    expect(desk).to_have_url(re.compile("/staff/figures/lists/changes"))
    expect(desk.locator("tbody")).to_contain_text(DOUBLE)

    desk.goto("/staff")
    follow(desk, desk.locator(".chart a").last)
    expect(desk.locator("tbody tr").first).to_be_visible()
    looks_right(desk)

    desk.goto("/staff")
    desk.get_by_role("link", name=re.compile("See whose")).first.click()
    follow(desk, desk.locator("tr", has_text=FAILING).get_by_role("link"))
    looks_right(desk)
    expect(desk.locator(".told-failure").first).to_be_visible()
    expect(desk.locator(".told-letter").first).to_be_visible()
    person = desk.url

    desk.get_by_role("link", name=re.compile("Refund")).first.click()
    desk.get_by_role("button", name="Refund").click()
    expect(desk).to_have_url(re.compile("/staff/payments"))
    desk.goto(person)
    expect(desk.locator(".told-payment", has_text="Refund").first).to_be_visible()

    desk.get_by_text("Give a membership away for a time").click()
    desk.get_by_label("Months").fill("3")
    desk.get_by_label("Why, for the audit log").fill("A source of ours")
    desk.get_by_role("button", name="Give it").click()
    expect(desk.get_by_text(re.compile("^Member .* until")).first).to_be_visible()

    desk.get_by_role("link", name="Join them with another").click()
    desk.get_by_label("E-mail of the other one").fill(DOUBLE)
    follow(desk, desk.get_by_role("button", name="Look at both"))
    looks_right(desk)
    desk.get_by_role("button", name="Join them").click()
    expect(desk.get_by_text(f"One with {DOUBLE} since")).to_be_visible()

    desk.goto("/staff/people?trouble=failing")
    desk.get_by_text("Keep this list as a segment").click()
    desk.get_by_label("Name of the segment").fill("To be looked after")
    follow(desk, desk.get_by_role("button", name="Keep it"))
    desk.goto("/staff/people/segments")
    desk.get_by_role("link", name="To be looked after").click()
    expect(desk).to_have_url(re.compile("trouble=failing"))
    looks_right(desk)

    desk.goto("/staff/payments/journal")
    looks_right(desk)
    with desk.expect_download() as download:
        desk.get_by_role("link", name="All of them as CSV").click()
    with download.value.path().open(newline="") as sheet:
        heads, *lines = csv.reader(sheet)
    assert {"debit", "credit"} <= set(heads)
    assert lines

    desk.goto("/staff/audit")
    for act in ("refunded", MANAGER):
        expect(desk.locator("tbody")).to_contain_text(act)
    assert {"comp", "join", "refund"} <= {
        act for (act,) in demo.rows("select act from audit_entry")
    }
    desk.context.close()
