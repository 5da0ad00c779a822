"""A reader reports a passage: a new case, or one more who saw the same."""

import secrets
from typing import NamedTuple

import sqlalchemy as sa

from membership.articles.corrections import guard
from membership.articles.corrections.models import (
    UNDECIDED,
    Correction,
    CorrectionReport,
    Kind,
    State,
)
from membership.articles.corrections.passages import Passage, alike, digest
from membership.books import turns
from membership.clock import clock
from membership.extensions import db

MOST_KEPT = 50
"""Reports of one case that are kept with what they say; more are counted."""
MOST_KEPT_WITH_ADDRESS = 500
"""The same while an address is left with each, whose reader is to be told what became of it."""
MOST_WORDS = 4000


class Report(NamedTuple):
    """What a reader sends."""

    passage: Passage
    kind: Kind
    said: str
    email: str | None
    language: str
    title: str = ""


def report(its: Report, *, client: str | None) -> Correction:
    """The case that it is of, new or not. Reported twice by the same reader it is reported once.
    Commits.

    Raises TooManyReports.
    """
    # One after the other, of whatever article: what is counted here is counted of all of them.
    turns.take("reports of corrections")
    guard.check(client)
    its = its._replace(email=guard.may_be_told(its.email))
    case = _case_of(its.passage)
    if case is None:
        case = _begin(its)
        _add(case, its, client, is_new=True)
    elif not _has_said(case, its, client):
        is_new = not _is_known(case, client)
        _add(case, its, client, is_new=is_new)
        if case.listed_at is None and is_new and guard.may_lift():
            case.listed_at = clock.now()
    db.session.commit()
    return case


def will_be_told(its: Report, case: Correction) -> bool:
    """Whether the address that was left with it is kept; of none there is nothing to say."""
    kept = sa.exists().where(
        CorrectionReport.correction_id == case.id, CorrectionReport.email == its.email
    )
    return its.email is None or bool(db.session.scalar(sa.select(kept)))


def by_code(code: str) -> Correction | None:
    return db.session.scalar(sa.select(Correction).where(Correction.code == code))


def _case_of(passage: Passage) -> Correction | None:
    """An undecided case of the passage: in the same paragraph of any part of it, where the
    paragraph is not known of the very passage.
    """
    is_same: sa.ColumnElement[bool] = Correction.passage_key == passage.key
    span = passage.span
    if span is not None:
        overlaps = sa.and_(
            Correction.paragraph_key == passage.paragraph_key,
            Correction.starts_at < span.end,
            Correction.ends_at > span.start,
        )
        is_same = sa.or_(overlaps, sa.and_(is_same, Correction.paragraph_key.is_(None)))
    wanted = sa.select(Correction).where(is_same, Correction.state.in_(UNDECIDED))
    return db.session.scalar(wanted.order_by(Correction.id).limit(1).with_for_update())


def _begin(its: Report) -> Correction:
    passage, now = its.passage, clock.now()
    span = passage.span
    is_listed = guard.may_list() or _came_before(passage)
    case = Correction(
        code=secrets.token_urlsafe(9),
        article=passage.article,
        article_title=its.title,
        exact=passage.exact,
        prefix=passage.prefix,
        suffix=passage.suffix,
        paragraph=passage.paragraph,
        passage_key=passage.key,
        paragraph_key=passage.paragraph_key,
        starts_at=span.start if span else None,
        ends_at=span.end if span else None,
        kind=its.kind,
        state=State.open,
        reports=0,
        reporters=0,
        said_key=digest(alike(its.said).casefold()) if its.said else passage.key,
        words=f"{its.title} {passage.exact}".casefold(),
        first_at=now,
        last_at=now,
        listed_at=now if is_listed else None,
    )
    db.session.add(case)
    db.session.flush()
    return case


def _came_before(passage: Passage) -> bool:
    """Whether editors have decided on it already, which a script does not bring about."""
    decided = Correction.state.not_in(UNDECIDED)
    wanted = sa.select(Correction.id).where(Correction.passage_key == passage.key, decided)
    return db.session.scalar(wanted.limit(1)) is not None and guard.may_lift()


def _add(case: Correction, its: Report, client: str | None, *, is_new: bool) -> None:
    now = clock.now()
    if case.reports < MOST_KEPT or (its.email and _has_room_for_address(case)):
        db.session.add(
            CorrectionReport(
                correction_id=case.id,
                at=now,
                exact=its.passage.exact,
                kind=its.kind,
                said=its.said,
                email=its.email,
                language=its.language,
                client=client,
            )
        )
        case.words = f"{case.words} {its.said}".casefold()[:MOST_WORDS]
    case.reports += 1
    case.reporters += is_new
    case.last_at = now
    case.article_title = case.article_title or its.title


def _has_room_for_address(case: Correction) -> bool:
    kept = sa.select(sa.func.count()).where(CorrectionReport.correction_id == case.id)
    return (db.session.scalar(kept) or 0) < MOST_KEPT_WITH_ADDRESS


def _has_said(case: Correction, its: Report, client: str | None) -> bool:
    """Whether this reader said the same of it already, with as much of an address."""
    its_own = (CorrectionReport.client == client, CorrectionReport.said == its.said)
    wanted = sa.select(CorrectionReport.id).where(
        CorrectionReport.correction_id == case.id, *its_own
    )
    if its.email:
        wanted = wanted.where(CorrectionReport.email == its.email)
    return db.session.scalar(wanted.limit(1)) is not None


def _is_known(case: Correction, client: str | None) -> bool:
    wanted = sa.select(CorrectionReport.id).where(
        CorrectionReport.correction_id == case.id, CorrectionReport.client == client
    )
    return db.session.scalar(wanted.limit(1)) is not None
