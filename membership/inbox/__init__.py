"""Hearing Stripe out: events stored once and applied once, comparisons, silence.

Begin with `inbox.py`, and its table from event type to what applies it.
"""
