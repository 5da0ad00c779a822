"""A local stand-in for Stripe's test mode, as far as the membership desk uses it.

It is a program of its own: it speaks Stripe's HTTP API, shows Checkout and the customer
portal, sends signed webhooks, and refuses by name whatever it does not do.
See docs/stripe-sandbox.md.
"""

from stripe_sandbox.app import create_app

__all__ = ["create_app"]
