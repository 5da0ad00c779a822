"""Which articles have anything of their own to be told: a story that patrons chose, corrections.

Known of all of them at once, and read anew as pages are: so all other articles share one answer,
and an address that a stranger makes up asks the database nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

from flask import Flask, current_app

from membership.articles.corrections import published
from membership.kept import Latest, Made
from membership.topics import stories


class Own(NamedTuple):
    """The article's address if something was corrected in it, the topic it is the story of, and
    whether it is an article of ours at all.
    """

    corrected: str | None
    topic_id: int | None
    is_ours: bool


class Known(NamedTuple):
    corrected: frozenset[str]
    stories: dict[str, int]
    made: Made


def init_app(app: Flask) -> None:
    app.extensions["articles_own"] = Latest[Known]()


def of(addresses: Sequence[str]) -> Own:
    """Of the article at these addresses, as `settings/articles.py` spells them: its own, then those
    of its translations.
    """
    known = _known()
    own = addresses[0].rstrip("/") if addresses else ""
    is_corrected = not known.corrected.isdisjoint(published.spellings(own))
    spelt = {one for address in addresses for one in stories.spellings(address)}
    topics = [known.stories[one] for one in spelt & known.stories.keys()]
    return Own(own if is_corrected else None, max(topics, default=None), bool(addresses))


def _known() -> Known:
    latest: Latest[Known] = current_app.extensions["articles_own"]
    known = latest.get(Known)
    if known is None or not known.made.is_fresh:
        made = Made.now()
        known = Known(published.articles(), stories.by_link(), made)
        latest.keep(Known, known)
    return known
