from tests.votes import at_noon, open_round

__all__ = ["at_noon", "open_round"]
