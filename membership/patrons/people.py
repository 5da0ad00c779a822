"""Finding and making people, by e-mail address."""

import secrets
from typing import Any

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from membership.clock import clock
from membership.extensions import db, insert_once, insert_or_lock, settings
from membership.patrons import consent, naming
from membership.patrons.models import AddressChange, Person, Role


class NotAnAddress(ValueError):
    """No e-mail can be sent to what was typed."""


def normalise(address: str) -> str:
    """One spelling per mailbox: lower case, as Stripe and most mail servers treat it.

    Raises NotAnAddress.
    """
    try:
        parsed = validate_email(address.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise NotAnAddress(str(error)) from error
    return parsed.normalized.lower()


def by_email(address: str) -> Person | None:
    """The person with this address; who stayed, if it is of somebody who was joined into them."""
    found = db.session.scalar(sa.select(Person).where(Person.email == normalise(address)))
    if found is None or found.joined_into_id is None:
        return found
    return db.session.get_one(Person, found.joined_into_id)


def called(person: Person) -> str:
    """What a letter calls somebody: by their address who never told us a name."""
    return person.name or person.email


def ensure(address: str, *, name: str | None = None, language: str | None = None) -> Person:
    """The person with this address, made if need be, locked until the transaction ends.

    Written to in the newsroom's first language where no `language` is known. Who was joined into
    somebody is them.
    """
    person = insert_or_lock(
        Person,
        ["email"],
        _row(address, name, language),
        keep={"name": sa.func.coalesce(Person.name, name)},
    )
    if person.joined_into_id is None:
        return person
    stayed = sa.select(Person).where(Person.id == person.joined_into_id)
    return db.session.scalars(stayed.with_for_update(key_share=True)).one()


def meet(address: str, *, name: str | None, language: str | None) -> tuple[Person, bool]:
    """As `ensure`, but that who is known keeps even an empty name; and whether they are new."""
    is_new = insert_once(Person, ["email"], _row(address, name, language))
    return ensure(address), is_new


def _row(address: str, name: str | None, language: str | None) -> dict[str, Any]:
    return {
        "email": normalise(address),
        "name": name,
        "language": language or settings.languages[0],
        "active": True,
        "fs_uniquifier": secrets.token_hex(32),
        "created_at": clock.now(),
    }


def nobody(reference: str) -> Person:
    """A person known by a reference alone, who can neither sign in nor be written to."""
    row = {
        "email": f"{reference.lower()}@nobody.invalid",
        "language": settings.languages[0],
        "active": False,
        "fs_uniquifier": secrets.token_hex(32),
        "created_at": clock.now(),
    }
    return insert_or_lock(Person, ["email"], row, keep={"active": False})


def erase(person: Person) -> None:
    """Forget who somebody is; the row stays, because money and votes are counted by it."""
    person.email, person.name = erased_address(person.id), None
    naming.forget(person)
    consent.forget(person)
    person.roles.clear()
    db.session.execute(sa.delete(AddressChange).where(AddressChange.person_id == person.id))
    deactivate(person)


def is_erased(person: Person) -> bool:
    return person.email == erased_address(person.id)


def erased_address(person_id: int) -> str:
    return f"erased-{person_id}@nobody.invalid"


def give_role(person: Person, role: str) -> None:
    """Raises LookupError for a role that does not exist."""
    found = db.session.scalar(sa.select(Role).where(Role.name == role))
    if found is None:
        raise LookupError(role)
    if found not in person.roles:
        person.roles.append(found)


def choose_vote_mail(person: Person, *, wanted: bool) -> None:
    """To be written to about votes, or not."""
    person.wants_vote_mail = wanted


def deactivate(person: Person) -> None:
    """Close the account; every session of it ends with the next request."""
    person.active = False
    person.fs_uniquifier = secrets.token_hex(32)
