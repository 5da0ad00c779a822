"""The figures of the desk, as docs/metrics.md defines them: this room only reads.

Begin with `totals.py`, then `movements.py`.
"""
