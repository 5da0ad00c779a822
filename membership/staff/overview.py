"""What the first page of the desk tells: what needs somebody, the month so far, and what came in.

A fixed number of queries, however many supporters there are: counts are read from daily sums.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta

from config import Mode
from membership.articles.corrections import figures as corrections
from membership.articles.corrections.figures import Waiting
from membership.books import disputes
from membership.books.models import Dispute
from membership.clock import clock
from membership.days import today
from membership.extensions import db
from membership.figures import money, movements, recovery, supporters
from membership.figures.money import Received
from membership.figures.movements import Moved
from membership.figures.spans import A_DAY, By, Span
from membership.figures.supporters import Supported
from membership.figures.totals import by_value, totals
from membership.history import dues
from membership.history.models import DueKind
from membership.history.sums import Total, added
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
    corrections: Waiting
    round: Round | None
    expiring: dict[str, Total]
    twice: int
    stuck: int
    undelivered: int

    def __bool__(self) -> bool:
        return any((self.failing, self.disputes, self.proposals, self.round, self.expiring)) or any(
            (self.corrections, self.twice, self.stuck, self.undelivered)
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

    def __bool__(self) -> bool:
        both = self.supported, self.supported_before
        has_support = any(one.closing or any(map(any, one.by_move.values())) for one in both)
        return has_support or bool(self.moved or self.received)


def needs(mode: Mode) -> Needs:
    """In eight queries."""
    wanted = disputes.unanswered(mode).limit(DISPUTES)
    return Needs(
        failing=recovery.in_recovery(mode),
        disputes=db.session.scalars(wanted).all(),
        proposals=moderation.unread(),
        corrections=corrections.waiting(),
        round=rounds.current(),
        expiring=_expiring(mode),
        twice=_giving_twice(mode),
        stuck=_count(sa.select(StripeEvent.id).where(StripeEvent.applied_at.is_(None))),
        undelivered=_count(
            sa.select(OutgoingMail.id).where(
                OutgoingMail.state == MailState.failed,
                OutgoingMail.created_at > clock.now() - SOON,
            )
        ),
    )


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
    soon = Span(today(), today() + SOON)
    found = by_value(mode, [dues.FIGURES[DueKind.card]], soon, by=dues.EVERY)
    return {currency: added(values.values()) for currency, values in sorted(found.items())}


def _giving_twice(mode: Mode) -> int:
    """All of them up to now, whatever they give and how often."""
    now, figures = [Span(today(), today())], [dues.FIGURES[DueKind.second]]
    return added(totals(mode, figures, now, by=dues.EVERY).values()).times


def _count(wanted: sa.Select[int] | sa.Select[str]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
