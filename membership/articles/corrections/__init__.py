"""Mistakes that readers point out, and what became of each.

A *case* is one passage of one article, however many readers reported it. Begin with `reporting.py`
for how one comes to be, and with `deciding.py` for what editors make of it.
"""
