"""A reader on an article of the demo's newspaper."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import Demo, follow, open_context
from tests.waiting import until

STORY, ARTICLE = "who-is-cutting-down-the-old-limes", "road-money"
FOLDERS = {"en": "", "uk": "uk/", "pl": "pl/"}
GOOD = "4242424242424242"
"""A test card that pays."""
OpenReader = Callable[..., "Reader"]
SHIFTS = """
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
  }).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Reader:
    """Somebody on an article, in a browser of their own, and what went wrong there."""

    demo: Demo
    context: BrowserContext
    page: Page
    said: list[str] = field(default_factory=list)

    def read(self, slug: str = ARTICLE, language: str = "en") -> None:
        self.page.goto(f"{self.demo.newspaper}/{FOLDERS[language]}{slug}")

    @property
    def stored(self) -> list[str]:
        return self.page.evaluate("Object.keys(localStorage).sort()")


@pytest.fixture
def open_reader(demo: Demo, chromium: Browser) -> Iterator[OpenReader]:
    opened: list[Reader] = []

    def open_one(**options: object) -> Reader:
        context = open_context(chromium, demo, **{"width": 390} | options)
        context.add_init_script(SHIFTS)
        reader = Reader(demo, context, context.new_page())
        reader.page.on("console", lambda message: reader.said.append(message.text))
        reader.page.on("pageerror", lambda error: reader.said.append(str(error)))
        opened.append(reader)
        return reader

    yield open_one
    for reader in opened:
        reader.context.close()
        assert reader.said == []


@pytest.fixture
def reader(open_reader) -> Reader:
    return open_reader()


def pay(page: Page, card: str = GOOD) -> None:
    """In the sandbox's Checkout; the page that this leads to is not waited for."""
    page.locator("[name=name]").fill("Olha Petrenko")
    page.locator("[name=number]").fill(card)
    page.locator("[name=exp]").fill("12/40")
    page.locator("[name=cvc]").fill("123")
    page.locator("button[name=pay]").click()


def give(page: Page, email: str) -> Locator:
    """From the filled-in giving page through Checkout; the way back to the article."""
    page.locator("[name=email]").fill(email)
    follow(page, page.locator(".giving-button"))
    with page.expect_navigation():
        pay(page)
    back = page.locator("a[href*='#hromada=']")
    until(lambda: back.count() == 1)
    return back


def support(reader: Reader) -> Locator:
    """The appeal at the end, once it has come to life."""
    its = reader.page.locator("hromada-support[place=end]")
    expect(its.locator(".box")).to_be_attached()
    return its
