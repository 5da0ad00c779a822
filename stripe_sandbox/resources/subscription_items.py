"""Another amount or interval for a running subscription."""

import copy

from stripe_sandbox.books import Books, Row
from stripe_sandbox.engine import billing, invoices, prorations
from stripe_sandbox.errors import invalid, missing, not_played
from stripe_sandbox.http.params import merged
from stripe_sandbox.resources.prices import new_price


def new_item(books: Books, item: Row, where: str) -> Row:
    """An item as a subscription keeps it, without an id yet."""
    if ("price" in item) == ("price_data" in item):
        raise invalid(f"You must specify either price or price_data in {where}.", where)
    if "price" in item:
        price = books.get("price", item["price"], f"{where}[price]")
    else:
        price = new_price(books, item["price_data"], inline=f"{where}[price_data]")
    if not price["recurring"]:
        raise invalid(
            "The price specified is set to `type=one_time` but this field only accepts prices "
            "with `type=recurring`.",
            f"{where}[price]",
        )
    return {
        "metadata": merged({}, item.get("metadata")),
        "price": price["id"],
        "quantity": item.get("quantity", 1),
    }


def change_items(books: Books, subscription: Row, params: Row, now: int) -> Row | None:
    """Apply `items` and `billing_cycle_anchor` of an update. The draft of a bill due at once.

    Stripe's rule: another interval starts a new period now and bills it, less what is unused;
    within the same interval the difference waits for the next renewal, is billed at once or
    is let go, as `proration_behavior` says.
    """
    behavior = params.get("proration_behavior", "create_prorations")
    at = _proration_date(subscription, params, behavior, now)
    before = copy.deepcopy(subscription["items"])
    for number, wanted in enumerate(params.get("items", [])):
        _change_one(books, subscription, wanted, f"items[{number}]")
    recurring = _recurring(books, subscription)
    starts_anew = _starts_anew(params, changed=recurring != _recurring(books, {"items": before}))
    old = {item["id"]: item for item in before}
    new = {item["id"]: item for item in subscription["items"]}
    changed = [
        id
        for id in old | new
        if starts_anew or id not in old or id not in new or _what(new[id]) != _what(old[id])
    ]
    for id in changed if behavior != "none" else ():
        if id in old:
            item = new.get(id, {**old[id]})
            prorations.give_back(books, subscription, item, old[id], at=at, now=now)
        if id in new and not starts_anew:
            prorations.bill_rest(books, subscription, new[id], at=at, now=now)
    if starts_anew:
        subscription |= {"billing_cycle_anchor": now, "cycles": 0}
        billing.next_period(books, subscription)
        if subscription["cancel_at_period_end"]:
            subscription["cancel_at"] = subscription["current_period_end"]
        return invoices.draft(books, subscription, "subscription_update", now)
    if changed and behavior == "always_invoice":
        reason = "subscription_update"
        return invoices.draft(books, subscription, reason, now, only_prorations=True)
    return None


def _proration_date(subscription: Row, params: Row, behavior: str, now: int) -> int:
    at: int = params.get("proration_date", now)
    if "proration_date" in params and behavior == "none":
        raise invalid(
            "You cannot pass `proration_date` when `proration_behavior` is `none`.",
            "proration_date",
        )
    if not subscription["current_period_start"] <= at <= subscription["current_period_end"]:
        raise invalid(
            "Cannot specify a proration date outside of the subscription's current period.",
            "proration_date",
        )
    return at


def _starts_anew(params: Row, *, changed: bool) -> bool:
    anchor = params.get("billing_cycle_anchor", {}).get("type")
    if changed and anchor == "unchanged":
        raise not_played(
            "another interval without a new billing cycle anchor", "billing_cycle_anchor"
        )
    return changed or anchor == "now"


def _change_one(books: Books, subscription: Row, wanted: Row, where: str) -> None:
    items: list[Row] = subscription["items"]
    if "id" not in wanted:
        made = {"id": books.ids.new("subscription_item"), "created": books.now()}
        items.append({**made, **new_item(books, wanted, where)})
        return
    item = next((one for one in items if one["id"] == wanted["id"]), None)
    if item is None:
        raise missing("subscription_item", wanted["id"], f"{where}[id]")
    if wanted.get("deleted"):
        items.remove(item)
        return
    if "price" in wanted and "price_data" in wanted:
        raise invalid(f"You may only specify one of price and price_data in {where}.", where)
    if "price" in wanted:
        item["price"] = books.get("price", wanted["price"], f"{where}[price]")["id"]
    elif "price_data" in wanted:
        item["price"] = new_price(books, wanted["price_data"], inline=f"{where}[price_data]")["id"]
    has_price = "price" in wanted or "price_data" in wanted
    item["quantity"] = wanted.get("quantity", 1 if has_price else item["quantity"])
    item["metadata"] = merged(item["metadata"], wanted.get("metadata"))


def _what(item: Row) -> tuple[str, int]:
    return item["price"], item["quantity"]


def _recurring(books: Books, subscription: Row) -> Row:
    """How often it is paid. All items must agree, and have the subscription's currency."""
    prices = [books.get("price", item["price"]) for item in subscription["items"]]
    first: Row | None = prices[0]["recurring"]
    currency = subscription.get("currency", prices[0]["currency"])
    if {price["currency"] for price in prices} != {currency}:
        raise invalid(
            "The price specified only supports another currency than the subscription's.",
            "items[0][price]",
        )
    if first is None or any(price["recurring"] != first for price in prices):
        raise invalid(
            "All items of a subscription must be paid in the same interval.", "items[0][price]"
        )
    return first
