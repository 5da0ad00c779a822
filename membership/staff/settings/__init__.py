"""The pages on which a newsroom makes this desk its own. Begin with `settings_desk.py`."""
