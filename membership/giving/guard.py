"""Against people who try stolen cards here: how many tries are too many, and from whom.

Counted in the database, where every web process sees the same. An address of the network is
kept as a keyed hash only: it tells two visitors apart and names neither.
"""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

from membership.books import tiers
from membership.books.models import Donation
from membership.clock import clock
from membership.extensions import db, keyed_hash, settings
from membership.money import Money
from membership.settings.current import rules

WINDOW = timedelta(hours=1)
# Stolen cards are tried with the least sums there are.
SMALL = 2
FORM_LASTS = timedelta(days=2)


class TooManyTries(Exception):
    """More unpaid tries in the last hour than a person makes."""


class TooFast(Exception):
    """The form was sent sooner than a person can fill it in, or was never shown."""


@dataclass(frozen=True)
class Caller:
    """Who is asking: a keyed hash of the network address, and this browser's own number."""

    client: str | None = None
    visitor: str | None = None

    @classmethod
    def at(cls, address: str | None, visitor: str | None) -> "Caller":
        return cls(client=keyed_hash(address or "")[:32], visitor=visitor)


NOBODY = Caller()


def tries(caller: Caller, email: str, money: Money) -> int:
    """How many unpaid tries this caller made in the last hour. Raises TooManyTries."""
    by_client = _unpaid(Donation.client == caller.client) if caller.client else 0
    by_visitor = _unpaid(Donation.visitor == caller.visitor) if caller.visitor else 0
    by_email = _unpaid(Donation.email == email)
    small = tiers.smallest(money.currency).amount * SMALL
    by_small = (
        _unpaid(
            Donation.client == caller.client,
            Donation.currency == money.currency,
            Donation.amount <= small,
        )
        if caller.client and money.amount <= small
        else 0
    )
    if settings.rate_limits == "on" and (
        by_client >= rules.most_unpaid_by_client
        or by_visitor >= rules.most_unpaid_by_visitor
        or by_email >= rules.most_unpaid_by_email
        or by_small >= rules.most_small_by_client
    ):
        raise TooManyTries
    return max(by_client, by_visitor, by_email)


def token(attempt: str) -> str:
    """Says that the form of `attempt` was shown now; sent back with it."""
    return _signer().sign(attempt).decode()


def check_delay(attempt: str, token: str) -> None:
    """With CHECKOUT_DELAY set, only a form that was on the screen for so long is taken.

    Raises TooFast.
    """
    delay = settings.checkout_delay
    if not delay:
        return
    try:
        value, shown_at = _signer().unsign(
            token, max_age=int(FORM_LASTS.total_seconds()), return_timestamp=True
        )
    except (BadSignature, SignatureExpired):
        raise TooFast from None
    if value.decode() != attempt or clock.now() - shown_at < timedelta(seconds=delay):
        raise TooFast


class _Signer(TimestampSigner):
    """Signs with the newsroom's time."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def _signer() -> _Signer:
    return _Signer(settings.signing_key, salt="giving-form")


def _unpaid(*conditions: sa.ColumnElement[bool]) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(
                Donation.created_at > clock.now() - WINDOW, Donation.paid_at.is_(None), *conditions
            )
        )
        or 0
    )
