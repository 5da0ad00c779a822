"""The elements on articles of the demo's newspaper: another origin, with a strict policy."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import follow, looks_right
from tests.browser.readers import (
    ARTICLE,
    FOLDERS,
    STORY,
    Reader,
    give,
    open_reader,
    reader,
    support,
)
from tests.waiting import until

__all__ = ["open_reader", "reader"]  # fixtures

pytestmark = pytest.mark.browser

MARK = """(length) => {
  const text = document.querySelector(".text p").firstChild;
  const range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(text, Math.min(length, text.length));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  return String(getSelection());
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", FOLDERS)
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_an_article_with_every_element_reads_well_and_nothing_moves(
    open_reader, width, language, scheme
):
    reader = open_reader(width=width, language=language, color_scheme=scheme)
    for slug in (ARTICLE, STORY):
        reader.read(slug, language)
        support(reader)
        for element in ("topic", "quote", "correction"):
            expect(reader.page.locator(f"hromada-{element} .box")).to_be_attached()
        looks_right(reader.page)
        for _step in range(12):
            reader.page.mouse.wheel(0, 500)
            reader.page.evaluate("new Promise(requestAnimationFrame)")
        assert reader.page.evaluate("shifted") == 0
    assert reader.stored == []
    assert reader.context.cookies() == []


@pytest.mark.parametrize(
    ("width", "language", "scheme"),
    [
        (390, "en", "light"),
        (1280, "en", "dark"),
        (390, "uk", "dark"),
        (1280, "uk", "light"),
        (390, "pl", "light"),
        (1280, "pl", "dark"),
    ],
)
def test_from_the_appeal_to_a_patron_and_back_to_the_article_thanked(
    open_reader, width, language, scheme
):
    reader = open_reader(width=width, language=language, color_scheme=scheme)
    page, address = reader.page, f"{reader.demo.newspaper}/{FOLDERS[language]}{ARTICLE}"
    reader.read(language=language)
    follow(page, support(reader).locator(".amounts a").nth(1))
    chosen = page.locator("[name=amount_month]:checked")
    expect(chosen).to_have_attribute("data-plain", "5")
    back = give(page, f"{language}.{width}@example.net")
    looks_right(page)
    assert page.locator("[data-thanks]").get_attribute("data-thanks") == "paid"
    follow(page, back)
    over = page.locator(".bar[role=status]")
    expect(over).to_be_in_viewport()
    looks_right(page)
    over.get_by_role("button").click()
    expect(over).to_have_count(0)
    thanks = page.locator("hromada-support[place=end] .box")
    expect(thanks).to_be_attached()
    expect(thanks.locator(".amounts")).to_have_count(0)
    expect(page).to_have_url(address)
    assert reader.stored == ["hromada-patron"]
    page.reload()
    expect(page.locator("hromada-support[place=end] .box")).to_be_attached()
    expect(page.locator("hromada-support .amounts")).to_have_count(0)
    expect(page.locator("hromada-support[place=middle]")).to_be_hidden()
    expect(over).to_have_count(0)
    looks_right(page)
    given = reader.demo.rows(
        f"select source, first_source from donation where email = '{language}.{width}@example.net'"
    )
    assert given == [(address, address)]


def test_the_first_article_stays_with_the_gift_though_another_came_last(reader: Reader):
    for slug in (STORY, ARTICLE):
        reader.read(slug)
        follow(reader.page, support(reader).get_by_role("link", name="Become a patron"))
    first = reader.page.locator("[name=first_source]")
    expect(first).to_have_value(f"{reader.demo.newspaper}/{STORY}")
    expect(reader.page.locator("[name=source]").first).to_have_value(
        f"{reader.demo.newspaper}/{ARTICLE}"
    )


def test_a_quote_is_copied_with_its_source_and_a_long_one_with_a_note(open_reader):
    reader = open_reader(width=1280, permissions=["clipboard-read", "clipboard-write"])
    reader.read()
    quote = reader.page.locator("hromada-quote")
    button = quote.get_by_role("button", name="Copy the selection")
    expect(button).to_be_disabled()
    for length, note in ((60, False), (5000, True)):
        marked = reader.page.evaluate(MARK, length)
        if note:
            marked = reader.page.evaluate(
                "() => { getSelection().selectAllChildren(document.querySelector('.text'));"
                " return String(getSelection()).trim(); }"
            )
        expect(button).to_be_enabled()
        button.click()
        expect(quote.get_by_role("status")).to_contain_text("Copied, with its source.")
        copied = reader.page.evaluate("navigator.clipboard.readText()")
        assert copied.replace("\r", "").startswith(f"“{marked}”\n— ")
        assert f"Slovo: {reader.demo.newspaper}/{ARTICLE}" in copied
        assert ("up to 500 may be quoted" in copied) is note


def test_a_chosen_story_leads_to_its_outcome_and_to_the_vote(reader: Reader):
    reader.read(STORY)
    topic = reader.page.locator("hromada-topic")
    expect(topic.get_by_role("heading")).to_have_text(re.compile(r"\d+ patrons asked for this on "))
    expect(topic.get_by_role("link", name="Winter round")).to_be_visible()
    follow(reader.page, topic.get_by_role("link", name="Why it was chosen"))
    expect(reader.page).to_have_url(re.compile("/rounds/autumn-round/results$"))
    looks_right(reader.page)
    reader.read(STORY, "uk")
    expect(topic.get_by_role("heading")).to_have_text(re.compile("Про це просили"))
    reader.read(ARTICLE)
    follow(reader.page, topic.get_by_role("link", name="Propose a topic"))
    expect(reader.page).to_have_url(re.compile("/sign-in"))


def test_the_bar_stays_closed_once_closed(reader: Reader):
    reader.page.goto(reader.demo.newspaper)
    bar = reader.page.locator("hromada-support .bar")
    expect(bar).to_be_visible()
    looks_right(reader.page)
    assert reader.page.evaluate("shifted") == 0
    bar.get_by_role("button", name="Close").press("Enter")
    expect(bar).to_be_hidden()
    reader.page.reload()
    reader.page.wait_for_load_state("networkidle")
    expect(reader.page.locator("hromada-support .bar")).to_have_count(0)


def test_without_script_every_way_is_still_there(open_reader):
    reader = open_reader(java_script_enabled=False)
    reader.page.goto(f"{reader.demo.newspaper}/{ARTICLE}")
    expect(reader.page.locator("hromada-quote")).to_contain_text("500 characters")
    follow(reader.page, reader.page.locator("[place=end]").get_by_role("link").first)
    expect(reader.page.locator("[name=source]").first).to_have_value(
        f"{reader.demo.newspaper}/{ARTICLE}"
    )


def test_where_we_do_not_answer_the_article_is_as_its_newsroom_wrote_it(reader: Reader):
    reader.context.route("**/embed/**.json*", lambda route: route.fulfill(status=503))
    reader.read()
    expect(reader.page.locator("[place=end]").get_by_role("link").first).to_be_visible()
    reader.page.wait_for_load_state("networkidle")
    expect(reader.page.locator("hromada-support .box")).to_have_count(0)
    assert reader.said
    assert all("503" in line for line in reader.said)
    reader.said.clear()


def test_what_is_shown_and_pressed_is_counted_but_not_of_who_asks_not_to_be(open_reader):
    def beacons(reader: Reader) -> list[str]:
        sent: list[str] = []
        reader.context.route(
            "**/embed/seen",
            lambda route: (sent.append(route.request.post_data or ""), route.continue_()),
        )
        reader.read()
        its = support(reader)
        its.scroll_into_view_if_needed()
        follow(reader.page, its.get_by_role("link", name="Become a patron"))
        return sent

    open_one = open_reader()
    sent = beacons(open_one)
    until(lambda: len(sent) >= 2)
    assert {line.partition("&")[0] for line in sent} == {"what=shown", "what=pressed"}
    shy = open_reader()
    shy.context.add_init_script(
        "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"
    )
    assert beacons(shy) == []
    assert shy.page.evaluate("Object.keys(localStorage)") == []


SHORT = """
  new MutationObserver(() => {
    document.querySelectorAll("figure, .text > * + *").forEach((its) => its.remove());
  }).observe(document, { childList: true, subtree: true });
"""


def test_on_an_article_that_fits_in_one_window_they_come_to_life_all_the_same(open_reader):
    reader = open_reader(width=1280)
    reader.context.add_init_script(SHORT)
    reader.read()
    expect(reader.page.locator("hromada-topic .box")).to_be_in_viewport()
    for element in ("quote", "correction", "support"):
        expect(reader.page.locator(f"hromada-{element} .box")).to_be_attached()


def test_the_foot_of_a_page_comes_out_from_under_the_bar(open_reader):
    reader = open_reader(language="pl")
    reader.page.goto(f"{reader.demo.newspaper}/pl/")
    bar = reader.page.locator("hromada-support .bar")
    expect(bar).to_be_in_viewport()
    last = reader.page.locator("footer a").last
    reader.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    under, over = last.bounding_box(), bar.bounding_box()
    assert under and over
    assert under["y"] + under["height"] <= over["y"]
    high = reader.page.evaluate("document.documentElement.scrollHeight")
    bar.get_by_role("button").click()
    expect(bar).to_be_hidden()
    assert reader.page.evaluate("document.documentElement.scrollHeight") < high


def test_on_paper_stands_what_was_corrected_and_no_button(reader: Reader):
    reader.read()
    for element in ("topic", "quote", "correction"):
        expect(reader.page.locator(f"hromada-{element} .box")).to_be_attached()
    reader.page.emulate_media(media="print")
    expect(reader.page.locator("hromada-correction .box")).to_contain_text("1.8 kilometres")
    for gone in ("hromada-correction a", "hromada-topic", "hromada-quote", "hromada-support"):
        expect(reader.page.locator(gone).first).to_be_hidden()
