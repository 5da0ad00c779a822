"""What Flask is extended with; app.py hangs these on the application, rooms import them."""

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sqlalchemy as sa
import structlog
from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_mailman import Mail
from flask_migrate import Migrate
from flask_security import Security
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from sqlalchemy.dialects.postgresql import insert as insert_in_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_in_sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, registry
from werkzeug.local import LocalProxy

from config import Settings
from membership import postgresql

log = structlog.get_logger()

SECONDS_LEFT_ALONE = 5
SECONDS_TO_CONNECT = 5


def _settings_in_force() -> Settings:
    settings: Settings = current_app.extensions["settings_now"].latest
    return settings


# Those of the application at work, typed; see `settings/current.py`. `app.config` has what Flask's
# extensions read.
settings = cast(Settings, LocalProxy(_settings_in_force))


def keyed_hash(text: str) -> str:
    """Tells two texts apart and gives neither away to who has no key."""
    return hmac.new(settings.signing_key.encode(), text.encode(), hashlib.sha256).hexdigest()


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime on every database; SQLite keeps it without its zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            datetime: UTCDateTime,
            dict[str, Any]: sa.JSON,
            list[Any]: sa.JSON,
            Enum: sa.Enum(
                Enum, native_enum=False, length=32, values_callable=lambda e: [m.value for m in e]
            ),
        },
    )


M = TypeVar("M", bound=Base)

db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def insert_or_lock(
    model: type[M], unique: list[str], row: dict[str, Any], *, keep: dict[str, Any]
) -> M:
    """Insert `row`, or take the one with the same `unique` columns and set only what is in `keep`.

    Either way the row is locked until the transaction ends.
    """
    insert = _insert()
    statement = insert(model).on_conflict_do_update(index_elements=unique, set_=keep)
    rows = db.session.scalars(
        statement.returning(model), [row], execution_options={"populate_existing": True}
    )
    return cast(M, rows.one())


def insert_once(model: type[Base], unique: list[str], row: dict[str, Any]) -> bool:
    """Insert `row`, unless another with the same `unique` columns is there; say whether.

    Waits for a transaction that is inserting the same, on both databases.
    """
    inserted = db.session.execute(_once(_insert(), model, tuple(unique)), row)
    return inserted.first() is not None


def insert_or_replace(model: type[Base], unique: list[str], row: dict[str, Any]) -> None:
    """Insert `row`, or give its values to the one with the same `unique` columns."""
    db.session.execute(_anew(_insert(), model, tuple(unique), tuple(row)), row)


def insert_or_add(model: type[Base], unique: list[str], rows: list[dict[str, Any]]) -> None:
    """Insert each row, or add its numbers to the one with the same `unique` columns."""
    db.session.execute(_anew(_insert(), model, tuple(unique), tuple(rows[0]), adds=True), rows)


# Each written once: putting a statement together takes longer than the database does.
@cache
def _once(insert: Any, model: type[Base], unique: tuple[str, ...]) -> sa.Executable:
    statement = insert(table_of(model)).on_conflict_do_nothing(index_elements=unique)
    return cast(sa.Executable, statement.returning(sa.literal(1)))


@cache
def _anew(
    insert: Any,
    model: type[Base],
    unique: tuple[str, ...],
    columns: tuple[str, ...],
    *,
    adds: bool = False,
) -> sa.Executable:
    table = table_of(model)
    statement = insert(table)
    values = {
        name: table.c[name] + statement.excluded[name] if adds else statement.excluded[name]
        for name in columns
        if name not in unique
    }
    return cast(sa.Executable, statement.on_conflict_do_update(index_elements=unique, set_=values))


def ask_driver(connection: Connection, text: str, values: Any) -> Sequence[Any]:
    """Rows of the answer to what is asked at each event.

    Statements that are written once need nothing of SQLAlchemy, which would take longer over them
    than the database does. `text` and `values` are as the driver takes them. Raises what
    SQLAlchemy raises.
    """
    errors = connection.dialect.loaded_dbapi.Error
    postgresql.note(connection, text)
    with closing(connection.connection.cursor()) as cursor:
        try:
            cursor.execute(text, values)
            return cursor.fetchall() if cursor.description else ()
        except errors as error:
            raise sa.exc.DBAPIError.instance(
                text, values, error, errors, hide_parameters=True, dialect=connection.dialect
            ) from error


def table_of(model: type[Base]) -> sa.Table:
    """For statements that read no objects: through the table they cost half as much."""
    table = sa.inspect(model).local_table
    assert isinstance(table, sa.Table)
    return table


def insert_missing(
    model: type[Base], unique: list[str], columns: list[str], rows: sa.sql.Executable
) -> None:
    """Insert what `rows` selects, but for what is there already.

    `rows` needs a WHERE: without one SQLite takes ON CONFLICT for a join's ON.
    """
    statement = _insert()(table_of(model)).from_select(columns, rows)
    db.session.execute(statement.on_conflict_do_nothing(index_elements=unique))


def _insert() -> Any:
    """The INSERT of the database in use, which knows ON CONFLICT."""
    dialect = db.session.get_bind().dialect.name
    return insert_in_postgresql if dialect == "postgresql" else insert_in_sqlite


class Sessions(SecureCookieSessionInterface):
    """Flask's own sessions; who brings no cookie costs no look at one.

    No file sets one, nor what is answered for everybody: a proxy would hand it to them all.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not (request.path.startswith("/static/") or response.cache_control.public):
            super().save_session(app, session, response)


migrate = Migrate()
csrf = CSRFProtect()
babel = Babel()
mail = Mail()
security = Security()
talisman = Talisman()
# Without Redis each process counts by itself. Errors are swallowed because of several requests that
# find it gone at once only the first falls back by itself; the others would answer 500.
limiter = Limiter(
    lambda: keyed_hash(get_remote_address()),
    headers_enabled=True,
    strategy="moving-window",
    in_memory_fallback_enabled=True,
    swallow_errors=True,
)


def patience_with_redis() -> dict[str, Any]:
    """A Redis that hangs may hold up a request for a second or two, and no more.

    Tried again at once, because a Redis that was restarted has cut the connections kept to it.
    """
    again = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    return {"socket_connect_timeout": 1, "socket_timeout": 2, "retry": again}


class Jobs:
    """The queue that `flask jobs` works through: SQLite, or Redis once there is one."""

    def __init__(self) -> None:
        self.huey: Huey = MemoryHuey("unset")
        self._asked_again_at = 0.0

    def init_app(self, app: Flask, settings: Settings) -> None:
        if settings.redis_url:
            pool = ConnectionPool.from_url(settings.redis_url, **patience_with_redis())
            self.huey = RedisHuey("hromada", connection_pool=pool)
        elif app.testing:
            self.huey = MemoryHuey("hromada")
        else:
            path = settings.instance_dir / "jobs.sqlite"
            self.huey = SqliteHuey("hromada", filename=str(path), fsync=True)
        self._asked_again_at = 0.0

    def ask(self, job: Callable[[], object]) -> bool:
        """Enqueue `job`; False if the queue is away, and then nothing was."""
        return self._reached(job)

    def is_away(self) -> bool:
        """Whether the queue cannot be reached."""
        return not self._reached(self.huey.pending_count)

    def _reached(self, call: Callable[[], object]) -> bool:
        """Once it was away it is left alone for a while, so that it does not slow each request."""
        if time.monotonic() < self._asked_again_at:
            return False
        try:
            call()
        except Exception as error:
            # Each queue store has errors of its own, and any of them means the same here.
            self._asked_again_at = time.monotonic() + SECONDS_LEFT_ALONE
            log.warning("the queue of jobs is away", reason=str(error))
            return False
        return True


jobs = Jobs()


def engine_options(url: str) -> dict[str, Any]:
    """A connection that PostgreSQL cut is replaced before a request gets it.

    What is wrong with a statement is told without its values, which may be somebody's address.
    """
    told: dict[str, Any] = {"hide_parameters": True}
    if sa.make_url(url).get_backend_name() != "postgresql":
        return told
    patient = {"connect_timeout": SECONDS_TO_CONNECT}
    return told | {"pool_pre_ping": True, "connect_args": patient}
