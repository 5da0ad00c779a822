"""What everybody reads: what was wrong, and what is right now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from membership.articles.corrections.models import Correction, State
from membership.extensions import db

MOST_OF_ARTICLE = 20


@dataclass(frozen=True)
class Published:
    """A correction with a note; `at` is when it was decided."""

    code: str
    article: str
    title: str
    at: datetime
    was: str
    now: str


def latest(limit: int, offset: int = 0, *, article: str | None = None) -> Sequence[Published]:
    """The latest first, of all articles or of one in its one spelling; one query."""
    wanted = _noted()
    if article is not None:
        wanted = wanted.where(Correction.article.in_(spellings(article)))
    found = db.session.execute(wanted.limit(limit).offset(offset))
    return [Published(*row) for row in found]


def of_article(address: str, limit: int = MOST_OF_ARTICLE) -> Sequence[Published]:
    """Of the article in its one spelling (settings/articles.py), the latest first; one query."""
    return latest(limit, article=address)


def spellings(article: str) -> tuple[str, ...]:
    """Those of which the corrections are an article's."""
    bare = article.rstrip("/")
    return bare, f"{bare}/"


def articles() -> frozenset[str]:
    """All of which something was corrected; one query."""
    wanted = sa.select(Correction.article).where(Correction.state == State.noted).distinct()
    return frozenset(db.session.scalars(wanted))


def _noted() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Correction.code,
            Correction.article,
            Correction.article_title,
            Correction.decided_at,
            Correction.was,
            Correction.now,
        )
        .where(Correction.state == State.noted)
        .order_by(Correction.decided_at.desc(), Correction.id.desc())
    )
