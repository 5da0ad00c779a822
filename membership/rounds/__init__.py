"""The vote: planning, the roll, ballots, the count, outcomes and their proof.

Begin with `rounds.py`, which opens and closes one; docs/voting.md has the rule.
"""
