"""Every route of Stripe's API that the sandbox answers."""

from stripe_sandbox.resources import (
    account,
    checkout_sessions,
    customers,
    events,
    invoices,
    payment_methods,
    payments,
    prices,
    products,
    refunds,
    subscriptions,
    webhook_endpoints,
)

ROUTES = (
    *account.ROUTES,
    *checkout_sessions.ROUTES,
    *customers.ROUTES,
    *events.ROUTES,
    *invoices.ROUTES,
    *payment_methods.ROUTES,
    *payments.ROUTES,
    *prices.ROUTES,
    *products.ROUTES,
    *refunds.ROUTES,
    *subscriptions.ROUTES,
    *webhook_endpoints.ROUTES,
)
