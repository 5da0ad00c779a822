"""The desk of corrections: what readers point out, and what editors make of it.

Begin with `correction_desk.py`.
"""
