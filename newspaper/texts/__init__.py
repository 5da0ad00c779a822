"""What the newspaper says: a folder for each language, with its words and its articles."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
LANGUAGES = ("en", "uk", "pl")
SLUGS = ("who-is-cutting-down-the-old-limes", "road-money", "last-bus", "cold-flats")
"""As they stand on the front page; the first leads it."""


@dataclass(frozen=True)
class Article:
    slug: str
    section: str
    title: str
    lead: str
    by: str
    days_ago: int
    picture: str
    text: str

    @property
    def paragraphs(self) -> Sequence[str]:
        return [" ".join(its.split("\n")) for its in self.text.strip().split("\n\n")]


@dataclass(frozen=True)
class Texts:
    """The paper in one language."""

    language: str
    words: Mapping[str, str]
    months: Sequence[str]
    articles: Sequence[Article]

    def in_words(self, day: date) -> str:
        """A day as this language writes it: "3 March 2026"."""
        return self.words["day"].format(
            day=day.day, month=self.months[day.month - 1], year=day.year
        )


def read(language: str) -> Texts:
    words = tomllib.loads((HERE / language / "words.toml").read_text())
    articles = [
        Article(slug=slug, **tomllib.loads((HERE / language / f"{slug}.toml").read_text()))
        for slug in SLUGS
    ]
    return Texts(language, words, words.pop("months"), articles)
