"""Whether a backup is one: it is restored beside us, and looked through."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from membership import troubles
from membership.clock import clock
from membership.extensions import db
from membership.settings.models import Setting

CHECKED = "backup checked"
"""A setting that nobody sets: when a backup was looked through last."""
AT_WORK = "this is the database at work; restore the backup to another one"
VERSION = sa.table("alembic_version", sa.column("version_num"))
DATED = {"stripe_event": "received_at", "audit_entry": "at", "setting": "at"}


class NoBackup(Exception):
    """What was looked through cannot stand in for us; the message says why."""


@dataclass(frozen=True)
class Backup:
    """How many rows it has, and the moment (UTC) of the last thing that it knows of."""

    rows: int
    as_of: datetime


def check(url: str) -> Backup:
    """Look through a backup that was restored to the database at `url`, and write down that it was.

    Every table is there and can be counted, and they are of our version. Raises NoBackup. Commits.
    """
    engine = sa.create_engine(_address(url))
    row = Setting(name=CHECKED, value={}, at=clock.now(), by_id=None)
    db.session.add(row)
    db.session.commit()
    try:
        with engine.connect() as copy:
            found = _look_through(copy)
            if _knows(copy, row):
                raise NoBackup(AT_WORK)
    except (SQLAlchemyError, NoBackup) as error:
        db.session.delete(row)
        db.session.commit()
        if isinstance(error, NoBackup):
            raise
        raise NoBackup(troubles.first_line(error)) from error
    finally:
        engine.dispose()
    row.value = {"rows": found.rows, "as_of": found.as_of.isoformat()}
    db.session.commit()
    return found


def last_checked() -> datetime | None:
    """When a backup was looked through last and was one (UTC); one query."""
    wanted = sa.select(sa.func.max(Setting.at)).where(Setting.name == CHECKED)
    return db.session.scalar(wanted)


def _address(url: str) -> sa.URL:
    try:
        its = sa.make_url(url)
    except SQLAlchemyError as error:
        raise NoBackup(f"{url} is no address such as sqlite:///copy.sqlite") from error
    if its.get_backend_name() == "sqlite" and not Path(its.database or "").is_file():
        raise NoBackup(f"there is no file {its.database}")
    if _where(its) == _where(db.engine.url):
        raise NoBackup(AT_WORK)
    return its


def _where(url: sa.URL) -> tuple[object, ...]:
    if url.get_backend_name() == "sqlite":
        return (Path(url.database or "").resolve(),)
    return url.host, url.port, url.database


def _look_through(copy: sa.Connection) -> Backup:
    if copy.dialect.name == "sqlite":
        [(said,)] = copy.execute(sa.text("pragma integrity_check(1)")).all()
        if said != "ok":
            raise NoBackup(f"SQLite says: {said}")
    missing = set(db.metadata.tables) - set(sa.inspect(copy).get_table_names())
    if missing:
        raise NoBackup(f"{len(missing)} tables are missing, such as {min(missing)}")
    version = copy.scalar(sa.select(VERSION.c.version_num))
    if version != troubles.head():
        raise NoBackup(f"it is of version {version}; this program needs {troubles.head()}")
    rows = sum(
        copy.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in db.metadata.sorted_tables
    )
    moments = [
        copy.scalar(sa.select(sa.func.max(db.metadata.tables[table].c[column])))
        for table, column in DATED.items()
    ]
    known = [moment for moment in moments if moment]
    if not known:
        raise NoBackup("nothing has ever happened in it")
    return Backup(rows, max(known))


def _knows(copy: sa.Connection, row: Setting) -> bool:
    """Whether it has what was written to the database at work a moment ago."""
    found = sa.select(Setting.at).where(Setting.id == row.id, Setting.name == CHECKED)
    return copy.scalar(found) == row.at
