"""Tables of what Stripe said: events, our endpoint, comparisons. Times are UTC."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from config import Mode
from membership.books.models import STRIPE_ID
from membership.extensions import Model


class StripeEvent(Model):
    """An event as Stripe sent it, stored once by its id, with what became of it."""

    __tablename__ = "stripe_event"
    __table_args__ = (sa.Index("ix_stripe_event_stuck", "applied_at", "received_at"),)

    id: Mapped[str] = mapped_column(STRIPE_ID, primary_key=True)
    type: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[datetime]
    received_at: Mapped[datetime]
    payload: Mapped[dict[str, Any]]
    applied_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(sa.Text)


class WebhookEndpoint(Model):
    """Our address at Stripe and the secret that its signatures are made with."""

    __tablename__ = "webhook_endpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode] = mapped_column(unique=True)
    stripe_id: Mapped[str] = mapped_column(STRIPE_ID)
    url: Mapped[str] = mapped_column(sa.Text)
    secret: Mapped[str] = mapped_column(sa.String(255))


class Untaken(Model):
    """An object of Stripe's that a comparison could not take; gone once one could."""

    __tablename__ = "untaken"

    stripe_id: Mapped[str] = mapped_column(STRIPE_ID, primary_key=True)
    mode: Mapped[Mode]
    kind: Mapped[str] = mapped_column(sa.String(64), doc="In what list it stood.")
    reason: Mapped[str] = mapped_column(sa.Text)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class ReconcileRun(Model):
    """One comparison of the books with Stripe; without an end it was interrupted."""

    __tablename__ = "reconcile_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode]
    is_dry: Mapped[bool]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    read: Mapped[dict[str, Any]] = mapped_column(doc="How many objects of each kind.")
    differences: Mapped[dict[str, Any]] = mapped_column(doc="How many of each kind.")
    error: Mapped[str | None] = mapped_column(sa.Text)


class AccountLook(Model):
    """One look through what an account sells; without an end it goes on, or was interrupted."""

    __tablename__ = "account_look"

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[Mode]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    read: Mapped[int] = mapped_column(doc="How many subscriptions.")
    found: Mapped[list[Any]] = mapped_column(
        doc="Products that are none of ours, each with its prices and how many pay them."
    )
    more: Mapped[int] = mapped_column(default=0, doc="How many products beside those.")
    error: Mapped[str | None] = mapped_column(sa.Text)
