"""The staff desk: who supports the newsroom, and what to do about it."""
