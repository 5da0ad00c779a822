"""What staff do about the connection to Stripe, each written down before it is done."""

from flask import current_app

from membership.extensions import db, jobs
from membership.inbox import inbox
from membership.patrons.models import Person
from membership.staff import audit


def replay(event_id: str, *, by: Person) -> None:
    """Apply an event that failed. Commits."""
    _note("replay", event_id, by=by)
    inbox.replay(event_id)


def take_undelivered(*, by: Person) -> None:
    """Apply what Stripe tells nobody took, as if it had come now. Commits.

    Raises StripeDown, StripeRefused.
    """
    _note("take undelivered", "", by=by)
    inbox.take_undelivered()


def connect(*, by: Person) -> str:
    """Register our endpoint at Stripe, in place of what was there; its address. Commits.

    Raises StripeDown, StripeRefused.
    """
    address = inbox.own_address()
    _note("connect", address, by=by)
    inbox.connect(address)
    return address


def compare(*, by: Person) -> bool:
    """Ask for a comparison of the books with Stripe, a job; False if the queue is away. Commits."""
    _note("compare", "", by=by)
    return jobs.ask(current_app.extensions["compare_soon"])


def _note(act: str, about: str, *, by: Person) -> None:
    audit.note(act, about, by=by)
    db.session.commit()
