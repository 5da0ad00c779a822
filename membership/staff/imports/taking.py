"""Taking rows in: what the dry run said, as far as it is true by now."""

from collections.abc import Mapping, Sequence
from datetime import datetime

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
from membership.staff.imports.fields import Fault, Reader, Said
from membership.staff.imports.knowing import Known, Told, fate_of, people_of
from membership.staff.imports.looking import set_aside
from membership.staff.models import PersonNote


def take(brought: Import, rows: Sequence[ImportRow]) -> None:
    """Add what these rows say and is not there yet. Nobody is written to."""
    told = _told(brought, rows)
    were_there = people_of(told)
    ensured = _ensured(told, were_there)
    known = Known(brought, told, were_there)
    for row, said in told:
        row.does = known.adds(row, said)
        row.fate = fate_of(row.does)
        _carry_out(brought, row, said, ensured[said.email])
    db.session.flush()
    _name_what_was_made(brought, told)


def _told(brought: Import, rows: Sequence[ImportRow]) -> Told:
    reader, told = Reader(brought), []
    for row in rows:
        if row.fate in (Fate.new, Fate.more):
            try:
                told.append((row, reader.read(row.cells)))
            except Fault as fault:
                set_aside(row, fault)
    return told


def _ensured(told: Told, were_there: Mapping[str, Person]) -> Mapping[str, Person]:
    """The people, made where they are not there and locked, in the same order by everybody."""
    first: dict[str, Said] = {}
    for _row, said in told:
        first.setdefault(said.email, said)
    return {
        email: people.ensure(
            email,
            name=None if email in were_there else first[email].name,
            language=first[email].language,
        )
        for email in sorted(first)
    }


def _carry_out(brought: Import, row: ImportRow, said: Said, person: Person) -> None:
    row.person_id, row.is_taken = person.id, True
    does, made = row.does, dict[str, object]()
    if "person" in does:
        made["person"] = person.id
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
        db.session.flush()
        made["note"] = note.id
    if "gift" in does:
        amount, currency, at, source = does["gift"]
        offline.enter(
            person,
            Money(amount, currency),
            received_at=datetime.fromisoformat(at),
            months=0,
            note=_where(brought, said),
            key=source,
        )
    row.made = made


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
        language=answers.get("consent_language") or person.language,
        where=brought.file_name,
        at=at,
    )
    db.session.flush()


def _where(brought: Import, said: Said) -> str:
    exporter = exporters.NAMED.get(brought.exporter or "")
    reference = said.gift.reference if said.gift else ""
    return " ".join(filter(None, (exporter.title if exporter else brought.file_name, reference)))


def _name_what_was_made(brought: Import, told: Told) -> None:
    """The numbers of what others wrote down."""
    agreed = [row.person_id for row, _said in told if "consent" in row.does]
    consents = db.session.execute(
        sa.select(LetterConsent.person_id, LetterConsent.id).where(
            LetterConsent.person_id.in_(agreed),
            LetterConsent.where == brought.file_name,
            consent.STANDS,
        )
    )
    by_person = {row.person_id: row.id for row in consents}
    given = {f"offline:{row.does['gift'][3]}": row for row, _said in told if "gift" in row.does}
    entries = db.session.execute(
        sa.select(LedgerEntry.stripe_source, LedgerEntry.id).where(
            LedgerEntry.kind == EntryKind.offline, LedgerEntry.stripe_source.in_(given)
        )
    )
    for source, entry_id in entries:
        given[source].made = given[source].made | {"gift": entry_id}
    for row, _said in told:
        if "consent" in row.does and row.person_id in by_person:
            row.made = row.made | {"consent": by_person[row.person_id]}
