"""What happens behind Checkout's button: an attempt, perhaps a bank's question, completion."""

from typing import Literal

from stripe_sandbox.books import Books, Row
from stripe_sandbox.cards import UNAUTHENTICATED, Decline
from stripe_sandbox.engine import billing, disputes, invoices, payments
from stripe_sandbox.events import emit, put_in_order

Attempt = Literal["paid", "authenticate"] | Decline

# The order in which Stripe announces a completed Checkout; money before paper.
SUBSCRIPTION_ORDER = (
    "customer.created",
    "payment_method.attached",
    "customer.subscription.created",
    "payment_intent.created",
    "payment_intent.processing",
    "charge.pending",
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice.created",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_succeeded",
    "customer.subscription.updated",
    "invoice_payment.paid",
)


def attempt(books: Books, session: Row, card: str, payer: Row, expiry: tuple[int, int]) -> Attempt:
    """Try to pay an open session with the test card of that name.

    `payer` is the e-mail address and name as typed, `expiry` month and year.
    """
    now = session_now(books, session)
    method = payments.new_card(books, card, expiry=expiry, payer=payer, now=now)
    behind = payments.plays(method)
    if behind.asks_3ds:
        page = f"{books.origin}/c/pay/{session['id']}/authenticate"
        intent = _intent(books, session, now)
        payments.ask_3ds(books, intent, method, page=page, back=session["success_url"] or page)
        session["asking"] = {"payment_method": method["id"], "payer": payer}
        books.save(session)
        return "authenticate"
    if behind.at_checkout:
        payments.refuse(books, _intent(books, session, now), method, behind.at_checkout, now=now)
        return behind.at_checkout
    complete(books, session, method, payer, now)
    return "paid"


def debit(books: Books, session: Row, bank: str, payer: Row) -> None:
    """Complete an open session with a test bank account, which pays some days later."""
    now = session_now(books, session)
    method = payments.new_bank(books, bank, payer=payer, now=now)
    complete(books, session, method, payer, now)


def authenticated(books: Books, session: Row, *, agreed: bool) -> Attempt:
    """The payer comes back from the bank's page."""
    asking = session.pop("asking")
    books.save(session)
    method = books.get("payment_method", asking["payment_method"])
    now = session_now(books, session)
    if not agreed:
        payments.fail(books, _intent(books, session, now), method, UNAUTHENTICATED)
        return UNAUTHENTICATED
    complete(books, session, method, asking["payer"], now)
    return "paid"


def session_now(books: Books, session: Row) -> int:
    """The time on the clock of whoever pays."""
    return books.now(books.find("customer", session["customer"]) if session["customer"] else None)


def _intent(books: Books, session: Row, now: int) -> Row:
    """The session's one PaymentIntent, made at the first attempt."""
    if session.get("attempts_intent"):
        return books.get("payment_intent", session["attempts_intent"])
    customer = books.find("customer", session["customer"]) if session["customer"] else None
    data = session["payment_intent_data"]
    intent = payments.open_intent(
        books,
        session["amount_total"],
        session["currency"],
        customer=customer,
        now=now,
        description=data.get("description")
        or ("Subscription creation" if session["mode"] == "subscription" else None),
        metadata=data.get("metadata"),
        setup_future_usage=_future_usage(session),
        types=session["payment_method_types"],
    )
    session["attempts_intent"] = intent["id"]
    if session["mode"] == "payment":
        session["payment_intent"] = intent["id"]
    books.save(session)
    return intent


def _future_usage(session: Row) -> str | None:
    if session["mode"] == "subscription":
        return "off_session"
    usage: str | None = session["payment_intent_data"].get("setup_future_usage")
    return usage


def complete(books: Books, session: Row, method: Row, payer: Row, now: int) -> None:
    """Everything that a completed Checkout leaves behind, in one go."""
    first = len(books.events)
    customer = _customer(books, session, payer, now)
    intent = _intent(books, session, now)
    if customer:
        intent["customer"] = session["customer"] = customer["id"]
        if _future_usage(session):
            payments.attach(books, method, customer)
    if session["mode"] == "subscription" and customer:
        _subscribe(books, session, customer, method, intent=intent, now=now)
    else:
        start = payments.process if payments.is_delayed(method) else payments.pay
        start(books, intent, method, now=now)
    put_in_order(books, first, SUBSCRIPTION_ORDER)
    session |= {
        "payer": payer,
        "payment_status": "unpaid" if payments.is_delayed(method) else "paid",
        "status": "complete",
        "url": None,
    }
    session.pop("asking", None)
    books.unplan(session["id"])
    emit(books, "checkout.session.completed", books.save(session))
    if payments.is_delayed(method):
        intent["checkout_session"] = session["id"]
        books.save(intent)
    else:
        disputes.after_payment(books, books.get("charge", intent["latest_charge"]), method, now)


def _customer(books: Books, session: Row, payer: Row, now: int) -> Row | None:
    if session["customer"]:
        return books.get("customer", session["customer"])
    if session["mode"] == "payment" and session["customer_creation"] != "always":
        return None
    return new_customer(books, now, email=payer["email"], name=payer["name"])


def new_customer(books: Books, now: int, **facts: object) -> Row:
    """A customer, with the prefix that its invoices' numbers will bear."""
    customer = books.add(
        "customer",
        created=now,
        **{"metadata": {}, **facts},
        invoice_prefix=books.ids.secret(8).upper(),
        next_invoice_sequence=1,
    )
    emit(books, "customer.created", customer)
    return customer


def _subscribe(
    books: Books, session: Row, customer: Row, method: Row, *, intent: Row, now: int
) -> None:
    data = session["subscription_data"]
    items = [
        {"metadata": {}, "price": line["price"], "quantity": line["quantity"]}
        for line in session["line_items"]
    ]
    subscription = billing.subscribe(
        books,
        customer,
        items,
        now=now,
        currency=session["currency"],
        default_payment_method=method["id"],
        description=data.get("description"),
        metadata=data.get("metadata", {}),
    )
    invoice = invoices.draft(books, subscription, "subscription_create", now)
    invoices.finalize(books, invoice, now, intent=intent)
    if payments.is_delayed(method):
        invoices.begin_debit(books, invoice, method, now)
    else:
        payments.pay(books, intent, method, now=now)
        invoices.mark_paid(books, invoice, now)
        billing.activate(books, subscription)
    session |= {"invoice": invoice["id"], "subscription": subscription["id"]}


def expire(books: Books, id: str, now: int) -> None:
    """A session that nobody paid is over."""
    session = books.get("checkout.session", id)
    books.unplan(id)
    if session["status"] != "open":
        return
    session |= {"status": "expired", "url": None, "expires_at": min(session["expires_at"], now)}
    emit(books, "checkout.session.expired", books.save(session))
