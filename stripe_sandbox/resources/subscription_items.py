"""Another amount or interval for a running subscription."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import billing
from stripe_sandbox.http.errors import invalid, missing, not_played
from stripe_sandbox.http.params import merged
from stripe_sandbox.resources.prices import new_price


def change_items(books: Books, subscription: Row, params: Row, now: int) -> bool:
    """Apply `items` of an update. True if a bill is due at once.

    Stripe's rule: another interval starts a new period now and bills it; another amount in
    the same interval counts from the next renewal, as long as nothing is prorated.
    """
    before = _interval(books, subscription)
    for number, wanted in enumerate(params["items"]):
        _change_one(books, subscription, wanted, f"items[{number}]")
    prices = [books.get("price", item["price"]) for item in subscription["items"]]
    if {price["currency"] for price in prices} != {subscription["currency"]}:
        raise invalid(
            "The price specified only supports another currency than the subscription's.",
            "items[0][price]",
        )
    if params.get("proration_behavior") != "none":
        raise not_played("prorations; pass proration_behavior=none", "proration_behavior")
    if _interval(books, subscription) == before:
        return False
    subscription |= {"billing_cycle_anchor": now, "cycles": 0}
    billing.next_period(books, subscription)
    return True


def _change_one(books: Books, subscription: Row, wanted: Row, where: str) -> None:
    items: list[Row] = subscription["items"]
    item = next((one for one in items if one["id"] == wanted["id"]), None)
    if item is None:
        raise missing("subscription_item", wanted["id"], f"{where}[id]")
    if "price" in wanted and "price_data" in wanted:
        raise invalid(f"You may only specify one of price and price_data in {where}.", where)
    if "price" in wanted:
        item["price"] = books.get("price", wanted["price"], f"{where}[price]")["id"]
    elif "price_data" in wanted:
        item["price"] = new_price(books, wanted["price_data"], inline=f"{where}[price_data]")["id"]
    item["quantity"] = wanted.get("quantity", item["quantity"])
    item["metadata"] = merged(item["metadata"], wanted.get("metadata"))


def _interval(books: Books, subscription: Row) -> Row | None:
    recurring: Row | None = books.get("price", subscription["items"][0]["price"])["recurring"]
    return recurring
