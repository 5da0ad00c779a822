"""One payment: an intent, its attempts, the charge, and what it leaves on the balance."""

from stripe_sandbox import money
from stripe_sandbox.banks import BANKS, FAILURE_CODE, Bank
from stripe_sandbox.books import Books, Row
from stripe_sandbox.cards import CARDS, EXPIRED, Card, Decline, is_over
from stripe_sandbox.events import change, emit

AVAILABLE_AFTER = 2 * 24 * 3600
DEBIT_TAKES = 3 * 24 * 3600


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


def new_bank(books: Books, name: str, *, payer: Row, now: int) -> Row:
    """A PaymentMethod for the test bank account of that name (banks.BANKS), not attached yet."""
    iban = BANKS[name].iban
    return books.add(
        "payment_method",
        created=now,
        billing_details=payer,
        metadata={},
        plays=name,
        sepa_debit={
            "bank_code": iban[4:12] if iban.startswith("DE") else iban[4:9],
            "branch_code": "",
            "country": iban[:2],
            "fingerprint": f"sandbox{name.replace('_', '')}",
            "last4": iban[-4:],
        },
    )


def kind_of(method: Row) -> str:
    """`card` or `sepa_debit`, of a PaymentMethod or of a charge."""
    return "sepa_debit" if "sepa_debit" in method else "card"


def is_delayed(method: Row) -> bool:
    """Whether it takes days until its bank pays."""
    return kind_of(method) == "sepa_debit"


def bank_of(method: Row) -> Bank:
    """The test account behind a PaymentMethod."""
    return BANKS[method["plays"]]


def plays(method: Row) -> Card:
    """The test card behind a PaymentMethod."""
    return CARDS[method["plays"]]


def refusal(method: Row, now: int) -> Decline | None:
    """Why a saved card is not paid with while nobody is there to be asked."""
    if is_over(method["card"]["exp_month"], method["card"]["exp_year"], now):
        return EXPIRED
    return plays(method).later


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
    types: list[str] | None = None,
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
        payment_method_types=types or ["card"],
        setup_future_usage=setup_future_usage,
        status="requires_payment_method",
    )
    emit(books, "payment_intent.created", intent)
    return intent


def pay(books: Books, intent: Row, method: Row, *, now: int) -> Row:
    """Charge a card that will pay. Returns the charge."""
    charge = _charge(books, intent, method, now, status="succeeded")
    _take(books, intent, charge, now)
    return charge


def process(books: Books, intent: Row, method: Row, *, now: int) -> None:
    """Ask a bank for a debit. Its answer comes DEBIT_TAKES seconds later (engine.delayed)."""
    charge = _charge(books, intent, method, now, status="pending")
    kind = kind_of(method)
    types: list[str] = intent.get("payment_method_types") or ["card"]
    intent |= {
        "failure": None,
        "latest_charge": charge["id"],
        "payment_method": method["id"],
        "payment_method_types": types if kind in types else [*types, kind],
        "status": "processing",
    }
    customer = books.find("customer", intent["customer"]) if intent["customer"] else None
    books.plan(intent["id"], "arrive", now + DEBIT_TAKES, books.clock_of(customer))
    emit(books, "payment_intent.processing", books.save(intent))
    emit(books, "charge.pending", charge)


def settle(books: Books, intent: Row, now: int) -> None:
    """The bank has paid what was processing."""
    charge = books.get("charge", intent["latest_charge"])
    charge["status"] = "succeeded"
    _take(books, intent, books.save(charge), now)


def bounce(books: Books, intent: Row, method: Row, refusal: Decline) -> None:
    """The bank refuses what was processing."""
    charge = books.get("charge", intent["latest_charge"])
    charge |= {
        "status": "failed",
        "failure_code": FAILURE_CODE,
        "failure_message": refusal.message,
    }
    emit(books, "charge.failed", books.save(charge))
    fail(books, intent, method, refusal, charge=charge)


def _take(books: Books, intent: Row, charge: Row, now: int) -> None:
    fee = money.fee(money.settled(intent["amount"], intent["currency"])[0])
    type = "payment" if is_delayed(charge) else "charge"
    entry = book_entry(books, charge, type, intent["amount"], fee=fee, now=now, category="charge")
    charge["balance_transaction"] = entry["id"]
    emit(books, "charge.succeeded", charge)
    intent |= {
        "amount_received": intent["amount"],
        "failure": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": charge["payment_method"],
        "status": "succeeded",
    }
    emit(books, "payment_intent.succeeded", books.save(intent))


def refuse(books: Books, intent: Row, method: Row, decline: Decline, *, now: int) -> None:
    """Charge a card that refuses, for the reason given."""
    charge = _refused(books, intent, method, decline, now)
    fail(books, intent, method, decline, charge=charge)


def refuse_until_asked(
    books: Books, intent: Row, method: Row, decline: Decline, *, page: str, now: int
) -> None:
    """Charge a card whose bank wants to ask its owner first, on that page."""
    charge = _refused(books, intent, method, decline, now)
    failure = _failure(method, decline, charge)
    ask_3ds(books, intent, method, page=page, back=page, failure=failure)


def _refused(books: Books, intent: Row, method: Row, decline: Decline, now: int) -> Row:
    charge = _charge(
        books,
        intent,
        method,
        now,
        status="failed",
        failure_code=decline.code,
        failure_message=decline.message,
        decline_code=decline.reason,
    )
    emit(books, "charge.failed", charge)
    intent["latest_charge"] = charge["id"]
    return charge


def fail(
    books: Books, intent: Row, method: Row, decline: Decline, *, charge: Row | None = None
) -> None:
    """Put an intent back to waiting for another card, with the reason."""
    intent |= {
        "failure": _failure(method, decline, charge),
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    emit(books, "payment_intent.payment_failed", books.save(intent))


def _failure(method: Row, decline: Decline, charge: Row | None) -> Row:
    return {
        "charge": charge and charge["id"],
        "code": decline.code,
        "decline_code": decline.reason,
        "message": decline.message,
        "payment_method": method["id"],
    }


def ask_3ds(
    books: Books, intent: Row, method: Row, *, page: str, back: str, failure: Row | None = None
) -> None:
    """Hold an intent until the payer has been to the bank's page."""
    intent |= {
        "failure": failure,
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
        payment_method_type=kind_of(charge),
        reason=reason,
        reference=books.ids.secret(16),
    )
    type = "payment_refund" if is_delayed(charge) else "refund"
    entry = book_entry(books, made, type, -amount, fee=0, now=now, category="refund")
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
    kind = kind_of(method)
    return books.add(
        "charge",
        id=books.ids.new("payment") if is_delayed(method) else None,
        created=now,
        **facts,
        **{kind: method[kind]},
        amount=intent["amount"],
        amount_refunded=0,
        billing_details=method["billing_details"],
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=dict(intent["metadata"]),
        payment_intent=intent["id"],
        payment_method=method["id"],
        receipt_email=intent.get("receipt_email"),
    )
