"""Whoever keeps the books, and files that others exported."""

import io
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import Person
from membership.staff.import_models import Import, ImportRow
from membership.staff.imports import staging, work
from tests.factories import NOON, Newsroom

REAL: dict[str, Any] = {
    "stripe_secret_key": "sk_test_tests",
    "secret_key": "x" * 40,
    "smtp_url": "smtp://127.0.0.1:9",
    "sandbox_url": "http://127.0.0.1:9",
}
"""Of a newsroom that has left the sandbox."""
ELSEWHERE: dict[str, Any] = {"timezone": "Pacific/Kiritimati"}
FILES = Path(__file__).parent / "files"
"""As each program exports them; docs/importing.md says who describes their columns."""


def file(name: str) -> str:
    return (FILES / f"{name}.csv").read_text("utf-8")


GHOST = file("ghost")


@pytest.fixture(autouse=True)
def noon() -> None:
    clock.set(NOON)


@pytest.fixture
def finance(newsroom: Newsroom) -> Person:
    return newsroom.person("finance@example.org", role="finance")


@pytest.fixture
def desk(newsroom: Newsroom, finance: Person) -> FlaskClient:
    return newsroom.signed_in(finance)


@pytest.fixture
def bring(newsroom: Newsroom, finance: Person) -> Callable[..., int]:
    """As `bring_to` does, to this newsroom."""
    return partial(bring_to, newsroom, finance)


def bring_to(
    newsroom: Newsroom,
    finance: Person,
    text: str | bytes,
    name: str = "members.csv",
    *,
    matched: dict[str, int] | None = None,
    is_dry: bool = False,
    **answers: Any,
) -> int:
    """Read a file, match its columns as they are supposed but for `matched`, answer what is asked,
    and do the dry run; and unless it `is_dry` take it in. Its number.
    """
    content = text.encode() if isinstance(text, str) else text
    with newsroom.at_work():
        by = db.session.get_one(Person, finance.id)
        brought = staging.bring(io.BytesIO(content), name, by=by)
        places = brought.matched if matched is None else matched
        work.look_through(brought, matched=places, answers=answers)
        work.to_the_end(brought.id)
        if not is_dry:
            work.take_in(brought, by=by)
            work.to_the_end(brought.id)
        return brought.id


def undo(newsroom: Newsroom, import_id: int) -> None:
    with newsroom.at_work():
        work.undo(db.session.get_one(Import, import_id), by=None)
        work.to_the_end(import_id)


def rows_of(newsroom: Newsroom, import_id: int) -> list[ImportRow]:
    with newsroom.at_work():
        found = (
            db.session.query(ImportRow).filter_by(import_id=import_id).order_by("position").all()
        )
        db.session.expunge_all()
        return found


def fates(newsroom: Newsroom, import_id: int) -> list[tuple[int, str | None, str | None]]:
    """Of each row its line, what it comes to, and why it is set aside or stays."""
    return [
        (row.line, row.fate.value if row.fate else None, row.reason)
        for row in rows_of(newsroom, import_id)
    ]


def send(browser: FlaskClient, text: str | bytes, name: str = "members.csv") -> TestResponse:
    content = text.encode() if isinstance(text, str) else text
    data = {"file": (io.BytesIO(content), name), "encoding": ""}
    return browser.post("/staff/import", data=data, content_type="multipart/form-data")


def form_on(page: str) -> dict[str, str]:
    """The selects of a page as they stand."""
    form = {}
    for name, inner in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', inner)
        form[name] = chosen[1] if chosen else ""
    return form
