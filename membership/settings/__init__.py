"""What a newsroom sets for itself, over what the environment says. Begin with `current.py`."""
