"""Feeds of topics, open votes, outcomes and corrections, for readers' programs.

Begin with `entries.py`.
"""
