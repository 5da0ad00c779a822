"""Letting somebody into the staff desk."""

from datetime import timedelta

from membership.extensions import db
from membership.patrons import people, sign_in
from membership.staff import audit

LASTS = timedelta(days=7)


def invite(address: str, role: str) -> str:
    """Give `address` the role and return a one-time sign-in link; commits.

    Printed rather than mailed, so that the first admin gets in before there is SMTP.
    Raises NotAnAddress, and LookupError for a role that does not exist.
    """
    person = people.ensure(address)
    people.give_role(person, role)
    link = sign_in.make_link(person, lasts=LASTS)
    audit.note("invite", f"{person.email} as {role}", by=None)
    db.session.commit()
    return link
