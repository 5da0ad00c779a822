"""What stands: subscriptions as Stripe last described them, and every movement of money.

Begin with `sync.py` and `ledger.py`; docs/money.md has the states and the rules.
"""
