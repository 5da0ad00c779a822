"""Feeds in JSON Feed 1.1 (jsonfeed.org)."""

from datetime import datetime

from flask import json

from membership.articles.feeds.entries import Entry, Feed

TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"


def written(feed: Feed) -> str:
    authors = [{"name": feed.author, "url": feed.site}]
    return json.dumps(
        {
            "version": VERSION,
            "title": feed.title,
            "home_page_url": feed.page,
            "feed_url": feed.here["json"],
            "language": feed.language,
            "authors": authors,
            "items": [_item(entry) | {"authors": authors} for entry in feed.entries],
        }
    )


def _item(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.address,
        "url": entry.address,
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.html,
        "date_published": _moment(entry.published),
        "date_modified": _moment(entry.updated),
    }


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
