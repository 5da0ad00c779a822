"""Whoever left Checkout without paying is forgotten: first at Stripe, then here.

Each donation is forgotten by itself, and its row goes last, so that what was interrupted anywhere
is found again the next night. Stripe is asked before anything goes: of money that came late we
may not have heard.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
import structlog

from membership.books import mails
from membership.books.models import Customer, Donation, LedgerEntry, Subscription
from membership.clock import clock
from membership.extensions import db, settings
from membership.gateway import NotThere, StripeDown, StripeRefused, gateway
from membership.patrons import people
from membership.patrons.models import MembershipPeriod, Person, SignInLink, roles_of_people

log = structlog.get_logger()

AT_ONCE = 50
NEVER_PAID = "incomplete_expired"
MONEY = ("processing", "requires_capture", "succeeded")


class Left(NamedTuple):
    """What is needed of a donation to forget it while no transaction is open."""

    id: int
    public_id: str
    email: str
    stripe_customer: str | None
    stripe_session: str | None
    failed_at: datetime | None


def forget_old() -> int:
    """Forget what was abandoned ABANDONED_DAYS ago, customers and rows; how many. Commits each.

    Stops where Stripe is down, until it is called again.
    """
    gone = last = 0
    try:
        while found := _left(after=last):
            for left in found:
                gone += _forget(left)
            last = found[-1].id
    except StripeDown as error:
        log.warning("abandoned donations wait for the next night", reason=str(error))
    return gone


def _left(*, after: int) -> list[Left]:
    found = db.session.execute(
        sa.select(
            Donation.id,
            Donation.public_id,
            Donation.email,
            Donation.stripe_customer,
            Donation.stripe_session,
            Donation.failed_at,
        )
        .where(Donation.id > after, _is_abandoned())
        .order_by(Donation.id)
        .limit(AT_ONCE)
    ).all()
    db.session.commit()
    return [Left(*row) for row in found]


def _is_abandoned() -> sa.ColumnElement[bool]:
    before = clock.now() - timedelta(days=settings.abandoned_days)
    return sa.and_(
        Donation.mode == gateway().mode,
        Donation.paid_at.is_(None),
        Donation.created_at < before,
        sa.or_(Donation.processing_at.is_(None), Donation.failed_at < before),
        ~sa.exists().where(Subscription.donation_id == Donation.id, _came_to_something()),
        ~sa.exists().where(LedgerEntry.donation_id == Donation.id),
    )


def _came_to_something() -> sa.ColumnElement[bool]:
    """Of a subscription: a debit that failed begins one that nobody ever paid for."""
    return sa.or_(Subscription.status != NEVER_PAID, Subscription.paid_until.is_not(None))


def _forget(left: Left) -> bool:
    """False if it turns out that something came of it."""
    try:
        if left.failed_at is None and not _came_to_nothing(left.stripe_session):
            log.warning("donation was paid for at Stripe, unheard of here", donation=left.id)
            return False
        customers = [left.stripe_customer] if left.stripe_customer else _made_for(left.email)
        for customer in customers:
            _forget_customer(customer)
    except StripeRefused as error:
        log.warning("donation not forgotten", donation=left.id, reason=str(error))
        return False
    return _forget_here(left)


def _forget_here(left: Left) -> bool:
    """Its row, the letter about it, and who nobody ever heard of again. False if it is paid now."""
    of_nothing = sa.and_(Subscription.donation_id == left.id, ~_came_to_something())
    db.session.execute(sa.update(Subscription).where(of_nothing).values(donation_id=None))
    gone = db.session.execute(sa.delete(Donation).where(Donation.id == left.id, _is_abandoned()))
    if not gone.rowcount:  # type: ignore[attr-defined]
        db.session.rollback()
        return False
    mails.forget_no_payment(left.public_id)
    for person in _nobodies(left.stripe_customer):
        people.erase(person)
    db.session.commit()
    return True


def _made_for(email: str) -> list[str]:
    """Customers made for this address by a process that ended before it could write so down."""
    return [
        customer["id"]
        for page in gateway().customers_with(email)
        for customer in page
        if customer["metadata"].get("hromada") == settings.site_url
    ]


def _nobodies(stripe_customer: str | None) -> list[Person]:
    wanted = sa.select(Person).join(Customer).where(Customer.stripe_id == stripe_customer)
    return list(db.session.scalars(wanted.where(~_is_used(stripe_customer))))


def _came_to_nothing(stripe_session: str | None) -> bool:
    """Whether nobody went through its Checkout, and nobody will."""
    if stripe_session is None:
        return True
    try:
        session = gateway().session(stripe_session)
    except NotThere:
        return True
    if session["status"] == "open":
        session = gateway().expire_session(stripe_session)
    return bool(session["status"] == "expired")


def _forget_customer(stripe_customer: str) -> None:
    try:
        if _is_nobodys(stripe_customer):
            gateway().delete_customer(stripe_customer)
    except NotThere:
        log.info("customer was gone already", customer=stripe_customer)


def _is_used(stripe_customer: str | None) -> sa.ColumnElement[bool]:
    """By a donation that may still be paid, or by a person of whom we know anything else."""
    whose = sa.select(Customer.person_id).where(Customer.stripe_id == stripe_customer)
    person = whose.scalar_subquery()
    return sa.or_(
        sa.exists().where(Donation.stripe_customer == stripe_customer, ~_is_abandoned()),
        sa.exists().where(Subscription.person_id == person, _came_to_something()),
        sa.exists().where(LedgerEntry.person_id == person),
        sa.exists().where(MembershipPeriod.person_id == person),
        sa.exists().where(SignInLink.person_id == person),
        sa.exists().where(roles_of_people.c.person_id == person),
    )


def _is_nobodys(stripe_customer: str) -> bool:
    """Nobody's here, and without money at Stripe."""
    is_used = db.session.scalar(sa.select(_is_used(stripe_customer)))
    db.session.commit()
    if is_used:
        return False
    door = gateway()
    gives = any(
        subscription["status"] != NEVER_PAID
        for page in door.subscriptions_of(stripe_customer)
        for subscription in page
    )
    return not gives and not any(
        intent["status"] in MONEY
        for page in door.payment_intents_of(stripe_customer)
        for intent in page
    )
