"""What the books' dated facts come to: each person's movements, and sums by day, kept up at once.

Begin with `movements.py`, then `upkeep.py`.
"""
