"""What the account sold before stands for which tier, and taking it in by that."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import current_app

from membership import days
from membership.books import tiers
from membership.books.models import EntryKind, LedgerEntry, Subscription, Tier
from membership.extensions import db, jobs, settings
from membership.inbox import account
from membership.patrons.models import Person
from membership.settings import changes
from membership.settings.current import PRODUCTS
from membership.settings.models import Setting
from membership.settings.products import Matched
from membership.staff import audit
from membership.staff.settings import setting

SHEET = (
    "subscription",
    "person",
    "tier",
    "amount",
    "currency",
    "interval",
    "interval_count",
    "since",
    "status",
    "ended",
    "payments",
)
PAGE = 500


class UnknownTier(LookupError):
    """A product is to stand for a tier that there is not."""


class Choice(NamedTuple):
    """What was matched, and the version in which that stands."""

    matched: Matched
    version: int


def chosen() -> Choice:
    """As it stands in the table, where another process may have just written."""
    name = setting_name()
    version = changes.version([name])
    kept = changes.as_of(version, [name]).get(name)
    return Choice(Matched.model_validate(kept or {}), version)


def ever_on() -> dict[str, datetime]:
    """Every product and price by which something may have been taken in, and since when (UTC)."""
    rows = db.session.execute(
        sa.select(Setting.value, Setting.at)
        .where(Setting.name == setting_name(), Setting.value.is_not(None))
        .order_by(Setting.id.desc())
    )
    return {stripe_id: at for value, at in rows if value["is_on"] for stripe_id in value["tiers"]}


def choose(matched: Mapping[str, str], *, seen: int, by: Person | None) -> bool:
    """Let these products and prices, by their ids, stand for tiers' slugs; whether that changed
    anything. Commits. Raises Overtaken, UnknownTier.
    """
    if unknown := account.unknown_tiers(matched.values()):
        raise UnknownTier(sorted(unknown)[0])
    return _set(chosen().matched.model_copy(update={"tiers": dict(matched)}), seen, by)


def switch(*, is_on: bool, seen: int, by: Person | None) -> bool:
    """Take what was matched as ours from now on, or no more; whether that changed anything.

    Commits. Raises Overtaken.
    """
    return _set(chosen().matched.model_copy(update={"is_on": is_on}), seen, by)


def look_soon(*, by: Person) -> bool:
    """Ask for a look through the account, a job; False if the queue is away. Commits."""
    return _soon("look through the account", "look_at_account_soon", by)


def take_in_soon(*, by: Person) -> bool:
    """Ask for the comparison that takes all in, a job; False if the queue is away. Commits."""
    return _soon("take the account in", "take_account_in_soon", by)


def undo_soon(*, by: Person) -> bool:
    """Ask for all that was taken in to be taken out again, a job; False if the queue is away.

    From now on nothing is taken as ours by it. Commits. Raises Overtaken.
    """
    switch(is_on=False, seen=chosen().version, by=by)
    return _soon("take the account out", "take_account_out_soon", by)


def setting_name() -> str:
    return PRODUCTS + settings.mode.value


def taken_in() -> Iterator[tuple[Any, ...]]:
    """A row of SHEET for each subscription that was not made here, in bounded memory.

    The amount is in major units as it is now, `payments` is how many were booked, and days are
    those of the newsroom's time zone.
    """
    slugs = {tier.id: tier.slug for tier in tiers.every()}
    after = 0
    while rows := db.session.execute(_not_made_here(after)).all():
        for row in rows:
            its = row.Subscription
            yield (
                its.stripe_id,
                row.email,
                slugs[its.tier_id],
                its.money.plain,
                its.currency.upper(),
                its.interval.value,
                its.interval_count,
                days.of(its.started_at),
                its.status,
                days.of(its.ended_at) if its.ended_at else "",
                row.payments,
            )
        after = rows[-1].Subscription.id
        db.session.expunge_all()


def counted() -> dict[str, int]:
    """How many subscriptions that were not made here are in the books, by their tier's slug."""
    rows = db.session.execute(
        sa.select(Tier.slug, sa.func.count())
        .join(Subscription, Subscription.tier_id == Tier.id)
        .where(*_its())
        .group_by(Tier.slug)
        .order_by(Tier.slug)
    )
    return dict(rows.all())


def _its() -> tuple[sa.ColumnElement[bool], ...]:
    return Subscription.mode == settings.mode, Subscription.donation_id.is_(None)


def _not_made_here(after: int) -> sa.Select[Any]:
    payments = (
        sa.select(sa.func.count())
        .where(LedgerEntry.subscription_id == Subscription.id, LedgerEntry.kind == EntryKind.charge)
        .scalar_subquery()
    )
    return (
        sa.select(Subscription, Person.email, payments.label("payments"))
        .join(Person, Person.id == Subscription.person_id)
        .where(*_its(), Subscription.id > after)
        .order_by(Subscription.id)
        .limit(PAGE)
    )


def _set(matched: Matched, seen: int, by: Person | None) -> bool:
    value = matched.model_dump(mode="json")
    first = Matched().model_dump(mode="json")
    return setting.change_own(setting_name(), value, first=first, seen=seen, by=by)


def _soon(act: str, job: str, by: Person) -> bool:
    audit.note(act, settings.mode.value, by=by)
    db.session.commit()
    return jobs.ask(current_app.extensions[job])
