"""What the elements on an article are told: of the newsroom, and of that article.

Plain data, in the language at hand: texts and lists, no HTML (`nodes.py`).
"""

from functools import lru_cache
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from flask import url_for
from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _

from membership.articles.corrections import published
from membership.articles.corrections.published import Published
from membership.articles.elements.element_words import element_words
from membership.articles.elements.nodes import nodes
from membership.articles.elements.own import Own
from membership.books import tiers
from membership.books.models import Interval
from membership.extensions import settings
from membership.figures import carried, goal
from membership.giving.forms import NAMES
from membership.money import Money
from membership.rounds import choices, rounds
from membership.settings import appeals, words
from membership.settings.current import rules
from membership.topics import stories
from membership.topics.models import Topic
from membership.web import day, from_now, language, number, tag

Told = dict[str, Any]
SUGGESTED = 3
ON_ACCENT, ON_ACCENT_DARK = "#ffffff", "#14161c"  # as hromada.css has them


def of_newsroom() -> Told:
    """The same on every article: appeals, amounts, the goal, the vote; minor units nowhere."""
    code = language()
    return {
        "name": settings.newsroom_name,
        "language": tag(code),
        "accent": settings.newsroom_accent,
        "accent_dark": settings.newsroom_accent_dark,
        "on_accent": ON_ACCENT,
        "on_accent_dark": ON_ACCENT_DARK,
        "words": element_words(),
        "appeals": {
            name: {"headline": its.headline, "text": nodes(its.text)}
            for name, its in appeals.every(code).items()
        },
        "amounts": {currency: _amounts(currency) for currency in settings.currencies},
        "first": settings.currencies[0],
        "often": str(NAMES[tiers.first_interval()]),
        "regions": _regions(settings.currencies),
        "goal": _goal(),
        "carried": _carried(),
        "blocked": nodes(words.html(words.BLOCKED)),
        "quoting": nodes(words.html(words.QUOTING)),
        "most_quoted": rules.most_quoted,
        "round": _round(),
    }


def of_article(own: Own) -> Told:
    topic = stories.published(own.topic_id) if own.topic_id else None
    corrected = published.of_article(own.corrected) if own.corrected else ()
    return {
        "topic": _topic(topic) if topic else None,
        "corrections": [_correction(its) for its in corrected],
        "ours": own.is_ours,
    }


def _amounts(currency: str) -> list[Told]:
    """What the giving page has first, as links to it filled in."""
    interval = tiers.first_interval()
    rows = tiers.suggestions(currency)[interval][:SUGGESTED]
    return [_amount(row.money, interval) for row in rows]


def _amount(money: Money, interval: Interval) -> Told:
    return {
        "sum": money.format(_locale()),
        "said": _giving(money.format(_locale()), interval),
        "asks": {"amount": money.plain, "interval": interval.value},
    }


def _giving(money: str, interval: Interval) -> str:
    if interval is Interval.month:
        return str(_("%(money)s a month", money=money))
    if interval is Interval.year:
        return str(_("%(money)s a year", money=money))
    return str(_("%(money)s once", money=money))


@lru_cache(maxsize=10)
def _regions(currencies: tuple[str, ...]) -> dict[str, str]:
    """Which of these currencies is paid with where, by the code of the territory (Unicode CLDR)."""
    found = {}
    for place in get_global("territory_currencies"):
        its = [code.lower() for code in get_territory_currencies(place)]
        if its and its[0] in currencies:
            found[place] = its[0]
    return found


def _locale() -> Locale:
    return get_locale() or Locale.parse(settings.languages[0])


def _goal() -> Told | None:
    its = goal.standing()
    if its is None:
        return None
    if its.money and its.sum:
        sums = {"reached": its.money.format(_locale()), "sum": its.sum.format(_locale())}
        said = _("%(reached)s of %(sum)s", **sums)
    else:
        said = ngettext(
            "%(reached)s of %(whole)s patron",
            "%(reached)s of %(whole)s patrons",
            its.goal.number,
            reached=number(its.reached),
            whole=number(its.goal.number),
        )
    last = _("until %(last)s", last=day(its.goal.last))
    return {
        "headline": words.line(words.GOAL),
        "said": f"{said}, {last}",
        "shown": its.shown,
        "number": its.goal.number,
    }


def _carried() -> str | None:
    patrons = carried.patrons()
    if patrons < 1:
        return None
    return str(
        ngettext(
            "%(patrons)s patron carries our work.",
            "%(patrons)s patrons carry our work.",
            patrons,
            patrons=number(patrons),
        )
    )


def _round() -> Told | None:
    round = rounds.current()
    if round is None:
        return None
    said = _("closes %(when)s", when=from_now(round.closes_at))
    path = url_for("rounds.round_page", slug=round.slug).lstrip("/")
    return {"title": round.title, "said": said, "path": path}


def _correction(its: Published) -> Told:
    return {"day": day(its.at), "was": its.was, "now": its.now}


def _topic(topic: Topic) -> Told:
    choice = choices.of_topic(topic)
    said = _("Patrons asked for this story")
    if choice is not None:
        said = ngettext(
            "%(patrons)s patron asked for this on %(day)s",
            "%(patrons)s patrons asked for this on %(day)s",
            choice.approvals,
            patrons=number(choice.approvals),
            day=format_date(choice.at, "d MMMM y"),
        )
    return {
        "said": said,
        "path": url_for("agenda.topic_page", slug=topic.slug).lstrip("/"),
        "outcome": url_for("rounds.results_page", slug=choice.slug).lstrip("/") if choice else None,
        "related": [{"title": one.title, "link": one.link} for one in stories.related(topic)],
    }
