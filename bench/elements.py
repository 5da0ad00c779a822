"""What each element adds to an article: requests to us and bytes as they are sent, in Chromium."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Request, Route, sync_playwright

from bench import databases
from bench.pages import served
from tests.ports import HOST

ELEMENTS = {
    "hromada-support": "<hromada-support></hromada-support>",
    "hromada-topic": "<hromada-topic></hromada-topic>",
    "hromada-quote": "<hromada-quote></hromada-quote>",
    "hromada-correction": "<hromada-correction></hromada-correction>",
    "hromada-blocked": "<hromada-blocked></hromada-blocked>",
}
# The article comes from nowhere, which is not let ask this machine by itself.
FLAGS = ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"]
ALL = "all of them on one article"
ARTICLE = f"http://{HOST}:8999/roads"  # where nobody need listen: the browser puts the page there


@dataclass(frozen=True)
class Weight:
    element: str
    requests: int
    bytes: int

    def as_text(self) -> str:
        return f"{self.element:<46} {self.requests:3} requests {self.bytes:8,} bytes"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def weights() -> Iterator[Weight]:
    """Of each element alone, and of all; nothing where there is no Chromium."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if program is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite"
        databases.newsroom(Path(folder), url)
        ours = {"INSTANCE_DIR": folder, "DATABASE_URL": url, "RATE_LIMITS": "off"}
        with (
            served("app:create_app", ours) as port,
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=program, args=FLAGS) as browser,
        ):
            for name, markup in (ELEMENTS | {ALL: "".join(ELEMENTS.values())}).items():
                yield _weight(browser, f"http://{HOST}:{port}", name, markup)


def _weight(browser: Browser, site: str, name: str, markup: str) -> Weight:
    """On an article that is read to its end by somebody who has nothing of ours."""
    with browser.new_context(locale="en") as context:
        page, asked = context.new_page(), list[Request]()
        body = f'<!doctype html><html lang="en"><title>Roads</title><h1>Roads</h1>{markup}'
        script = f'<script type="module" src="{site}/embed/hromada.js"></script>'

        def article(route: Route) -> None:
            route.fulfill(content_type="text/html", body=body + script)

        page.route(ARTICLE, article)
        page.on("requestfinished", lambda one: asked.append(one) if site in one.url else None)
        page.goto(ARTICLE)
        page.wait_for_load_state("networkidle")
        sizes = [one.sizes() for one in asked]
        return Weight(name, len(asked), sum(size["responseBodySize"] for size in sizes))
