"""Whoever sets things, and whoever reads what was set."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import Newsroom

NEWSROOM: dict[str, Any] = {
    "newsroom_name": "The Test Courier",
    "newsroom_contact": "desk@hromada.example",
    "newsroom_accent": "#9c2f1e",
    "newsroom_accent_dark": "#f0917f",
    "newsroom_imprint": "",
    "timezone": "Europe/Kyiv",
    "newsroom_privacy": "",
    "languages": ["en", "uk"],
    "first_language": "en",
}
"""The form of the newsroom, as it stands before anything is set."""


@pytest.fixture
def desk(newsroom: Newsroom) -> FlaskClient:
    """An admin's."""
    return newsroom.signed_in(newsroom.person("chief@example.org", role="admin"))


@pytest.fixture
def reader(newsroom: Newsroom) -> FlaskClient:
    return newsroom.app.test_client()


def seen(desk: FlaskClient, address: str) -> str:
    """The version that the page at `address` was looked at in."""
    return re.findall(r'name="seen"[^>]* value="(\d+)"', desk.get(address).text)[0]
