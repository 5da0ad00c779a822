"""oEmbed 1.0 (oembed.com): which frame shows what is at an address, and how large.

The frame stands alone: WordPress keeps a quotation before it in sight and hides the frame until a
script in it speaks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from membership.articles.feeds import public
from membership.articles.feeds.entries import outcome_title
from membership.articles.feeds.public import address
from membership.extensions import settings
from membership.rounds import rounds
from membership.rounds.models import Round
from membership.topics.models import Topic

WIDTH = 600
AN_HOUR = 3600
FRAME = Markup(
    '<iframe src="{src}" width="{width}" height="{height}" title="{title}" '
    'frameborder="0" loading="lazy"></iframe>'
)


class NothingThere(LookupError):
    """No address of ours, or nothing that everybody may see."""


@dataclass(frozen=True)
class Framed:
    """What shows a page of ours in a frame, and how high it is at first."""

    endpoint: str
    height: int
    find: Callable[[str], Topic | Round | None]
    title: Callable[[Any], str] = attrgetter("title")


# By the endpoint of the page.
FRAMES = {
    "agenda.topic_page": Framed("frames.topic", 280, public.topic),
    "rounds.round_page": Framed("frames.round", 480, rounds.by_slug),
    "rounds.results_page": Framed("frames.results", 480, public.outcome, outcome_title),
}


def of(url: str, *, max_width: int | None, max_height: int | None) -> dict[str, Any]:
    """What a consumer is told of `url`. Raises NothingThere."""
    framed, slug = _looked_up(url)
    its = framed.find(slug)
    if its is None:
        raise NothingThere(url)
    title = framed.title(its)
    width = min(max_width or WIDTH, WIDTH)
    height = min(max_height or framed.height, framed.height)
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "author_name": settings.newsroom_name,
        "author_url": settings.site_url,
        "provider_name": settings.newsroom_name,
        "provider_url": settings.site_url,
        "cache_age": AN_HOUR,
        "width": width,
        "height": height,
        "html": FRAME.format(
            src=address(framed.endpoint, slug=slug), width=width, height=height, title=title
        ),
    }


def _looked_up(url: str) -> tuple[Framed, str]:
    """By the routes themselves, so that a page's address is known however it is written."""
    ours = urlsplit(settings.site_url)
    try:
        parts = urlsplit(url.strip())
        is_ours = parts.scheme in ("http", "https") and parts.netloc.lower() == ours.netloc.lower()
        if not is_ours or not parts.path.startswith(ours.path):
            raise NothingThere(url)
        routes = current_app.url_map.bind(ours.netloc)
        endpoint, values = routes.match(parts.path.removeprefix(ours.path), method="GET")
        return FRAMES[endpoint], values["slug"]
    except (HTTPException, KeyError, ValueError):
        raise NothingThere(url) from None
