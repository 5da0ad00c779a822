"""Finding topics by words, and those that look alike, whatever endings the words have.

PostgreSQL narrows the search down by its full-text index; the order is the same everywhere.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from membership.extensions import db
from membership.topics.models import Topic

FEWEST_LETTERS = 4
# Words of questions say nothing of what is asked about.
COMMON = """
    about does from have into more that their them there these they this what when where which
    whose with would your наша наше наші його коли куди майже після який яка яке які чому скільки
    тому хіба щодо якого якої яких також
"""
MOST_WORDS = 8
SHOWN = 5


def words_of(*texts: str) -> str:
    """What a topic is found by: its words in one spelling, between blanks."""
    text = unicodedata.normalize("NFKC", " ".join(texts)).casefold()
    words = re.findall(r"\w+", re.sub("[ʼ’']", "", text))
    return f" {' '.join(words)} "


def found(query: str, *, among: Iterable[sa.ColumnElement[bool]], limit: int) -> Sequence[Topic]:
    """Topics with any word of `query`, those with the most of them first, then the newest."""
    stems = _stems(query)
    if not stems:
        return []
    hits = [Topic.words.contains(f" {stem}", autoescape=True) for stem in stems]
    number = sum((sa.case((hit, 1), else_=0) for hit in hits), sa.literal(0))
    return db.session.scalars(
        sa.select(Topic)
        .where(*among, _any(stems, hits))
        .order_by(number.desc(), Topic.created_at.desc(), Topic.id.desc())
        .limit(limit)
    ).all()


def _any(stems: Sequence[str], hits: Sequence[sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
    if db.session.get_bind().dialect.name != "postgresql":
        return sa.or_(*hits)
    query = " | ".join(f"{stem}:*" for stem in stems)
    vector = sa.func.to_tsvector(sa.literal_column("'simple'"), Topic.words)
    return vector.op("@@")(sa.func.to_tsquery(sa.literal_column("'simple'"), query))


def _stems(query: str) -> list[str]:
    """The beginnings of its longer words: English and Ukrainian words change at their ends."""
    common = COMMON.split()
    telling = (
        word
        for word in words_of(query).split()
        if len(word) >= FEWEST_LETTERS and word not in common
    )
    return list(dict.fromkeys(map(_stem, telling)))[:MOST_WORDS]


def _stem(word: str) -> str:
    return word if len(word) < 5 else word[: max(4, len(word) - 2)]
