"""Whoever sets things, and whoever reads what was set."""

import re

import pytest
from flask.testing import FlaskClient

from tests.factories import Newsroom


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
