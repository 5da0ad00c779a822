"""A customer's balance: credit for the next invoices, or a small sum owed with them."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.credit import balance_after, balance_of
from stripe_sandbox.events import change


def move(
    books: Books,
    customer: Row,
    amount: int,
    currency: str,
    type: str,
    *,
    now: int,
    invoice: Row | None = None,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Row:
    """Add `amount` minor units to the balance: less than zero is credit. Returns the entry."""
    ending = balance_of(customer, currency) + amount
    with change(books, customer, "customer.updated"):
        customer["currency"] = customer.get("currency") or currency
        customer["balances"] = {**customer.get("balances", {}), currency: ending}
    return books.add(
        "customer_balance_transaction",
        created=now,
        amount=amount,
        currency=currency,
        customer=customer["id"],
        description=description,
        ending_balance=ending,
        invoice=invoice and invoice["id"],
        metadata=metadata or {},
        type=type,
    )


def apply(books: Books, invoice: Row, customer: Row, now: int) -> None:
    """Set an invoice off against the balance: use credit up, or take on what it gives back."""
    total, currency = invoice["total"], invoice["currency"]
    starting = balance_of(customer, currency)
    ending = balance_after(total, starting, currency)
    if ending != starting:
        type = "invoice_too_small" if ending > 0 else "applied_to_invoice"
        move(books, customer, ending - starting, currency, type, now=now, invoice=invoice)
    invoice |= {
        "amount_due": total + starting - ending,
        "ending_balance": ending,
        "starting_balance": starting,
    }


def restore(books: Books, invoice: Row, now: int) -> None:
    """Undo `apply`, for an invoice that is void."""
    applied = invoice.get("ending_balance", 0) - invoice.get("starting_balance", 0)
    if applied:
        customer = books.get("customer", invoice["customer"])
        type = "unapplied_from_invoice"
        move(books, customer, -applied, invoice["currency"], type, now=now, invoice=invoice)
