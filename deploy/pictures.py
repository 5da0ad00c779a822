"""`make pictures`: the README's pictures, taken from a demo newsroom of their own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 820, 1120
PATIENCE_SECONDS = 180


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        port, sandbox_port = _free_port(), _free_port()
        environment = os.environ | {
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
            "INSTANCE_DIR": folder,
        }
        demo = subprocess.Popen(
            [sys.executable, str(ROOT / "deploy" / "demo.py")],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            _take(f"http://127.0.0.1:{port}", _staff_link(demo))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait()


def _take(site: str, staff_link: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = browser.new_context(
            base_url=site, viewport={"width": WIDTH, "height": HEIGHT}, locale="en"
        )
        page = context.new_page()
        _shoot(page, "/", "giving")
        _become_a_patron(page)
        page.goto("/topics")
        ballot = page.locator("a[href^='/rounds/']").first.get_attribute("href") or ""
        _shoot(page, ballot, "ballot")
        page.goto("/topics")
        outcome = page.locator("a[href$='/results']").first.get_attribute("href") or ""
        _shoot(page, outcome, "outcome")
        context.clear_cookies()
        page.goto(staff_link)
        page.get_by_role("button", name="Sign in").click()
        _shoot(page, "/staff", "desk")
        browser.close()


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
