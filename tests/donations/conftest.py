from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.factories import Newsroom
from tests.till import SECRET, Till, open_till

Choose = Callable[..., str]


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    with open_till(tmp_path / "sandbox.sqlite") as till:
        yield till


@pytest.fixture
def app(make_app: MakeApp, till: Till) -> Flask:
    app = make_app(sandbox_url=till.url, stripe_webhook_secret=SECRET)
    Newsroom(app).tiers()
    return app


@pytest.fixture
def choose() -> Choose:
    """Send the giving form as a reader does; the address of Stripe's page."""

    def send(client: FlaskClient, **changes: str) -> str:
        answer = client.post("/support/checkout", data=giving_form(**changes))
        assert answer.status_code == 303, answer.text
        return answer.location

    return send


def giving_form(**changes: str) -> dict[str, str]:
    form = {
        "attempt": "0123456789abcdef",
        "currency": "eur",
        "interval": "month",
        "amount_month": "500",
        "amount_year": "5000",
        "amount_once": "2500",
        "email": "olha@example.org",
    }
    return form | changes


def donation_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["d"][0]
