"""The settings in force, as every process knows them within a second of a change.

Those of the environment, with what was set at the desk over them. As a request begins, a process
that has not done so for a moment looks whether a row was added by one short query; none has to tell
the others.
"""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Annotated, Any, cast

import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.local import LocalProxy

from config import Settings
from membership.extensions import SECONDS_LEFT_ALONE, ask_driver, db
from membership.settings.products import Matched
from membership.settings.rules import Rules

log = structlog.get_logger()

SECONDS = 0.25
EVERYBODY_KNOWS = 1
"""Seconds after which every process goes by what was set."""
NEVER = float("-inf")
VERSION = "select max(id) from setting"
IN_FORCE = (
    "select name, cast(value as text) from setting"
    " where id in (select max(id) from setting group by name) and value is not null"
)
WORDS, LETTER, APPEAL, PRODUCTS = "words ", "letter ", "appeal ", "products "
"""Begin the names of settings of which there are several; the rest says which it is."""
KINDS: dict[str, TypeAdapter[Any]] = {
    WORDS: TypeAdapter(dict[str, str]),
    LETTER: TypeAdapter(dict[str, dict[str, str]]),
    APPEAL: TypeAdapter(dict[str, dict[str, str]]),
    PRODUCTS: TypeAdapter(Matched),
}


class Current:
    """What one process knows of the settings; `first` are those of the environment.

    Where the database does not answer, or has no table for them yet, they stay as they are.
    """

    def __init__(self, first: Settings) -> None:
        self.first = self.known = first
        self._rules = Rules()
        self._several: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        self._version: int | None = None
        self._looked_at = NEVER

    @property
    def latest(self) -> Settings:
        """As they were known when a request, a job or a command began."""
        self._begin()
        return self.known

    @property
    def rules(self) -> Rules:
        """Known as `latest` is."""
        self._begin()
        return self._rules

    @property
    def first_values(self) -> dict[str, Any]:
        """What is in force where nothing was set, as JSON knows it."""
        return self.first.model_dump(mode="json") | Rules().model_dump(mode="json")

    @property
    def words(self) -> dict[str, dict[str, str]]:
        """The newsroom's own, by their name and language, known as `latest` is."""
        return self._kept(WORDS)

    @property
    def letters(self) -> dict[str, dict[str, dict[str, str]]]:
        """The newsroom's own wording of them, by their name, language and part, likewise."""
        return self._kept(LETTER)

    @property
    def appeals(self) -> dict[str, dict[str, dict[str, str]]]:
        """Those under an article that have names, by their name, language and part, likewise."""
        return self._kept(APPEAL)

    @property
    def products(self) -> dict[str, Matched]:
        """What was sold before we came stands for which tier, by Stripe's mode, likewise."""
        return self._kept(PRODUCTS)

    def _kept(self, kind: str) -> dict[str, Any]:
        self._begin()
        return self._several[kind]

    def look(self) -> None:
        """See whether something was set, unless one looked a moment ago."""
        if time.monotonic() - self._looked_at >= SECONDS:
            self.look_again()

    def look_again(self) -> None:
        """See whether something was set. What ails the database, whoever needs it says; who needs
        none, such as a file, does not wait for it again and again.
        """
        self._looked_at = time.monotonic()
        try:
            with _connection() as connection:
                self._read(connection)
        except SQLAlchemyError:
            self._looked_at = time.monotonic() + SECONDS_LEFT_ALONE

    def _begin(self) -> None:
        if self._looked_at == NEVER:
            self.look_again()

    def _read(self, connection: sa.Connection) -> None:
        [(version,)] = ask_driver(connection, VERSION, ())
        if version == self._version:
            return
        rows = dict(ask_driver(connection, IN_FORCE, ()))
        values = _understood(rows)
        self._several = {kind: _taken_out(values, kind) for kind in KINDS}
        decided = {name: values.pop(name) for name in list(values) if name in Rules.model_fields}
        self._rules = Rules().model_copy(update=decided)
        self.known, self._version = self.first.model_copy(update=values), version


def _taken_out(values: dict[str, Any], kind: str) -> dict[str, Any]:
    """Those whose names begin so, by the rest of it."""
    its = [name for name in values if name.startswith(kind)]
    return {name.removeprefix(kind): values.pop(name) for name in its}


def _understood(rows: Mapping[str, str]) -> dict[str, Any]:
    """Without what tables are brought up to, which nobody reads here. A later program may know a
    setting no more, or know it by other values.
    """
    values = {}
    for name, told in rows.items():
        if " " in name and not name.startswith(tuple(KINDS)):
            continue
        try:
            values[name] = _adapter(name).validate_json(told)
        except (KeyError, ValidationError) as error:
            log.warning("a setting is as at first", name=name, reason=type(error).__name__)
    return values


def _connection() -> AbstractContextManager[sa.Connection]:
    """Beside the session, for who only looks takes no place among those who write; through it where
    it has begun, for on SQLite it may be what another would wait for.
    """
    if db.session().in_transaction():
        return nullcontext(db.session.connection())
    return db.engine.connect()


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    """JSON knows fewer types than we do."""
    for beginning, adapter in KINDS.items():
        if name.startswith(beginning):
            return adapter
    its = (Rules.model_fields | Settings.model_fields)[name]
    kind: Any = Annotated[(its.annotation, *its.metadata)] if its.metadata else its.annotation
    return TypeAdapter(kind)


def of(app: Flask) -> Current:
    current: Current = app.extensions["settings_now"]
    return current


def _rules_in_force() -> Rules:
    return of(current_app).rules


# Those of the newsroom at work, as `extensions.settings` has the rest.
rules = cast(Rules, LocalProxy(_rules_in_force))


def init_app(app: Flask, first: Settings) -> None:
    app.extensions["settings_now"] = Current(first)
    app.before_request(lambda: of(app).look())
