"""A newsroom of which there is something to read: topics, a vote that is over, one that is open."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest

from membership.articles.corrections.models import Correction, Kind, State
from membership.clock import clock
from membership.extensions import db
from membership.rounds import planning, rounds
from membership.topics import proposals
from tests.factories import Newsroom
from tests.votes import Votes, at_noon, open_round

__all__ = ["at_noon", "open_round"]  # fixtures


ARTICLE = "https://slovo.example/2026/roads"


@pytest.fixture
def town(newsroom: Newsroom, open_round, at_noon) -> Newsroom:
    """Two of three voters wanted the roads, one the buses; parks and ponds are voted on now;
    a date was corrected."""
    members = newsroom.members(3)
    votes = open_round()
    votes.cast(members[0], "Roads")
    votes.cast(members[1], "Roads", "Buses")
    votes.close()
    clock.advance(timedelta(days=1))
    another_round(newsroom, "April round", "Parks", "Ponds").cast(members[0], "Ponds")
    newsroom.set(article_domains=["slovo.example"])
    corrected(newsroom)
    return newsroom


def another_round(newsroom: Newsroom, title: str, *topics: str) -> Votes:
    with newsroom.at_work():
        on_ballot = [proposals.suggest(its, f"Why {its}?", minutes=600) for its in topics]
        closes_at = clock.now() + timedelta(days=7)
        round = planning.prepare(title, on_ballot, budget=900, closes_at=closes_at)
        rounds.open(round)
        db.session.commit()
        return Votes(newsroom, round.slug)


def corrected(newsroom: Newsroom, number: int = 1, **texts: str) -> None:
    """A correction that everybody reads."""
    with newsroom.at_work():
        at = clock.now() + timedelta(seconds=number)
        row = {
            "code": f"code{number}",
            "article": ARTICLE,
            "article_title": "Where did the road money go?",
            "exact": "in 1897",
            "passage_key": "key",
            "said_key": "key",
            "words": "",
            "kind": Kind.fact,
            "state": State.noted,
            "first_at": at,
            "last_at": at,
            "decided_at": at,
            "was": "Built in 1897.",
            "now": "Built in 1879.",
        }
        db.session.add(Correction(**row | texts))
        db.session.commit()


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "]]><script>alert(1)</script><![CDATA[",
    "--><script>alert(1)</script>",
    "</title></textarea></style><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "{{ 7*7 }}${7*7}<%= 7*7 %>",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "\u202eevil\u202c \u05e9\u05dc\u05d5\u05dd \U0001f5f3\ufe0f \ufffe\x0b\x1b",
]
HARMLESS = {"a", "base", "body", "br", "h1", "head", "html", "iframe", "li", "link", "main", "meta"}
HARMLESS |= {"ol", "p", "script", "strong", "title", "ul"}


class Elements(HTMLParser):
    """Every element of a page or a piece of one, with its attributes, and all its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def check_harmless(html: str) -> Elements:
    """Nothing that runs, or leads elsewhere than to pages, is in it."""
    its = Elements(html)
    for tag, attributes in its.found:
        assert tag in HARMLESS, html
        assert not any(name.startswith("on") or name in ("style", "srcdoc") for name in attributes)
        for name in ("href", "src"):
            if name in attributes:
                assert (attributes[name] or "").startswith(("http://", "https://", "/static/"))
        if tag == "script":
            assert (attributes["src"] or "").startswith("/static/")
    return its
