"""What the first page of the desk tells: what needs somebody, the month so far, and what came in.

A fixed number of queries, however many supporters there are: counts are read from daily sums.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.orm import joinedload

from config import Mode
from membership.books import disputes
from membership.books.models import Dispute
from membership.clock import clock
from membership.days import today
from membership.extensions import db
from membership.figures import money, movements, supporters
from membership.figures.money import Received
from membership.figures.movements import Moved
from membership.figures.spans import A_DAY, By, Span
from membership.figures.supporters import Supported
from membership.figures.totals import BEFORE, totals
from membership.history import dues, recoveries
from membership.history.models import DueKind, Outcome
from membership.history.sums import NOTHING, Total
from membership.inbox.models import StripeEvent
from membership.mail.models import MailState, OutgoingMail
from membership.rounds import rounds
from membership.rounds.models import Round
from membership.topics import moderation

LATEST = 10
DISPUTES = 5
SOON = timedelta(days=30)
A_MONTH = relativedelta(months=1)
MONTHS = 12


@dataclass(frozen=True)
class Needs:
    """What waits for somebody. Renewals that fail and cards that expire soon by currency, with
    what they bill or what is given by the month; the rest are counts."""

    failing: dict[str, Total]
    disputes: Sequence[Dispute]
    proposals: int
    round: Round | None
    expiring: dict[str, Total]
    twice: int
    stuck: int
    undelivered: int

    def __bool__(self) -> bool:
        return any((self.failing, self.disputes, self.proposals, self.round, self.expiring)) or any(
            (self.twice, self.stuck, self.undelivered)
        )


@dataclass(frozen=True)
class Month:
    """The month so far, and the same days of the one before it."""

    days: Span
    same_days: Span
    supported: Supported
    supported_before: Supported
    moved: dict[str, tuple[Moved, Moved]]
    received: dict[str, tuple[Received | None, Received | None]]


def needs(mode: Mode) -> Needs:
    """In seven queries."""
    wanted = disputes.unanswered(mode).options(joinedload(Dispute.person)).limit(DISPUTES)
    return Needs(
        failing=failing(mode),
        disputes=db.session.scalars(wanted).all(),
        proposals=moderation.unread(),
        round=rounds.current(),
        expiring=_expiring(mode),
        twice=sum(total.times for total in _up_to_now(mode, dues.FIGURES[DueKind.second]).values()),
        stuck=_count(sa.select(StripeEvent.id).where(StripeEvent.applied_at.is_(None))),
        undelivered=_count(
            sa.select(OutgoingMail.id).where(
                OutgoingMail.state == MailState.failed,
                OutgoingMail.created_at > clock.now() - SOON,
            )
        ),
    )


def failing(mode: Mode) -> dict[str, Total]:
    """Renewals in recovery by currency; one query."""
    still: dict[str, Total] = {}
    figures = {figure: outcome for outcome, figure in recoveries.FIGURES.items()}
    for key, total in totals(mode, figures, [Span(today(), today())]).items():
        sign = 1 if figures[key.figure] is Outcome.failed else -1
        still[key.currency] = still.get(key.currency, NOTHING).plus(total, sign)
    return {currency: total for currency, total in sorted(still.items()) if total.times > 0}


def month(mode: Mode) -> Month:
    """In four queries."""
    days = Span(today().replace(day=1), today())
    start = days.first - A_MONTH
    end = min(start + (days.last - days.first), days.first - A_DAY)
    same_days = Span(start, end)
    spans = [same_days, *_between(end, days.first), days]
    supported = supporters.supported(mode, spans)
    return Month(
        days=days,
        same_days=same_days,
        supported=supported[-1],
        supported_before=supported[0],
        moved={code: (its[-1], its[0]) for code, its in movements.moved(mode, spans).items()},
        received={code: (its[-1], its[0]) for code, its in money.received(mode, spans).items()},
    )


def year(mode: Mode) -> tuple[list[Span], dict[str, list[Moved]]]:
    """The last twelve months and how MRR moved in them, by currency, most givers first."""
    since = today().replace(day=1) - relativedelta(months=MONTHS - 1)
    spans = Span(since, today()).cut(By.month)
    moved = movements.moved(mode, spans)
    return spans, dict(sorted(moved.items(), key=lambda pair: -pair[1][-1].closing.people))


def _between(end: date, first: date) -> list[Span]:
    """The days between the two spans that are compared, if there are any."""
    return [Span(end + A_DAY, first - A_DAY)] if end + A_DAY < first else []


def _expiring(mode: Mode) -> dict[str, Total]:
    soon = [Span(today(), today() + SOON)]
    found: dict[str, Total] = {}
    for key, total in totals(mode, [dues.FIGURES[DueKind.card]], soon, by=dues.EVERY).items():
        if key.part != BEFORE:
            found[key.currency] = found.get(key.currency, NOTHING).plus(total)
    return dict(sorted(found.items()))


def _up_to_now(mode: Mode, figure: str) -> dict[str, Total]:
    found: dict[str, Total] = {}
    for key, total in totals(mode, [figure], [Span(today(), today())], by=dues.EVERY).items():
        found[key.currency] = found.get(key.currency, NOTHING).plus(total)
    return found


def _count(wanted: sa.Select[int] | sa.Select[str]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
