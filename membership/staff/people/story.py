"""One person's story by date: what the books, the mail, the vote and the desk know of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from config import Mode
from membership.books.models import Dispute, EntryKind, FailedPayment, LedgerEntry
from membership.extensions import db
from membership.history.models import Movement
from membership.mail.models import OutgoingMail
from membership.money import Money
from membership.patrons.models import AddressChange, MembershipPeriod, Person
from membership.rounds.models import RollEntry, Round
from membership.staff.models import PersonNote
from membership.topics.models import Topic


class Chapter(StrEnum):
    """What a line of the story is told from."""

    payment = "payment"
    failure = "failure"
    dispute = "dispute"
    movement = "movement"
    period = "period"
    letter = "letter"
    vote = "vote"
    proposal = "proposal"
    note = "note"
    address = "address"


@dataclass(frozen=True)
class Line:
    """One line. `what` and `state` are the books' own words, `text` what people wrote.

    `id` is the row's own, `until` (UTC) when it was over, and `subscription_id` of a payment says
    that it was a regular one.
    """

    chapter: Chapter
    id: int
    at: datetime
    what: str | None
    state: str | None
    text: str | None
    money: Money | None
    until: datetime | None
    subscription_id: int | None

    @property
    def kind(self) -> str | None:
        """As a row of the ledger is asked for it."""
        return self.what

    @property
    def amount(self) -> int:
        return self.money.amount if self.money else 0


Told = sa.Select[*tuple[Any, ...]]


def listed(mode: Mode, person: Person, *, limit: int, offset: int = 0) -> list[Line]:
    """The latest first; one query."""
    told = sa.union_all(*_chapters(mode, person)).subquery()
    wanted = (
        sa.select(told)
        .order_by(told.c.at.desc(), told.c.chapter, told.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_line(row) for row in db.session.execute(wanted)]


def payments(lines: Sequence[Line]) -> list[Line]:
    """Those of the lines that are told from the ledger."""
    return [line for line in lines if line.chapter is Chapter.payment]


def _chapters(mode: Mode, person: Person) -> Sequence[Told]:
    return [
        _told(
            Chapter.payment,
            LedgerEntry.id,
            LedgerEntry.occurred_at,
            what=LedgerEntry.kind,
            text=LedgerEntry.note,
            amount=LedgerEntry.amount,
            currency=LedgerEntry.currency,
            subscription_id=LedgerEntry.subscription_id,
        ).where(
            LedgerEntry.person_id == person.id,
            LedgerEntry.mode == mode,
            LedgerEntry.kind != EntryKind.fee,
        ),
        _told(
            Chapter.failure,
            FailedPayment.id,
            FailedPayment.failed_at,
            what=FailedPayment.reason,
            amount=FailedPayment.amount,
            currency=FailedPayment.currency,
            until=FailedPayment.recovered_at,
        ).where(FailedPayment.person_id == person.id, FailedPayment.mode == mode),
        _told(
            Chapter.dispute,
            Dispute.id,
            Dispute.opened_at,
            what=Dispute.reason,
            state=Dispute.status,
            amount=Dispute.amount,
            currency=Dispute.currency,
        ).where(Dispute.person_id == person.id, Dispute.mode == mode),
        _told(
            Chapter.movement,
            Movement.id,
            Movement.at,
            what=Movement.kind,
            state=Movement.reason,
            amount=Movement.amount,
            currency=Movement.currency,
        ).where(Movement.person_id == person.id, Movement.mode == mode),
        _told(
            Chapter.period,
            MembershipPeriod.id,
            MembershipPeriod.starts_at,
            what=MembershipPeriod.kind,
            until=MembershipPeriod.ends_at,
        ).where(MembershipPeriod.person_id == person.id, MembershipPeriod.mode == mode),
        _told(
            Chapter.letter,
            OutgoingMail.id,
            OutgoingMail.created_at,
            state=OutgoingMail.state,
            text=OutgoingMail.subject,
            until=OutgoingMail.sent_at,
        ).where(OutgoingMail.recipient.in_(_addresses(person))),
        _told(
            Chapter.address,
            AddressChange.id,
            AddressChange.done_at,
            what=AddressChange.old,
            text=AddressChange.new,
        ).where(AddressChange.person_id == person.id, AddressChange.done_at.is_not(None)),
        _votes(mode, person),
        _told(
            Chapter.proposal,
            Topic.id,
            Topic.created_at,
            what=Topic.slug,
            state=Topic.state,
            text=Topic.title,
        ).where(Topic.proposed_by_id == person.id, Topic.mode == mode),
        _notes(person),
    ]


def _addresses(person: Person) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Theirs, those that they had, and those of who turned out to be one with them."""
    had = sa.select(AddressChange.old).where(
        AddressChange.person_id == person.id, AddressChange.done_at.is_not(None)
    )
    others = sa.select(Person.email).where(Person.joined_into_id == person.id)
    return sa.union_all(sa.select(sa.literal(person.email)), had, others)


def _ids(person: Person) -> sa.Select[int]:
    """Rolls stay as they were taken: who was joined into somebody is still on theirs."""
    return sa.select(Person.id).where(
        sa.or_(Person.id == person.id, Person.joined_into_id == person.id)
    )


def _votes(mode: Mode, person: Person) -> Told:
    """That they voted, never how; and not before the close, or one could watch them do it."""
    voted = sa.select(RollEntry.round_id).where(
        RollEntry.person_id.in_(_ids(person)), RollEntry.voted
    )
    told = _told(Chapter.vote, Round.id, Round.closed_at, what=Round.slug, text=Round.title)
    return told.where(Round.id.in_(voted), Round.closed_at.is_not(None), Round.mode == mode)


def _notes(person: Person) -> Told:
    author = sa.orm.aliased(Person)
    return (
        _told(
            Chapter.note,
            PersonNote.id,
            PersonNote.at,
            what=sa.func.coalesce(author.name, author.email),
            text=PersonNote.text,
        )
        .join(author, author.id == PersonNote.by_id)
        .where(PersonNote.person_id == person.id)
    )


COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "what": sa.String(),
    "state": sa.String(),
    "text": sa.Text(),
    "amount": sa.Integer(),
    "currency": sa.String(),
    "until": MembershipPeriod.ends_at.type,
    "subscription_id": sa.Integer(),
}


def _told(chapter: Chapter, id: Any, at: Any, **told: Any) -> Told:
    """A part of the union: the same columns everywhere, empty where a chapter has none."""
    rest = [
        # A moment is left as the database keeps it; an enumeration becomes its word.
        sa.type_coerce(told[name], its).label(name)
        if name == "until" and name in told
        else sa.cast(told.get(name, sa.null()), its).label(name)
        for name, its in COLUMNS.items()
    ]
    return sa.select(
        sa.literal(chapter.value).label("chapter"), id.label("id"), at.label("at"), *rest
    )


def _line(row: Any) -> Line:
    return Line(
        chapter=Chapter(row.chapter),
        id=row.id,
        at=row.at,
        what=row.what,
        state=row.state,
        text=row.text,
        money=None if row.amount is None else Money(row.amount, row.currency),
        until=row.until,
        subscription_id=row.subscription_id,
    )
