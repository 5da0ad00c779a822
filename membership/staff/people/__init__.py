"""The desk's pages of people: who somebody is, what they did, and all that staff do for them.

Begin with `person.py`, then `people.py`.
"""
