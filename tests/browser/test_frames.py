"""What a pasted address becomes on another site, in a real browser."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.conftest import Demo, looks_right, open_context
from tests.ports import free_port

pytestmark = pytest.mark.browser

TOPIC = "/topics/who-is-cutting-down-the-old-limes"
SECRET = "aB3dE6gH9j"
# As WordPress writes what it found (wp-includes/embed.php, wp-includes/js/wp-embed.js).
AS_WORDPRESS = (
    'src="',
    f'sandbox="allow-scripts" security="restricted" data-secret="{SECRET}" src="',
)
HEARS = (
    "<script>heard = []; addEventListener('message', (event) => heard.push(event.data));</script>"
)


@pytest.fixture
def paste(visitor: Page) -> Iterator[Callable[[str], FrameLocator]]:
    """Puts HTML on a page of another site, and looks at the frame in it."""
    pages: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<!doctype html>{HEARS}<p>{pages[-1]}</p>".encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{server.server_port}/"

    def pasted(html: str) -> FrameLocator:
        pages.append(html)
        visitor.route(f"{site}**", lambda route: route.continue_())
        visitor.goto(site)
        return visitor.frame_locator("iframe")

    yield pasted
    server.shutdown()
    server.server_close()


def frame_of(page: Page, demo: Demo, path: str) -> str:
    found = page.request.get("/oembed", params={"url": demo.site + path, "maxwidth": 320})
    html: str = found.json()["html"]
    return html


def test_its_links_open_in_the_whole_window(demo: Demo, visitor: Page, paste) -> None:
    frame = paste(frame_of(visitor, demo, TOPIC))
    frame.get_by_role("link", name="Who is cutting down the old limes?").click()
    expect(visitor).to_have_url(demo.site + TOPIC)


def test_in_wordpress_it_says_how_high_it_is_and_where_to_go(
    demo: Demo, visitor: Page, paste
) -> None:
    """There it stands in a sandbox, where it has no origin and may lead nowhere by itself."""
    said: list[str] = []
    visitor.on("console", lambda message: said.append(message.text))
    html = frame_of(visitor, demo, TOPIC).replace(*AS_WORDPRESS)
    frame = paste(html.replace('" width', f'#?secret={SECRET}" width'))
    link = frame.get_by_role("link", name="Who is cutting down the old limes?")
    expect(link).to_have_css("font-weight", "600")
    link.click()
    visitor.wait_for_function("heard.some((one) => one.message === 'link')")
    heard = visitor.evaluate("heard")
    assert {one["secret"] for one in heard} == {SECRET}
    assert [one["value"] for one in heard if one["message"] == "link"] == [demo.site + TOPIC]
    assert all(one["value"] > 100 for one in heard if one["message"] == "height")
    assert not visitor.url.startswith(demo.site)
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_reads_well_in_every_language(demo: Demo, chromium: Browser, scheme: str) -> None:
    [(slug,)] = demo.rows("select slug from round where closed_at is not null limit 1")
    for language in ("en", "uk", "pl"):
        context = open_context(chromium, demo, width=320, language=language, color_scheme=scheme)
        page = context.new_page()
        for path in (TOPIC, f"/rounds/{slug}", f"/rounds/{slug}/results"):
            page.goto(f"/embed{path}")
            looks_right(page)
        context.close()
