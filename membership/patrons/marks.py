"""What tells the newsroom's own articles that a reader is a patron, and names nobody.

A mark says until which day it is good, and nothing else: all who get one on a day get the same. It
is handed to an article in the fragment of its address, which browsers send to nobody.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from flask import Flask
from itsdangerous import BadSignature, URLSafeSerializer

from membership import days
from membership.extensions import settings
from membership.patrons import memberships
from membership.patrons.models import Person
from membership.settings.articles import NotOurs, ours

DAYS = 30
NAME = "hromada"


def init_app(app: Flask) -> None:
    app.jinja_env.filters["marked"] = marked


def marked(address: str | None) -> str | None:
    """The address of an article of ours that takes a patron back to it; None for any other."""
    try:
        its = ours(address or "")
    except NotOurs:
        return None
    last = days.today() + timedelta(days=DAYS)
    return f"{its}#{NAME}={_signer().dumps(last.isoformat())}"


def for_reader(address: str | None, reader: Person | None) -> str | None:
    """The address as it is, or for a member the one that tells the article so; one query."""
    return each_for_reader([address], reader).get(address or "")


def each_for_reader(addresses: Iterable[str | None], reader: Person | None) -> dict[str, str]:
    """The same of several, by what each is as it is; one query."""
    found = {address: address for address in addresses if address}
    if found and reader is not None and memberships.is_member(reader):
        return {address: marked(address) or address for address in found}
    return found


def days_left(mark: str) -> int:
    """For how many days more a mark is good; 0 for one that is not, or is none of ours."""
    try:
        last = date.fromisoformat(_signer().loads(mark))
    except (BadSignature, TypeError, ValueError):
        return 0
    return min(max((last - days.today()).days, 0), DAYS)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings.signing_key, salt="article-mark")
