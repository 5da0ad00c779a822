"""What the books know of some people: read at once, however much is worked out from it."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from config import Mode
from membership.books import ledger
from membership.books.gives import A_MONTH, DAYS
from membership.books.models import Donation, Interval, Subscription
from membership.books.term_models import Term
from membership.clock import clock
from membership.history.movements import Bill, Item, Life, Move, Step, of_person, steps
from membership.history.together import Select, Together, of_people

OWN_WILL = "cancellation_requested"
DISPUTED = "payment_disputed"

TERMS = (
    sa.select(
        Term.person_id,
        Term.subscription_id,
        Term.stripe_invoice,
        Term.stripe_item,
        Term.settled,
        Term.settled_at,
        Term.amount,
        Term.interval,
        Term.interval_count,
        Term.tier_id,
        Term.starts_at,
        Term.ends_at,
        Subscription.stripe_id,
        Subscription.currency,
        Subscription.ended_at,
        Subscription.end_reason,
        Subscription.cancel_feedback,
    )
    .join(Subscription, Subscription.id == Term.subscription_id)
    .where(*of_people(Term))
)
LED_HERE = sa.select(
    Donation.id,
    Donation.person_id,
    Donation.source,
    Donation.first_source,
    Donation.campaign,
    Donation.referrer,
    Donation.paid_at,
).where(
    *of_people(Donation),
    Donation.paid_at.is_not(None),
)
UNDONE = ledger.of_ended(*of_people(Subscription))


class Facts:
    """Of `people` in one mode, as the transaction at hand sees them.

    `together` has the statements of all that is to be worked out from it, each of which asks for
    `mode` and `people`.
    """

    def __init__(self, mode: Mode, people: Sequence[int], together: Together) -> None:
        self.mode, self.now = mode, clock.now()
        self._rows = together.read(mode, people)

    def read(self, statement: Select) -> Sequence[Any]:
        """The rows of one of the statements, in no order."""
        return self._rows[statement]

    @cached_property
    def terms(self) -> Sequence[Any]:
        """What was billed and what became of it, by the subscription."""
        by = attrgetter("subscription_id", "stripe_invoice", "settled", "stripe_item")
        return sorted(self.read(TERMS), key=by)

    @cached_property
    def lives(self) -> dict[int, dict[Life, list[Step]]]:
        """Each person's subscriptions, as far as anything of them was ever settled, and the states
        that each went through.
        """
        undone = ledger.undone(self.read(UNDONE))
        lives: dict[int, dict[Life, list[Step]]] = defaultdict(dict)
        for stripe_id, its in groupby(self.terms, key=attrgetter("stripe_id")):
            terms = list(its)
            life = _life(stripe_id, terms, undone)
            lives[terms[0].person_id][life] = steps(life, self.now)
        return lives

    @cached_property
    def moves(self) -> dict[int, list[Move]]:
        """Each person's movements, the oldest first."""
        return {person: of_person(lives) for person, lives in self.lives.items()}

    @cached_property
    def origins(self) -> dict[int, Any]:
        """What each person's first donation made here came from."""
        first = sorted(self.read(LED_HERE), key=attrgetter("paid_at", "id"))
        return {row.person_id: row for row in reversed(first)}


# The same few amounts over and over, and exact fractions take their time.
@lru_cache(maxsize=4096)
def _monthly(amount: int, interval: Interval, count: int) -> Fraction:
    """In exact minor units a month."""
    return amount * A_MONTH / (DAYS[interval] * Fraction(count))


def _life(stripe_id: str, terms: Sequence[Any], undone: dict[str, ledger.Undone]) -> Life:
    row = terms[0]
    bills = tuple(
        _bill(list(lines), undone.get(invoice))
        for (invoice, _settled), lines in groupby(
            terms, key=attrgetter("stripe_invoice", "settled")
        )
    )
    reason = row.cancel_feedback if row.end_reason in (None, OWN_WILL) else None
    if any(undone[bill.invoice].is_lost for bill in bills if bill.invoice in undone):
        reason = DISPUTED
    return Life(stripe_id, row.currency, bills, row.ended_at, reason or row.end_reason)


def _bill(lines: Sequence[Any], undone: ledger.Undone | None) -> Bill:
    return Bill(
        invoice=lines[0].stripe_invoice,
        settled=lines[0].settled,
        settled_at=lines[0].settled_at,
        items=tuple(
            Item(
                id=line.stripe_item,
                monthly=_monthly(line.amount, line.interval, line.interval_count),
                starts_at=line.starts_at,
                ends_at=line.ends_at,
                tier=line.tier_id,
                interval=line.interval,
            )
            for line in lines
        ),
        undone_at=undone.at if undone else None,
    )
