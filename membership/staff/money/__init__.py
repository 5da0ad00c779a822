"""The desk's pages of money: payments, payouts, the journal, donors.

Begin with `payment_list.py`, then `journal.py`.
"""
