"""Making two people one who are one, and parting them again."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from membership.books import turns
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
from membership.clock import clock
from membership.extensions import Base, db
from membership.patrons import addresses, people
from membership.patrons.consent_models import LetterConsent
from membership.patrons.models import MembershipPeriod, Person
from membership.patrons.naming_models import NamingConsent
from membership.patrons.touched import touch
from membership.rounds import joined
from membership.rounds.models import Round
from membership.staff import audit
from membership.staff.models import Joining, PersonNote
from membership.topics.models import Follow, Topic

OF_PERSON: dict[str, tuple[type[Base], str]] = {
    "subscription": (Subscription, "person_id"),
    "customer": (Customer, "person_id"),
    "donation": (Donation, "person_id"),
    "ledger_entry": (LedgerEntry, "person_id"),
    "failed_payment": (FailedPayment, "person_id"),
    "dispute": (Dispute, "person_id"),
    "term": (Term, "person_id"),
    "card": (Card, "person_id"),
    "membership_period": (MembershipPeriod, "person_id"),
    "person_note": (PersonNote, "person_id"),
    "topic": (Topic, "proposed_by_id"),
    "person": (Person, "joined_into_id"),
}
"""What follows whoever stays, and by which column it is theirs."""


class Why(StrEnum):
    same = "same"
    joined = "joined"
    erased = "erased"
    staff = "staff"
    undone = "undone"


class CannotJoin(ValueError):
    """These two cannot be made one, or be parted; `why` says what is in the way."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def standing(person: Person) -> Sequence[Joining]:
    """Who was joined into `person` and not parted again, the latest first."""
    return db.session.scalars(
        sa.select(Joining)
        .where(Joining.kept_id == person.id, Joining.undone_at.is_(None))
        .options(sa.orm.joinedload(Joining.gone))
        .order_by(Joining.id.desc())
    ).all()


def join(kept: Person, gone: Person, *, by: Person) -> None:
    """Let all that is of `gone` be of `kept`, and close the account of `gone`. Commits.

    Raises CannotJoin, and BothVoted or OnlyOtherOnRoll where an open round stands in the way.
    """
    if kept.id == gone.id:
        raise CannotJoin(Why.same)
    rounds = _lock(kept, gone)
    _check(kept, gone)
    moved: dict[str, Any] = {"ballot": joined.carry(rounds, kept=kept, gone=gone)}
    for name, (model, column) in OF_PERSON.items():
        moved[name] = _move(model, column, gone, kept, sa.true())
    moved["follow"] = _move_follows(gone, kept)
    moved["naming_consent"] = _move_consent(gone, kept)
    moved["letter_consent"] = _move_letter_consent(gone, kept)
    moved |= {
        "name": kept.name is None and gone.name is not None,
        "wants_vote_mail": kept.wants_vote_mail and not gone.wants_vote_mail,
        "active": gone.active,
    }
    kept.name = kept.name or gone.name
    kept.wants_vote_mail = kept.wants_vote_mail and gone.wants_vote_mail
    gone.joined_into_id = kept.id
    people.deactivate(gone)
    addresses.give_up(gone)
    db.session.add(
        Joining(at=clock.now(), by_id=by.id, kept_id=kept.id, gone_id=gone.id, moved=moved)
    )
    _done("join", f"{gone.email} into {kept.email}", kept, gone, by=by)


def undo(joining: Joining, *, by: Person) -> None:
    """Part two people again: what came along goes back, and what hangs on it since. Commits.

    A ballot that was handed over goes back if its round is still open. Raises CannotJoin.
    """
    kept, gone = (
        db.session.get_one(Person, person_id) for person_id in (joining.kept_id, joining.gone_id)
    )
    rounds = _lock(kept, gone)
    db.session.refresh(joining)
    if joining.undone_at is not None:
        raise CannotJoin(Why.undone)
    if kept.joined_into_id is not None:
        raise CannotJoin(Why.joined)
    if people.is_erased(kept) or people.is_erased(gone):
        raise CannotJoin(Why.erased)
    moved = joining.moved
    gone.joined_into_id, gone.active = None, moved["active"]
    db.session.flush()
    joined.give_back(rounds, moved["ballot"], kept=kept, gone=gone)
    for name, also in _hanging(gone, moved).items():
        model, column = OF_PERSON[name]
        _move(model, column, kept, gone, sa.or_(_id(model).in_(moved[name]), also))
    db.session.execute(
        sa.update(Follow)
        .where(Follow.person_id == kept.id, Follow.topic_id.in_(moved["follow"]))
        .values(person_id=gone.id)
    )
    if moved["naming_consent"]:
        _move_consent(kept, gone)
    # Who was joined before there was any consent to letters has none of it.
    if letters := moved.get("letter_consent", []):
        _move(LetterConsent, "person_id", kept, gone, LetterConsent.id.in_(letters))
    if moved["name"] and kept.name == gone.name:
        kept.name = None
    if moved["wants_vote_mail"] and not kept.wants_vote_mail:
        kept.wants_vote_mail = True
    joining.undone_at = clock.now()
    _done("part", f"{gone.email} from {kept.email}", kept, gone, by=by)


def _check(kept: Person, gone: Person) -> None:
    if kept.joined_into_id is not None or gone.joined_into_id is not None:
        raise CannotJoin(Why.joined)
    if people.is_erased(kept) or people.is_erased(gone):
        raise CannotJoin(Why.erased)
    if gone.roles:
        raise CannotJoin(Why.staff)


def _lock(kept: Person, gone: Person) -> Sequence[Round]:
    """Both people, with all that Stripe's news of them would lock first; the open rounds.

    Whoever is booking something of theirs is waited for; whoever comes later sees who stays.
    """
    both = (kept.id, gone.id)
    turns.take(turns.MANY)
    for model in (Subscription, Customer):
        _lock_rows(model, model.person_id.in_(both))
    _lock_rows(LedgerEntry, LedgerEntry.person_id.in_(both))
    rounds = joined.hold_open()
    db.session.flush()
    db.session.scalars(
        sa.select(Person)
        .where(Person.id.in_(both))
        .order_by(Person.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    return rounds


def _lock_rows(model: type[Base], which: sa.ColumnElement[bool]) -> None:
    db.session.execute(
        sa.select(_id(model)).where(which).order_by(_id(model)).with_for_update(key_share=True)
    ).all()


def _move(
    model: type[Base], column: str, source: Person, target: Person, which: sa.ColumnElement[bool]
) -> list[int]:
    """Rows of `source` become those of `target`; their numbers."""
    moved = db.session.scalars(
        sa.update(model)
        .where(getattr(model, column) == source.id, which)
        .values({column: target.id})
        .returning(_id(model)),
        execution_options={"synchronize_session": False},
    )
    return sorted(moved)


def _move_follows(source: Person, target: Person) -> list[int]:
    """What `target` follows already stays with the other, who is written to no more."""
    already = sa.select(Follow.topic_id).where(Follow.person_id == target.id)
    moved = db.session.scalars(
        sa.update(Follow)
        .where(Follow.person_id == source.id, Follow.topic_id.not_in(already))
        .values(person_id=target.id)
        .returning(Follow.topic_id),
        execution_options={"synchronize_session": False},
    )
    return sorted(moved)


def _move_consent(source: Person, target: Person) -> bool:
    """To be named in public, or to be so no more: what who stays said of it themselves holds."""
    if db.session.get(NamingConsent, target.id) is not None:
        return False
    moved = _move(NamingConsent, "person_id", source, target, sa.true())
    return bool(moved)


def _move_letter_consent(source: Person, target: Person) -> list[int]:
    """To be written to, or to be so no more: what who stays ever said of it themselves holds."""
    said = sa.select(LetterConsent.id).where(LetterConsent.person_id == target.id)
    if db.session.scalar(said.limit(1)) is not None:
        return []
    return _move(LetterConsent, "person_id", source, target, sa.true())


def _hanging(gone: Person, moved: dict[str, Any]) -> dict[str, sa.ColumnElement[bool]]:
    """By table, in this order, what came since by what is theirs again."""
    customers = sa.select(Customer.stripe_id).where(Customer.id.in_(moved["customer"]))
    subscriptions = sa.select(Subscription.id).where(Subscription.person_id == gone.id)
    sources = sa.select(Subscription.stripe_id).where(Subscription.person_id == gone.id)
    donations = sa.select(Donation.id).where(Donation.person_id == gone.id)
    charges = sa.select(LedgerEntry.id).where(LedgerEntry.id.in_(moved["ledger_entry"]))
    its = {
        "customer": sa.false(),
        "subscription": Subscription.stripe_customer.in_(customers),
        "donation": Donation.stripe_customer.in_(customers),
        "ledger_entry": sa.or_(
            LedgerEntry.subscription_id.in_(subscriptions),
            LedgerEntry.donation_id.in_(donations),
            LedgerEntry.parent_id.in_(charges),
        ),
        "failed_payment": FailedPayment.subscription_id.in_(subscriptions),
        "dispute": Dispute.entry_id.in_(
            sa.select(LedgerEntry.id).where(LedgerEntry.person_id == gone.id)
        ),
        "term": Term.subscription_id.in_(subscriptions),
        "card": Card.stripe_customer.in_(customers),
        "membership_period": MembershipPeriod.source.in_(sources),
    }
    return its | dict.fromkeys(("person_note", "topic", "person"), sa.false())


def _done(act: str, about: str, kept: Person, gone: Person, *, by: Person) -> None:
    for person in (kept, gone):
        touch(person.id)
    audit.note(act, about[:300], by=by)
    db.session.commit()


def _id(model: type[Base]) -> Any:
    return sa.inspect(model).primary_key[0]
