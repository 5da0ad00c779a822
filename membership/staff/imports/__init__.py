"""The desk's room for files that others exported: people, memberships and gifts come along.

Begin with `work.py`, which takes a file through its steps.
"""
