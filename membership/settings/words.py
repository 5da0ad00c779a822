"""What the newsroom says of itself: in its own words, where it has none in those that come along.

Markdown (commonmark.org), in each language by itself. FILLED_IN says what is filled in.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache, partial
from urllib.parse import quote

import nh3
from flask import Flask, current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup, escape

from membership.extensions import settings
from membership.settings import current
from membership.web import language

HEADLINE, GOAL, CONSENT, COLOPHON = "headline", "goal", "consent", "colophon"
APPEAL, PROMISES, THANKS, OTHER_WAYS = "appeal", "promises", "thanks", "other_ways"
ARTICLE_HEADLINE, ARTICLE = "article_headline", "article"
BLOCKED, QUOTING = "blocked", "quoting"
CORRECTIONS = "corrections"
LINES = (HEADLINE, ARTICLE_HEADLINE, GOAL, CONSENT, COLOPHON)
"""Without Markdown: one line of plain text."""

DEFAULTS = {
    HEADLINE: _l("Journalism that answers to its readers"),
    APPEAL: _l(
        "{newsroom} is free to read, for everybody, always. For as little as a cup of coffee a "
        "month you keep it so, become a co-creator, and vote on what we cover next."
    ),
    PROMISES: _l(
        "## What you decide, and what you don’t\n\n"
        "- Every patron has one vote on the next topics, whatever the amount.\n"
        "- The count is public: anybody can run it again and get the same winners.\n"
        "- Nobody buys coverage. How a story turns out is up to the facts and our editors."
    ),
    THANKS: _l("It keeps our reporting free for everybody."),
    OTHER_WAYS: _l(
        "Money is one way. These help as much.\n\n"
        "**Tell somebody.** Send one article to one person who would want to know.\n\n"
        "**Tell us.** What should we look into, and who could talk to us? Write to "
        "[{contact}](mailto:{contact}).\n\n"
        "**Correct us.** A mistake that a reader points out is a mistake we can mend."
    ),
    ARTICLE_HEADLINE: _l("Our reporting is free because readers pay for it"),
    ARTICLE: _l(
        "For as little as a cup of coffee a month you keep it so, become a co-creator, and vote on "
        "what we cover next."
    ),
    BLOCKED: _l(
        "**You block advertisements. That is all right:** nothing is held back from you here.\n\n"
        "They pay for a part of our work, though. If you would rather do without them and still "
        "read us, become a patron."
    ),
    QUOTING: _l(
        "You may quote up to {most_quoted} characters of this article, if a link to it stands "
        "beside them. Write to [{contact}](mailto:{contact}) to use more."
    ),
    CORRECTIONS: _l(
        "{newsroom} makes mistakes, and mends them where they stand.\n\n"
        "- A slip of the pen is mended silently.\n"
        "- A wrong fact is corrected in the article and listed here, with what it said before.\n"
        "- Who points something out reads on a page of its own what became of it, and why.\n\n"
        "Tell us here, in an article by selecting the passage and pressing Ctrl+Enter, or write to "
        "[{contact}](mailto:{contact})."
    ),
    GOAL: _l("What we want to reach together"),
    CONSENT: _l("Write to me now and then about what patrons made possible."),
    COLOPHON: _l(
        "{newsroom} is free for everybody. Patrons pay for it; nobody can buy what it says."
    ),
}
FILLED_IN: dict[str, Callable[[], str]] = {
    "newsroom": lambda: settings.newsroom_name,
    "contact": lambda: settings.newsroom_contact,
    "most_quoted": lambda: str(current.of(current_app).rules.most_quoted),
}

TAGS = {"a", "blockquote", "br", "em", "h2", "h3", "li", "ol", "p", "strong", "ul"}
SCHEMES = {"http", "https", "mailto", "tel"}
IN_BRACES = re.compile(r"\{(\w*)\}")
IN_BRACES_OF_ADDRESS = re.compile(r"%7B(\w*)%7D")
EMPTY = re.compile(r"<p>\s*</p>\n?")
Facts = Mapping[str, str]
NONE: Facts = {}


def _below_the_page(state: StateCore) -> None:
    """The page has its own first heading."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h2" if token.tag in ("h1", "h2") else "h3"


MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["image", "code", "fence"])
MARKDOWN.core.ruler.push("below_the_page", _below_the_page)


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(own_line=line, own_words=html)


def own(name: str) -> Mapping[str, str]:
    """What the newsroom wrote itself, by language."""
    return current.of(current_app).words.get(name, {})


def default(name: str, code: str) -> str:
    """What comes along, in a language; in English where it comes along in no other."""
    with force_locale(code):
        return str(DEFAULTS[name])


def line(name: str) -> str:
    """One of LINES in the reader's language."""
    return filled(_source(name))


def filled(source: str, facts: Facts = NONE) -> str:
    """Plain text, filled in with `facts` beside what can be filled in everywhere."""
    return _fill(source, facts, IN_BRACES, str)


def html(name: str) -> Markup:
    """Another text in the reader's language, as HTML."""
    return rendered(_source(name))


def rendered(source: str, facts: Facts = NONE) -> Markup:
    """Markdown as HTML of TAGS alone, filled in: in texts as HTML, in addresses as such.

    A paragraph in which nothing is left is left out.
    """
    html = _fill(_cleaned(source), facts, IN_BRACES, escape)
    html = _fill(html, facts, IN_BRACES_OF_ADDRESS, partial(quote, safe="@"))
    return Markup(EMPTY.sub("", html))  # noqa: S704


def unknown(source: str, facts: Collection[str] = ()) -> list[str]:
    """What stands in braces and cannot be filled in."""
    known = {*FILLED_IN, *facts}
    return [name for name in IN_BRACES.findall(source) if name not in known]


def source(name: str, code: str) -> str:
    """A text in a language, as it was typed or comes along."""
    return own(name).get(code) or default(name, code)


def _source(name: str) -> str:
    return source(name, language())


@lru_cache(maxsize=256)
def _cleaned(source: str) -> str:
    return nh3.clean(
        MARKDOWN.render(source), tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES
    )


def _fill(text: str, facts: Facts, braces: re.Pattern[str], say: Callable[[str], str]) -> str:
    def told(found: re.Match[str]) -> str:
        name = found[1]
        if name in facts:
            return str(say(facts[name]))
        return str(say(FILLED_IN[name]())) if name in FILLED_IN else found[0]

    return braces.sub(told, text)
