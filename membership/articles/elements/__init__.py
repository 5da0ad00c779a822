"""The script for articles, its elements, and what they ask us.

Begin with `views.py`.
"""
