"""Two web servers over one database: what is set through one is seen by the readers of both."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from membership.staff import invitations
from tests.children import BARE
from tests.factories import Newsroom
from tests.ports import HOST, free_port
from tests.staff.settings.conftest import NEWSROOM
from tests.waiting import until

ROOT = Path(__file__).parents[2]
AMOUNTS = {
    "currencies": "uah, eur",
    "intervals": ["year", "once"],
    "first_interval": "year",
}


@dataclass
class Server:
    """One of them, with the browser of somebody who looks at it."""

    address: str
    browser: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str) -> str:
        answer = self.browser.get(self.address + path, timeout=30)
        answer.encoding = "utf-8"
        return answer.text

    def post(self, path: str, **data: Any) -> requests.Response:
        return self.browser.post(
            self.address + path,
            data=data,
            headers={"Origin": self.address, "Sec-Fetch-Site": "same-origin"},
            allow_redirects=False,
            timeout=30,
        )

    def hidden(self, path: str) -> dict[str, str]:
        """What a page's form sends along without being asked."""
        page = self.get(path)
        return {
            name: re.findall(rf'name="{name}"[^>]* value="([^"]+)"', page)[0]
            for name in ("seen", "csrf_token")
        }

    def set(self, path: str, **data: Any) -> None:
        answer = self.post(path, **self.hidden(path), **data)
        assert answer.status_code == 303, answer.text

    def sign_in(self, link: str) -> None:
        answer = self.post(re.sub("^https?://[^/]+", "", link))
        assert answer.status_code == 303, answer.text


@contextmanager
def serving(database_url: str, folder: Path) -> Iterator[Server]:
    port = free_port()
    environment = BARE | {
        "DATABASE_URL": database_url,
        "INSTANCE_DIR": str(folder),
        "SITE_URL": f"http://{HOST}:{port}",
        "SECRET_KEY": "the same for both of them, of some length",
        "LANGUAGES": "en,uk",
        "RATE_LIMITS": "off",
    }
    command = ("-m", "granian", "--interface", "wsgi", "--factory", "app:create_app")
    place = ("--host", HOST, "--port", str(port), "--log-level", "warning")
    log = folder / f"{port}.log"
    with log.open("wb") as out:
        program = subprocess.Popen(
            [sys.executable, *command, *place], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    server = Server(f"http://{HOST}:{port}")
    try:
        until(lambda: program.poll() is not None or _answers(server))
        assert program.poll() is None, log.read_text()
        yield server
    finally:
        program.terminate()
        program.wait(timeout=60)


def _answers(server: Server) -> bool:
    try:
        return requests.get(server.address + "/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def servers(newsroom: Newsroom, database_url: str, tmp_path: Path) -> Iterator[list[Server]]:
    newsroom.tiers()
    with serving(database_url, tmp_path) as one, serving(database_url, tmp_path) as other:
        yield [one, other]


def test_what_is_set_through_one_is_seen_through_both(newsroom: Newsroom, servers: list[Server]):
    desk = Server(servers[0].address)
    with newsroom.at_work():
        desk.sign_in(invitations.invite("chief@example.org", "admin"))

    def all_see(path: str, words: str, *, gone: bool = False) -> None:
        until(lambda: all((words in server.get(path)) is not gone for server in servers))

    for server in servers:
        assert "Вільне слово" not in server.get("/support")
    desk.set("/staff/settings", **(NEWSROOM | {"newsroom_name": "Вільне слово"}))
    all_see("/support", "Вільне слово")
    desk.set("/staff/settings/words/appeal", text_en="Read us, and *pay*.", text_uk="")
    all_see("/support", "Read us, and <em>pay</em>.")
    desk.set("/staff/settings/amounts", **AMOUNTS)
    all_see("/support", "Amount a month", gone=True)
    all_see("/support", "In UAH")
    desk.set("/staff/settings/tiers/patron", name_en="Sustainer", amount_uah_year="700")
    all_see("/support", "Sustainer")
    desk.set(
        "/staff/settings/goal", aim="patrons", number="321", first="2020-01-01", last="2099-01-01"
    )
    all_see("/support", "321 patrons")
    desk.set("/staff/settings/abuse", checkout_delay="7", most_unpaid_by_email="6",
             most_unpaid_by_visitor="10", most_unpaid_by_client="20",
             most_small_by_client="6", most_reports_by_client="12")  # fmt: skip
    all_see("/support", 'name="shown"')


def test_two_admins_at_two_servers_are_told(newsroom: Newsroom, servers: list[Server]):
    desks = [Server(server.address) for server in servers]
    with newsroom.at_work():
        for number, desk in enumerate(desks):
            desk.sign_in(invitations.invite(f"chief{number}@example.org", "admin"))
    both_saw = [desk.hidden("/staff/settings") for desk in desks]
    answers = [
        desk.post("/staff/settings", **(NEWSROOM | saw | {"newsroom_name": f"Slovo {number}"}))
        for number, (desk, saw) in enumerate(zip(desks, both_saw, strict=True))
    ]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "Somebody else has just set this to: Slovo 0" in answers[1].text
