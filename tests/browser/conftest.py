"""The demo newsroom as `make run` starts it, and a real browser to walk through it."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.children import BARE
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
FIRST_START_SECONDS = 900

expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Demo:
    site: str
    newspaper: str
    sandbox: str
    staff_link: str
    folder: Path
    environment: dict[str, str]

    def flask(self, *command: str) -> str:
        """Run a command of the newsroom's own; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def python(self, program: str) -> str:
        """Run a program beside the newsroom's own, with its settings; what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def sign_in_link(self, email: str, role: str) -> str:
        """What `staff invite` prints for somebody who is one of them from then on."""
        return self.flask("staff", "invite", email, "--role", role).strip()

    def rows(self, query: str) -> list[tuple]:
        """What the newsroom's database answers."""
        with closing(sqlite3.connect(self.folder / "hromada.sqlite", timeout=20)) as database:
            return database.execute(query).fetchall()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with started(tmp_path_factory.mktemp("demo"), PATRONS="60", MONTHS="4") as demo:
        yield demo


@contextmanager
def started(folder: Path, *arguments: str, **variables: str) -> Iterator[Demo]:
    """The demo, or with the argument "newsroom" an empty newsroom, and its end."""
    port, sandbox_port, newspaper_port = free_port(), free_port(), free_port()
    environment = (
        BARE
        | variables
        | {
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
            "NEWSPAPER_PORT": str(newspaper_port),
            "INSTANCE_DIR": str(folder / "instance"),
            "RATE_LIMITS": "off",
            "SITE_URL": f"http://127.0.0.1:{port}",
            "SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}",
        }
    )
    log = folder / "log"
    with log.open("wb") as out:
        program = subprocess.Popen(
            [sys.executable, "deploy/demo.py", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        link = wait_for(r"Staff\s+(http\S+)", log, program)
        yield Demo(
            f"http://127.0.0.1:{port}",
            f"http://127.0.0.1:{newspaper_port}",
            f"http://127.0.0.1:{sandbox_port}",
            link,
            folder / "instance",
            environment,
        )
    finally:
        program.send_signal(signal.SIGINT)
        program.wait(timeout=30)


def wait_for(pattern: str, log: Path, program: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + FIRST_START_SECONDS
    while time.monotonic() < until:
        if found := re.search(pattern, log.read_text()):
            return found[1]
        if program.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the demo did not start:\n{log.read_text()}")


@pytest.fixture
def visitor(chromium: Browser, demo: Demo) -> Iterator[Page]:
    """A new reader on a phone, who speaks English. An outside request is an error."""
    context = open_context(chromium, demo, width=390)
    yield context.new_page()
    context.close()


def open_context(
    chromium: Browser,
    demo: Demo,
    *,
    width: int = 1280,
    language: str = "en",
    also: str | None = None,
    **options: object,
) -> BrowserContext:
    """Of somebody new; what is neither the demo's nor at the address `also` cannot be reached."""
    reached = tuple(filter(None, (demo.site, demo.newspaper, demo.sandbox, also)))
    context = chromium.new_context(
        base_url=demo.site,
        viewport={"width": width, "height": 900},
        locale=language,
        **options,  # type: ignore[arg-type]
    )
    context.set_default_timeout(20_000)
    context.route(
        lambda url: not url.startswith(reached),
        lambda route: route.abort(),
    )
    return context


def follow(page: Page, link: Locator) -> None:
    """Click, and wait for the page this leads to: a click alone returns on the page before."""
    with page.expect_navigation():
        link.click()


def looks_right(page: Page) -> None:
    """What holds on every page: axe finds nothing, one h1, a title, no sideways scrolling."""
    found = Axe().run(page)
    # Its own report knows no elements that stand in another's shadow.
    assert found.violations_count == 0, f"{page.url}\n{json.dumps(found.response['violations'])}"
    assert page.locator("h1").count() == 1, page.url
    assert " · " in page.title() or "andbox" in page.title(), page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
