"""What the address of the giving page asks for, to be found filled in."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request
from flask_login import current_user

from membership.books import tiers
from membership.books.models import LONGEST_SOURCE, Interval
from membership.extensions import settings
from membership.kept import filled_by

LONGEST = 200
LONGEST_AMOUNT = 20


@dataclass(frozen=True)
class Asked:
    """Of which there are few: a currency we take, how often, and whether an amount is named."""

    currency: str
    interval: Interval
    names_amount: bool


def asked() -> Asked:
    first = tiers.first_interval()
    if not request.query_string:
        return Asked(settings.currencies[0], first, names_amount=False)
    currency, interval = request.args.get("currency"), request.args.get("interval")
    return Asked(
        currency=currency if currency in settings.currencies else settings.currencies[0],
        interval=Interval(interval) if interval in tiers.intervals() else first,
        names_amount=bool(request.args.get("amount")),
    )


@filled_by("source")
def source() -> str:
    """The article that the reader comes from; cut short it would be another."""
    named = request.args.get("from", "")
    return named if len(named) <= LONGEST_SOURCE else ""


@filled_by("campaign")
def campaign() -> str:
    """The campaign that led here: the address's `utm_*`, written as a query."""
    named = [(name, value) for name, value in request.args.items() if name.startswith("utm_")]
    return urlencode(named)[:LONGEST]


@filled_by("referrer")
def referrer() -> str:
    """The page that led to the article, as a newsroom's own pages may say."""
    return request.args.get("referrer", "")[:LONGEST]


@filled_by("own_amount")
def own_amount() -> str:
    return request.args.get("amount", "")[:LONGEST_AMOUNT]


@filled_by("email")
def email() -> str:
    return str(current_user.email) if current_user.is_authenticated else ""
