"""Who a person is and whether they are a member.

Begin with `memberships.py`, which says from when to when.
"""
