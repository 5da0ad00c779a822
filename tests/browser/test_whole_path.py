"""The main job, whole: a reader becomes a patron, votes, and staff see it."""

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from stripe_sandbox.webhooks import signature
from tests.browser.conftest import Demo, follow, looks_right, open_context
from tests.browser.readers import GOOD, pay
from tests.waiting import until

pytestmark = pytest.mark.browser

DECLINED, FAILS_LATER = "4000000000000002", "4000000000000341"


def fill_in(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(email)


def become_a_patron(page: Page, email: str, card: str = GOOD) -> None:
    fill_in(page, email)
    page.get_by_role("button", name="Give €5 a month").click()
    pay(page, card)
    expect(page.get_by_role("heading", name="You are a patron")).to_be_visible()


def sign_in_from_mailbox(page: Page, email: str) -> None:
    """Open the latest mail to `email` and press what it leads to."""
    letter = page.locator("tr", has_text=email).first.get_by_role("link")
    until(lambda: (page.goto(f"/dev/mail?to={email}"), letter.count() == 1)[1])
    letter.click()
    follow(page, page.locator(".letter a[href*='/sign-in/']"))
    looks_right(page)
    page.get_by_role("button", name="Sign in").click()


def figures(demo: Demo) -> dict:
    return json.loads(demo.flask("metrics", "--json"))


def test_a_reader_becomes_a_patron_votes_and_staff_see_it(
    demo: Demo, chromium: Browser, visitor: Page
):
    email = "olha.petrenko@example.net"
    before = figures(demo)

    fill_in(visitor, email)
    looks_right(visitor)
    monthly = visitor.locator(".amounts[data-interval=month] label")
    visitor.get_by_text("Yearly").click()
    expect(visitor.get_by_role("button", name="Give €50 a year")).to_be_visible()
    visitor.get_by_text("Monthly").click()
    monthly.filter(has_text="Another amount").click()
    visitor.get_by_label("Your own amount").fill("7,50")
    expect(visitor.get_by_role("button", name="Give €7.50 a month")).to_be_visible()
    visitor.get_by_role("button", name="USD").click()
    expect(visitor.get_by_label("E-mail")).to_have_value(email)
    expect(visitor.get_by_label("Your own amount")).to_have_value("7,50")
    visitor.get_by_role("button", name="EUR").click()
    monthly.filter(has_text="Patron").click()
    follow(visitor, visitor.get_by_role("button", name="Give €5 a month"))
    looks_right(visitor)
    pay(visitor, DECLINED)
    expect(visitor.get_by_text("The payment was not made")).to_be_visible()
    looks_right(visitor)
    visitor.locator("button[name=cancel]").click()
    expect(visitor.get_by_label("E-mail")).to_have_value(email)
    visitor.get_by_role("button", name="Give €5 a month").click()
    pay(visitor)
    expect(visitor.get_by_role("heading", name="You are a patron")).to_be_visible()
    looks_right(visitor)

    visitor.goto("/dev/mail")
    visitor.get_by_label("Sent to").fill(email)
    follow(visitor, visitor.get_by_role("button", name="Find"))
    looks_right(visitor)
    expect(visitor.locator("tr", has_text=email)).to_have_count(1)
    sign_in_from_mailbox(visitor, email)
    expect(visitor).to_have_url(re.compile("/account$"))
    looks_right(visitor)
    visitor.goto("/account/giving")
    expect(visitor.get_by_role("heading", name="€5 a month")).to_be_visible()
    looks_right(visitor)

    visitor.goto("/topics")
    looks_right(visitor)
    follow(visitor, visitor.locator("a[href^='/rounds/']").first)
    round_address = visitor.url
    looks_right(visitor)
    boxes = visitor.get_by_role("checkbox")
    expect(boxes).to_have_count(8)
    boxes.nth(0).check()
    boxes.nth(2).check()
    visitor.locator("form[action$=ballot] button[type=submit]").click()
    expect(visitor.get_by_text("Your ballot is saved")).to_be_visible()
    visitor.get_by_role("checkbox").nth(2).uncheck()
    follow(visitor, visitor.locator("form[action$=ballot] button[type=submit]"))
    expect(visitor.get_by_role("checkbox", checked=True)).to_have_count(1)
    looks_right(visitor)

    stranger = open_context(chromium, demo).new_page()
    stranger.goto(round_address)
    looks_right(stranger)
    expect(stranger.get_by_role("checkbox")).to_have_count(0)
    expect(stranger.get_by_role("link", name="Sign in to vote")).to_be_visible()
    stranger.context.close()

    desk = open_context(chromium, demo).new_page()
    desk.goto(demo.staff_link)
    desk.get_by_role("button", name="Sign in").click()
    expect(desk).to_have_url(re.compile("/staff$"))
    looks_right(desk)
    after = figures(demo)
    assert after["active_supporters"] == before["active_supporters"] + 1
    assert after["mrr"]["eur"] == before["mrr"]["eur"] + 500
    new = [told["supporters"]["parts"][0]["new"] for told in (before, after)]
    assert new[1] == new[0] + 1
    expect(desk.locator("[data-figure=active]")).to_have_text(str(after["active_supporters"]))
    expect(desk.locator("[data-figure=new]")).to_have_text(str(new[1]))
    expect(desk.locator(".needs")).to_contain_text("Winter round")
    expect(desk.locator("main")).to_contain_text("€5")

    follow(desk, desk.get_by_role("link", name="Figures", exact=True))
    looks_right(desk)
    desk.locator(".chart a").last.click()
    expect(desk).to_have_url(re.compile("/staff/figures/movements"))
    expect(desk.locator("tbody tr").first).to_be_visible()
    looks_right(desk)
    follow(desk, desk.get_by_role("link", name="Leaving"))
    looks_right(desk)
    follow(desk, desk.get_by_role("link", name="Retention"))
    looks_right(desk)
    desk.locator("td a").last.click()
    expect(desk).to_have_url(re.compile("/staff/figures/givers"))
    expect(desk.locator("tbody tr").first).to_be_visible()
    looks_right(desk)

    for name in ("Recovery", "Sources", "Coming", "Votes", "Supporters"):
        follow(desk, desk.get_by_role("link", name=name, exact=True))
        looks_right(desk)
    desk.locator("dd a").first.click()
    expect(desk).to_have_url(re.compile("/staff/figures/lists/supporters"))
    looks_right(desk)

    desk.goto("/staff/rounds")
    looks_right(desk)
    follow(desk, desk.get_by_role("link", name="Winter round"))
    looks_right(desk)
    close = desk.locator("form[action$=close]")
    close.get_by_role("button", name="Close and count").click()
    expect(desk.get_by_role("link", name="Give a reason; it is published.")).to_be_visible()
    desk.locator("form[action$=close] textarea").fill("The story would not wait.")
    desk.get_by_role("button", name="Close and count").click()
    expect(desk).to_have_url(re.compile("/results$"))
    expect(desk.get_by_text("The story would not wait.")).to_be_visible()
    looks_right(desk)
    visitor.goto(round_address)
    expect(visitor.get_by_role("checkbox")).to_have_count(0)
    desk.context.close()


def test_a_month_later_one_card_works_and_another_does_not(
    demo: Demo, chromium: Browser, visitor: Page
):
    good, failing = "renews@example.net", "fails.later@example.net"
    become_a_patron(visitor, good)
    other = open_context(chromium, demo).new_page()
    become_a_patron(other, failing, FAILS_LATER)
    sign_in_from_mailbox(visitor, good)
    sign_in_from_mailbox(other, failing)

    other.goto("/dev/clock")
    looks_right(other)
    other.get_by_role("button", name="A month passes").click()
    other.get_by_role("button", name="A day passes").click()

    def reload_shows(page: Page, text: str) -> Callable[[], bool]:
        def shown() -> bool:
            page.goto("/account/giving")
            return text in page.locator("main").inner_text()

        return shown

    until(lambda: (visitor.goto("/account/giving"), visitor.locator("tbody tr").count() == 2)[1])
    until(reload_shows(other, "refused the last payment"))
    looks_right(other)
    other.goto("/account")
    expect(other.get_by_text("You have a vote")).to_be_visible()

    desk = open_context(chromium, demo).new_page()
    desk.goto(demo.sign_in_link("money@example.net", "finance"))
    desk.get_by_role("button", name="Sign in").click()
    desk.get_by_role("link", name=re.compile("See whose")).first.click()
    expect(desk).to_have_url(re.compile("/staff/figures/lists/in-recovery"))
    shown = desk.locator("tbody").inner_text()
    assert "Olha Petrenko" in shown or failing in shown

    for _ in range(3):
        other.goto("/dev/clock")
        other.get_by_role("button", name="A week passes").click()
    until(lambda: (other.goto("/account"), "not a member" in other.locator("main").inner_text())[1])
    visitor.goto("/account")
    expect(visitor.get_by_text("You have a vote")).to_be_visible()
    desk.context.close()
    other.context.close()


def test_twenty_posts_at_once_to_the_running_server_leave_one_of_everything(
    demo: Demo, visitor: Page
):
    become_a_patron(visitor, "twenty@example.net")
    secret, events = (
        demo.rows("select secret from webhook_endpoint")[0][0],
        demo.rows(
            "select payload from stripe_event where type in ('invoice.paid',"
            " 'checkout.session.completed', 'customer.subscription.updated')"
        ),
    )
    # Fees are booked by a job, whenever its time has come.
    tally = "select " + ", ".join(
        f"(select count(*) from {table})"
        for table in ("person", "customer", "subscription", "ledger_entry where kind <> 'fee'",
                      "membership_period", "outgoing_mail where not bulk", "stripe_event")
    )  # fmt: skip
    before = demo.rows(tally)

    def post(body: bytes, *, at: int = 0) -> int:
        header = {"Stripe-Signature": signature(secret, body, at or int(time.time()))}
        address = f"{demo.site}/webhooks/stripe"
        return requests.post(address, data=body, headers=header, timeout=30).status_code

    with ThreadPoolExecutor(20) as pool:
        for (payload,) in events:
            assert set(pool.map(post, [payload.encode()] * 20)) == {200}
    body = events[0][0].encode()
    assert post(body, at=int(time.time()) - 3600) == 400
    assert requests.post(f"{demo.site}/webhooks/stripe", data=body, timeout=30).status_code == 400
    assert post(b'{"id": "' + b"x" * 600_000 + b'"}') == 413
    assert demo.rows(tally) == before
