"""A newsroom with an article, and readers at addresses of their own who see mistakes in it."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from membership.articles.corrections.models import Correction
from membership.clock import clock
from membership.extensions import db
from tests.factories import NOON

ARTICLE = "https://slovo.example/2026/roads"
PARAGRAPH = (
    "The bridge over the Tysa was built in 1897, and it has been repaired twice since. "
    "Nobody we asked knows who paid for it in 1989."
)
WRONG = {
    "article": ARTICLE,
    "title": "Where did the road money go?",
    "exact": "built in 1897",
    "prefix": "The bridge over the Tysa was ",
    "suffix": ", and it has been repaired twice",
    "paragraph": PARAGRAPH,
    "kind": "fact",
    "right": "It was built in 1879.",
    "lang": "en",
}

Send = Callable[..., TestResponse]


def set_rules(app: Flask, monkeypatch: pytest.MonkeyPatch, **rules: Any) -> None:
    its = app.extensions["settings_now"]
    with app.app_context():
        its.look_again()
    update = {"article_domains": ("slovo.example",)} | rules
    monkeypatch.setattr(its, "_rules", its.rules.model_copy(update=update))


@pytest.fixture
def ours(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.set(NOON)
    set_rules(app, monkeypatch)


@pytest.fixture
def send(client: FlaskClient, ours: None) -> Send:
    """As the script of an article sends it, each time from another network address."""
    numbers = itertools.count(1)

    def sending(*, at: str | None = None, **changes: Any) -> TestResponse:
        number = next(numbers)
        where = at or f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        return client.post(
            "/embed/correction",
            data=WRONG | changes,
            headers={"Origin": "https://slovo.example", "Sec-Fetch-Site": "cross-site"},
            environ_base={"REMOTE_ADDR": where},
        )

    return sending


@pytest.fixture
def cases(app: Flask, ours: None) -> Callable[[], list[Correction]]:
    """All of them, with what was said and decided, the oldest first."""

    def found() -> list[Correction]:
        with app.app_context():
            wanted = sa.select(Correction).order_by(Correction.id)
            rows = db.session.scalars(
                wanted.options(
                    sa.orm.selectinload(Correction.said), sa.orm.selectinload(Correction.decisions)
                )
            ).all()
            db.session.expunge_all()
            return list(rows)

    return found
