"""What each feed has: its entries, the newest first, in the language at hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from membership.articles.corrections import published
from membership.articles.corrections.published import Published
from membership.articles.feeds import public
from membership.extensions import settings
from membership.rounds import results, roll
from membership.rounds.models import Round
from membership.topics.models import Topic
from membership.web import language, tag

MOST = 50
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """`address` is its page's, and names it: it is the same in every language, and stays."""

    address: str
    title: str
    summary: str
    html: str
    published: datetime
    updated: datetime


@dataclass(frozen=True)
class Feed:
    """`page` is what a browser shows of the same; `here` are this feed's addresses, by kind."""

    title: str
    page: str
    here: dict[str, str]
    language: str
    author: str
    site: str
    entries: Sequence[Entry]

    @property
    def updated(self) -> datetime:
        """Of an empty one some time, which must be the same whenever one asks."""
        return max((entry.updated for entry in self.entries), default=NEVER)


def of(name: str) -> Feed:
    """The one of that name in FEEDS; a fixed number of queries."""
    title, page, entries = FEEDS[name]
    code = language()
    kinds = ("atom", "json")
    return Feed(
        title=f"{settings.newsroom_name}: {title}",
        page=public.address(page),
        here={kind: public.address(f"feeds.{kind}", language=code, feed=name) for kind in kinds},
        language=tag(code),
        author=settings.newsroom_name,
        site=settings.site_url,
        entries=entries(),
    )


def title_of(name: str) -> str:
    return str(FEEDS[name][0])


def topic_html(topic: Topic) -> str:
    """Why it matters, and what became of it."""
    return render_template(
        "articles/feeds/_topic.html",
        topic=topic,
        links=public.links(topic.links),
        story=next(iter(public.links([topic.link or ""])), None),
        into=public.merged_into(topic),
    )


def round_html(round: Round) -> str:
    """What is on the ballot, and until when; nothing of how the vote stands."""
    return render_template("articles/feeds/_round.html", round=round)


def outcome_title(round: Round) -> str:
    return str(_("%(round)s: the outcome", round=round.title))


def outcome_html(round: Round, turnout: roll.Turnout) -> str:
    """What was chosen, and why."""
    outcome = results.of(round)
    return render_template(
        "articles/feeds/_outcome.html", round=round, outcome=outcome, turnout=turnout
    )


def _topics() -> list[Entry]:
    return [
        Entry(
            address=public.address("agenda.topic_page", slug=topic.slug),
            title=topic.title,
            summary=topic.why,
            html=topic_html(topic),
            published=topic.created_at,
            updated=max(step.at for step in topic.steps),
        )
        for topic in public.topics_with_news(MOST)
    ]


def _rounds() -> list[Entry]:
    return [_open(round, opened_at=round.opened_at or NEVER) for round in public.open_now(MOST)]


def _open(round: Round, *, opened_at: datetime) -> Entry:
    withdrawn = [entry.withdrawn_at for entry in round.entries if entry.withdrawn_at]
    return Entry(
        address=public.address("rounds.round_page", slug=round.slug),
        title=round.title,
        summary=_listed([entry.title for entry in round.ballot]),
        html=round_html(round),
        published=opened_at,
        updated=max([opened_at, *withdrawn]),
    )


def _outcomes() -> list[Entry]:
    found = public.outcomes(MOST)
    turnouts = roll.turnouts(found)
    return [
        Entry(
            address=public.address("rounds.results_page", slug=round.slug),
            title=outcome_title(round),
            summary=_listed([entry.title for entry in round.chosen]) or _("Nothing was chosen."),
            html=outcome_html(round, turnouts[round.id]),
            published=round.closed_at or NEVER,
            updated=round.closed_at or NEVER,
        )
        for round in found
    ]


def _corrections() -> list[Entry]:
    return [
        Entry(
            address=correction_address(its),
            title=its.title or its.article,
            summary=its.now,
            html=render_template("articles/feeds/_correction.html", its=its),
            published=its.at,
            updated=its.at,
        )
        for its in published.latest(MOST)
    ]


def correction_address(its: Published) -> str:
    """Where everybody reads it, with all that was corrected in its article."""
    return public.address("corrections.index", article=its.article, _anchor=its.code)


def _listed(titles: list[str]) -> str:
    return " · ".join(titles)


# By name: what it is called, the page that shows the same, and its entries.
FEEDS: dict[str, tuple[object, str, Callable[[], list[Entry]]]] = {
    "topics": (_l("Topics"), "agenda.index", _topics),
    "rounds": (_l("Open votes"), "agenda.index", _rounds),
    "outcomes": (_l("What patrons chose"), "agenda.index", _outcomes),
    "corrections": (_l("Corrections"), "corrections.index", _corrections),
}
