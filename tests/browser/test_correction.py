"""A reader points out a mistake in the demo's newspaper: by keyboard, by touch, by a form."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import follow, looks_right
from tests.browser.readers import ARTICLE, STORY, Reader, open_reader, reader
from tests.waiting import until

__all__ = ["open_reader", "reader"]  # fixtures

pytestmark = pytest.mark.browser

WORDS = 5
MARK = """(words) => {
  for (const its of document.querySelectorAll(".text p")) {
    const passage = its.firstChild?.data?.split(" ").slice(3, 3 + words).join(" ");
    if (!passage) continue;
    const at = its.firstChild.data.indexOf(passage);
    its.scrollIntoView({ block: "center" });
    const range = document.createRange();
    range.setStart(its.firstChild, at);
    range.setEnd(its.firstChild, at + passage.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return String(getSelection());
  }
}"""


def mark(page: Page) -> str:
    """Some words of the first paragraph."""
    expect(page.locator("hromada-correction .box")).to_be_attached()
    return page.evaluate(MARK, WORDS)


@pytest.mark.parametrize(
    ("width", "language", "scheme"),
    [(1280, "en", "light"), (390, "uk", "dark"), (320, "pl", "light"), (1280, "uk", "dark")],
)
def test_by_keyboard_from_the_passage_to_what_becomes_of_it(open_reader, width, language, scheme):
    reader = open_reader(width=width, language=language, color_scheme=scheme)
    page = reader.page
    reader.read(language=language)
    passage = mark(page)
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("mark")).to_have_text(passage)
    looks_right(page)
    dialog.locator("input[value=fact]").check()
    dialog.locator("[name=right]").fill("")
    dialog.locator(".main").click()
    expect(dialog.locator("#error-right")).not_to_be_empty()
    expect(dialog.locator("[name=right]")).to_be_focused()
    looks_right(page)
    dialog.locator("[name=right]").fill(f"It was the number five. {width} {language}")
    dialog.locator("[name=email]").fill("olha@")
    dialog.locator(".main").click()
    expect(dialog.locator("#error-email")).not_to_be_empty()
    expect(dialog.locator("[name=right]")).to_have_value(
        f"It was the number five. {width} {language}"
    )
    dialog.locator("[name=email]").fill("olha@example.net")
    dialog.locator(".main").click()
    expect(dialog.get_by_role("status")).to_be_visible()
    looks_right(page)
    reader.said.clear()  # a browser says of itself that an answer was 422
    follow(page, dialog.locator("a"))
    expect(page.locator("blockquote")).to_have_text(passage)


def test_the_word_that_was_marked_is_shown_marked_and_no_other_like_it(reader: Reader):
    page = reader.page
    reader.read(STORY)
    expect(page.locator("hromada-correction .box")).to_be_attached()
    said = page.evaluate("""() => {
      for (const its of document.querySelectorAll(".text p")) {
        const text = its.firstChild, at = text.data.lastIndexOf(" the ");
        if (text.data.indexOf(" the ") === at) continue;
        const range = document.createRange();
        range.setStart(text, at + 1);
        range.setEnd(text, at + 4);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        return text.data.slice(at - 20, at + 24);
      }
    }""")
    page.keyboard.press("Control+Enter")
    mark = page.get_by_role("dialog").locator("mark")
    expect(mark).to_be_in_viewport()
    shown = mark.evaluate("""(its) => its.previousSibling.data.slice(-21) + its.textContent
      + its.nextSibling.data.slice(0, 20)""")
    assert shown == said
    assert len(page.get_by_role("dialog").locator("blockquote").inner_text()) < 300


def test_esc_closes_and_all_is_as_it_was(reader: Reader):
    page = reader.page
    reader.read()
    passage = mark(page)
    page.evaluate("document.querySelector('.text').tabIndex = -1")
    page.locator(".text").evaluate("(its) => its.focus()")
    page.keyboard.press("Meta+Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".text")).to_be_focused()
    assert page.evaluate("String(getSelection())") == passage


def test_on_a_phone_a_button_stands_beside_what_is_marked(open_reader):
    reader = open_reader(has_touch=True, is_mobile=True)
    page = reader.page
    reader.read()
    passage = mark(page)
    button = page.get_by_role("button", name="Point out a mistake")
    expect(button).to_be_in_viewport()
    button.tap()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("mark")).to_have_text(passage)
    expect(button).to_be_hidden()
    dialog.locator(".main").tap()
    expect(dialog.get_by_role("status")).to_be_visible()


def test_nothing_happens_where_nothing_is_marked(reader: Reader):
    reader.read()
    expect(reader.page.locator("hromada-correction .box")).to_be_attached()
    reader.page.keyboard.press("Control+Enter")
    expect(reader.page.get_by_role("dialog")).to_have_count(0)


def test_what_was_corrected_stands_under_the_article(reader: Reader):
    reader.read()
    box = reader.page.locator("hromada-correction .box")
    expect(box).to_contain_text("It is 1.8 kilometres long")


def test_without_a_script_a_link_leads_to_the_form(open_reader):
    reader = open_reader(java_script_enabled=False)
    page = reader.page
    reader.read()
    page.locator("hromada-correction a").click()
    expect(page.get_by_label("Address of the article")).to_have_value(
        f"{reader.demo.newspaper}/{ARTICLE}"
    )
    page.get_by_label("The passage, word for word").fill("sixty-three holes")
    page.get_by_label("A slip").check()
    page.get_by_role("button", name="Send it to the editors").click()
    expect(page).to_have_url(re.compile(r"/corrections/reports/[\w-]+\?sent=yes"))


def by_keyboard(reader: Reader) -> str:
    reader.read()
    passage = mark(reader.page)
    reader.page.keyboard.press("Control+Enter")
    reader.page.get_by_role("dialog").locator(".main").click()
    expect(reader.page.get_by_role("dialog").get_by_role("status")).to_be_visible()
    return passage


def by_touch(reader: Reader) -> str:
    reader.read(STORY)
    passage = mark(reader.page)
    reader.page.get_by_role("button", name="Point out a mistake").tap()
    reader.page.get_by_role("dialog").locator(".main").tap()
    expect(reader.page.get_by_role("dialog").get_by_role("status")).to_be_visible()
    return passage


def by_form(reader: Reader) -> str:
    reader.read("cold-flats")
    follow(reader.page, reader.page.locator("hromada-correction a"))
    reader.page.get_by_label("The passage, word for word").fill("the bill went up by a third")
    reader.page.get_by_label("A slip").check()
    follow(reader.page, reader.page.get_by_role("button", name="Send it to the editors"))
    return "the bill went up by a third"


@pytest.mark.parametrize(
    ("report", "options"),
    [
        (by_keyboard, {"width": 1280}),
        (by_touch, {"has_touch": True, "is_mobile": True}),
        (by_form, {"java_script_enabled": False}),
    ],
)
def test_whichever_way_it_came_an_editors_note_of_it_is_read_by_everybody(
    open_reader, demo, report, options
):
    reader = open_reader(**options)
    passage = report(reader)
    editor = open_reader(width=1280).page
    editor.goto(demo.sign_in_link("corrections@example.org", "editor"))
    follow(editor, editor.locator("main form button"))
    editor.goto("/staff/corrections")
    follow(editor, editor.locator("tbody th a", has_text=passage).first)
    step = editor.locator("details", has_text="It is corrected, with a note for everybody")
    if step.get_attribute("open") is None:  # it stands open where a fact was reported
        step.locator("summary").click()
    right = f"Right is what came {report.__name__.replace('_', ' ')}."
    if report is by_form:  # which asks for no title
        editor.locator("[name$=title]").fill("Sixteen degrees")
    editor.locator("[name$=was]").fill(passage)
    editor.locator("[name$=now]").fill(right)
    follow(editor, editor.get_by_role("button", name="Publish the note"))
    its = open_reader()
    its.page.goto("/corrections")
    expect(its.page.locator("main")).to_contain_text(right)
    slug = {by_keyboard: ARTICLE, by_touch: STORY, by_form: "cold-flats"}[report]

    def shown() -> bool:
        its.read(slug)
        expect(its.page.locator("hromada-correction .box")).to_be_attached()
        return right in its.page.locator("hromada-correction .box").inner_text()

    until(shown)


def test_the_desk_and_the_public_list_read_well(open_reader, chromium, demo):
    reader = open_reader(width=320)
    page = reader.page
    page.goto("/corrections")
    looks_right(page)
    page.goto(demo.sign_in_link("corrections@example.org", "editor"))
    page.locator("main form button").click()
    for address in ("/staff/corrections", "/staff/corrections?tab=decided"):
        page.goto(address)
        looks_right(page)
        assert page.locator(".table").evaluate("(its) => its.scrollWidth <= its.clientWidth")
    page.goto("/staff/corrections")
    page.locator("tbody th a").first.click()
    looks_right(page)
    see = page.get_by_role("link", name="See it in the article")
    assert ":~:text=" in (see.get_attribute("href") or "")


def test_where_no_report_is_taken_nobody_is_asked_to_write_one(open_reader):
    elsewhere = "http://plain.test"  # which no newsroom said is its own
    reader = open_reader(also=elsewhere)
    port = reader.demo.newspaper.rpartition(":")[2]
    reader.page.goto(f"{elsewhere}:{port}/{ARTICLE}")
    expect(reader.page.locator("hromada-quote .box")).to_be_attached()
    mark = reader.page.locator(".text p").first
    mark.evaluate("(its) => getSelection().selectAllChildren(its)")
    reader.page.keyboard.press("Control+Enter")
    expect(reader.page.get_by_role("dialog")).to_have_count(0)
    expect(reader.page.locator("hromada-correction a")).to_have_text("Tell us")


ACROSS = """() => {
  const all = [...document.querySelectorAll(".text p")];
  const [one, other] = all.slice(4, 6).map((its) => its.firstChild);
  const range = document.createRange();
  range.setStart(one, one.data.length - 30);
  range.setEnd(other, 40);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  return one.parentElement.textContent.slice(-20);
}"""


@pytest.mark.parametrize("across", [True, False])
def test_an_editor_is_led_to_the_passage_in_the_article(open_reader, demo, across):
    page = open_reader(width=1280).page
    page.goto(f"{demo.newspaper}/{STORY}")
    expect(page.locator("hromada-correction .box")).to_be_attached()
    if across:
        end = page.evaluate(ACROSS)
    else:
        end = page.evaluate(ACROSS.replace("setEnd(other, 40)", "setEnd(one, one.data.length)"))
    page.keyboard.press("Control+Enter")
    page.get_by_role("dialog").locator("[name=right]").fill(f"Led there: {across}")
    page.get_by_role("dialog").locator(".main").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_be_visible()
    desk = open_reader(width=1280).page
    desk.goto(demo.sign_in_link("corrections@example.org", "editor"))
    follow(desk, desk.locator("main form button"))
    desk.goto("/staff/corrections")
    follow(desk, desk.locator("tbody th a").first)
    leads = desk.get_by_role("link", name="See it in the article").get_attribute("href")
    assert leads is not None
    there = open_reader(width=1280).page
    there.goto(leads)
    until(lambda: there.evaluate("scrollY") > 0)
    expect(there.locator(".text p", has_text=end)).to_be_in_viewport()
