"""Identifiers that look like Stripe's, from one generator that can be seeded."""

import random
import string
import threading

ALPHABET = string.ascii_letters + string.digits

ACCOUNT = "acct_sandbox"
"""The one account."""

PREFIXES = {
    "balance_transaction": "txn_",
    "billing_portal.session": "bps_",
    "charge": "ch_",
    "checkout.session": "cs_test_",
    "customer": "cus_",
    "coupon": "",
    "discount": "di_",
    "customer_balance_transaction": "cbtxn_",
    "dispute": "du_",
    "event": "evt_",
    "invoice": "in_",
    "invoice_payment": "inpay_",
    "invoiceitem": "ii_",
    "item": "li_",
    "line_item": "il_",
    "payment": "py_",
    "payment_intent": "pi_",
    "payment_method": "pm_",
    "payout": "po_",
    "price": "price_",
    "product": "prod_",
    "refund": "re_",
    "request": "req_",
    "subscription": "sub_",
    "subscription_item": "si_",
    "subscription_schedule": "sub_sched_",
    "test_helpers.test_clock": "clock_",
    "upcoming": "upcoming_in_",
    "webhook_endpoint": "we_",
}

LENGTHS = {"coupon": 8, "customer": 14, "product": 14, "request": 14, "checkout.session": 58}


class Ids:
    """Random identifiers. A seed makes them repeat, which a test may want."""

    def __init__(self, seed: str | None = None) -> None:
        self._random: random.Random = random.Random(seed) if seed else random.SystemRandom()  # noqa: S311
        self._lock = threading.Lock()

    def new(self, kind: str) -> str:
        """An identifier for an object of `kind`, such as `cus_…` for a customer."""
        return PREFIXES[kind] + self.secret(LENGTHS.get(kind, 24))

    def secret(self, length: int = 32) -> str:
        """That many random letters and digits."""
        with self._lock:
            return "".join(self._random.choices(ALPHABET, k=length))
