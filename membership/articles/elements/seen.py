"""How often each article's appeal is shown and pressed: daily sums, without anything of a reader.

Counted in memory and written together with what comes after a few seconds, or as the process ends,
so that a crowd on an article is not a crowd at the database.

What is not an article could be called one by anybody. So a day has a number of rows and no more, of
which what is seen less gives way to what is seen more, and what was seen once and never again is
let go.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from enum import StrEnum
from multiprocessing.util import Finalize
from threading import Lock
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from membership import days, modes
from membership.articles.elements.models import ArticleDay
from membership.books import turns
from membership.extensions import db, insert_or_add, table_of
from membership.figures.spans import Span
from membership.settings.articles import ours

log = structlog.get_logger()

SECONDS = 5.0
MOST_WAITING = 2000
MOST_ARTICLES = 5000
"""On a day."""
SEEN_ONCE_KEPT = timedelta(days=7)


class What(StrEnum):
    shown = "shown"
    pressed = "pressed"


class Tally:
    """What one process has counted and not written yet, which it does as it ends."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._at_end: Finalize | None = None
        self._counted: Counter[tuple[date, str, What]] = Counter()
        self._written_at = time.monotonic()
        self._turn = Lock()

    def add(self, what: What, article: str) -> None:
        with self._turn:
            # A server's workers may be children of multiprocessing, which heed no atexit.
            self._at_end = self._at_end or Finalize(None, write_rest, [self._app], exitpriority=1)
            key = (days.today(), article, what)
            if key in self._counted or len(self._counted) < MOST_WAITING:
                self._counted[key] += 1

    def is_due(self) -> bool:
        return time.monotonic() - self._written_at >= SECONDS

    def take(self) -> Counter[tuple[date, str, What]]:
        """What is to be written now, which is then forgotten here."""
        with self._turn:
            self._written_at = time.monotonic()
            counted, self._counted = self._counted, Counter()
            return counted

    def put_back(self, counted: Counter[tuple[date, str, What]]) -> None:
        """What could not be written, for the next time."""
        with self._turn:
            self._counted.update(counted)


class Seen(NamedTuple):
    shown: int
    pressed: int


def most(span: Span, limit: int) -> dict[str, Seen]:
    """What was shown the most in these days, by article; one query."""
    return _sums(_of_days(span).order_by(sa.func.sum(ArticleDay.shown).desc()).limit(limit))


def of(span: Span, articles: Collection[str]) -> dict[str, Seen]:
    """The same of these articles; one query."""
    return _sums(_of_days(span).where(ArticleDay.article.in_(articles)))


def _of_days(span: Span) -> sa.Select[str, int, int]:
    shown, pressed = sa.func.sum(ArticleDay.shown), sa.func.sum(ArticleDay.pressed)
    return (
        sa.select(ArticleDay.article, shown, pressed)
        .where(ArticleDay.mode == modes.of_process(), ArticleDay.day.between(span.first, span.last))
        .group_by(ArticleDay.article)
    )


def _sums(wanted: sa.Select[str, int, int]) -> dict[str, Seen]:
    return {
        article: Seen(int(shown), int(pressed))
        for article, shown, pressed in db.session.execute(wanted)
    }


def init_app(app: Flask) -> None:
    app.extensions["articles_seen"] = Tally(app)


def note(what: What, address: str) -> None:
    """Count one. Commits now and then. Raises NotOurs."""
    tally: Tally = current_app.extensions["articles_seen"]
    tally.add(what, ours(address))
    if tally.is_due():
        _write_down(tally)


def write_rest(app: Flask) -> None:
    """Write what is left. Commits."""
    with app.app_context():
        _write_down(app.extensions["articles_seen"])


def forget_old() -> None:
    """Let go of what was shown once in all and never pressed. In whatever mode. Commits."""
    row = table_of(ArticleDay)
    another = row.alias()
    is_alone = ~sa.exists().where(
        another.c.article == row.c.article,
        another.c.mode == row.c.mode,
        another.c.day != row.c.day,
    ).correlate(row)
    is_old = row.c.day < days.today() - SEEN_ONCE_KEPT
    db.session.execute(sa.delete(row).where(is_old, row.c.shown <= 1, row.c.pressed == 0, is_alone))
    db.session.commit()


def _write_down(tally: Tally) -> None:
    counted = tally.take()
    try:
        _write(counted)
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        tally.put_back(counted)
        log.warning("what articles showed waits", reason=type(error).__name__)


def _write(counted: Counter[tuple[date, str, What]]) -> None:
    by_day: dict[date, dict[str, dict[str, Any]]] = defaultdict(dict)
    for (day, article, what), times in counted.items():
        row = {"mode": modes.of_process(), "day": day, "article": article, "shown": 0, "pressed": 0}
        by_day[day].setdefault(article, row)[what.value] = times
    for day, rows in sorted(by_day.items()):
        seen = {article: Seen(row["shown"], row["pressed"]) for article, row in rows.items()}
        # In one order, so that no two processes wait for each other.
        if taken := [rows[article] for article in sorted(_with_room(day, seen))]:
            insert_or_add(ArticleDay, ["mode", "day", "article"], taken)


def _with_room(day: date, seen: dict[str, Seen]) -> set[str]:
    """Those of the day that have a row, and of the others those seen the most: for as many as there
    is room, and as there are rows of what was seen no more than they.
    """
    of_day = (ArticleDay.mode == modes.of_process(), ArticleDay.day == day)
    number = sa.select(sa.func.count()).select_from(ArticleDay).where(*of_day)
    if (db.session.scalar(number) or 0) + len(seen) <= MOST_ARTICLES:
        return set(seen)
    turns.take("rows of articles")
    known = set(
        db.session.scalars(
            sa.select(ArticleDay.article).where(*of_day, ArticleDay.article.in_(seen))
        )
    )
    others = sorted(seen.keys() - known, key=lambda article: (-sum(seen[article]), article))
    room = max(MOST_ARTICLES - (db.session.scalar(number) or 0), 0)
    waiting = {article: sum(seen[article]) for article in others[room:]}
    instead = _in_place_of_less(of_day, known, waiting) if waiting else ()
    return known.union(others[:room], instead)


def _in_place_of_less(
    of_day: Sequence[sa.ColumnElement[bool]], known: set[str], times: dict[str, int]
) -> list[str]:
    """Those of `times`, the most seen first, for which a row was let go that is not `known`."""
    total = ArticleDay.shown + ArticleDay.pressed
    # Among those seen as little it is anybody's turn, so that no spelling is safe.
    least = db.session.execute(
        sa.select(ArticleDay.article, total)
        .where(*of_day, ArticleDay.article.not_in(known))
        .order_by(total, sa.func.random())
        .limit(len(times))
    )
    pairs = [
        (article, its)
        for (article, seen), (its, was_seen) in zip(times.items(), least, strict=False)
        if seen >= was_seen
    ]
    gone = [its for _article, its in pairs]
    db.session.execute(sa.delete(ArticleDay).where(*of_day, ArticleDay.article.in_(gone)))
    return [article for article, _its in pairs]
