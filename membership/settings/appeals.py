"""What a newsroom asks readers for under an article: one appeal, and others by name.

Named ones are for a section or a campaign; a newsroom says in `appeals` which there are. What they
do not word is as the first has it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from flask import current_app

from membership.settings import current, words

HEADLINE, TEXT = "headline", "text"
FIRST = ""


class Appeal(NamedTuple):
    """In one language, filled in: a line of plain text, and HTML."""

    headline: str
    text: str


def own(name: str) -> Mapping[str, Mapping[str, str]]:
    """What the newsroom wrote for a named one, by language and part."""
    return current.of(current_app).appeals.get(name, {})


def default(code: str) -> dict[str, str]:
    """What one that says nothing of its own says in a language, by part, as it was typed."""
    return {
        HEADLINE: words.source(words.ARTICLE_HEADLINE, code),
        TEXT: words.source(words.ARTICLE, code),
    }


def every(code: str) -> dict[str, Appeal]:
    """In a language, by their names; the first has none."""
    first = default(code)
    named = {name: first | dict(own(name).get(code, {})) for name in current.rules.appeals}
    return {
        name: Appeal(words.filled(its[HEADLINE]), words.rendered(its[TEXT]))
        for name, its in ({FIRST: first} | named).items()
    }
