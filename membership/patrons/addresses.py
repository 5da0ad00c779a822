"""Another e-mail address for somebody: both the old and the new one have to agree.

As with sign-in, opening a link shows a button and pressing it spends the link. What a link's page
says is the same whatever is known of either address.
"""

import secrets
from datetime import timedelta

import sqlalchemy as sa

from membership.clock import clock
from membership.extensions import db, settings
from membership.mail import outbox
from membership.patrons import people, sign_in
from membership.patrons.models import AddressChange, Person
from membership.patrons.sign_in import LinkSpent, hashed

LASTS = timedelta(days=3)


class AddressTaken(ValueError):
    """Somebody else has this address, or the person themselves."""


def ask(person: Person, address: str) -> None:
    """Write to both addresses; an earlier change that is not done yet is given up.

    Raises NotAnAddress, AddressTaken.
    """
    new = people.normalise(address)
    if people.by_email(new) is not None:
        raise AddressTaken
    give_up(person)
    now, tokens = clock.now(), [secrets.token_urlsafe(32) for _ in range(2)]
    change = AddressChange(
        person_id=person.id,
        old=person.email,
        new=new,
        old_hash=hashed(tokens[0]),
        new_hash=hashed(tokens[1]),
        created_at=now,
        expires_at=now + LASTS,
    )
    db.session.add(change)
    db.session.flush()
    asked = {"old": change.old, "new": change.new}
    for (which, to), token in zip(asked.items(), tokens, strict=True):
        outbox.queue(
            f"confirm_{which}_address",
            to=to,
            language=person.language,
            about=f"address:{change.id}:{which}",
            says={"name": people.called(person)},
            link=f"{settings.site_url}/address/{token}",
            days=LASTS.days,
        )


def give_up(person: Person) -> None:
    """What waits to be confirmed is not wanted any more."""
    db.session.execute(
        sa.update(AddressChange)
        .where(AddressChange.person_id == person.id, *_waiting())
        .values(expires_at=clock.now())
    )


def waiting(person: Person) -> AddressChange | None:
    return db.session.scalar(
        sa.select(AddressChange).where(AddressChange.person_id == person.id, *_waiting())
    )


def is_good(token: str) -> bool:
    return db.session.scalar(sa.select(AddressChange.id).where(*_good(token))) is not None


def confirm(token: str) -> bool:
    """Agree for one address; whether both have, so that it is done. Raises LinkSpent.

    LinkSpent as well where somebody else came to have the new address meanwhile: that is nobody's
    business.
    """
    change = db.session.scalar(sa.select(AddressChange).where(*_good(token)).with_for_update())
    if change is None:
        raise LinkSpent
    if hashed(token) == change.old_hash:
        change.old_confirmed_at = clock.now()
    else:
        change.new_confirmed_at = clock.now()
    if change.old_confirmed_at is None or change.new_confirmed_at is None:
        return False
    _carry_out(change)
    return True


def _carry_out(change: AddressChange) -> None:
    person = db.session.get_one(Person, change.person_id)
    if person.email != change.old:
        raise LinkSpent
    try:
        with db.session.begin_nested():
            person.email = change.new
    except sa.exc.IntegrityError:
        raise LinkSpent from None
    change.done_at = clock.now()
    # What lies in the old mailbox lets nobody in any more.
    sign_in.spend_all(person)


def _waiting() -> tuple[sa.ColumnElement[bool], ...]:
    return AddressChange.done_at.is_(None), AddressChange.expires_at > clock.now()


def _good(token: str) -> tuple[sa.ColumnElement[bool], ...]:
    is_old = sa.and_(
        AddressChange.old_hash == hashed(token), AddressChange.old_confirmed_at.is_(None)
    )
    is_new = sa.and_(
        AddressChange.new_hash == hashed(token), AddressChange.new_confirmed_at.is_(None)
    )
    return sa.or_(is_old, is_new), *_waiting()
