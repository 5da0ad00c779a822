"""Subscriptions through time: the first bill, renewals, retries, the end.

Each function runs at a moment `now`, in seconds since 1970 UTC, that is given to it.
"""

from stripe_sandbox import periods
from stripe_sandbox.books import Books, Row
from stripe_sandbox.cards import DECLINED, Decline
from stripe_sandbox.engine import discounts, disputes, payments, schedules
from stripe_sandbox.engine.endings import end
from stripe_sandbox.engine.invoices import (
    begin_debit,
    collect,
    draft,
    due,
    finalize,
    is_processing,
    pay_with_nothing,
    payment_failed,
    void,
)
from stripe_sandbox.events import change, emit

DAY = 24 * 3600
# Days from each failed attempt to the next one; after the last, the subscription ends.
RETRY_DAYS = (3, 5, 7)
ABANDONED_AFTER = 23 * 3600
UNPAID = ("past_due", "incomplete", "unpaid")


def subscribe(
    books: Books,
    customer: Row,
    items: list[Row],
    *,
    now: int,
    currency: str,
    coupons: list[str] | None = None,
    trial_end: int | None = None,
    **facts: object,
) -> Row:
    """A new subscription, `incomplete` until its first invoice is paid, or on trial.

    The id of that invoice is fixed here, as Stripe names it in customer.subscription.created.
    """
    subscription = books.add(
        "subscription",
        created=now,
        **facts,
        billing_cycle_anchor=trial_end or now,
        cancel_at_period_end=False,
        currency=currency,
        customer=customer["id"],
        cycles=0,
        items=[{"id": books.ids.new("subscription_item"), "created": now, **it} for it in items],
        latest_invoice=books.ids.new("invoice"),
        start_date=now,
        status="trialing" if trial_end else "incomplete",
        test_clock=customer.get("test_clock"),
        trial_end=trial_end,
        trial_start=now if trial_end else None,
    )
    discounts.redeem(books, subscription, coupons or [], now)
    if trial_end:
        subscription |= {"current_period_start": now, "current_period_end": trial_end}
        books.save(subscription)
        plan(books, subscription, "renew", trial_end)
    else:
        next_period(books, subscription)
    customer["currency"] = currency
    books.save(customer)
    emit(books, "customer.subscription.created", subscription)
    return subscription


def next_period(books: Books, subscription: Row) -> None:
    """Move a subscription on by one period, and plan its renewal."""
    schedules.enter_phase(books, subscription)
    recurring = books.get("price", subscription["items"][0]["price"])["recurring"]
    interval, count = recurring["interval"], recurring["interval_count"]
    anchor, cycles = subscription["billing_cycle_anchor"], subscription["cycles"]
    subscription |= {
        "current_period_start": periods.boundary(anchor, interval, count, cycles),
        "current_period_end": periods.boundary(anchor, interval, count, cycles + 1),
        "cycles": cycles + 1,
    }
    books.save(subscription)
    plan(books, subscription, "renew", subscription["current_period_end"])


def plan(books: Books, subscription: Row, job: str, at: int) -> None:
    """Put a job of a subscription on the clock its customer lives on."""
    customer = books.get("customer", subscription["customer"])
    books.plan(subscription["id"], job, at, books.clock_of(customer))


def activate(books: Books, subscription: Row) -> None:
    """The bill is paid: the subscription is (again) active."""
    books.unplan(subscription["id"], "abandon")
    with change(books, subscription, "customer.subscription.updated"):
        subscription["status"] = "active"


def renew(books: Books, id: str, now: int) -> None:
    """The period is over: end if that was wanted, else bill the next one."""
    subscription = books.get("subscription", id)
    if subscription["cancel_at_period_end"]:
        if subscription.get("pending_items"):
            last = draft(books, subscription, "subscription_cycle", now, only_prorations=True)
            bill(books, subscription, last, now)
        end(books, subscription, now)
        return
    with change(books, subscription, "customer.subscription.updated"):
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        next_period(books, subscription)
        invoice = draft(books, subscription, "subscription_cycle", now)
    bill(books, subscription, invoice, now)


def bill(books: Books, subscription: Row, invoice: Row, now: int) -> bool:
    """Finalize a draft and collect it, unless collecting pauses. False if it was refused."""
    pause = subscription.get("pause_collection")
    if pause and invoice["total"] >= 0:
        _leave_unpaid(books, invoice, pause["behavior"], now)
        return True
    finalize(books, invoice, now)
    return charge_or_retry(books, subscription, invoice, now)


def _leave_unpaid(books: Books, invoice: Row, behavior: str, now: int) -> None:
    if behavior == "keep_as_draft":
        return
    finalize(books, invoice, now)
    if behavior == "void":
        void(books, invoice, now)
    else:
        with change(books, invoice, "invoice.marked_uncollectible"):
            invoice |= {"status": "uncollectible", "marked_uncollectible_at": now}


def charge_or_retry(books: Books, subscription: Row, invoice: Row, now: int) -> bool:
    """Try to collect an invoice; after a refusal, plan the next try or give up.

    False if it was refused. A bank's debit is neither paid nor refused for some days.
    """
    method = paying_method(books, subscription)
    if method and payments.is_delayed(method) and due(invoice):
        books.unplan(subscription["id"], "abandon")
        begin_debit(books, invoice, method, now)
        return True
    if not due(invoice):
        pay_with_nothing(books, invoice, now)
        paid = True
    else:
        decline = payments.refusal(method, now) if method else DECLINED
        retry_at = _retry_at(invoice, now) if decline else None
        paid = collect(books, invoice, method, decline, now, retry_at=retry_at)
    if paid:
        books.unplan(invoice["id"], "retry")
        if subscription["status"] in UNPAID:
            activate(books, subscription)
        _maybe_dispute(books, invoice, now)
        return True
    if subscription["status"] == "incomplete":
        return False
    _after_refusal(books, subscription, invoice, now)
    return False


def _maybe_dispute(books: Books, invoice: Row, now: int) -> None:
    if invoice.get("payment_intent"):
        intent = books.get("payment_intent", invoice["payment_intent"])
        method = books.get("payment_method", intent["payment_method"])
        charge = books.get("charge", intent["latest_charge"])
        disputes.after_payment(books, charge, method, now)


def _retry_at(invoice: Row, now: int) -> int | None:
    if invoice["billing_reason"] == "subscription_create":
        return None
    tried = invoice["attempt_count"]
    return now + RETRY_DAYS[tried] * DAY if tried < len(RETRY_DAYS) else None


def bounced(books: Books, invoice: Row, now: int) -> None:
    """A bank has refused to pay an invoice days after it was asked."""
    subscription = books.get("subscription", invoice["subscription"])
    payment_failed(books, invoice, retry_at=_retry_at(invoice, now))
    if subscription["status"] not in ("incomplete", "canceled"):
        _after_refusal(books, subscription, invoice, now)


def _after_refusal(books: Books, subscription: Row, invoice: Row, now: int) -> None:
    if invoice["next_payment_attempt"] is None:
        given_up(books, subscription, now)
        return
    customer = books.get("customer", subscription["customer"])
    at, clock = invoice["next_payment_attempt"], books.clock_of(customer)
    books.plan(invoice["id"], "retry", at, clock)
    if subscription["status"] != "past_due":
        with change(books, subscription, "customer.subscription.updated"):
            subscription["status"] = "past_due"


def retry(books: Books, id: str, now: int) -> None:
    """Try a failed renewal again."""
    invoice = books.get("invoice", id)
    subscription = books.get("subscription", invoice["subscription"])
    over = subscription["status"] in ("canceled", "unpaid")
    if invoice["status"] == "open" and not over and not is_processing(books, invoice):
        charge_or_retry(books, subscription, invoice, now)


def pay_invoice(books: Books, invoice: Row, method: Row, decline: Decline | None, now: int) -> bool:
    """Somebody pays an open invoice outside the plan of retries. False if it was refused."""
    if payments.is_delayed(method):
        books.unplan(invoice["id"], "retry")
        begin_debit(books, invoice, method, now)
        return True
    retry_at = invoice["next_payment_attempt"]
    counts = not invoice["attempt_count"]
    if not collect(books, invoice, method, decline, now, retry_at=retry_at, counts=counts):
        return False
    paid(books, books.get("subscription", invoice["subscription"]), invoice)
    _maybe_dispute(books, invoice, now)
    return True


def paid(books: Books, subscription: Row, invoice: Row) -> None:
    """What the payment of an invoice, by whatever way, means for its subscription."""
    books.unplan(invoice["id"], "retry")
    is_latest = subscription.get("latest_invoice") == invoice["id"]
    if is_latest and subscription["status"] in UNPAID:
        activate(books, subscription)


def given_up(books: Books, subscription: Row, now: int) -> None:
    """All tries failed: cancel, or stay `unpaid` or `past_due`, as the sandbox is set."""
    outcome = books.setting("after_retries") or "canceled"
    if outcome == "canceled":
        end(books, subscription, now, reason="payment_failed")
        return
    with change(books, subscription, "customer.subscription.updated"):
        subscription["status"] = outcome


def resume(books: Books, id: str, now: int) -> None:
    """A pause in collecting is over."""
    subscription = books.get("subscription", id)
    with change(books, subscription, "customer.subscription.updated"):
        subscription["pause_collection"] = None


def paying_method(books: Books, subscription: Row) -> Row | None:
    """The subscription's own card, else the customer's."""
    customer = books.get("customer", subscription["customer"])
    id = subscription.get("default_payment_method") or customer.get("default_payment_method")
    return books.find("payment_method", id) if id else None
