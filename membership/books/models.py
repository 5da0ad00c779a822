"""Tables of the money. Amounts are minor units of the row's currency; `mode` keeps sandbox,
test and live apart; Stripe's objects keep Stripe's names and ids."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config import Mode
from membership.extensions import Model
from membership.money import Money
from membership.patrons.models import LANGUAGE, Person

STRIPE_ID = sa.String(255)
CURRENCY = sa.String(3)
LONGEST_SOURCE = 1000
"""Of an article's address: one letter of it may have been typed as six."""
SOURCE = sa.String(LONGEST_SOURCE)


class Interval(StrEnum):
    """How often something is given. By the day and the week only what was set up at Stripe."""

    day = "day"
    week = "week"
    month = "month"
    year = "year"
    once = "once"


OFFERED = (Interval.month, Interval.year, Interval.once)
"""How often a reader may choose to give, where the newsroom offers it."""


class Tier(Model):
    """A level of support with its suggested amounts; its words are the newsroom's own.

    One that is retired is offered no more; who has it keeps it.
    """

    __tablename__ = "tier"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(64), unique=True)
    position: Mapped[int]
    name: Mapped[dict[str, Any]] = mapped_column(doc="By language code.")
    line: Mapped[dict[str, Any]] = mapped_column(doc="One line on what it makes possible.")
    benefits: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="What comes with it: a list by language code."
    )
    is_retired: Mapped[bool] = mapped_column(default=False)

    suggestions: Mapped[list["Suggestion"]] = relationship(
        back_populates="tier",
        order_by="Suggestion.currency, Suggestion.interval, Suggestion.amount",
        cascade="all, delete-orphan",
    )


class Suggestion(Model):
    """An amount that the giving page offers."""

    __tablename__ = "suggestion"
    __table_args__ = (sa.UniqueConstraint("tier_id", "currency", "interval"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tier_id: Mapped[int] = mapped_column(sa.ForeignKey("tier.id", ondelete="CASCADE"))
    currency: Mapped[str] = mapped_column(CURRENCY)
    interval: Mapped[Interval]
    amount: Mapped[int]

    tier: Mapped[Tier] = relationship(back_populates="suggestions")

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class Product(Model):
    """A tier's product at Stripe. A subscription is ours if its product is here."""

    __tablename__ = "product"
    __table_args__ = (sa.UniqueConstraint("tier_id", "mode"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tier_id: Mapped[int] = mapped_column(sa.ForeignKey("tier.id"))
    mode: Mapped[Mode]
    stripe_id: Mapped[str] = mapped_column(STRIPE_ID, unique=True)

    tier: Mapped[Tier] = relationship()


class Customer(Model):
    """A person at Stripe."""

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    mode: Mapped[Mode]
    stripe_id: Mapped[str] = mapped_column(STRIPE_ID, unique=True)
    deleted_at: Mapped[datetime | None] = mapped_column(
        doc="Deleted at Stripe: nothing new is charged to it."
    )

    person: Mapped[Person] = relationship()


class Donation(Model):
    """What a reader set out to give: written before Stripe is asked, paid when Stripe says so."""

    __tablename__ = "donation"
    __table_args__ = (
        sa.Index("ix_donation_email", "email", "mode"),
        sa.Index("ix_donation_source", "source", "person_id"),
        sa.Index("ix_donation_client", "client", "created_at"),
        sa.Index("ix_donation_visitor", "visitor", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(32), unique=True)
    attempt: Mapped[str] = mapped_column(
        sa.String(64), unique=True, doc="The form it came from: a double click is one donation."
    )
    mode: Mapped[Mode]
    email: Mapped[str] = mapped_column(sa.String(320))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    language: Mapped[str] = mapped_column(LANGUAGE)
    interval: Mapped[Interval]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(CURRENCY)
    tier_id: Mapped[int] = mapped_column(sa.ForeignKey("tier.id"))
    source: Mapped[str | None] = mapped_column(SOURCE, doc="The article it came from.")
    first_source: Mapped[str | None] = mapped_column(
        SOURCE, doc="The first article through which this browser came, in thirty days."
    )
    campaign: Mapped[str | None] = mapped_column(
        sa.String(200), doc="The campaign it came from: `utm_*`, written as a query."
    )
    referrer: Mapped[str | None] = mapped_column(
        sa.String(200), doc="The page that led to the article or here, as the address says."
    )
    consent: Mapped[str | None] = mapped_column(
        sa.Text, doc="The words by which the giver agreed to be written to."
    )
    client: Mapped[str | None] = mapped_column(
        sa.String(32), doc="A keyed hash of the network address, to count tries by."
    )
    visitor: Mapped[str | None] = mapped_column(sa.String(32), doc="The browser's own number.")
    tries: Mapped[int] = mapped_column(
        default=0, doc="Unpaid tries of the same caller in the hour before, for Stripe Radar."
    )
    stripe_customer: Mapped[str | None] = mapped_column(STRIPE_ID, index=True)
    stripe_session: Mapped[str | None] = mapped_column(STRIPE_ID, unique=True)
    session_url: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    processing_at: Mapped[datetime | None] = mapped_column(
        doc="Checkout is done, the bank has not paid yet; a direct debit takes days."
    )
    paid_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None] = mapped_column(doc="The bank did not pay after all.")
    expired_at: Mapped[datetime | None]

    tier: Mapped[Tier] = relationship()

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def state(self) -> str:
        """What has become of it; docs/money.md draws the ways between the states."""
        reached = {
            "paid": self.paid_at,
            "failed": self.failed_at,
            "processing": self.processing_at,
            "expired": self.expired_at,
        }
        return next((state for state, when in reached.items() if when is not None), "pending")


class Subscription(Model):
    """A recurring donation as Stripe last described it."""

    __tablename__ = "subscription"
    __table_args__ = (
        sa.Index("ix_subscription_status", "mode", "status"),
        sa.Index("ix_subscription_amount", "currency", "amount", "person_id"),
        sa.Index("ix_subscription_tier", "tier_id", "interval", "person_id"),
        sa.Index("ix_subscription_ending", "cancel_at", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_id: Mapped[str] = mapped_column(STRIPE_ID, unique=True)
    mode: Mapped[Mode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    donation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("donation.id"), index=True)
    tier_id: Mapped[int] = mapped_column(sa.ForeignKey("tier.id"))
    stripe_customer: Mapped[str] = mapped_column(STRIPE_ID)
    status: Mapped[str] = mapped_column(sa.String(32))
    amount: Mapped[int] = mapped_column(
        doc="What the next invoice will say of it, taxes and what is billed once aside."
    )
    currency: Mapped[str] = mapped_column(CURRENCY)
    interval: Mapped[Interval]
    interval_count: Mapped[int] = mapped_column(default=1)
    prices: Mapped[dict[str, Any]] = mapped_column(
        default=dict,
        doc="By each price it was ever seen with, how often that is paid, which never changes: "
        "the interval and how many of them.",
    )
    started_at: Mapped[datetime]
    current_period_end: Mapped[datetime]
    cancel_at_period_end: Mapped[bool]
    cancel_at: Mapped[datetime | None] = mapped_column(doc="The day set for the end, if any.")
    cancel_feedback: Mapped[str | None] = mapped_column(
        sa.String(64), doc="Stripe's word for why the patron leaves, such as too_expensive."
    )
    end_reason: Mapped[str | None] = mapped_column(
        sa.String(64), doc="Stripe's word for why it ended, such as payment_failed."
    )
    is_paused: Mapped[bool] = mapped_column(
        default=False, doc="Collection is paused: renewals come and nobody pays them."
    )
    resumes_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    paid_until: Mapped[datetime | None] = mapped_column(
        doc="End of what the books show as paid for; None until a payment stands."
    )
    as_of: Mapped[datetime] = mapped_column(
        doc="Stripe's time of what is written here; older news changes nothing."
    )

    person: Mapped[Person] = relationship()
    tier: Mapped[Tier] = relationship()

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class EntryKind(StrEnum):
    charge = "charge"
    fee = "fee"
    refund = "refund"
    refund_reversal = "refund_reversal"
    dispute = "dispute"
    dispute_reversal = "dispute_reversal"
    offline = "offline"


class LedgerEntry(Model):
    """A movement of money. Rows are added, never changed; a correction is another row.

    In the currency the giver paid in; a fee is in the currency Stripe settles in.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        sa.UniqueConstraint("kind", "stripe_source"),
        sa.Index("ix_ledger_entry_when", "mode", "occurred_at"),
        sa.Index("ix_ledger_entry_kind", "mode", "kind", "occurred_at"),
        sa.Index("ix_ledger_entry_amount", "mode", "currency", "amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[EntryKind]
    stripe_source: Mapped[str] = mapped_column(
        STRIPE_ID,
        doc="What it books: an invoice, a payment intent, a refund, a dispute, a balance "
        "transaction; for an offline gift a name of our own.",
    )
    mode: Mapped[Mode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("ledger_entry.id"), index=True, doc="The charge that this takes from."
    )
    subscription_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("subscription.id"), index=True
    )
    donation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("donation.id"), index=True)
    amount: Mapped[int] = mapped_column(doc="Positive in, negative out.")
    currency: Mapped[str] = mapped_column(CURRENCY)
    covers_from: Mapped[datetime | None] = mapped_column(doc="What a charge pays for.")
    covers_until: Mapped[datetime | None]
    is_renewal: Mapped[bool] = mapped_column(
        default=False, doc="A charge that goes on with a subscription, and not its first one."
    )
    occurred_at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(sa.String(300))

    person: Mapped[Person] = relationship()
    parent: Mapped["LedgerEntry | None"] = relationship(remote_side=id)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class LetGo(Model):
    """A subscription that was taken in by mistake and is about to leave, with its rows of money;
    history/letting_go.py.
    """

    __tablename__ = "let_go"

    subscription_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class InvoicePayment(Model):
    """Which payment intent paid which invoice; Stripe's invoices no longer say."""

    __tablename__ = "invoice_payment"

    stripe_payment_intent: Mapped[str] = mapped_column(STRIPE_ID, primary_key=True)
    stripe_invoice: Mapped[str] = mapped_column(STRIPE_ID, index=True)


class Settlement(Model):
    """A balance transaction of ours: what a movement came to on the Stripe balance.

    Gross, fee and net in minor units of the currency Stripe settles in. Never changed.
    """

    __tablename__ = "settlement"
    __table_args__ = (sa.Index("ix_settlement_when", "mode", "created_at"),)

    stripe_id: Mapped[str] = mapped_column(STRIPE_ID, primary_key=True)
    mode: Mapped[Mode]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_entry.id"), index=True)
    gross: Mapped[int]
    fee: Mapped[int]
    net: Mapped[int]
    currency: Mapped[str] = mapped_column(CURRENCY)
    exchange_rate: Mapped[str | None] = mapped_column(
        sa.String(32), doc="Stripe's rate, as written; None where no currency was changed."
    )
    created_at: Mapped[datetime]
    available_on: Mapped[datetime]

    entry: Mapped[LedgerEntry] = relationship()


class Dispute(Model):
    """A payment that its card's owner contests at the bank, as Stripe last described it."""

    __tablename__ = "dispute"

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_id: Mapped[str] = mapped_column(STRIPE_ID, unique=True)
    mode: Mapped[Mode]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_entry.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    status: Mapped[str] = mapped_column(sa.String(32), index=True)
    reason: Mapped[str] = mapped_column(sa.String(64))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(CURRENCY)
    opened_at: Mapped[datetime]
    respond_by: Mapped[datetime | None]
    as_of: Mapped[datetime]

    entry: Mapped[LedgerEntry] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class FailedPayment(Model):
    """A renewal that the bank refused; recovered when the same invoice is paid after all."""

    __tablename__ = "failed_payment"
    __table_args__ = (
        sa.Index("ix_failed_payment_when", "mode", "failed_at"),
        sa.Index("ix_failed_payment_open", "recovered_at", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_invoice: Mapped[str] = mapped_column(STRIPE_ID, unique=True)
    stripe_customer: Mapped[str] = mapped_column(STRIPE_ID, index=True)
    mode: Mapped[Mode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    subscription_id: Mapped[int] = mapped_column(sa.ForeignKey("subscription.id"))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(CURRENCY)
    attempts: Mapped[int]
    reason: Mapped[str | None] = mapped_column(
        sa.String(64),
        doc="Stripe's code of the last refusal, such as expired_card; None once it is mended.",
    )
    refusal: Mapped[str | None] = mapped_column(
        sa.String(64), doc="The same, kept for the figures."
    )
    pay_at: Mapped[str | None] = mapped_column(
        sa.Text, doc="Stripe's page where this invoice can be paid or confirmed."
    )
    failed_at: Mapped[datetime]
    next_try_at: Mapped[datetime | None]
    recovered_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)
