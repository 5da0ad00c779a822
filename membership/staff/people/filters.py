"""By what the list of people is narrowed, each in a way that a database has an index for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from config import Mode
from membership.books.models import Donation, FailedPayment, Interval, LedgerEntry, Subscription
from membership.days import today
from membership.extensions import db, settings
from membership.history.models import Due, DueKind, Movement
from membership.patrons import consent, memberships
from membership.patrons.consent_models import LetterConsent
from membership.patrons.models import MembershipKind, MembershipPeriod, Person
from membership.rounds.models import RollEntry, Round

NOW, WAS, NEVER = "now", "was", "never"
FAILING, ENDING, EXPIRING = "failing", "ending", "expiring"
DOUBTFUL = ("past_due", "unpaid")
SOON = timedelta(days=60)


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed by; None and empty is by nothing.

    `state` is one of NOW, WAS, NEVER or a kind of membership that holds now. Amounts are minor
    units of `currency`, as given each time. `since` and `until` are the first and last day on which
    they first gave regularly. `rounds` is of how many of the latest rounds `voted` speaks.
    """

    words: str = ""
    state: str = ""
    tier: int | None = None
    interval: str = ""
    currency: str = ""
    least: int | None = None
    most: int | None = None
    since: date | None = None
    until: date | None = None
    source: str = ""
    language: str = ""
    trouble: str = ""
    voted: bool | None = None
    rounds: int = 1
    vote_mail: bool | None = None
    letters: bool | None = None


def conditions(mode: Mode, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """Conditions on Person; who was joined into somebody, or met in another mode alone, is there
    only where words ask for it.
    """
    return list(_conditions(mode, wanted))


def _conditions(mode: Mode, wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    if not wanted.words:
        yield Person.joined_into_id.is_(None)
        yield _known_in(mode)
    if wanted.state:
        yield _state(mode, wanted.state)
    if given := list(_given(wanted)):
        yield _gives(mode, given, is_rare=wanted.least is not None or wanted.trouble == ENDING)
    if wanted.since or wanted.until:
        yield _began(mode, wanted)
    if wanted.source:
        came = sa.select(Donation.person_id).where(
            Donation.mode == mode,
            Donation.source == wanted.source,
            Donation.paid_at.is_not(None),
            Donation.person_id.is_not(None),
        )
        yield Person.id.in_(came)
    if wanted.language:
        yield Person.language == wanted.language
    if wanted.trouble == FAILING:
        failing = (
            sa.select(FailedPayment.person_id)
            .join(Subscription, Subscription.id == FailedPayment.subscription_id)
            .where(
                FailedPayment.mode == mode,
                FailedPayment.recovered_at.is_(None),
                Subscription.status.in_(DOUBTFUL),
            )
        )
        yield Person.id.in_(failing)
    if wanted.trouble == EXPIRING:
        expiring = sa.select(Due.person_id).where(
            Due.mode == mode,
            Due.kind == DueKind.card,
            Due.day.between(today(), today() + SOON),
        )
        yield Person.id.in_(expiring)
    if wanted.voted is not None:
        yield from _voted(wanted)
    if wanted.letters is not None:
        agreed = sa.exists().where(LetterConsent.person_id == Person.id, consent.STANDS)
        yield agreed if wanted.letters else ~agreed
    if wanted.vote_mail is not None:
        yield Person.wants_vote_mail.is_(wanted.vote_mail)


def _known_in(mode: Mode) -> sa.ColumnElement[bool]:
    """Who was only ever met while something was tried, in another mode, is nobody of this one."""
    return sa.or_(
        Person.met_in.is_(None),
        Person.met_in == mode,
        *(
            sa.exists().where(its.person_id == Person.id, its.mode == mode)
            for its in (MembershipPeriod, Donation, Subscription, LedgerEntry)
        ),
    )


def _state(mode: Mode, state: str) -> sa.ColumnElement[bool]:
    """Common states are looked up for each person, rare ones are gathered first."""
    ever = sa.exists().where(MembershipPeriod.person_id == Person.id, MembershipPeriod.mode == mode)
    now = sa.exists().where(MembershipPeriod.person_id == Person.id, *memberships.current())
    if state == NOW:
        return now
    if state == WAS:
        return sa.and_(ever, ~now)
    if state == NEVER:
        return ~ever
    kind = MembershipPeriod.kind == MembershipKind(state)
    if state == MembershipKind.patron:
        return now.where(kind)
    members = sa.select(MembershipPeriod.person_id).where(*memberships.current(), kind)
    return Person.id.in_(members)


def _given(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    """What one subscription has to be."""
    if wanted.tier is not None:
        yield Subscription.tier_id == wanted.tier
    if wanted.interval:
        yield Subscription.interval == Interval(wanted.interval)
    if wanted.currency:
        yield Subscription.currency == wanted.currency
    if wanted.least is not None:
        yield Subscription.amount >= wanted.least
    if wanted.most is not None:
        yield Subscription.amount <= wanted.most
    if wanted.trouble == ENDING:
        yield sa.or_(Subscription.cancel_at.is_not(None), Subscription.cancel_at_period_end)


def _gives(
    mode: Mode, given: list[sa.ColumnElement[bool]], *, is_rare: bool
) -> sa.ColumnElement[bool]:
    runs = (Subscription.mode == mode, Subscription.ended_at.is_(None))
    if is_rare:
        return Person.id.in_(sa.select(Subscription.person_id).where(*runs, *given))
    return sa.exists().where(Subscription.person_id == Person.id, *runs, *given)


def _began(mode: Mode, wanted: Wanted) -> sa.ColumnElement[bool]:
    currencies = [wanted.currency] if wanted.currency else settings.currencies
    began = sa.select(Movement.person_id).where(
        Movement.mode == mode, Movement.currency.in_(currencies)
    )
    if wanted.since:
        began = began.where(Movement.began >= wanted.since)
    if wanted.until:
        began = began.where(Movement.began <= wanted.until)
    return Person.id.in_(began)


def _voted(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    """In the latest rounds that are closed; who was on no roll of them has not failed to vote.

    Who was joined into somebody stays on the rolls, and their votes are of who stayed.
    """
    rounds = db.session.scalars(
        sa.select(Round.id)
        .where(Round.closed_at.is_not(None))
        .order_by(Round.closed_at.desc(), Round.id.desc())
        .limit(wanted.rounds)
    ).all()
    other = sa.orm.aliased(Person)
    theirs = sa.or_(
        RollEntry.person_id == Person.id,
        RollEntry.person_id.in_(sa.select(other.id).where(other.joined_into_id == Person.id)),
    )
    on_roll = sa.exists().where(RollEntry.round_id.in_(rounds), theirs)
    voted = on_roll.where(RollEntry.voted)
    if wanted.voted:
        yield voted
    else:
        yield on_roll
        yield ~voted
