"""Invented newsrooms, for the demo, for pictures, and for tests of size. Begin with `build.py`."""

from membership.seed.build import CannotSeed, newsroom, set_up_tiers

__all__ = ["CannotSeed", "newsroom", "set_up_tiers"]
