"""A question to who reported something, answered by a link that names both, without an account."""

from typing import NamedTuple

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeSerializer

from membership.articles.corrections.forgetting import ADDRESSES_KEPT
from membership.articles.corrections.models import (
    Correction,
    CorrectionDecision,
    CorrectionReport,
    State,
)
from membership.clock import clock
from membership.extensions import db, settings


class Question(NamedTuple):
    case: Correction
    decision: CorrectionDecision
    report: CorrectionReport

    @property
    def is_open(self) -> bool:
        """Whether this reader has not answered, and nothing was decided since."""
        its = self.case
        if its.state not in (State.open, State.asked) or its.decisions[-1].id != self.decision.id:
            return False
        return not any(
            one.answers_id == self.decision.id and one.email == self.report.email
            for one in its.said
        )


def token(decision: CorrectionDecision, report: CorrectionReport) -> str:
    return str(_signer().dumps([decision.id, report.id]))


def find(token: str) -> Question | None:
    """Which question it is, of whom; None if it is none of ours, or who was asked is forgotten."""
    try:
        decision_id, report_id = _signer().loads(token)
    except (BadSignature, ValueError):
        return None
    decision = db.session.get(CorrectionDecision, decision_id)
    report = db.session.get(CorrectionReport, report_id)
    if decision is None or report is None or report.correction_id != decision.correction_id:
        return None
    if report.email is None or report.at < clock.now() - ADDRESSES_KEPT:
        return None
    case = db.session.scalar(sa.select(Correction).where(Correction.id == decision.correction_id))
    return Question(case, decision, report) if case else None


def answer(question: Question, said: str) -> None:
    """Keep it as one more report, and let editors see the case again. Commits."""
    case, now = question.case, clock.now()
    db.session.refresh(case, with_for_update={"of": Correction})
    if not question.is_open:
        db.session.rollback()
        return
    case.said.append(
        CorrectionReport(
            at=now,
            exact=question.report.exact,
            kind=question.report.kind,
            said=said,
            email=question.report.email,
            language=question.report.language,
            client=question.report.client,
            answers_id=question.decision.id,
        )
    )
    case.state, case.last_at = State.open, now
    db.session.commit()


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings.signing_key, salt="correction-answer")
