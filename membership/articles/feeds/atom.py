"""Feeds in Atom (RFC 4287).

Elements have their namespace from an attribute of the root: ElementTree keeps the prefixes of
namespaces for the whole process, where whoever registers another default takes ours away.
"""

import re
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from membership.articles.feeds.entries import Entry, Feed

TYPE = "application/atom+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
# What XML 1.0 cannot have, not even escaped (www.w3.org/TR/xml/#charsets).
IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(feed: Feed) -> str:
    root = Element("feed", {"xmlns": NAMESPACE, "xml:lang": feed.language})
    _element(root, "id", feed.here["atom"])
    _element(root, "title", feed.title)
    _element(root, "updated", _moment(feed.updated))
    _element(root, "link", rel="self", type=TYPE, href=feed.here["atom"])
    _element(root, "link", rel="alternate", type="text/html", href=feed.page)
    _author(root, feed)
    for entry in feed.entries:
        _entry(root, entry, feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode")


def _entry(root: Element, entry: Entry, feed: Feed) -> None:
    its = _element(root, "entry")
    _element(its, "id", entry.address)
    _element(its, "title", entry.title)
    _element(its, "updated", _moment(entry.updated))
    _element(its, "published", _moment(entry.published))
    _element(its, "link", rel="alternate", type="text/html", href=entry.address)
    _author(its, feed)
    _element(its, "summary", entry.summary)
    _element(its, "content", entry.html, type="html")


def _author(root: Element, feed: Feed) -> None:
    author = _element(root, "author")
    _element(author, "name", feed.author)
    _element(author, "uri", feed.site)


def _element(root: Element, name: str, text: str = "", **attributes: str) -> Element:
    its = SubElement(root, name, attributes)
    its.text = IMPOSSIBLE.sub("\ufffd", text) or None
    return its


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
