"""Sign-in by an e-mailed link: one use, a short life, only its hash kept.

Opening the link shows a button; pressing it spends the link. Mail scanners that open
every address in a message therefore do not sign anybody in or use the link up.
"""

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, settings
from membership.mail import outbox
from membership.patrons import people
from membership.patrons.models import Person, SignInLink

REQUESTED_LASTS = timedelta(minutes=30)
WELCOME_LASTS = timedelta(days=7)


class LinkSpent(ValueError):
    """The link is unknown, used, or too old; which one is nobody's business."""


def send_link(address: str) -> None:
    """E-mail a link to the person with this address, if there is one and the account is open."""
    person = people.by_email(address)
    if person is None or not person.active:
        return
    link = make_link(person, lasts=REQUESTED_LASTS)
    outbox.queue(
        "sign_in",
        to=person.email,
        language=person.language,
        about=f"sign-in:{secrets.token_hex(8)}",
        says={"name": people.called(person)},
        link=link,
        minutes=int(REQUESTED_LASTS.total_seconds() // 60),
    )


def make_link(person: Person, *, lasts: timedelta) -> str:
    """A new address that signs `person` in once, within `lasts`."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    db.session.add(
        SignInLink(
            person_id=person.id,
            token_hash=hashed(token),
            created_at=now,
            expires_at=now + lasts,
        )
    )
    db.session.flush()
    address: str = settings.site_url + "/sign-in/" + token
    return address


def is_good(token: str) -> bool:
    return bool(db.session.scalar(sa.select(sa.exists().where(*_good(token)))))


def spend(token: str) -> Person:
    """Use the link up and return whom it signs in. Raises LinkSpent."""
    spent = db.session.execute(
        sa.update(SignInLink)
        .where(*_good(token))
        .values(used_at=clock.now())
        .returning(SignInLink.person_id)
    ).scalar_one_or_none()
    person = db.session.get(Person, spent) if spent is not None else None
    if person is None or not person.active:
        raise LinkSpent
    return person


def spend_all(person: Person) -> None:
    """Let no link that lies in a mailbox sign `person` in any more."""
    db.session.execute(
        sa.update(SignInLink)
        .where(SignInLink.person_id == person.id, SignInLink.used_at.is_(None))
        .values(expires_at=clock.now())
    )


def _good(token: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        SignInLink.token_hash == hashed(token),
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > clock.now(),
    )


def hashed(token: str) -> str:
    """What is kept of a token that went out by e-mail."""
    return hashlib.sha256(token.encode()).hexdigest()
