"""Letting somebody into the staff desk."""

from collections.abc import Collection
from datetime import timedelta

from membership.extensions import db
from membership.patrons import people, sign_in
from membership.patrons.models import Person
from membership.staff import audit

LASTS = timedelta(days=7)


def invite(address: str, role: str) -> str:
    """Give `address` the role and return a one-time sign-in link; commits.

    Printed rather than mailed, so that the first admin gets in before there is SMTP.
    Raises NotAnAddress, and LookupError for a role that does not exist.
    """
    _person, link = let_in(address, [role], by=None)
    db.session.commit()
    return link


def let_in(address: str, roles: Collection[str], *, by: Person | None) -> tuple[Person, str]:
    """Give `address` these roles besides those it has; whose it is, and a one-time sign-in link.

    In the transaction at hand; `by` None is the command line. Raises as `invite` does.
    """
    person = people.ensure(address)
    for role in roles:
        people.give_role(person, role)
    audit.note("invite", f"{person.email} as {', '.join(roles)}", by=by)
    return person, sign_in.make_link(person, lasts=LASTS)
