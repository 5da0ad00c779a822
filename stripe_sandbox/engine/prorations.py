"""Unused and remaining time when a price or quantity changes within a period, to the second.

Stripe's flexible billing mode: what is given back is a share of what was billed, not of what
the item costs by now. Each share is an invoice item that waits for the next invoice.
"""

from datetime import UTC, datetime

from stripe_sandbox.books import Books, Row
from stripe_sandbox.events import emit
from stripe_sandbox.money import cost, share


def give_back(
    books: Books, subscription: Row, item: Row, before: Row, *, at: int, now: int
) -> None:
    """Credit what was billed for an item and lies after `at`. `before` is the item unchanged."""
    for debit in _billed(books, subscription, before):
        left = debit["end"] - max(at, debit["start"])
        amount = share(debit["amount"], left, debit["end"] - debit["start"], debit["currency"])
        credited = {name: debit[name] for name in ("invoice", "invoice_item", "line")}
        _wait(
            books,
            subscription,
            {**item, "price": debit["price"], "quantity": debit["quantity"]},
            -amount,
            at=at,
            until=debit["end"],
            now=now,
            credited=credited if any(credited.values()) else None,
        )
    item["billed"] = []


def bill_rest(books: Books, subscription: Row, item: Row, *, at: int, now: int) -> None:
    """Charge what an item costs from `at` to the end of the period."""
    start, end = subscription["current_period_start"], subscription["current_period_end"]
    whole = cost(books.get("price", item["price"]), item["quantity"])
    amount = share(whole, end - at, end - start, subscription["currency"])
    made = _wait(books, subscription, item, amount, at=at, until=end, now=now)
    item["billed"] = [billed(item, subscription, amount, at, end, invoice_item=made["id"])]


def billed(
    item: Row,
    subscription: Row,
    amount: int,
    start: int,
    end: int,
    *,
    invoice: str | None = None,
    invoice_item: str | None = None,
    line: str | None = None,
) -> Row:
    """What was asked for an item, from `start` to `end`, as it is kept with the item."""
    return {
        "amount": amount,
        "currency": subscription["currency"],
        "end": end,
        "invoice": invoice,
        "invoice_item": invoice_item,
        "line": line,
        "price": item["price"],
        "quantity": item["quantity"],
        "start": start,
    }


def collect(books: Books, subscription: Row, invoice: str) -> list[Row]:
    """The lines of an invoice for all that waits; from now on it does not wait any more."""
    lines = []
    for id in subscription.pop("pending_items", []):
        waiting = books.get("invoiceitem", id)
        waiting["invoice"] = invoice
        line = {
            **{name: waiting[name] for name in ("amount", "description", "metadata", "period")},
            **{name: waiting[name] for name in ("price", "product", "quantity")},
            "id": books.ids.new("line_item"),
            "credited": waiting["credited"],
            "invoice_item": id,
            "subscription_item": waiting["subscription_item"],
        }
        for item in subscription["items"]:
            for debit in item.get("billed", []):
                if debit["invoice_item"] == id:
                    debit |= {"invoice": invoice, "line": line["id"]}
        books.save(waiting)
        lines.append(line)
    books.save(subscription)
    return lines


def _billed(books: Books, subscription: Row, item: Row) -> list[Row]:
    """What was asked for an item and its time. A store of before prorations did not keep it."""
    if "billed" in item:
        found: list[Row] = item["billed"]
        return found
    start, end = subscription["current_period_start"], subscription["current_period_end"]
    amount = cost(books.get("price", item["price"]), item["quantity"])
    return [billed(item, subscription, amount, start, end)]


def _wait(
    books: Books,
    subscription: Row,
    item: Row,
    amount: int,
    *,
    at: int,
    until: int,
    now: int,
    credited: Row | None = None,
) -> Row:
    price = books.get("price", item["price"])
    name = books.get("product", price["product"])["name"]
    if item["quantity"] > 1:
        name = f"{item['quantity']} × {name}"
    what = "Unused" if amount < 0 else "Remaining"
    made = books.add(
        "invoiceitem",
        created=now,
        amount=amount,
        credited=credited,
        currency=subscription["currency"],
        customer=subscription["customer"],
        description=f"{what} time on {name} after {datetime.fromtimestamp(at, UTC):%d %b %Y}",
        invoice=None,
        metadata=dict(subscription["metadata"]),
        period={"start": at, "end": until},
        price=price["id"],
        product=price["product"],
        quantity=item["quantity"],
        subscription=subscription["id"],
        subscription_item=item["id"],
        test_clock=subscription.get("test_clock"),
    )
    subscription["pending_items"] = [*subscription.get("pending_items", []), made["id"]]
    emit(books, "invoiceitem.created", made)
    return made
