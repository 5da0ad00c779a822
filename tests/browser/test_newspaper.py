"""The demo's newspaper, on another origin: how it reads, and the ways from it and to it."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo, follow, looks_right, open_context

pytestmark = pytest.mark.browser

STORY = "/who-is-cutting-down-the-old-limes"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_it_reads_well_in_every_language_and_light(
    demo: Demo, chromium: Browser, width: int, scheme: str
) -> None:
    context = open_context(chromium, demo, width=width, color_scheme=scheme)
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)
    for folder in ("/", "/uk/", "/pl/"):
        for path in (folder, folder + STORY[1:], f"{folder}road-money"):
            page.goto(demo.newspaper + path)
            looks_right(page)
    assert refused == []
    context.close()


def test_from_an_article_to_the_giving_page_that_knows_it(demo: Demo, visitor: Page) -> None:
    visitor.goto(demo.newspaper + "/")
    follow(visitor, visitor.get_by_role("link", name="Eleven million for a road"))
    follow(visitor, visitor.locator("[place=end]").get_by_role("link", name="Become a patron"))
    expect(visitor.get_by_label("E-mail")).to_be_visible()
    expect(visitor.locator("[name=source]").first).to_have_value(f"{demo.newspaper}/road-money")


def test_from_the_topic_that_members_chose_to_its_story(demo: Demo, visitor: Page) -> None:
    visitor.goto(f"/topics{STORY}")
    follow(visitor, visitor.locator(f"a[href='{demo.newspaper}{STORY}']").first)
    expect(visitor).to_have_url(re.compile(f"{re.escape(demo.newspaper)}{STORY}"))
    expect(visitor.get_by_role("heading", level=1)).to_have_text(
        "Who is cutting down the old limes?"
    )
