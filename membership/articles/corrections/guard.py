"""How many reports one reader makes, and how many new cases come before the editors in an hour.

Nobody is asked to prove that they are no machine. What comes in a flood is kept and held back: the
editors' list grows by so much in an hour and no more, whoever writes and from how many addresses.
"""

from datetime import timedelta
from ipaddress import ip_address, ip_network

import sqlalchemy as sa

from membership.articles.corrections.models import Correction, CorrectionReport
from membership.clock import clock
from membership.extensions import db, keyed_hash, settings
from membership.settings.current import rules

WINDOW = timedelta(hours=1)
MOST_LISTED = 60
"""New cases that come before the editors within an hour."""
MOST_LIFTED = 120
"""The same with those that were held back until a second reader reported them."""


class TooManyReports(Exception):
    """More in the last hour than a reader makes."""


def client_at(address: str | None) -> str:
    """A keyed hash of a network address: it tells two readers apart and names neither."""
    return keyed_hash(_network(address or ""))[:32]


def _network(address: str) -> str:
    """One machine has all of a /64 of IPv6 (RFC 6177), and one address of IPv4."""
    try:
        its = ip_address(address)
    except ValueError:
        return address
    return address if its.version == 4 else str(ip_network((its, 64), strict=False))


def check(client: str | None) -> None:
    """Raises TooManyReports."""
    if settings.rate_limits != "on" or client is None:
        return
    if _lately(CorrectionReport.client == client) >= rules.most_reports_by_client:
        raise TooManyReports


def may_be_told(email: str | None) -> str | None:
    """An address that was left, unless it was left again and again lately: nobody has proven that
    it is theirs, so it shuts nobody out.
    """
    if email is None or settings.rate_limits != "on":
        return email
    its = _lately(CorrectionReport.email == email)
    return email if its < rules.most_reports_by_client else None


def may_list() -> bool:
    """Whether a new case comes before the editors at once."""
    return _listed_lately() < MOST_LISTED


def may_lift() -> bool:
    """Whether one that was held back does."""
    return _listed_lately() < MOST_LIFTED


def _lately(whose: sa.ColumnElement[bool]) -> int:
    wanted = sa.select(sa.func.count(CorrectionReport.id))
    return db.session.scalar(wanted.where(whose, CorrectionReport.at > clock.now() - WINDOW)) or 0


def _listed_lately() -> int:
    wanted = sa.select(sa.func.count(Correction.id))
    return db.session.scalar(wanted.where(Correction.listed_at > clock.now() - WINDOW)) or 0
