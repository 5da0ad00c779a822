"""Finding and making people, by e-mail address."""

import secrets

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from membership.clock import clock
from membership.extensions import db, insert_or_lock
from membership.patrons.models import Person, Role


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
    return db.session.scalar(sa.select(Person).where(Person.email == normalise(address)))


def ensure(address: str, *, name: str | None = None, language: str = "en") -> Person:
    """The person with this address, made if need be, locked until the transaction ends."""
    row = {
        "email": normalise(address),
        "name": name,
        "language": language,
        "active": True,
        "fs_uniquifier": secrets.token_hex(32),
        "created_at": clock.now(),
    }
    return insert_or_lock(
        Person, ["email"], row, keep={"name": sa.func.coalesce(Person.name, name)}
    )


def nobody(reference: str) -> Person:
    """A person known by a reference alone, who can neither sign in nor be written to."""
    row = {
        "email": f"{reference.lower()}@nobody.invalid",
        "language": "en",
        "active": False,
        "fs_uniquifier": secrets.token_hex(32),
        "created_at": clock.now(),
    }
    return insert_or_lock(Person, ["email"], row, keep={"language": "en"})


def erase(person: Person) -> None:
    """Forget who somebody is; the row stays, because money and votes are counted by it."""
    person.email, person.name = erased_address(person.id), None
    person.roles.clear()
    deactivate(person)


def erased_address(person_id: int) -> str:
    return f"erased-{person_id}@nobody.invalid"


def give_role(person: Person, role: str) -> None:
    """Raises LookupError for a role that does not exist."""
    found = db.session.scalar(sa.select(Role).where(Role.name == role))
    if found is None:
        raise LookupError(role)
    if found not in person.roles:
        person.roles.append(found)


def deactivate(person: Person) -> None:
    """Close the account; every session of it ends with the next request."""
    person.active = False
    person.fs_uniquifier = secrets.token_hex(32)
