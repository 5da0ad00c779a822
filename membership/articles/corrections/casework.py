"""Cases as the desk lists them. What a flood brought is told by what it says, the rarest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from membership.articles.corrections.models import (
    UNDECIDED,
    Correction,
    CorrectionReport,
    State,
)
from membership.extensions import db
from membership.listing import Listing

MOST_WORDS = 8
MOST_EARLIER = 5


class Tab(StrEnum):
    open = "open"
    decided = "decided"
    flood = "flood"


IN_TAB: dict[Tab, sa.ColumnElement[bool]] = {
    Tab.open: sa.and_(Correction.state.in_(UNDECIDED), Correction.listed_at.is_not(None)),
    Tab.decided: Correction.state.not_in(UNDECIDED),
    Tab.flood: sa.and_(Correction.state.in_(UNDECIDED), Correction.listed_at.is_(None)),
}


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to: an article in its one spelling, words, or what was said."""

    article: str = ""
    words: str = ""
    said_key: str = ""

    @property
    def conditions(self) -> list[sa.ColumnElement[bool]]:
        found = [
            Correction.words.contains(word, autoescape=True)
            for word in self.words.casefold().split()[:MOST_WORDS]
        ]
        if self.article:
            found.append(Correction.article == self.article)
        if self.said_key:
            found.append(Correction.said_key == self.said_key)
        return found


@dataclass(frozen=True)
class Row:
    """A case with what its first reader said; `same` is how many that are held back say so."""

    case: Correction
    said: str
    same: int = 1


def counts() -> dict[Tab, int]:
    """How many stand in each tab; one query."""
    each = [sa.func.count(sa.case((IN_TAB[tab], 1))) for tab in Tab]
    return dict(
        zip(Tab, db.session.execute(sa.select(*each).select_from(Correction)).one(), strict=True)
    )


def page(tab: Tab, wanted: Wanted, *, limit: int, offset: int) -> list[Row]:
    """Cases of a tab; in two queries."""
    orders: dict[Tab, tuple[Any, ...]] = {
        # Who waits for a reader's answer waits behind who waits for us.
        Tab.open: (
            sa.case((Correction.state == State.open, 0), else_=1),
            Correction.reporters.desc(),
            Correction.first_at,
        ),
        Tab.decided: (Correction.decided_at.desc(),),
        Tab.flood: (Correction.reporters.desc(), Correction.id.desc()),
    }
    which = sa.select(Correction).where(IN_TAB[tab], *wanted.conditions)
    cases = db.session.scalars(
        which.order_by(*orders[tab], Correction.id).limit(limit).offset(offset)
    ).all()
    said = _first_said([case.id for case in cases])
    return [Row(case, said.get(case.id, "")) for case in cases]


def flood(wanted: Wanted, *, limit: int, offset: int) -> list[Row]:
    """What is held back, those that say the same as one; what several readers reported and what
    few say come first. In three queries.
    """
    same = sa.func.count(Correction.id)
    newest = sa.func.max(Correction.id)
    groups = db.session.execute(
        sa.select(newest, same)
        .where(IN_TAB[Tab.flood], *wanted.conditions)
        .group_by(Correction.said_key)
        .order_by(sa.func.max(Correction.reporters).desc(), same, newest.desc())
        .limit(limit)
        .offset(offset)
    ).all()
    ids = [case_id for case_id, _count in groups]
    found = db.session.scalars(sa.select(Correction).where(Correction.id.in_(ids))).all()
    cases, said = {case.id: case for case in found}, _first_said(ids)
    return [Row(cases[its], said.get(its, ""), count) for its, count in groups if its in cases]


def every() -> Listing[Any]:
    """All of them, as columns, the latest first."""
    columns = (
        Correction.code,
        Correction.article,
        Correction.article_title,
        Correction.exact,
        Correction.kind,
        Correction.state,
        Correction.listed_at,
        Correction.reports,
        Correction.reporters,
        Correction.first_at,
        Correction.decided_at,
        Correction.was,
        Correction.now,
    )
    return Listing(sa.select(*columns).order_by(Correction.id.desc()), tuple)


def earlier(case: Correction) -> Sequence[Correction]:
    """Other cases of the same passage or paragraph, the latest first."""
    is_same: sa.ColumnElement[bool] = Correction.passage_key == case.passage_key
    if case.paragraph_key:
        is_same = sa.or_(is_same, Correction.paragraph_key == case.paragraph_key)
    wanted = sa.select(Correction).where(
        is_same, Correction.id != case.id, Correction.listed_at.is_not(None)
    )
    return db.session.scalars(wanted.order_by(Correction.id.desc()).limit(MOST_EARLIER)).all()


def _first_said(case_ids: Sequence[int]) -> dict[int, str]:
    first = (
        sa.select(sa.func.min(CorrectionReport.id))
        .where(CorrectionReport.correction_id.in_(case_ids))
        .group_by(CorrectionReport.correction_id)
    )
    wanted = sa.select(CorrectionReport.correction_id, CorrectionReport.said)
    found = db.session.execute(wanted.where(CorrectionReport.id.in_(first)))
    return {row.correction_id: row.said for row in found}
