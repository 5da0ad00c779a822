"""The staff desk: who supports the newsroom, and what to do about it.

Begin with `views.py`; every act is noted by `audit.py`.
"""
