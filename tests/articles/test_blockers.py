"""Nothing that an article asks of us is on the lists that blockers ship."""

import re
from pathlib import Path

import pytest
from braveblock import Adblocker
from flask import Flask

ELEMENTS = Path(__file__).parents[2] / "static" / "elements"
SITE, STORY = "https://join.slovo.example", "https://slovo.example/2026/roads"
ASKED = {
    "/embed/hromada.js": "script",
    "/embed/uk/newsroom.json": "xmlhttprequest",
    f"/embed/uk/article.json?at={STORY}": "xmlhttprequest",
    "/embed/mark/IjIwMjYtMTItMjci.jUytmflIzLM3": "xmlhttprequest",
    "/embed/seen": "ping",
    "/embed/correction": "xmlhttprequest",
    "/embed/support": "subdocument",
    "/embed/uk/support": "subdocument",
    f"/support?from={STORY}&amount=5&interval=month&currency=eur": "document",
}


@pytest.fixture(scope="module")
def blocker() -> Adblocker:
    """With EasyList and EasyPrivacy, as it ships them."""
    return Adblocker()


@pytest.mark.parametrize("path", ASKED)
def test_no_list_blocks_what_an_article_asks(blocker: Adblocker, path: str):
    assert not blocker.check_network_urls(f"{SITE}{path}", STORY, ASKED[path])


def test_it_is_a_blocker(blocker: Adblocker):
    for address, kind in [
        ("https://www.google-analytics.com/analytics.js", "script"),
        ("https://ads.example.com/banner-ads/ads.js", "script"),
    ]:
        assert blocker.check_network_urls(address, STORY, kind)


def test_every_address_that_the_elements_ask_is_tried(app: Flask):
    script = "".join(path.read_text() for path in ELEMENTS.glob("*.js"))
    asked = set(re.findall(r"[`\"](embed/[^`\"]+)[`\"]", script))
    tried = [path.partition("?")[0] for path in ASKED]
    for address in asked:
        pattern = re.sub(r"\$\{[^}]+\}", "[^/]+", f"/{address}")
        assert any(re.fullmatch(pattern, path) for path in tried), address
