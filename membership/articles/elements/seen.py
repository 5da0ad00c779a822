"""How often each article's appeal is shown and pressed: daily sums, without anything of a reader.

Counted in memory and written together with what comes after a few seconds, so that a crowd on an
article is not a crowd at the database. A process that ends loses what it has not written.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date
from enum import StrEnum
from threading import Lock
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from membership import days, modes
from membership.articles.elements.models import ArticleDay
from membership.extensions import db, insert_or_add
from membership.figures.spans import Span
from membership.settings.articles import ours

log = structlog.get_logger()

SECONDS = 5.0
MOST_WAITING = 2000
MOST_ARTICLES = 5000
"""On a day: what is not an article could be called one by anybody."""


class What(StrEnum):
    shown = "shown"
    pressed = "pressed"


class Tally:
    """What one process has counted and not written yet."""

    def __init__(self) -> None:
        self._counted: Counter[tuple[date, str, What]] = Counter()
        self._written_at = time.monotonic()
        self._turn = Lock()

    def add(self, what: What, article: str) -> None:
        with self._turn:
            key = (days.today(), article, what)
            if key in self._counted or len(self._counted) < MOST_WAITING:
                self._counted[key] += 1

    def due(self) -> Counter[tuple[date, str, What]]:
        """What is to be written now, which is then forgotten here; mostly nothing."""
        with self._turn:
            if time.monotonic() - self._written_at < SECONDS:
                return Counter()
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
    app.extensions["articles_seen"] = Tally()


def note(what: What, address: str) -> None:
    """Count one. Commits now and then. Raises NotOurs."""
    tally: Tally = current_app.extensions["articles_seen"]
    tally.add(what, ours(address))
    if counted := tally.due():
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
        # In one order, so that no two processes wait for each other.
        if taken := [rows[article] for article in sorted(_with_room(day, set(rows)))]:
            insert_or_add(ArticleDay, ["mode", "day", "article"], taken)


def _with_room(day: date, articles: set[str]) -> set[str]:
    """Those of the day that have a row, and of the others as many as may have one."""
    of_day = (ArticleDay.mode == modes.of_process(), ArticleDay.day == day)
    number = db.session.scalar(sa.select(sa.func.count()).select_from(ArticleDay).where(*of_day))
    room = MOST_ARTICLES - (number or 0)
    if len(articles) <= room:
        return articles
    wanted = sa.select(ArticleDay.article).where(*of_day, ArticleDay.article.in_(articles))
    known = set(db.session.scalars(wanted))
    return known | set(sorted(articles - known)[: max(room, 0)])
