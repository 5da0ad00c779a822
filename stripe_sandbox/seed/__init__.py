"""A believable past: patrons who join, pay, fail, recover and leave, by the real engine."""

from stripe_sandbox.seed.history import Plan, Wish, build

__all__ = ["Plan", "Wish", "build"]
