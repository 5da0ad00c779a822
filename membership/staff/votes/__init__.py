"""The desk's pages of topics and rounds.

Begin with `round_desk.py`.
"""
