"""Proposals and a topic's life, from a member's idea to the published story.

Begin with `life.py`, which says what may follow what.
"""
