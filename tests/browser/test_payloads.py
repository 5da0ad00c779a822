"""What readers type and what an article says is never more than text: here, there and in files."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo, follow
from tests.browser.readers import OpenReader, Reader, open_reader
from tests.waiting import until

__all__ = ["open_reader"]  # fixtures

pytestmark = pytest.mark.browser

HIT = "window.hit=1"
PAYLOADS = [
    f"<script>{HIT}</script>",
    f"<img src=x onerror={HIT}>",
    f'"><svg onload={HIT}>',
    f"'-({HIT})-'",
    f"</title></textarea></script><script>{HIT}</script>",
    f"[press](javascript:{HIT})",
    f"<a href=javascript:{HIT}>press</a>",
    "{{ 7 * 7 }}{% raw %}",
    '=HYPERLINK("http://127.0.0.1/")',
    "]]><x/>&lt;b&gt;\u202egnp.exe",
]
TYPED = " ".join(PAYLOADS)
RUNS = """() => {
  const roots = [document];
  for (const root of roots) {
    for (const one of root.querySelectorAll("*")) if (one.shadowRoot) roots.push(one.shadowRoot);
  }
  const found = (css) => roots.flatMap((root) => [...root.querySelectorAll(css)]);
  const links = found("a[href], form[action], iframe[src]");
  return {
    hit: "hit" in window,
    handlers: found("[onerror], [onload], [onclick]").length,
    inline: found("script:not([src]), img[src=x], svg[onload]").length,
    scripts: links.filter((its) => /^javascript:/i.test(its.href ?? its.action ?? its.src)).length,
  };
}"""
NOTHING = {"hit": False, "handlers": 0, "inline": 0, "scripts": 0}


def nothing_runs(page: Page) -> None:
    assert page.evaluate(RUNS) == NOTHING, page.url


SAID = """([title, text]) => {
  document.querySelector("h1").textContent = title;
  const first = document.querySelector(".text p");
  first.textContent = text;
  getSelection().selectAllChildren(first);
}"""


def desk(open_reader: OpenReader, demo: Demo) -> Reader:
    editor = open_reader(width=1280)
    editor.page.goto(demo.sign_in_link("payloads@example.net", "admin"))
    follow(editor.page, editor.page.get_by_role("button", name="Sign in"))
    return editor


def test_what_is_typed_about_an_article_stays_text_everywhere(open_reader: OpenReader, demo: Demo):
    reader = open_reader(width=1280)
    page = reader.page
    reader.read()
    expect(page.locator("hromada-correction .box")).to_be_attached()
    page.evaluate(SAID, [PAYLOADS[0], TYPED])
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("mark")).to_contain_text(PAYLOADS[1])
    nothing_runs(page)
    dialog.locator("input[value=fact]").check()
    dialog.locator("[name=right]").fill(TYPED)
    dialog.locator("[name=email]").fill("payload@example.net")
    dialog.locator(".main").click()
    expect(dialog.get_by_role("status")).to_be_visible()
    follow(page, dialog.locator("a"))
    report = page.url
    nothing_runs(page)

    editor = desk(open_reader, demo)
    its = editor.page
    its.goto("/staff/corrections")
    nothing_runs(its)
    follow(its, its.locator("tbody tr", has_text="window.hit").first.locator("a").first)
    nothing_runs(its)
    its.locator("[name$=was]").fill(TYPED)
    its.locator("[name$=now]").fill(f"Right: {TYPED}")
    follow(its, its.get_by_role("button", name="Publish the note"))
    nothing_runs(its)

    for address in (report, "/corrections", "/staff/corrections?tab=decided"):
        its.goto(address)
        expect(its.locator("main")).to_contain_text("window.hit")
        nothing_runs(its)
    letter = its.locator("tr", has_text="payload@example.net").first.get_by_role("link")
    until(lambda: (its.goto("/dev/mail?to=payload@example.net"), letter.count() == 1)[1])
    nothing_runs(its)
    follow(its, letter)
    nothing_runs(its)
    until(lambda: (reader.read(), _tells(page))[1])
    nothing_runs(page)

    sheet = editor.context.request.get("/staff/corrections.csv?tab=decided").text()
    cells = re.findall(r'(?:^|,|\n)"?([=+@-])', sheet)
    assert cells == []
    for feed in ("atom", "json"):
        answer = editor.context.request.get(f"/feeds/en/corrections.{feed}")
        assert "html" not in answer.headers["content-type"]
        assert "<script>" not in answer.text().replace("\\u003c", "<") or feed == "json"


def _tells(page: Page) -> bool:
    expect(page.locator("hromada-correction .box")).to_be_attached()
    return "Right: <script>" in page.locator("hromada-correction .box").inner_text()


def test_what_the_address_of_an_article_says_stays_text(open_reader: OpenReader, demo: Demo):
    reader = open_reader(width=1280)
    page = reader.page
    for payload in PAYLOADS:
        for path in ("/support", "/embed/support", "/corrections/new", "/corrections"):
            name = "from" if "support" in path else "about"
            asked = {name: payload, "article": payload, "utm_source": payload, "amount": payload}
            answer = reader.context.request.get(path, params=asked)
            page.goto(answer.url)
            nothing_runs(page)
