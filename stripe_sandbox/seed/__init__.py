"""A believable past: patrons who join, pay, fail, recover and leave, by the real engine."""

from stripe_sandbox.seed.history import build
from stripe_sandbox.seed.wish import Plan, Wish

__all__ = ["Plan", "Wish", "build"]
