"""One payment: an intent, its attempts, the charge, and what it leaves on the balance."""

from stripe_sandbox import money
from stripe_sandbox.books import Books, Row
from stripe_sandbox.cards import CARDS, Card, Decline
from stripe_sandbox.events import change, emit

AVAILABLE_AFTER = 2 * 24 * 3600


def new_card(
    books: Books, name: str, *, expiry: tuple[int, int], payer: Row, now: int, **facts: object
) -> Row:
    """A PaymentMethod for the test card of that name (cards.CARDS), not attached yet."""
    card = CARDS[name]
    month, year = expiry
    return books.add(
        "payment_method",
        created=now,
        **facts,
        billing_details=payer,
        card={
            "brand": card.brand,
            "country": "US",
            "cvc_check": "pass",
            "exp_month": month,
            "exp_year": year,
            "fingerprint": f"sandbox{name.replace('_', '')}",
            "funding": "credit",
            "last4": card.number[-4:] or "0000",
        },
        metadata={},
        plays=name,
    )


def plays(method: Row) -> Card:
    """The test card behind a PaymentMethod."""
    return CARDS[method["plays"]]


def attach(books: Books, method: Row, customer: Row) -> None:
    """Tie a card to a customer."""
    method["customer"] = customer["id"]
    books.save(method)
    emit(books, "payment_method.attached", method)


def open_intent(
    books: Books,
    amount: int,
    currency: str,
    *,
    customer: Row | None,
    now: int,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
    setup_future_usage: str | None = None,
) -> Row:
    """A PaymentIntent over `amount` minor units that waits for a card."""
    id = books.ids.new("payment_intent")
    intent = books.add(
        "payment_intent",
        id=id,
        created=now,
        amount=amount,
        amount_received=0,
        client_secret=f"{id}_secret_{books.ids.secret(25)}",
        currency=currency,
        customer=customer and customer["id"],
        description=description,
        metadata=metadata or {},
        setup_future_usage=setup_future_usage,
        status="requires_payment_method",
    )
    emit(books, "payment_intent.created", intent)
    return intent


def pay(books: Books, intent: Row, method: Row, *, now: int) -> Row:
    """Charge a card that will pay. Returns the charge."""
    charge = _charge(books, intent, method, now, status="succeeded", amount_refunded=0)
    fee = money.fee(money.settled(intent["amount"], intent["currency"])[0])
    entry = book_entry(books, charge, "charge", intent["amount"], fee=fee, now=now)
    charge["balance_transaction"] = entry["id"]
    emit(books, "charge.succeeded", charge)
    intent |= {
        "amount_received": intent["amount"],
        "failure": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": method["id"],
        "status": "succeeded",
    }
    emit(books, "payment_intent.succeeded", books.save(intent))
    return charge


def refuse(books: Books, intent: Row, method: Row, decline: Decline, *, now: int) -> Row:
    """Charge a card that refuses, for the reason given. Returns the failed charge."""
    charge = _charge(
        books,
        intent,
        method,
        now,
        status="failed",
        amount_refunded=0,
        failure_code=decline.code,
        failure_message=decline.message,
        decline_code=decline.reason,
    )
    emit(books, "charge.failed", charge)
    intent["latest_charge"] = charge["id"]
    fail(books, intent, method, decline, charge=charge)
    return charge


def fail(
    books: Books, intent: Row, method: Row, decline: Decline, *, charge: Row | None = None
) -> None:
    """Put an intent back to waiting for another card, with the reason."""
    intent |= {
        "failure": {
            "charge": charge and charge["id"],
            "code": decline.code,
            "decline_code": decline.reason,
            "message": decline.message,
            "payment_method": method["id"],
        },
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    emit(books, "payment_intent.payment_failed", books.save(intent))


def ask_3ds(books: Books, intent: Row, method: Row, *, page: str, back: str) -> None:
    """Hold an intent until the payer has been to the bank's page."""
    intent |= {
        "next_action": {
            "redirect_to_url": {"return_url": back, "url": page},
            "type": "redirect_to_url",
        },
        "payment_method": method["id"],
        "status": "requires_action",
    }
    emit(books, "payment_intent.requires_action", books.save(intent))


def refund(
    books: Books, charge: Row, amount: int, *, reason: str | None, metadata: Row, now: int
) -> Row:
    """Give `amount` minor units of a charge back. The fee stays with Stripe."""
    made = books.add(
        "refund",
        created=now,
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        customer=charge["customer"],
        metadata=metadata,
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        reason=reason,
        reference=books.ids.secret(16),
    )
    entry = book_entry(books, made, "refund", -amount, fee=0, now=now)
    made["balance_transaction"] = entry["id"]
    with change(books, charge, "charge.refunded"):
        charge["amount_refunded"] += amount
    emit(books, "refund.created", made)
    return made


def book_entry(
    books: Books,
    source: Row,
    type: str,
    amount: int,
    *,
    fee: int,
    now: int,
    category: str | None = None,
    description: str | None = None,
) -> Row:
    """A line on the balance: `amount` in the source's currency, `fee` in the settled one's."""
    worth, currency, rate = money.settled(amount, source["currency"])
    return books.add(
        "balance_transaction",
        created=now,
        amount=worth,
        available_on=now + AVAILABLE_AFTER,
        category=category or type,
        currency=currency,
        description=description or source.get("description"),
        exchange_rate=rate and float(rate),
        fee=fee,
        source=source["id"],
        type=type,
    )


def _charge(books: Books, intent: Row, method: Row, now: int, **facts: object) -> Row:
    return books.add(
        "charge",
        created=now,
        **facts,
        amount=intent["amount"],
        billing_details=method["billing_details"],
        card=method["card"],
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=dict(intent["metadata"]),
        payment_intent=intent["id"],
        payment_method=method["id"],
        receipt_email=intent.get("receipt_email"),
    )
