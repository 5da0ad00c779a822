"""Who is on the staff: invited, given other roles, signed out, taken off. One admin always is."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from membership.books import turns
from membership.extensions import db
from membership.mail import outbox
from membership.patrons import people, sign_in
from membership.patrons.models import Person, Role, SignInLink, roles_of_people
from membership.staff import audit, invitations

ROLES = ("editor", "finance", "admin")
ADMIN = "admin"


class LastAdmin(Exception):
    """Without this one nobody could set anything any more."""


@dataclass(frozen=True)
class Member:
    """Somebody of staff, the names of their roles, and when they signed in last (UTC)."""

    person: Person
    roles: Sequence[str]
    signed_in_at: datetime | None


def members() -> list[Member]:
    """Everybody with a role, by their address; three queries."""
    last = sa.func.max(SignInLink.used_at)
    rows = db.session.execute(
        sa.select(Person, last)
        .where(Person.id.in_(sa.select(roles_of_people.c.person_id)))
        .outerjoin(SignInLink, SignInLink.person_id == Person.id)
        .group_by(Person.id)
        .order_by(Person.email)
        .options(selectinload(Person.roles))
    )
    return [Member(person, _names(person), at) for person, at in rows]


def member(person_id: int) -> Member | None:
    return next((one for one in members() if one.person.id == person_id), None)


def invite(address: str, roles: Collection[str], *, by: Person) -> Person:
    """Give somebody these roles besides those they have, and write to them. Commits.

    Raises NotAnAddress.
    """
    person, link = invitations.let_in(address, roles, by=by)
    outbox.queue(
        "staff_invitation",
        to=person.email,
        language=person.language,
        about=f"invitation:{secrets.token_hex(8)}",
        says={"name": people.called(person)},
        link=link,
        days=invitations.LASTS.days,
    )
    db.session.commit()
    return person


def set_roles(person: Person, roles: Collection[str], *, by: Person) -> bool:
    """Give somebody these roles and no other; whether that changed any. Commits.

    Without any they are off the staff, and signed out everywhere. Raises LastAdmin.
    """
    turns.take("staff")
    db.session.refresh(person, ["roles"])
    before = _names(person)
    if set(before) == set(roles):
        return False
    if ADMIN not in roles and is_last_admin(person):
        db.session.rollback()
        raise LastAdmin
    person.roles = list(db.session.scalars(sa.select(Role).where(Role.name.in_(roles))))
    if not roles:
        _sign_out(person)
    told = f"{person.email}: {', '.join(before)} → {', '.join(_names(person)) or '–'}"
    audit.note("change roles", told, by=by)
    db.session.commit()
    return True


def is_last_admin(person: Person) -> bool:
    """Whether nobody else could set anything."""
    others = (
        sa.select(sa.func.count())
        .select_from(roles_of_people)
        .join(Role)
        .join(Person, Person.id == roles_of_people.c.person_id)
        .where(Role.name == ADMIN, Person.active, Person.id != person.id)
    )
    return person.has_role(ADMIN) and not db.session.scalar(others)


def sign_out(person: Person, *, by: Person) -> None:
    """End all sessions of somebody, on whatever machine, and what links may begin. Commits."""
    _sign_out(person)
    audit.note("end sessions", person.email, by=by)
    db.session.commit()


def _sign_out(person: Person) -> None:
    person.fs_uniquifier = secrets.token_hex(32)
    sign_in.spend_all(person)


def _names(person: Person) -> list[str]:
    """In the order of ROLES."""
    has = {role.name for role in person.roles}
    return [role for role in ROLES if role in has]
