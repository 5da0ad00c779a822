"""From facts to Stripe's objects: one function for each kind, all fields there.

The pinned SDK's annotations are the authority; tests/stripe_sandbox/test_shapes.py holds
every shape against them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from stripe_sandbox.shapes.billing import invoice, invoice_payment, subscription
from stripe_sandbox.shapes.catalogue import coupon, discount, price, product
from stripe_sandbox.shapes.checkout import portal_session, session
from stripe_sandbox.shapes.disputes import dispute
from stripe_sandbox.shapes.machinery import event, test_clock, webhook_endpoint
from stripe_sandbox.shapes.payments import balance_transaction, charge, payment_intent, refund
from stripe_sandbox.shapes.payouts import payout
from stripe_sandbox.shapes.people import customer, payment_method
from stripe_sandbox.shapes.prorations import customer_balance_transaction, invoice_item
from stripe_sandbox.shapes.schedules import subscription_schedule

if TYPE_CHECKING:
    from stripe_sandbox.books import Books, Row

SHAPES: "dict[str, Callable[[Books, Row], Row]]" = {
    "balance_transaction": balance_transaction,
    "billing_portal.session": portal_session,
    "charge": charge,
    "checkout.session": session,
    "coupon": coupon,
    "customer": customer,
    "discount": discount,
    "customer_balance_transaction": customer_balance_transaction,
    "dispute": dispute,
    "event": lambda books, row: event(row),
    "invoice": invoice,
    "invoice_payment": invoice_payment,
    "invoiceitem": invoice_item,
    "payment_intent": payment_intent,
    "payment_method": payment_method,
    "payout": payout,
    "price": price,
    "product": product,
    "refund": refund,
    "subscription": subscription,
    "subscription_schedule": subscription_schedule,
    "test_helpers.test_clock": test_clock,
    "webhook_endpoint": webhook_endpoint,
}


def render(books: "Books", row: "Row") -> "Row":
    """The object as Stripe would show it. A deleted one is its id and `deleted`."""
    if row.get("deleted"):
        return {"id": row["id"], "object": row["object"], "deleted": True}
    return SHAPES[row["object"]](books, row)


__all__ = ["SHAPES", "event", "render"]
