"""The desk's pages of figures, and the lists behind each number.

Begin with `figure_desk.py`; what a figure is stands in membership/figures.
"""
