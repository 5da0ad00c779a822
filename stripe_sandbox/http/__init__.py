"""Stripe's HTTP manners: parameters, errors, lists, expansion, idempotency, routes."""
