"""What a subscription gives: what its next invoice will say of it, taxes aside.

What waits to be billed once (a proration, an invoice item) is no part of it. A plain one is
reckoned here, from its items; where a discount, a tier, a meter or a schedule has a say, Stripe is
asked what the next invoice will be.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from membership.books.models import Interval
from membership.gateway import Json, StripeRefused, gateway
from membership.money import whole

ENDED = ("canceled", "incomplete_expired")
# Days of a period, to compare intervals by: a year has 365 and twelve months.
DAYS = {
    Interval.day: Fraction(1),
    Interval.week: Fraction(7),
    Interval.month: Fraction(365, 12),
    Interval.year: Fraction(365),
}
A_MONTH = DAYS[Interval.month]


class Gives(NamedTuple):
    """`amount` in minor units, each `interval_count` intervals."""

    amount: int
    interval: Interval
    interval_count: int


def reckoned(said: Json, *, known: int | None) -> Gives:
    """What Stripe's description of a subscription comes to.

    `known` is the amount in our books, which stays where a discount once counted and no invoice
    is to come. Raises StripeDown.
    """
    items = said["items"]["data"]
    interval, count = shortest(items)
    if _is_plain(said):
        return Gives(_sum_of(items, interval, count), interval, count)
    amount = None if _is_ending(said) else _of_next_invoice(said["id"])
    if amount is None:
        amount = known if known is not None else _sum_of(items, interval, count)
    return Gives(amount, interval, count)


def shortest(items: list[Json]) -> tuple[Interval, int]:
    """How often the items are paid; of several that differ, the most frequent."""
    return min(
        ((Interval(item["price"]["recurring"]["interval"]), _count(item)) for item in items),
        key=lambda one: DAYS[one[0]] * one[1],
    )


def paid_each(prices: Iterable[Json]) -> dict[str, list[Any]]:
    """How often each of `prices` is paid, by its id: the interval and how many of them.

    Lists, as JSON gives them back: what did not change is not written again.
    """
    return {
        price["id"]: [price["recurring"]["interval"], price["recurring"]["interval_count"]]
        for price in prices
    }


def _sum_of(items: list[Json], interval: Interval, count: int) -> int:
    """Each item's line as Stripe rounds it; one that is paid less often in its part of a line."""
    return sum((_line(item, DAYS[interval] * count) for item in items), start=0)


def _line(item: Json, days: Fraction) -> int:
    price = item["price"]
    unit = price.get("unit_amount_decimal") or price["unit_amount"] or 0
    each = Fraction(unit) * (item.get("quantity") or 1)
    own_days = DAYS[Interval(price["recurring"]["interval"])] * _count(item)
    return whole(whole(each) * days / own_days)


def _count(item: Json) -> int:
    return int(item["price"]["recurring"]["interval_count"])


def _is_plain(said: Json) -> bool:
    """Whether its items alone say what the next invoice will be."""
    items = said["items"]
    return not (
        said.get("discounts")
        or said.get("schedule")
        or said.get("pending_update")
        or items.get("has_more")
        or any(item.get("discounts") or _is_reckoned_by_stripe(item) for item in items["data"])
    )


def _is_reckoned_by_stripe(item: Json) -> bool:
    price = item["price"]
    return (
        price.get("billing_scheme", "per_unit") != "per_unit"
        or price.get("transform_quantity") is not None
        or price["recurring"].get("usage_type", "licensed") != "licensed"
    )


def _is_ending(said: Json) -> bool:
    return said["status"] in ENDED or said["cancel_at"] is not None


def _of_next_invoice(stripe_id: str) -> int | None:
    """Its regular lines less their discounts; None if Stripe foresees no invoice."""
    try:
        lines = lines_of(gateway().next_invoice(stripe_id))
    except StripeRefused:
        return None
    lines = [line for line in lines if is_regular(line)]
    return sum(map(net, lines)) if lines else None


def net(line: Json) -> int:
    """What a line comes to without its discounts, in minor units; taxes aside."""
    discounts = line["discount_amounts"] or []
    return int(line["amount"] - sum(part["amount"] for part in discounts))


def is_regular(line: Json) -> bool:
    """Whether a line bills a whole term of a subscription's item, and not a part of one."""
    details = (line["parent"] or {}).get("subscription_item_details")
    return details is not None and not details["proration"]


def lines_of(invoice: Json) -> list[Json]:
    """All its lines: an invoice that comes with an event, or in a list, shows the first ten."""
    lines: list[Json] = invoice["lines"]["data"]
    return gateway().invoice_lines(invoice["id"]) if invoice["lines"]["has_more"] else lines
