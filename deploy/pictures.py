"""`make pictures`: those of the README and docs/articles.md, from a demo newsroom of their own, and
those of docs/opening.md, from an empty one.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 820, 1120
PATIENCE_SECONDS = 180
APPEAL = (
    "**{newsroom}** is on the river every week: at the locks, at the council, at the works that "
    "foul it. Nobody pays us to look away. You can pay us to look."
)
MARK = """() => {
  const paragraph = document.querySelectorAll(".text p")[1];
  paragraph.scrollIntoView({ block: "center" });
  const text = paragraph.firstChild;
  const range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(text, text.data.indexOf(".") + 1);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""
TIERS = (
    ("Reader", "A bus ride to the upper locks.", "4", "18"),
    ("Patron", "A water sample, and the laboratory.", "9", "40"),
    ("Keeper", "A day in the archive of the works.", "25", "110"),
)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        with _running() as (site, newspaper, link):
            _read(_page(browser, site), newspaper)
            _take(_page(browser, site), link)
        with _running("newsroom") as (site, _newspaper, link):
            _open(_page(browser, site), link)
        browser.close()


@contextmanager
def _running(*arguments: str) -> Iterator[tuple[str, str, str]]:
    """The demo, or an empty newsroom: its address, its newspaper's, and the link that signs staff
    in.
    """
    with tempfile.TemporaryDirectory() as folder:
        port, sandbox_port, newspaper_port = (_free_port() for _ in range(3))
        environment = os.environ | {
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
            "NEWSPAPER_PORT": str(newspaper_port),
            "INSTANCE_DIR": folder,
        }
        demo = subprocess.Popen(
            [sys.executable, str(ROOT / "deploy" / "demo.py"), *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            site, newspaper = (f"http://127.0.0.1:{one}" for one in (port, newspaper_port))
            yield site, newspaper, _staff_link(demo)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait()


def _page(browser: Browser, site: str) -> Page:
    size = ViewportSize(width=WIDTH, height=HEIGHT)
    return browser.new_context(base_url=site, viewport=size, locale="en").new_page()


def _read(page: Page, newspaper: str) -> None:
    """Those of docs/articles.md: under a story that members chose, and a mistake pointed out."""
    page.goto(f"{newspaper}/who-is-cutting-down-the-old-limes")
    page.locator("hromada-support .box").wait_for(state="attached")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.screenshot(path=PICTURES / "article.png")
    page.goto(f"{newspaper}/road-money")
    page.locator("hromada-correction .box").wait_for(state="attached")
    page.evaluate(MARK)
    page.keyboard.press("Control+Enter")
    page.get_by_role("dialog").wait_for()
    page.screenshot(path=PICTURES / "correction.png")


def _take(page: Page, staff_link: str) -> None:
    """The README's pictures."""
    _shoot(page, "/", "giving")
    _become_a_patron(page)
    page.goto("/topics")
    ballot = page.locator("a[href^='/rounds/']").first.get_attribute("href") or ""
    _shoot(page, ballot, "ballot")
    page.goto("/topics")
    outcome = page.locator("a[href$='/results']").first.get_attribute("href") or ""
    _shoot(page, outcome, "outcome")
    page.context.clear_cookies()
    page.goto(staff_link)
    page.get_by_role("button", name="Sign in").click()
    _shoot(page, "/staff", "desk")


def _open(page: Page, staff_link: str) -> None:
    """Those of docs/opening.md: a newsroom that is being opened."""
    page.goto(staff_link)
    page.get_by_role("button", name="Sign in").click()
    _shoot(page, "/staff", "opening")
    page.goto("/staff/settings")
    page.get_by_label("Name of the newsroom").fill("The River Gazette")
    page.get_by_label("Where readers write when something is wrong").fill("desk@river.example")
    page.get_by_label("Accent on light paper").fill("#1f5f4a")
    page.get_by_label("Accent in the dark").fill("#8fd3b6")
    _save(page)
    page.goto("/staff/settings/words/appeal")
    page.get_by_label("Appeal, English").fill(APPEAL)
    page.get_by_role("button", name="Look at it first").click()
    page.get_by_role("region", name="How readers see it, English").wait_for()
    page.screenshot(path=PICTURES / "words.png")
    _save(page)
    page.goto("/staff/settings/amounts")
    page.get_by_label("Currencies, in their order").fill("EUR, PLN")
    _save(page)
    for name, line, euro, zloty in TIERS:
        page.goto("/staff/settings/tiers/new")
        page.get_by_label("Name, English").fill(name)
        page.get_by_label("What it makes possible, English").fill(line)
        page.get_by_label("EUR a month").fill(euro)
        page.get_by_label("PLN a month").fill(zloty)
        _save(page)
    page.goto("/staff/settings/goal")
    page.get_by_label("Patrons: how many there are").check()
    page.get_by_label("How many, or how much").fill("300")
    page.locator("[name=last]").fill(f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}")
    _save(page)
    page.screenshot(path=PICTURES / "goal.png")
    _shoot(page, "/", "own")


def _save(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()


def _become_a_patron(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill("reader@example.net")
    page.get_by_role("button", name="Give €5 a month").click()
    for field, text in {
        "name": "A Reader",
        "number": "4242424242424242",
        "exp": "12/40",
        "cvc": "123",
    }.items():
        page.locator(f"[name={field}]").fill(text)
    page.locator("button[name=pay]").click()
    page.get_by_role("heading", name="You are a patron").wait_for()
    page.goto("/dev/mail")
    page.locator("tr", has_text="reader@example.net").first.get_by_role("link").click()
    page.locator(".letter a[href*='/sign-in/']").click()
    page.get_by_role("button", name="Sign in").click()


def _shoot(page: Page, path: str, name: str) -> None:
    page.goto(path)
    page.screenshot(path=PICTURES / f"{name}.png")


def _staff_link(demo: subprocess.Popen[str]) -> str:
    assert demo.stdout is not None
    until = time.monotonic() + PATIENCE_SECONDS
    for line in demo.stdout:
        if found := re.search(r"Staff\s+(http\S+)", line):
            return found[1]
        if time.monotonic() > until:
            break
    sys.exit("The demo did not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
