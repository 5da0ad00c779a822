"""What a newsroom puts on an article: the support box, and where patrons came from.

Begin with `views.py`.
"""
