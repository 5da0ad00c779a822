from tests.till import app, choose, till
from tests.votes import open_round

__all__ = ["app", "choose", "open_round", "till"]
