"""A whole round: proposed, merged, opened, voted on, closed, and checked by its voters."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from membership.rounds import equal_shares
from tests.browser.conftest import ROOT, Demo, follow, looks_right, open_context

pytestmark = pytest.mark.browser

CROWD = 17


def sign_in(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email)
    follow(page, page.locator("main form button"))
    page.goto(f"/dev/mail?to={email}")
    page.locator("tr", has_text=email).first.get_by_role("link").click()
    page.locator(".letter a[href*='/sign-in/']").click()
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/account$"))


def by_keyboard_to(page: Page, selector: str) -> None:
    """Press Tab until it has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def propose(page: Page, title: str, why: str) -> None:
    page.goto("/topics/new")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Why it matters").fill(why)
    page.get_by_role("button", name="Send it to the editors").click()


def suggest(desk: Page, title: str, hours: int) -> None:
    desk.goto("/staff/topics/new")
    desk.get_by_label("Title").fill(title)
    desk.get_by_label("Why it matters").fill("People ask.")
    follow(desk, desk.get_by_role("button", name="Put it up"))
    say_hours(desk, hours)


def say_hours(desk: Page, hours: int) -> None:
    desk.get_by_text("Say what it takes").click()
    desk.get_by_label("Reporting it takes").select_option(str(hours))
    desk.locator("form[action$=hours] button").click()
    expect(desk.locator("main")).to_contain_text(f"{hours} hours")


def test_members_live_through_a_round_and_check_it(
    demo: Demo, chromium: Browser, visitor: Page, tmp_path: Path
):
    found = demo.rows(
        "select distinct email from person join membership_period on person_id = person.id "
        "where ends_at > datetime('now') and email like '%@%' order by person.id limit 3"
    )
    first, second, third = (row[0] for row in found)
    sign_in(visitor, first)

    visitor.goto("/topics/new")
    looks_right(visitor)
    visitor.get_by_label("Title").press_sequentially("Holes in the road, and the money")
    expect(visitor.get_by_text("Is it one of these?")).to_be_visible()
    expect(visitor.get_by_role("link", name="Where did the road money go?")).to_be_visible()
    looks_right(visitor)
    visitor.get_by_label("Title").fill("Potholes on the school way")
    visitor.get_by_label("Why it matters").fill("Children cycle there.")
    visitor.get_by_label("Links").fill("https://example.org/map")
    visitor.get_by_role("button", name="Send it to the editors").click()
    expect(visitor.get_by_text("An editor reads your topic")).to_be_visible()
    looks_right(visitor)

    other = open_context(chromium, demo).new_page()
    sign_in(other, second)
    propose(other, "Cycling among craters", "Bicycles break.")
    expect(other.get_by_text("An editor reads your topic")).to_be_visible()

    desk = open_context(chromium, demo).new_page()
    desk.goto(demo.sign_in_link("round@example.net", "editor"))
    follow(desk, desk.get_by_role("button", name="Sign in"))
    desk.goto("/staff/topics")
    looks_right(desk)
    desk.get_by_role("link", name="Potholes on the school way").click()
    desk.get_by_role("button", name="Take it into consideration").click()
    say_hours(desk, 8)
    looks_right(desk)
    desk.goto("/staff/topics")
    desk.get_by_role("link", name="Cycling among craters").click()
    desk.get_by_text("Merge it into another").click()
    desk.get_by_label("Into which topic").select_option(label="Potholes on the school way")
    desk.locator("form[action$='/merge'] textarea").fill("The same holes.")
    desk.locator("form[action$='/merge'] button").click()
    expect(desk.get_by_text("1 follower moved, 0 already there.")).to_be_visible()
    looks_right(desk)
    suggest(desk, "The market hall", 8)
    suggest(desk, "Who cleans the tram?", 16)

    desk.goto("/staff/rounds/new")
    looks_right(desk)
    desk.get_by_label("Title").fill("Spring round")
    desk.get_by_label("How many").fill("24")
    for title in ("Potholes on the school way", "The market hall", "Who cleans the tram?"):
        desk.get_by_label(title).check()
    closes = datetime.now(UTC) + timedelta(days=5)
    desk.get_by_label("Closes").fill(f"{closes:%Y-%m-%dT%H:%M}")
    desk.get_by_role("button", name="Save and look at it").dblclick()
    expect(desk.get_by_role("heading", name="Spring round")).to_be_visible()
    looks_right(desk)
    desk.get_by_role("link", name="Rounds").last.click()
    expect(desk.get_by_role("link", name="Spring round")).to_have_count(1)
    desk.get_by_role("link", name="Spring round").click()
    desk.get_by_role("link", name="See the ballot as members will").click()
    expect(desk.get_by_text("A preview")).to_be_visible()
    looks_right(desk)
    desk.go_back()
    desk.get_by_role("button", name="Open it now").click()
    expect(desk.get_by_role("heading", name="Withdraw a topic")).to_be_visible()
    looks_right(desk)

    visitor.goto("/topics")
    visitor.get_by_role("link", name="Spring round").click()
    visitor.get_by_label("Potholes on the school way").check()
    visitor.get_by_label("The market hall").check()
    expect(visitor.get_by_text("2 of 3 ticked")).to_be_visible()
    follow(visitor, visitor.get_by_role("button", name="Cast my ballot"))
    receipt = visitor.locator("code.receipt").inner_text()
    looks_right(visitor)
    visitor.get_by_label("The market hall").uncheck()
    follow(visitor, visitor.get_by_role("button", name="Save my changes"))
    changed = visitor.locator("code.receipt").inner_text()
    assert changed != receipt

    other.goto("/rounds/spring-round")
    other.get_by_label("Who cleans the tram?").check()
    other.get_by_role("button", name="Cast my ballot").click()
    expect(other.get_by_text("Your ballot is saved")).to_be_visible()

    plain = open_context(chromium, demo, java_script_enabled=False).new_page()
    sign_in(plain, third)
    plain.goto("/rounds/spring-round")
    by_keyboard_to(plain, "input[name=approvals]")
    plain.keyboard.press("Space")
    plain.keyboard.press("Tab")
    plain.keyboard.press("Space")
    by_keyboard_to(plain, "form.paper button")
    plain.keyboard.press("Enter")
    expect(plain.get_by_text("Your ballot is saved")).to_be_visible()
    expect(plain.get_by_role("checkbox", checked=True)).to_have_count(2)
    expect(plain.locator("code.receipt")).to_be_visible()
    plain.context.close()

    crowd = [sys.executable, "-m", "tests.browser.crowd", "spring-round", str(CROWD)]
    subprocess.run(crowd, cwd=ROOT, env=demo.environment, check=True)
    desk.reload()
    desk.locator("form[action$=close] textarea").fill("The council votes tomorrow.")
    desk.get_by_role("button", name="Close and count").click()
    expect(desk.get_by_role("heading", name="Spring round: the outcome")).to_be_visible()
    looks_right(desk)

    visitor.goto("/rounds/spring-round/results")
    expect(visitor.get_by_text("The council votes tomorrow.")).to_be_visible()
    expect(visitor.get_by_role("heading", name="Why these")).to_be_visible()
    looks_right(visitor)
    visitor.get_by_label("Your receipt").fill(changed.lower())
    follow(visitor, visitor.get_by_role("button", name="Find my ballot"))
    told = visitor.locator(".notice", has_text="was counted with these ticks")
    expect(told.get_by_role("listitem")).to_have_text(["Potholes on the school way"])
    looks_right(visitor)
    visitor.get_by_label("Your receipt").fill(receipt)
    follow(visitor, visitor.get_by_role("button", name="Find my ballot"))
    expect(visitor.get_by_text("No counted ballot has this receipt")).to_be_visible()
    chosen = visitor.locator("ol.topics h3").all_inner_texts()
    assert chosen

    for name in ("spring-round.pb", "recount.py"):
        with visitor.expect_download() as download:
            visitor.get_by_role("link", name=name, exact=True).click()
        download.value.save_as(tmp_path / name)
    recount = [sys.executable, "-I", "-S", "recount.py", "spring-round.pb"]

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout

    winners = set(run(*recount).split())
    election = equal_shares.parsed((tmp_path / "spring-round.pb").read_bytes())
    assert {topic.name for topic in election.topics if topic.id in winners} == set(chosen)
    assert election.voters == CROWD + 3
    assert "WRONG" not in run(*recount, "--check")
    assert "WRONG" not in demo.flask("rounds", "verify", "spring-round")

    visitor.goto("/account/votes")
    expect(visitor.get_by_role("link", name="Spring round")).to_be_visible()
    looks_right(visitor)
    desk.context.close()
    other.context.close()


def open_outcome(demo: Demo, chromium: Browser, width: int, language: str) -> Page:
    """Of the demo's earlier round, to somebody new."""
    page = open_context(chromium, demo, width=width, language=language).new_page()
    page.goto("/rounds/autumn-round/results")
    return page


@pytest.mark.parametrize(
    ("width", "language"), [(320, "pl"), (390, "uk"), (390, "en"), (1280, "uk")]
)
def test_all_numbers_of_an_outcome_are_seen_at_once(demo, chromium, width, language):
    page = open_outcome(demo, chromium, width, language)
    looks_right(page)
    assert page.locator(".table").evaluate("(its) => its.scrollWidth <= its.clientWidth")


def test_what_works_on_a_screen_alone_is_not_printed(demo, chromium):
    page = open_outcome(demo, chromium, 800, "en")
    expect(page.get_by_label("Your receipt")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_label("Your receipt")).to_be_hidden()
    expect(page.get_by_role("link", name="recount.py")).to_be_visible()
    page.get_by_role("link", name="Who is cutting down the old limes?").click()
    expect(page.get_by_role("heading", name="What became of it")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in to follow it")).to_be_hidden()
