"""Taking out again what rows made, as long as nothing else has touched it since."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from config import Mode
from membership.books import offline
from membership.books.models import LedgerEntry
from membership.extensions import db
from membership.history import upkeep
from membership.patrons import consent, memberships
from membership.patrons.consent_models import LetterConsent
from membership.patrons.memberships import PERIODS
from membership.patrons.models import MembershipPeriod, Person
from membership.staff.import_models import Import, ImportRow
from membership.staff.models import PersonNote
from membership.staff.people.hanging import hanging


def undo(brought: Import, rows: Sequence[ImportRow]) -> None:
    """Undo these rows, the last first. Who was touched since stays, and all that is theirs.

    A gift stays in the books, where nothing is deleted, with a row against it; so its giver stays.
    """
    rows = [row for row in rows if row.is_taken and not row.is_undone and row.person_id]
    people = _locked({row.person_id for row in rows if row.person_id})
    made = _made_by(brought, people)
    touched = _touched(people, made)
    for row in rows:
        row.reason = None
        person = people.get(row.person_id or 0)
        if person is None or (person.id in made and person.id in touched):
            row.reason = "touched"
        else:
            _take_out(row, person)
            row.is_undone = True
    db.session.flush()
    _forget(rows, people)


def _locked(ids: set[int]) -> dict[int, Person]:
    found = db.session.scalars(
        sa.select(Person)
        .where(Person.id.in_(ids))
        .order_by(Person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {person.id: person for person in found}


def _made_by(brought: Import, people: dict[int, Person]) -> dict[int, list[ImportRow]]:
    """Of the people whom this file made, all its rows that are about them."""
    rows: dict[int, list[ImportRow]] = {}
    for row in db.session.scalars(
        sa.select(ImportRow).where(
            ImportRow.person_id.in_(people), ImportRow.import_id == brought.id
        )
    ):
        rows.setdefault(row.person_id or 0, []).append(row)
    return {
        person_id: its
        for person_id, its in rows.items()
        if any("person" in row.made for row in its)
    }


def _touched(people: dict[int, Person], made: dict[int, list[ImportRow]]) -> set[int]:
    """Those of `made` about whom there is anything that these rows did not bring."""
    touched = {person_id for person_id, rows in made.items() if _is_other(people[person_id], rows)}
    for table, column in hanging(but={ImportRow.__tablename__}):
        key = table.c.id if "id" in table.c else column
        own = _own(table.name, made)
        found = db.session.execute(sa.select(column, key).where(column.in_(made)))
        touched |= {person_id for person_id, number in found if number not in own}
    return touched


def _is_other(person: Person, rows: Sequence[ImportRow]) -> bool:
    """Whether somebody has changed what the first row said of them."""
    [first, *_others] = [row for row in rows if "person" in row.made]
    name = first.does.get("person") or next(
        (row.made["name"] for row in rows if "name" in row.made), ""
    )
    return (
        person.email != first.email
        or (person.name or "") != name
        or not person.active
        or not person.wants_vote_mail
        or person.wants_monday_letter
    )


def _own(table: str, made: dict[int, list[ImportRow]]) -> set[int]:
    """The numbers of what the rows themselves made in a table, and nobody has changed."""
    rows = [row for its in made.values() for row in its]
    if table == "membership_period":
        return _own_periods([row for row in rows if "member" in row.made])
    if table == "letter_consent":
        numbers = [row.made["consent"] for row in rows if "consent" in row.made]
        stands = sa.select(LetterConsent.id).where(LetterConsent.id.in_(numbers), consent.STANDS)
        return set(db.session.scalars(stands))
    if table == "ledger_entry":
        numbers = [row.made["gift"] for row in rows if "gift" in row.made]
        back = sa.select(LedgerEntry.id).where(LedgerEntry.parent_id.in_(numbers))
        return {*numbers, *db.session.scalars(back)}
    return {row.made["note"] for row in rows if table == "person_note" and "note" in row.made}


def _own_periods(rows: Sequence[ImportRow]) -> set[int]:
    wanted = {row.made["member"]: row for row in rows}
    periods = db.session.scalars(
        sa.select(MembershipPeriod).where(MembershipPeriod.source.in_(wanted))
    )
    return {period.id for period in periods if _is_as_made(period, wanted[period.source])}


def _is_as_made(period: MembershipPeriod, row: ImportRow) -> bool:
    kind, since, until = row.does["member"]
    told = datetime.fromisoformat(since), datetime.fromisoformat(until)
    return (period.kind, period.starts_at, period.ends_at) == (kind, *told)


def _take_out(row: ImportRow, person: Person) -> None:
    made = row.made
    if "member" in made:
        _end_member(row)
    if "consent" in made:
        db.session.execute(
            sa.delete(LetterConsent).where(
                LetterConsent.id == made["consent"], LetterConsent.withdrawn_at.is_(None)
            )
        )
    if "note" in made:
        db.session.execute(sa.delete(PersonNote).where(PersonNote.id == made["note"]))
    if "met" in made and person.met_in is not None:
        person.met_in = Mode(made["met"])
    if "name" in made and person.name == made["name"]:
        person.name = None
    if "gift" in made:
        _take_back(made["gift"])
        row.reason = "booked"


def _end_member(row: ImportRow) -> None:
    """Unless somebody has ended it otherwise."""
    period = db.session.scalars(PERIODS, {"source": row.made["member"]}).first()
    if period is None:
        return
    if not _is_as_made(period, row):
        row.reason = "changed"
        return
    memberships.lay(period.person_id, source=period.source, paid=[], kind=period.kind)


def _take_back(entry_id: int) -> None:
    entry = db.session.get_one(LedgerEntry, entry_id)
    try:
        offline.take_back(entry)
    except offline.AlreadyTakenBack:
        return


def _forget(rows: Sequence[ImportRow], people: dict[int, Person]) -> None:
    """Delete those who were made by these rows and about whom nothing is left."""
    gone = {
        row.person_id: row
        for row in rows
        if row.is_undone and row.reason is None and "person" in row.made
    }
    if not gone:
        return
    booked = set(
        db.session.scalars(
            sa.select(LedgerEntry.person_id).where(LedgerEntry.person_id.in_(gone)).distinct()
        )
    )
    for person_id in booked:
        gone[person_id].reason = "booked"
    ids = sorted(person_id for person_id in gone if person_id and person_id not in booked)
    db.session.flush()
    # What follows from their facts goes first, for it names them.
    upkeep.bring_up(ids)
    db.session.execute(
        sa.update(ImportRow).where(ImportRow.person_id.in_(ids)).values(person_id=None),
        execution_options={"synchronize_session": "fetch"},
    )
    for person_id in ids:
        db.session.expunge(people[person_id])
    db.session.execute(sa.delete(Person).where(Person.id.in_(ids)))
