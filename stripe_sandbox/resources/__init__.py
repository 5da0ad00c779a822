"""Every route of Stripe's API that the sandbox answers."""

from stripe_sandbox.resources import (
    account,
    checkout_sessions,
    customers,
    disputes,
    events,
    invoices,
    payment_methods,
    payments,
    portal_sessions,
    prices,
    products,
    refunds,
    subscriptions,
    test_clocks,
    webhook_endpoints,
)

ROUTES = (
    *account.ROUTES,
    *checkout_sessions.ROUTES,
    *customers.ROUTES,
    *disputes.ROUTES,
    *events.ROUTES,
    *invoices.ROUTES,
    *payment_methods.ROUTES,
    *payments.ROUTES,
    *portal_sessions.ROUTES,
    *prices.ROUTES,
    *products.ROUTES,
    *refunds.ROUTES,
    *subscriptions.ROUTES,
    *test_clocks.ROUTES,
    *webhook_endpoints.ROUTES,
)
