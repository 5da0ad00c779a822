"""The word to readers who block advertisements, with the list of a real blocker."""

import gzip
import importlib.resources
import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import looks_right
from tests.browser.readers import open_reader, support
from tests.waiting import until

__all__ = ["open_reader"]  # fixtures

pytestmark = pytest.mark.browser


def blocker() -> str:
    """What a blocker with EasyList hides on every page, as braveblock ships that list."""
    packed = importlib.resources.files("braveblock").joinpath("easylist.txt.gz").read_bytes()
    lines = gzip.decompress(packed).decode().splitlines()
    hidden = [line[2:] for line in lines if line.startswith("##")]
    assert len(hidden) > 10_000
    css = "\n".join(f"{selector} {{ display: none !important }}" for selector in hidden)
    return (
        "const list = new CSSStyleSheet(); list.replaceSync(" + json.dumps(css) + ");"
        "document.adoptedStyleSheets = [list];"
    )


def test_who_blocks_advertisements_is_told_so_once_a_week_and_sees_everything(open_reader):
    reader = open_reader()
    reader.read("last-bus")
    support(reader)
    blocked = reader.page.locator("hromada-blocked .box")
    reader.page.wait_for_timeout(1000)
    expect(blocked).to_have_count(0)

    reader.context.add_init_script(blocker())
    reader.read("last-bus")
    expect(blocked).to_be_attached()
    expect(blocked).to_contain_text("nothing is held back from you")
    for element in ("support[place=end]", "topic", "quote", "blocked"):
        expect(reader.page.locator(f"hromada-{element} .box")).to_be_visible()
    looks_right(reader.page)
    until(lambda: reader.stored == ["hromada-blocked"])
    reader.read("last-bus")
    support(reader)
    reader.page.wait_for_timeout(1000)
    expect(blocked).to_have_count(0)
    reader.page.clock.install(time=reader.page.evaluate("Date.now()") + 8 * 24 * 3600 * 1000)
    reader.read("last-bus")
    support(reader)
    reader.page.clock.run_for(1000)
    expect(blocked).to_be_attached()
