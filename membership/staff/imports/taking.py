"""Taking rows in: what the dry run said, as far as it is true by now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from membership.books import offline
from membership.books.models import EntryKind, LedgerEntry
from membership.clock import clock
from membership.extensions import db
from membership.money import Money
from membership.patrons import consent, memberships, people
from membership.patrons.consent_models import LetterConsent
from membership.patrons.memberships import Paid
from membership.patrons.models import MembershipKind, Person
from membership.staff.import_models import Fate, Import, ImportRow
from membership.staff.imports import exporters
from membership.staff.imports.fields import Reader
from membership.staff.imports.knowing import Known, Told, fate_of
from membership.staff.imports.looking import set_aside
from membership.staff.imports.said import Fault, Said
from membership.staff.models import PersonNote

LONGEST_REFERENCE = 80


class Deed(NamedTuple):
    """What was done for a row, and what it made, as far as its number is known already."""

    row: ImportRow
    does: dict[str, Any]
    person: Person
    made: dict[str, Any]
    note: PersonNote | None


def take(brought: Import, rows: Sequence[ImportRow]) -> None:
    """Add what these rows say and is not there yet. Nobody is written to."""
    told = _told(brought, rows)
    met = _meet(told)
    known = Known(brought, told, {email: one for email, (one, is_new) in met.items() if not is_new})
    deeds = [
        _carry_out(brought, row, said, met[said.email][0], known.adds(row, said))
        for row, said in told
    ]
    db.session.flush()
    # Rows are written at the end, together: each change of one would be another way there and back.
    for deed in deeds:
        _write_down(deed)
    _number(brought, deeds)


def _told(brought: Import, rows: Sequence[ImportRow]) -> Told:
    reader, told = Reader(brought), []
    for row in rows:
        if row.fate in (Fate.new, Fate.more):
            try:
                told.append((row, reader.read(row.cells)))
            except Fault as fault:
                set_aside(row, fault)
    return told


def _meet(told: Told) -> Mapping[str, tuple[Person, bool]]:
    """The people, made where they are not there, and locked in the same order by everybody; and
    whether they are new.

    What is known of them is asked afterwards: of two files about one person the second finds what
    the first has added.
    """
    first: dict[str, Said] = {}
    for _row, said in told:
        first.setdefault(said.email, said)
    return {
        email: people.meet(email, name=first[email].name, language=first[email].language)
        for email in sorted(first)
    }


def _carry_out(
    brought: Import, row: ImportRow, said: Said, person: Person, does: dict[str, Any]
) -> Deed:
    made: dict[str, Any] = {}
    note = None
    if "person" in does:
        made["person"] = person.id
    if "met" in does:
        made["met"] = does["met"]
        person.met_in = brought.mode
    if "name" in does:
        person.name = person.name or does["name"]
        made["name"] = does["name"]
    if "member" in does:
        made["member"] = _make_member(row, person, does["member"])
    if "consent" in does:
        _agree(brought, person, datetime.fromisoformat(does["consent"]))
    if "note" in does:
        note = PersonNote(
            person_id=person.id, at=clock.now(), by_id=brought.by_id, text=said.note or ""
        )
        db.session.add(note)
    if "gift" in does:
        amount, currency, at, source = does["gift"]
        is_booked = offline.enter(
            person,
            Money(amount, currency),
            received_at=datetime.fromisoformat(at),
            months=0,
            note=_where(brought, said),
            key=source,
        )
        if not is_booked:
            # Another file brought it in this moment, as somebody else's: an undo of this row must
            # not take it back.
            del does["gift"]
    return Deed(row, does, person, made, note)


def _make_member(row: ImportRow, person: Person, told: Sequence[str]) -> str:
    kind, since, until = told
    paid = Paid(datetime.fromisoformat(since), datetime.fromisoformat(until))
    source = f"import:{row.import_id}:{row.position}"
    memberships.lay(
        person.id, source=source, paid=[paid], ended=paid.until, kind=MembershipKind(kind)
    )
    return source


def _agree(brought: Import, person: Person, at: datetime) -> None:
    answers = brought.answers
    consent.agree(
        person,
        answers["consent_text"],
        language=person.language,
        where=brought.file_name,
        at=at,
    )


def _where(brought: Import, said: Said) -> str:
    exporter = exporters.NAMED.get(brought.exporter or "")
    reference = said.gift.reference[:LONGEST_REFERENCE] if said.gift else ""
    return " ".join(filter(None, (exporter.title if exporter else brought.file_name, reference)))


def _write_down(deed: Deed) -> None:
    row = deed.row
    row.person_id, row.is_taken = deed.person.id, True
    row.does, row.fate = deed.does, fate_of(deed.does)
    row.made = deed.made | ({"note": deed.note.id} if deed.note else {})


def _number(brought: Import, deeds: Sequence[Deed]) -> None:
    """The numbers of what others wrote down."""
    agreed = {deed.person.id: deed.row for deed in deeds if "consent" in deed.does}
    consents = db.session.execute(
        sa.select(LetterConsent.person_id, LetterConsent.id).where(
            LetterConsent.person_id.in_(agreed),
            LetterConsent.where == brought.file_name,
            consent.STANDS,
        )
    )
    for person_id, consent_id in consents:
        row = agreed[person_id]
        row.made = row.made | {"consent": consent_id}
    given = {f"offline:{deed.does['gift'][3]}": deed.row for deed in deeds if "gift" in deed.does}
    entries = db.session.execute(
        sa.select(LedgerEntry.stripe_source, LedgerEntry.id).where(
            LedgerEntry.kind == EntryKind.offline, LedgerEntry.stripe_source.in_(given)
        )
    )
    for source, entry_id in entries:
        row = given[source]
        row.made = row.made | {"gift": entry_id}
