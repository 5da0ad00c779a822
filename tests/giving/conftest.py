from tests.till import app, choose, till

__all__ = ["app", "choose", "till"]
