"""What an editor makes of a case. It may be decided again: the last decision holds."""

from membership.articles.corrections import telling
from membership.articles.corrections.models import UNDECIDED, Correction, CorrectionDecision, State
from membership.clock import clock
from membership.extensions import db
from membership.patrons.models import Person


class MovedOn(Exception):
    """Somebody decided on it since the page was shown."""


class NobodyToAsk(Exception):
    """No reader left an address."""


def mend(case: Correction, *, by: Person | None, seen: int) -> CorrectionDecision:
    """It was a slip, and nobody needs to be told but who reported it. Raises MovedOn."""
    return _decide(case, State.mended, by=by, seen=seen)


def note(
    case: Correction, *, by: Person | None, seen: int, title: str, was: str, now: str
) -> CorrectionDecision:
    """It was wrong, and everybody reads what was and what is right. Raises MovedOn."""
    decision = _decide(case, State.noted, by=by, seen=seen, was=was, now=now)
    case.article_title = title
    return decision


def decline(case: Correction, *, by: Person | None, seen: int, reason: str) -> CorrectionDecision:
    """It stays as it is. Raises MovedOn."""
    return _decide(case, State.declined, by=by, seen=seen, reason=reason)


def ask(case: Correction, *, by: Person | None, seen: int, question: str) -> CorrectionDecision:
    """Ask back whoever left an address. Raises MovedOn, NobodyToAsk."""
    if not telling.addressees(case):
        raise NobodyToAsk
    return _decide(case, State.asked, by=by, seen=seen, reason=question)


def lift(case: Correction) -> None:
    """Let a case that was held back come before the editors."""
    case.listed_at = case.listed_at or clock.now()


def _decide(
    case: Correction,
    verdict: State,
    *,
    by: Person | None,
    seen: int,
    was: str = "",
    now: str = "",
    reason: str = "",
) -> CorrectionDecision:
    """In the caller's transaction, with the letters; `seen` is how many decisions were known."""
    db.session.refresh(case, with_for_update={"of": Correction})
    db.session.expire(case, ["decisions"])
    if len(case.decisions) != seen:
        raise MovedOn
    at = clock.now()
    decision = CorrectionDecision(
        at=at, by_id=by.id if by else None, verdict=verdict, was=was, now=now, reason=reason
    )
    case.decisions.append(decision)
    case.state, case.was, case.now = verdict, was, now
    if verdict not in UNDECIDED:
        case.decided_at = at
        case.took = case.took or int((at - case.first_at).total_seconds())
    else:
        case.decided_at = None
    lift(case)
    db.session.flush()
    telling.tell(case, decision)
    return decision
