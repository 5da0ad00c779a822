"""All that is kept of one person, for them to have; but for what would let somebody in."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from membership.articles.corrections.models import CorrectionReport
from membership.books.card_models import Card
from membership.books.models import (
    Customer,
    Dispute,
    Donation,
    FailedPayment,
    LedgerEntry,
    Subscription,
)
from membership.books.term_models import Term
from membership.extensions import Base, db
from membership.history.models import Movement
from membership.mail.models import OutgoingMail
from membership.patrons.consent_models import LetterConsent
from membership.patrons.models import AddressChange, MembershipPeriod, Person
from membership.patrons.naming_models import NamingConsent
from membership.rounds.models import RollEntry, Round
from membership.staff import audit
from membership.staff.import_models import ImportRow
from membership.staff.models import PersonNote
from membership.topics.models import Follow, Topic

OF_PERSON: tuple[tuple[type[Base], str], ...] = (
    (MembershipPeriod, "person_id"),
    (Customer, "person_id"),
    (Donation, "person_id"),
    (Subscription, "person_id"),
    (LedgerEntry, "person_id"),
    (FailedPayment, "person_id"),
    (Dispute, "person_id"),
    (Term, "person_id"),
    (Card, "person_id"),
    (NamingConsent, "person_id"),
    (LetterConsent, "person_id"),
    (Movement, "person_id"),
    (Topic, "proposed_by_id"),
    (Follow, "person_id"),
    (AddressChange, "person_id"),
    (PersonNote, "person_id"),
    (ImportRow, "person_id"),
)
LEFT_OUT = {
    "password",
    "fs_uniquifier",
    "old_hash",
    "new_hash",
    "client",
    "visitor",
    "session_url",
    "pay_at",
    "words",
    "html",
}


def of(person: Person, *, by: Person) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, amounts in minor units, times in UTC. Notes who took it. Commits."""
    kept = {"person": list(_rows(Person, Person.id == person.id))}
    for model, column in OF_PERSON:
        kept[model.__tablename__] = list(_rows(model, getattr(model, column) == person.id))
    kept["letter"] = list(_rows(OutgoingMail, OutgoingMail.recipient == person.email))
    its_reports = CorrectionReport.email == person.email
    kept["correction_report"] = list(_rows(CorrectionReport, its_reports))
    kept["vote"] = list(_votes(person))
    audit.note("take out", person.email, by=by)
    db.session.commit()
    return kept


def _rows(model: type[Base], which: sa.ColumnElement[bool]) -> Iterator[dict[str, Any]]:
    columns = [
        column for column in sa.inspect(model).local_table.columns if column.name not in LEFT_OUT
    ]
    wanted = sa.select(*columns).where(which).order_by(*sa.inspect(model).primary_key)
    for row in db.session.execute(wanted):
        yield {name: _plain(value) for name, value in row._mapping.items()}


def _votes(person: Person) -> Iterator[dict[str, Any]]:
    """In which closed rounds they voted; how, nobody knows."""
    of_all_modes = Round.__table__.c
    wanted = (
        sa.select(of_all_modes.slug, of_all_modes.title)
        .join(RollEntry, RollEntry.round_id == of_all_modes.id)
        .where(RollEntry.person_id == person.id, RollEntry.voted)
        .where(of_all_modes.closed_at.is_not(None))
        .order_by(of_all_modes.id)
    )
    for row in db.session.execute(wanted):
        yield dict(row._mapping)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value
