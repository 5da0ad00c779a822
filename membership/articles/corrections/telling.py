"""Letters to who left an address with a report: one for each decision, and none for reporting.

An address that was left is not proven to be whose it is. So nothing is written before an editor has
looked, so many letters of this kind in a day go to one address and no more, and what a stranger
typed is quoted only where it cannot be pressed on.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from textwrap import shorten

import sqlalchemy as sa
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from membership.articles.corrections import answering
from membership.articles.corrections.models import (
    Correction,
    CorrectionDecision,
    CorrectionReport,
    State,
)
from membership.clock import clock
from membership.extensions import db, settings
from membership.mail import outbox
from membership.mail.models import OutgoingMail

TEMPLATES = {
    State.mended: "correction_mended",
    State.noted: "correction_noted",
    State.declined: "correction_declined",
    State.asked: "correction_question",
}
MOST_IN_A_DAY = 5
MOST_QUOTED = 200
ABOUT = "correction"
# What a mail program makes a link of.
LINK = re.compile(r"://|www\.|@|[^\W\d]\.[^\W\d]{2,}", re.IGNORECASE)


def tell(case: Correction, decision: CorrectionDecision) -> int:
    """Queue a letter to each address that was left; how many. In the caller's transaction."""
    says: dict[str, str | LazyString] = {
        "article": quoted(case.article_title) or case.article,
        "passage": passage_in_words(case.exact),
        "was": decision.was,
        "now": decision.now,
        "reason": decision.reason,
        "question": decision.reason,
    }
    return sum(_tell(case, decision, its, says) for its in addressees(case))


def addressees(case: Correction) -> Sequence[CorrectionReport]:
    """Of each address that was left with a case the first report."""
    first = (
        sa.select(sa.func.min(CorrectionReport.id))
        .where(CorrectionReport.correction_id == case.id, CorrectionReport.email.is_not(None))
        .group_by(CorrectionReport.email)
    )
    wanted = sa.select(CorrectionReport).where(CorrectionReport.id.in_(first))
    return db.session.scalars(wanted.order_by(CorrectionReport.id)).all()


def address_of(case: Correction) -> str:
    """Where anybody who has it sees what became of a case."""
    return f"{settings.site_url}/corrections/reports/{case.code}"


def quoted(typed: str) -> str:
    """What a stranger typed, as a letter may say it; nothing if a mail program would link it."""
    return "" if LINK.search(typed) else shorten(typed, MOST_QUOTED, placeholder="…")


def passage_in_words(exact: str) -> LazyString | str:
    its = quoted(exact)
    return _l("The passage: “%(passage)s”", passage=its) if its else ""


def _tell(
    case: Correction,
    decision: CorrectionDecision,
    report: CorrectionReport,
    says: dict[str, str | LazyString],
) -> bool:
    to = report.email or ""
    if _letters_lately(to) >= MOST_IN_A_DAY:
        return False
    link = address_of(case)
    if decision.verdict is State.asked:
        link = f"{settings.site_url}/corrections/answer/{answering.token(decision, report)}"
    return outbox.queue(
        TEMPLATES[decision.verdict],
        to=to,
        language=report.language,
        about=f"{ABOUT}:{decision.id}:{report.id}",
        says=says,
        link=link,
    )


def _letters_lately(to: str) -> int:
    wanted = sa.select(sa.func.count(OutgoingMail.id)).where(
        OutgoingMail.recipient == to,
        OutgoingMail.about.startswith(f"{ABOUT}:"),
        OutgoingMail.created_at > clock.now() - timedelta(days=1),
    )
    return db.session.scalar(wanted) or 0
