"""One invoice: drafted, finalized, collected through one PaymentIntent."""

from stripe_sandbox.books import Books, Row
from stripe_sandbox.cards import NEEDS_3DS, Decline
from stripe_sandbox.engine import balance, discounts, payments, prorations
from stripe_sandbox.events import change, emit
from stripe_sandbox.money import cost, in_words


def draft(
    books: Books, subscription: Row, reason: str, now: int, *, only_prorations: bool = False
) -> Row:
    """An invoice for what waits and, unless it is for that alone, the current period."""
    customer = books.get("customer", subscription["customer"])
    is_first = reason == "subscription_create"
    id = subscription["latest_invoice"] if is_first else books.ids.new("invoice")
    lines = prorations.collect(books, subscription, id)
    if not only_prorations:
        lines += [_line(books, subscription, item, id) for item in subscription["items"]]
        discounts.apply(books, subscription, lines, now)
    start = subscription.get("invoiced_until") or now
    invoice = books.add(
        "invoice",
        id=id,
        created=now,
        amount_paid=0,
        attempt_count=0,
        attempted=False,
        auto_advance=not subscription.get("pause_collection"),
        billing_reason=reason,
        currency=subscription["currency"],
        customer=customer["id"],
        customer_email=customer.get("email"),
        customer_name=customer.get("name"),
        lines=lines,
        metadata={},
        next_payment_attempt=None,
        period_end=now,
        period_start=min(start, now),
        status="draft",
        subscription=subscription["id"],
        subscription_metadata=dict(subscription["metadata"]),
        test_clock=customer.get("test_clock"),
        total=sum(discounts.net(line) for line in lines),
    )
    subscription |= {"latest_invoice": invoice["id"], "invoiced_until": now}
    books.save(subscription)
    emit(books, "invoice.created", invoice)
    return invoice


def _line(books: Books, subscription: Row, item: Row, invoice: str) -> Row:
    price = books.get("price", item["price"])
    name = books.get("product", price["product"])["name"]
    recurring = price["recurring"]
    each = recurring["interval"]
    if recurring["interval_count"] > 1:
        each = f"{recurring['interval_count']} {each}s"
    quantity = item["quantity"]
    is_trial = subscription["status"] == "trialing"
    id, amount = books.ids.new("line_item"), 0 if is_trial else cost(price, quantity)
    start, end = subscription["current_period_start"], subscription["current_period_end"]
    asked = prorations.billed(item, subscription, amount, start, end, invoice=invoice, line=id)
    item["billed"] = [asked]
    return {
        "id": id,
        "amount": amount,
        "description": _described(price, quantity, name, each, is_trial=is_trial),
        "metadata": dict(subscription["metadata"]),
        "period": {"start": start, "end": end},
        "price": price["id"],
        "product": price["product"],
        "quantity": quantity,
        "subscription_item": item["id"],
    }


def _described(price: Row, quantity: int, name: str, each: str, *, is_trial: bool) -> str:
    if is_trial:
        return f"Trial period for {name}"
    unit = in_words(cost(price, 1), price["currency"])
    return f"{quantity} × {name} (at {unit} / {each})"


def finalize(books: Books, invoice: Row, now: int, *, intent: Row | None = None) -> None:
    """Give an invoice its number and a PaymentIntent, or tie it to one that exists.

    The customer's balance is set off against it, but not where a PaymentIntent asks for the
    whole already: Checkout says a sum before it knows the customer.
    """
    customer = books.get("customer", invoice["customer"])
    if intent is None:
        balance.apply(books, invoice, customer, now)
    sequence = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = sequence + 1
    books.save(customer)
    invoice |= {
        "effective_at": now,
        "hosted_invoice_url": f"{books.origin}/invoice/{invoice['id']}",
        "number": f"{customer['invoice_prefix']}-{sequence:04}",
        "status": "open",
    }
    emit(books, "invoice.finalized", books.save(invoice))
    if not due(invoice):
        return
    intent = intent or payments.open_intent(
        books,
        due(invoice),
        invoice["currency"],
        customer=customer,
        now=now,
        description=_purpose(invoice),
    )
    link = books.add(
        "invoice_payment",
        created=now,
        amount_requested=due(invoice),
        currency=invoice["currency"],
        invoice=invoice["id"],
        payment_intent=intent["id"],
        status="open",
    )
    invoice |= {"payment_intent": intent["id"], "invoice_payment": link["id"]}


def due(invoice: Row) -> int:
    """What a finalized invoice asks for, in minor units, once the balance is set off."""
    return int(invoice["amount_due"] if "amount_due" in invoice else invoice["total"])


def _purpose(invoice: Row) -> str:
    is_first = invoice["billing_reason"] == "subscription_create"
    return "Subscription creation" if is_first else "Subscription update"


def collect(
    books: Books,
    invoice: Row,
    method: Row | None,
    decline: Decline | None,
    now: int,
    *,
    retry_at: int | None,
    counts: bool = True,
) -> bool:
    """Charge a card for an invoice, once. True if it paid.

    Stripe's `attempt_count` counts the first attempt and automatic ones; `counts` says so.
    """
    intent = books.get("payment_intent", invoice["payment_intent"])
    if method and decline == NEEDS_3DS:
        page = authentication_page(books, invoice)
        payments.refuse_until_asked(books, intent, method, decline, page=page, now=now)
    elif method and decline:
        payments.refuse(books, intent, method, decline, now=now)
    if method is None or decline:
        payment_failed(books, invoice, retry_at=retry_at, counts=counts)
        if decline == NEEDS_3DS:
            emit(books, "invoice.payment_action_required", invoice)
        return False
    payments.pay(books, intent, method, now=now)
    mark_paid(books, invoice, now, attempts=int(counts))
    return True


def authentication_page(books: Books, invoice: Row) -> str:
    """Where the bank asks whoever pays an invoice."""
    return f"{books.origin}/invoice/{invoice['id']}/authenticate"


def payment_failed(
    books: Books, invoice: Row, *, retry_at: int | None, counts: bool = True
) -> None:
    """An attempt to collect was in vain; the next is at `retry_at`, if there is one."""
    invoice["attempt_count"] += counts
    invoice |= {"attempted": True, "next_payment_attempt": retry_at}
    if retry_at is None:
        invoice["auto_advance"] = False
    emit(books, "invoice.payment_failed", books.save(invoice))


def begin_debit(books: Books, invoice: Row, method: Row, now: int) -> None:
    """Ask a bank to pay an invoice, which stays open until it has."""
    intent = books.get("payment_intent", invoice["payment_intent"])
    invoice |= {"attempted": True, "next_payment_attempt": None}
    books.save(invoice)
    payments.process(books, intent, method, now=now)


def is_processing(books: Books, invoice: Row) -> bool:
    """Whether a bank has been asked to pay an invoice and has not answered."""
    intent = invoice.get("payment_intent")
    return bool(intent and books.get("payment_intent", intent)["status"] == "processing")


def mark_paid(books: Books, invoice: Row, now: int, *, attempts: int = 1) -> None:
    """The whole sum has come in through the invoice's PaymentIntent."""
    _settle(books, invoice, now, attempts=attempts)
    link = books.get("invoice_payment", invoice["invoice_payment"])
    link |= {"amount_paid": due(invoice), "paid_at": now, "status": "paid"}
    emit(books, "invoice_payment.paid", books.save(link))


def pay_with_nothing(books: Books, invoice: Row, now: int) -> None:
    """An invoice over nothing is paid as it is."""
    _settle(books, invoice, now, attempts=0)


def pay_elsewhere(books: Books, invoice: Row, now: int) -> None:
    """Somebody says that it was paid in cash or to a bank: no payment of Stripe's is made."""
    if invoice.get("payment_intent"):
        _cancel_payment(books, invoice, now, reason="automatic")
    _settle(books, invoice, now, attempts=0)


def _settle(books: Books, invoice: Row, now: int, *, attempts: int) -> None:
    invoice["attempt_count"] += attempts
    invoice |= {
        "amount_paid": due(invoice),
        "attempted": True,
        "auto_advance": False,
        "next_payment_attempt": None,
        "paid_at": now,
        "status": "paid",
    }
    emit(books, "invoice.paid", books.save(invoice))
    emit(books, "invoice.payment_succeeded", invoice)


def void(books: Books, invoice: Row, now: int) -> None:
    """Nobody has to pay this invoice any more."""
    with change(books, invoice, "invoice.voided"):
        invoice |= {"status": "void", "voided_at": now, "auto_advance": False}
    books.unplan(invoice["id"])
    balance.restore(books, invoice, now)
    if invoice.get("invoice_payment"):
        _cancel_payment(books, invoice, now, reason="void_invoice")


def _cancel_payment(books: Books, invoice: Row, now: int, *, reason: str) -> None:
    link = books.get("invoice_payment", invoice["invoice_payment"])
    link |= {"status": "canceled", "canceled_at": now}
    intent = books.get("payment_intent", invoice["payment_intent"])
    intent |= {"status": "canceled", "canceled_at": now, "cancellation_reason": reason}
    intent["next_action"] = None
    books.save(link)
    emit(books, "payment_intent.canceled", books.save(intent))
