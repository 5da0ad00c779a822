"""What is known of the people that some rows are about, and what each row therefore adds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from membership.extensions import db
from membership.patrons.consent_models import LetterConsent
from membership.patrons.models import MembershipPeriod, Person
from membership.staff.import_models import Fate, Import, ImportRow
from membership.staff.imports import gifts
from membership.staff.imports.said import Gift, Said
from membership.staff.models import PersonNote

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
        # Whoever was met while something was tried, in another mode, is listed in that one alone.
        self._elsewhere = {
            person.id: person.met_in
            for person in self.people.values()
            if person.met_in not in (None, brought.mode)
        }
        self._periods = _periods(brought, ids)
        self._agreed: set[int | str] = set(_column(LetterConsent.person_id, ids))
        self._notes: set[tuple[int | str, str]] = _notes(ids)
        self._first = told[0][0].position if told else 0
        has_gifts = any(said.gift for _row, said in told)
        self._nth = gifts.counted_before(
            brought,
            self._first,
            {gifts.known_by(brought, gift, said) for gift, said in _with(told)},
        )
        keys = set(_keys(brought, told, self._nth.copy())) if has_gifts else set()
        self._booked = gifts.sources(brought, keys) if keys else {}

    def adds(self, row: ImportRow, said: Said) -> dict[str, Any]:
        """What `row` adds to all that is known, by the name of each thing what it is."""
        key = self._key(said.email)
        does: dict[str, Any] = {}
        is_new = said.email not in self.people and said.email not in self._coming
        if is_new:
            does["person"] = said.name or ""
        elif said.name and key not in self._names:
            does["name"] = said.name
        if key in self._elsewhere:
            does["met"] = self._elsewhere[key].value
        if said.member and not self._covers(key, said.member.since, said.member.until):
            member = said.member
            does["member"] = [member.kind.value, member.since.isoformat(), member.until.isoformat()]
        if said.consented_at and key not in self._agreed:
            does["consent"] = said.consented_at.isoformat()
        if said.note and self._brought.by_id and (key, said.note) not in self._notes:
            does["note"] = True
        if said.gift:
            row.gift = gifts.known_by(self._brought, said.gift, said)
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
        self._elsewhere.pop(key, None)
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
        return self._booked.get(gifts.key(self._brought, base, self._nth[base]))


def fate_of(does: dict[str, Any]) -> Fate:
    if "person" in does:
        return Fate.new
    return Fate.more if does.keys() - {"stripes"} else Fate.nothing


def _with(told: Told) -> Iterable[tuple[Gift, Said]]:
    return ((said.gift, said) for _row, said in told if said.gift)


def _keys(brought: Import, told: Told, nth: Counter[str]) -> Iterable[str]:
    for gift, said in _with(told):
        base = gifts.known_by(brought, gift, said)
        nth[base] += 1
        yield gifts.key(brought, base, nth[base])


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
    """The mode is looked at here: SQLite would seek by it, and nearly all rows have the same."""
    periods: dict[Any, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    rows = db.session.execute(
        sa.select(
            MembershipPeriod.person_id,
            MembershipPeriod.mode,
            MembershipPeriod.starts_at,
            MembershipPeriod.ends_at,
        ).where(MembershipPeriod.person_id.in_(ids))
    )
    for person_id, mode, starts, ends in rows:
        if mode == brought.mode:
            periods[person_id].append((starts, ends))
    return periods


def _column(column: Any, ids: Sequence[int]) -> Iterable[Any]:
    return db.session.scalars(sa.select(column).where(column.in_(ids)).distinct())


def _notes(ids: Sequence[int]) -> set[tuple[int | str, str]]:
    rows = db.session.execute(
        sa.select(PersonNote.person_id, PersonNote.text).where(PersonNote.person_id.in_(ids))
    )
    return {(person_id, text) for person_id, text in rows}
