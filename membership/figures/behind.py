"""The people behind a number: the lists that the pages of figures lead to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from config import Mode
from membership.extensions import Model
from membership.figures import coming
from membership.figures.spans import Span
from membership.history.models import (
    Due,
    DueKind,
    Origin,
    Outcome,
    Recovery,
    SupporterChange,
    SupporterMove,
)
from membership.history.recoveries import UNKNOWN
from membership.listing import Listing
from membership.patrons.models import Person

WHO = (Person.id.label("person_id"), Person.name, Person.email)

Narrowed = Mapping[str, str]

NARROWED: dict[str, dict[str, sa.ColumnElement[Any]]] = {
    "supporters": {
        "kind": sa.cast(SupporterChange.kind, sa.String),
        "tier": sa.cast(SupporterChange.tier_id, sa.String),
        "interval": sa.cast(SupporterChange.interval, sa.String),
        "currency": sa.cast(SupporterChange.currency, sa.String),
        "language": sa.cast(SupporterChange.language, sa.String),
    },
    "recoveries": {
        "refusal": sa.func.coalesce(Recovery.reason, UNKNOWN),
        "took": sa.cast(Recovery.took, sa.String),
    },
    "origins": {
        "source": sa.func.coalesce(Origin.source, ""),
        "first_source": sa.func.coalesce(Origin.first_source, ""),
        "referrer": sa.func.coalesce(Origin.referrer, ""),
        "campaign": sa.func.coalesce(Origin.campaign, ""),
        "stays": sa.case((Origin.stays, "1"), else_="0"),
    },
}
"""What each list may be narrowed by, and where that stands."""


def _listing(statement: sa.Select[*tuple[Any, ...]]) -> Listing[Any]:
    """Rows with `person_id`, `name`, `email`, and what the list is about."""
    return Listing(statement, made=lambda row: row)


def supporters(mode: Mode, day: date, narrowed: Narrowed) -> Listing[Any]:
    """Who supports the newsroom at the end of `day`, the latest to come or to change first.

    Written so that the first page of a million costs no more than itself: what somebody began is
    looked at from the latest back, and whether they ended it by then.
    """
    ended = sa.orm.aliased(SupporterChange)
    return _listing(
        _rows(SupporterChange, SupporterChange.day.label("since"))
        .where(
            SupporterChange.mode == mode,
            SupporterChange.people == 1,
            SupporterChange.day <= day,
            ~sa.exists().where(
                ended.person_id == SupporterChange.person_id,
                ended.mode == mode,
                ended.people == -1,
                ended.at > SupporterChange.at,
                ended.day <= day,
            ),
            *_as(narrowed, "supporters"),
        )
        .order_by(SupporterChange.day.desc(), SupporterChange.id.desc())
    )


def came_and_went(mode: Mode, move: SupporterMove, span: Span) -> Listing[Any]:
    """Who came, came back or was lost, the latest first."""
    return _listing(
        _rows(SupporterChange, SupporterChange.day, SupporterChange.kind)
        .where(
            SupporterChange.mode == mode,
            SupporterChange.move == move,
            SupporterChange.day.between(span.first, span.last),
        )
        .order_by(SupporterChange.day.desc(), SupporterChange.id.desc())
    )


def recoveries(
    mode: Mode, currency: str, outcome: Outcome, span: Span, narrowed: Narrowed
) -> Listing[Any]:
    """Whose renewal failed, was recovered or was lost, the latest first."""
    return _listing(
        _rows(Recovery, Recovery.day, Recovery.amount, Recovery.currency, Recovery.reason)
        .where(
            Recovery.mode == mode,
            Recovery.currency == currency,
            Recovery.outcome == outcome,
            Recovery.day.between(span.first, span.last),
            *_as(narrowed, "recoveries"),
        )
        .order_by(Recovery.day.desc(), Recovery.id.desc())
    )


def in_recovery(mode: Mode, currency: str, day: date) -> Listing[Any]:
    """Whose renewal had failed at the end of `day` and was neither recovered nor lost."""
    decided = sa.orm.aliased(Recovery)
    return _listing(
        _rows(Recovery, Recovery.day, Recovery.amount, Recovery.currency, Recovery.reason)
        .where(
            Recovery.mode == mode,
            Recovery.currency == currency,
            Recovery.outcome == Outcome.failed,
            Recovery.day <= day,
            ~sa.exists().where(
                decided.stripe_invoice == Recovery.stripe_invoice,
                decided.outcome != Outcome.failed,
                decided.day <= day,
            ),
        )
        .order_by(Recovery.day.desc(), Recovery.id.desc())
    )


def due(mode: Mode, currency: str, kind: DueKind, span: Span) -> Listing[Any]:
    """Whose end or card's last day lies in `span`, or each renewal in it, the soonest first."""
    its = Due.mode == mode, Due.currency == currency, Due.kind == kind
    if kind is DueKind.renewal:
        return _renewals(its, coming.renewals_in(mode, currency, span))
    return _listing(
        _rows(Due, Due.day, Due.amount, Due.monthly, Due.currency, Due.every)
        .where(*its, Due.day.between(span.first, span.last))
        .order_by(Due.day, Due.id)
    )


def _renewals(
    its: Iterable[sa.ColumnElement[bool]], expected: Sequence[coming.Comes]
) -> Listing[Any]:
    names = sa.column("every", sa.String), sa.column("day", sa.Date), sa.column("on", sa.Date)
    nothing = [coming.Comes("", date.min, date.min)]
    comes = sa.values(*names, name="comes").data(expected or nothing).cte("comes")
    return _listing(
        _rows(Due, comes.c.on.label("day"), Due.amount, Due.monthly, Due.currency, Due.every)
        .join(comes, sa.and_(comes.c.every == Due.every, comes.c.day == Due.day))
        .where(*its)
        .order_by(comes.c.on, Due.id)
    )


def giving_twice(mode: Mode) -> Listing[Any]:
    """Who has a subscription that runs beside an older one, the latest first; few mean to."""
    return _listing(
        _rows(Due, Due.day, Due.amount, Due.monthly, Due.currency, Due.every)
        .where(Due.mode == mode, Due.kind == DueKind.second)
        .order_by(Due.day.desc(), Due.id.desc())
    )


def came_from(mode: Mode, currency: str, span: Span, narrowed: Narrowed) -> Listing[Any]:
    """Who first gave in `span`, and where they came from, the latest first."""
    return _listing(
        _rows(
            Origin,
            Origin.day,
            Origin.amount,
            Origin.currency,
            Origin.stays,
            Origin.source,
            Origin.first_source,
            Origin.referrer,
            Origin.campaign,
        )
        .where(
            Origin.mode == mode,
            Origin.currency == currency,
            Origin.day.between(span.first, span.last),
            *_as(narrowed, "origins"),
        )
        .order_by(Origin.day.desc(), Origin.id.desc())
    )


def _rows(
    table: type[Model], *columns: sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[Any]
) -> sa.Select[*tuple[Any, ...]]:
    person_id = sa.inspect(table).columns["person_id"]
    return sa.select(*WHO, *columns).join(Person, Person.id == person_id)


def _as(narrowed: Narrowed, what: str) -> list[sa.ColumnElement[bool]]:
    columns = NARROWED[what]
    return [columns[by] == value for by, value in narrowed.items() if by in columns]
