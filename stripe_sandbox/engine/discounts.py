"""Coupons redeemed for a subscription: on its next invoice, for some months, for good."""

from datetime import UTC, datetime

from dateutil.relativedelta import relativedelta

from stripe_sandbox.books import Books, Row
from stripe_sandbox.money import share


def redeem(books: Books, subscription: Row, coupons: list[str], now: int) -> None:
    """Put these in the place of what the subscription had."""
    subscription["discounts"] = [_redeemed(books, subscription, id, now) for id in coupons]


def _redeemed(books: Books, subscription: Row, id: str, now: int) -> Row:
    coupon = books.get("coupon", id, "discounts[0][coupon]")
    coupon["times_redeemed"] += 1
    books.save(coupon)
    months = coupon["duration_in_months"]
    lasts = datetime.fromtimestamp(now, UTC) + relativedelta(months=months or 0)
    return {
        "id": books.ids.new("discount"),
        "object": "discount",
        "coupon": coupon["id"],
        "customer": subscription["customer"],
        "end": int(lasts.timestamp()) if months else None,
        "start": now,
        "subscription": subscription["id"],
    }


def apply(books: Books, subscription: Row, lines: list[Row], now: int) -> None:
    """Take what is redeemed off an invoice's regular lines; what counted once is used up by it."""
    lasting = []
    for discount in subscription.get("discounts", []):
        coupon = books.get("coupon", discount["coupon"])
        if discount["end"] is not None and discount["end"] <= now:
            continue
        regular = [line for line in lines if "invoice_item" not in line and line["amount"] > 0]
        for line in regular:
            line.setdefault("discount_amounts", []).append(
                {"amount": _off(coupon, line, regular), "discount": discount["id"]}
            )
        if coupon["duration"] != "once" or not regular:
            lasting.append(discount)
    subscription["discounts"] = lasting


def _off(coupon: Row, line: Row, lines: list[Row]) -> int:
    if coupon["percent_off"]:
        hundredths = round(float(coupon["percent_off"]) * 100)
        return min(share(line["amount"], hundredths, 10_000, "eur"), net(line))
    whole = sum(one["amount"] for one in lines)
    return min(share(coupon["amount_off"], line["amount"], whole, "eur"), net(line))


def net(line: Row) -> int:
    """What a line asks for, in minor units, less its discounts."""
    off = sum(part["amount"] for part in line.get("discount_amounts", []))
    return int(line["amount"] - off)
