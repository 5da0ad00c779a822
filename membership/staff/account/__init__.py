"""Bringing along a Stripe account that sold before we came. Begin with `matching.py`."""
