"""What is known of the people that some rows are about, and what each row therefore adds."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from membership.books.models import EntryKind, LedgerEntry
from membership.extensions import db
from membership.patrons.consent_models import LetterConsent
from membership.patrons.models import MembershipPeriod, Person
from membership.staff.import_models import Fate, Import, ImportRow
from membership.staff.imports.fields import Gift, Said
from membership.staff.models import PersonNote

MOST_AGAIN = 5
"""How often a gift can be taken back by an undo and brought along once more."""
Told = Sequence[tuple[ImportRow, Said]]


class Known:
    """People by the addresses in the file, and what stands of them; it learns from each row."""

    def __init__(
        self, brought: Import, told: Told, people: Mapping[str, Person] | None = None
    ) -> None:
        """In a fixed number of queries, however many rows are `told`.

        `people` are those who were there, where somebody has looked already.
        """
        self._brought = brought
        self.people = people_of(told) if people is None else people
        ids = sorted({person.id for person in self.people.values()})
        self._coming: set[str] = set()
        self._names = {person.id for person in self.people.values() if person.name}
        self._periods = _periods(brought, ids)
        self._agreed: set[int | str] = set(_column(LetterConsent.person_id, ids))
        self._notes: set[tuple[int | str, str]] = _notes(ids)
        self._first = told[0][0].position if told else 0
        gifts = [said.gift for _row, said in told if said.gift]
        self._nth = _counted(
            brought, self._first, {_known_by(gift, said) for gift, said in _with(told)}
        )
        self._booked = _booked(set(_keys(told, self._nth.copy()))) if gifts else {}

    def adds(self, row: ImportRow, said: Said) -> dict[str, Any]:
        """What `row` adds to all that is known, by the name of each thing what it is."""
        key = self._key(said.email)
        does: dict[str, Any] = {}
        is_new = said.email not in self.people and said.email not in self._coming
        if is_new:
            does["person"] = said.name or ""
        elif said.name and key not in self._names:
            does["name"] = said.name
        if said.member and not self._covers(key, said.member.since, said.member.until):
            member = said.member
            does["member"] = [member.kind.value, member.since.isoformat(), member.until.isoformat()]
        if said.consented_at and key not in self._agreed:
            does["consent"] = said.consented_at.isoformat()
        if said.note and self._brought.by_id and (key, said.note) not in self._notes:
            does["note"] = True
        if said.gift:
            row.gift = _known_by(said.gift, said)
            source = self._source(said.gift, row.gift)
            if source:
                money = said.gift.money
                does["gift"] = [money.amount, money.currency, said.gift.at.isoformat(), source]
        if said.is_stripes:
            does["stripes"] = True
        self.learn(said, does)
        return does

    def learn(self, said: Said, does: dict[str, Any]) -> None:
        """A row before has added this."""
        key = self._key(said.email)
        self._coming.add(said.email)
        if said.name:
            self._names.add(key)
        if "member" in does:
            _kind, since, until = does["member"]
            self._periods[key].append(
                (datetime.fromisoformat(since), datetime.fromisoformat(until))
            )
        if "consent" in does:
            self._agreed.add(key)
        if "note" in does and said.note:
            self._notes.add((key, said.note))

    def _key(self, email: str) -> Any:
        person = self.people.get(email)
        return person.id if person else email

    def _covers(self, key: int | str, since: datetime, until: datetime) -> bool:
        return any(
            starts <= since and (ends is None or ends >= until)
            for starts, ends in self._periods[key]
        )

    def _source(self, gift: Gift, base: str) -> str | None:
        """What it is booked under; None where it stands in the books."""
        if gift.reference and self._nth[base]:
            return None
        self._nth[base] += 1
        return self._booked.get(f"import:{base}:{self._nth[base]}")


def fate_of(does: dict[str, Any]) -> Fate:
    if "person" in does:
        return Fate.new
    return Fate.more if does.keys() - {"stripes"} else Fate.nothing


def _with(told: Told) -> Iterable[tuple[Gift, Said]]:
    return ((said.gift, said) for _row, said in told if said.gift)


def _known_by(gift: Gift, said: Said) -> str:
    """The same in whatever file it comes again."""
    what = (said.email, gift.money.amount, gift.money.currency, gift.at.isoformat(), gift.reference)
    return hashlib.sha256("\n".join(map(str, what)).encode()).hexdigest()[:40]


def _keys(told: Told, nth: Counter[str]) -> Iterable[str]:
    for gift, said in _with(told):
        base = _known_by(gift, said)
        nth[base] += 1
        yield f"import:{base}:{nth[base]}"


def people_of(told: Told) -> dict[str, Person]:
    """By the address in the file; who was joined into somebody is them."""
    emails = {said.email for _row, said in told}
    found = db.session.scalars(sa.select(Person).where(Person.email.in_(emails))).all()
    joined = {person.joined_into_id for person in found if person.joined_into_id is not None}
    stayed = {
        person.id: person
        for person in db.session.scalars(sa.select(Person).where(Person.id.in_(joined)))
    }
    return {
        person.email: stayed.get(person.joined_into_id, person)
        if person.joined_into_id is not None
        else person
        for person in found
    }


def _periods(
    brought: Import, ids: Sequence[int]
) -> dict[Any, list[tuple[datetime, datetime | None]]]:
    periods: dict[Any, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    rows = db.session.execute(
        sa.select(
            MembershipPeriod.person_id, MembershipPeriod.starts_at, MembershipPeriod.ends_at
        ).where(MembershipPeriod.person_id.in_(ids), MembershipPeriod.mode == brought.mode)
    )
    for person_id, starts, ends in rows:
        periods[person_id].append((starts, ends))
    return periods


def _column(column: Any, ids: Sequence[int]) -> Iterable[Any]:
    return db.session.scalars(sa.select(column).where(column.in_(ids)).distinct())


def _notes(ids: Sequence[int]) -> set[tuple[int | str, str]]:
    rows = db.session.execute(
        sa.select(PersonNote.person_id, PersonNote.text).where(PersonNote.person_id.in_(ids))
    )
    return {(person_id, text) for person_id, text in rows}


def _counted(brought: Import, first: int, bases: set[str]) -> Counter[str]:
    """How many rows before `first` have a gift that looks the same."""
    rows = db.session.execute(
        sa.select(ImportRow.gift, sa.func.count())
        .where(
            ImportRow.gift.in_(bases),
            ImportRow.import_id == brought.id,
            ImportRow.position < first,
            ImportRow.fate != Fate.aside,
        )
        .group_by(ImportRow.gift)
    )
    return Counter({base: count for base, count in rows if base})


def _booked(keys: set[str]) -> dict[str, str | None]:
    """Under what each can be booked; None where it stands in the books and was not taken back."""
    tries = {key: [key, *(f"{key}:{again}" for again in range(2, MOST_AGAIN + 1))] for key in keys}
    back = sa.orm.aliased(LedgerEntry)
    rows = db.session.execute(
        sa.select(
            LedgerEntry.stripe_source,
            sa.exists().where(back.parent_id == LedgerEntry.id).label("is_back"),
        ).where(
            LedgerEntry.kind == EntryKind.offline,
            LedgerEntry.stripe_source.in_(
                [f"offline:{one}" for its in tries.values() for one in its]
            ),
        )
    )
    stands: dict[str, bool] = {row.stripe_source: row.is_back for row in rows}
    found: dict[str, str | None] = {}
    for key, its in tries.items():
        source = next((one for one in its if not stands.get(f"offline:{one}", False)), None)
        found[key] = source if source and f"offline:{source}" not in stands else None
    return found
