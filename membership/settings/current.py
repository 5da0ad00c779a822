"""The settings in force, as every process knows them within a second of a change.

Those of the environment, with what was set at the desk over them. Each process looks now and then
whether a row was added, which costs it one short query; none has to tell the others.
"""

import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import structlog
from flask import Flask, g
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from membership.extensions import ask_driver, db

log = structlog.get_logger()

SECONDS = 0.25
VERSION = "select max(id) from setting"
IN_FORCE = (
    "select name, cast(value as text) from setting"
    " where id in (select max(id) from setting group by name) and value is not null"
)


class Current:
    """What one process knows of the settings; `first` are those of the environment."""

    def __init__(self, first: Settings) -> None:
        self.first = self.latest = first
        self._version: int | None = None
        self._looked_at = float("-inf")

    def now(self) -> Settings:
        """The settings in force; one request sees the same from its beginning to its end.

        Those known last where the database does not answer, or has no table for them yet.
        """
        if "settings" not in g:
            if time.monotonic() - self._looked_at >= SECONDS:
                self._look()
            g.settings = self.latest
        settings: Settings = g.settings
        return settings

    def look_again(self) -> None:
        """The request at hand has changed them."""
        g.pop("settings", None)
        self._looked_at = float("-inf")

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        try:
            # Beside the session: what only looks at a setting takes no place among those who write.
            with db.engine.connect() as connection:
                [(version,)] = ask_driver(connection, VERSION, ())
                if version != self._version:
                    rows = ask_driver(connection, IN_FORCE, ())
                    self.latest, self._version = self._over_first(rows), version
        except SQLAlchemyError as error:
            log.warning("settings as they were known last", reason=type(error).__name__)

    def _over_first(self, rows: Iterable[tuple[str, str]]) -> Settings:
        """A later program may know a setting no more, or know it by other values."""
        values = {}
        for name, told in rows:
            try:
                values[name] = _adapter(name).validate_json(told)
            except (KeyError, ValidationError) as error:
                log.warning("a setting is as at first", name=name, reason=type(error).__name__)
        return self.first.model_copy(update=values) if values else self.first


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    """JSON knows fewer types than we do."""
    kind: Any = Settings.model_fields[name].annotation
    return TypeAdapter(kind)


def of(app: Flask) -> Current:
    current: Current = app.extensions["settings_now"]
    return current


def init_app(app: Flask, first: Settings) -> None:
    app.extensions["settings_now"] = Current(first)
