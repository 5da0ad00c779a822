"""The reader's way to give, and a patron's own pages about it.

Begin with `views.py` and `checkout.py`, which it calls.
"""
