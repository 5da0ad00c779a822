"""The feeds, in the language that their address names; without one it leads to the reader's."""

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue

from membership import kept, web
from membership.articles.feeds import atom as atoms
from membership.articles.feeds import json_feed
from membership.articles.feeds.entries import FEEDS, of, title_of
from membership.articles.feeds.public import address
from membership.articles.in_language import is_elsewhere, there

bp = Blueprint("feeds", __name__)
bp.add_app_template_global(address, "address")
bp.add_app_template_global(title_of, "feed_title")

A_MINUTE = 60
FEED = f"<any({', '.join(FEEDS)}):feed>"


@bp.after_request
def for_any_page(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.get(f"/feeds/<language>/{FEED}.atom")
@kept.for_everybody(unless=is_elsewhere, mimetype=atoms.TYPE, lasts=A_MINUTE)
def atom(language: str, feed: str) -> ResponseReturnValue:
    return there() or atoms.written(of(feed))


@bp.get(f"/feeds/<language>/{FEED}.json")
@kept.for_everybody(unless=is_elsewhere, mimetype=json_feed.TYPE, lasts=A_MINUTE)
def json(language: str, feed: str) -> ResponseReturnValue:
    return there() or json_feed.written(of(feed))


@bp.get(f"/{FEED}.<any(atom, json):kind>")
def in_readers_language(feed: str, kind: str) -> ResponseReturnValue:
    to = url_for(f"feeds.{kind}", language=web.language(), feed=feed)
    response = redirect(to, 307)
    response.headers["Vary"] = kept.BY_READER
    return response
