"""What staff change about a patron's regular gift, each as the patron could themselves."""

from collections.abc import Callable
from datetime import datetime

from membership.books import changes
from membership.books.models import Interval, Subscription
from membership.extensions import db
from membership.money import Money
from membership.patrons.models import Person
from membership.staff import audit


def change_amount(
    subscription: Subscription,
    money: Money,
    interval: Interval,
    *,
    previewed: datetime | None,
    key: str,
    by: Person,
) -> None:
    """As `changes.change_amount`, and noted. Raises what it does. Commits."""
    changes.change_amount(subscription, money, interval, key=key, previewed=previewed)
    what = f"{money.major} {money.currency} a {interval.value}"
    audit.note("change gift", f"{what}: {subscription.person.email}", by=by)
    db.session.commit()


def pause(subscription: Subscription, *, months: int, key: str, by: Person) -> None:
    """Raises StripeDown, StripeRefused. Commits."""
    _noted(
        "pause gift", subscription, by, lambda: changes.pause(subscription, months=months, key=key)
    )


def resume(subscription: Subscription, *, key: str, by: Person) -> None:
    """Raises StripeDown, StripeRefused. Commits."""
    _noted("resume gift", subscription, by, lambda: changes.resume(subscription, key=key))


def end(
    subscription: Subscription, *, feedback: str | None, comment: str, key: str, by: Person
) -> None:
    """Let it end with what is paid for. Raises StripeDown, StripeRefused. Commits."""
    _noted(
        "end gift",
        subscription,
        by,
        lambda: changes.cancel(subscription, feedback=feedback, comment=comment, key=key),
    )


def keep(subscription: Subscription, *, key: str, by: Person) -> None:
    """Take back that it ends. Raises StripeDown, StripeRefused. Commits."""
    _noted("keep gift", subscription, by, lambda: changes.keep(subscription, key=key))


def _noted(act: str, subscription: Subscription, by: Person, change: Callable[[], None]) -> None:
    change()
    audit.note(act, subscription.person.email, by=by)
    db.session.commit()
